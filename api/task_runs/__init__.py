"""Task runs: create, read, rename, propose states."""
