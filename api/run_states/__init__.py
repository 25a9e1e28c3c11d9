"""The histories of flow runs and task runs."""
