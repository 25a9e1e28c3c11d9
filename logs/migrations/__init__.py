"""Schema changes of logs."""
