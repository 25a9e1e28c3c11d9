"""Flow runs: create, read, change, propose states, hand inputs."""
