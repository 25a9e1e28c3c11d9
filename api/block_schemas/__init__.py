"""The fields of kinds of blocks."""
