"""Talking to an Orion (or Prefect 2) server: transport and resource groups."""
