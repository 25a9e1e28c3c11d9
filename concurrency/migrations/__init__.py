"""Schema changes of concurrency."""
