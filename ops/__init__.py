"""The whole system: health, loops, commands."""
