"""The pages: rooms for people, charts drawn on the server, one live socket."""
