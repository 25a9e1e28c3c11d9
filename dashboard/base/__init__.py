"""What all rooms share: page, filters, windows, times, menu."""
