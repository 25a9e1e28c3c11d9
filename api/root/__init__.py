"""Health, readiness, versions: what a client asks before anything else."""
