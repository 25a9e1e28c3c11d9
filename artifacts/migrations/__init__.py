"""Schema changes of artifacts."""
