"""Schema changes of work_pools."""
