"""What clients ask about the server itself."""
