"""Results and other things runs leave behind."""
