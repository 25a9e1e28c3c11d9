"""Schema changes of runs."""
