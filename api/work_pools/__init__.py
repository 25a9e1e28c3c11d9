"""Work pools with their queues and workers."""
