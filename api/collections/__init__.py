"""What kinds of workers there are."""
