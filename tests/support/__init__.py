"""What tests share: the database, the real server, the browser."""
