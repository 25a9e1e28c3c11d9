"""Log lines: store batches, read pages."""
