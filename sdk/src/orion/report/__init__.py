"""Tells the server what happens: facts in the background, gates at once."""
