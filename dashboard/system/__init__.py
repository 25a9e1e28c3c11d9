"""The server itself: loops, database, versions."""
