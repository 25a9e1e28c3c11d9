"""What happened: the feed, the inbox of client frames, the live hub."""
