"""Work queues as classic agents know them."""
