"""What to run and when: deployments, schedules, the planner."""
