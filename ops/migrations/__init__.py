"""Schema changes of ops."""
