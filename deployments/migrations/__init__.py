"""Schema changes of deployments."""
