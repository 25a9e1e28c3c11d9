"""Work pools, their queues and workers, and agents."""
