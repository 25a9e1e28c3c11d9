"""Why runs are in their states; an address of our own, beside the protocol."""
