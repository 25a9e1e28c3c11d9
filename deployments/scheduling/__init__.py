"""From schedules to runs."""
