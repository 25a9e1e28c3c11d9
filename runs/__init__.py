"""Flow runs, task runs, their states and the transition engine."""
