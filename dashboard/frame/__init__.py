"""The frame: theme, inherited addresses, problems."""
