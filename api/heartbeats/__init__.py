"""Signs of life of our own agents and engines."""
