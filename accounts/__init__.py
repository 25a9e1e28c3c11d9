"""People, workspaces and what they may do."""
