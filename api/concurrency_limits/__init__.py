"""Limits of tags, as clients have known them since version 1."""
