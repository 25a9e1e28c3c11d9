"""Blocks: named, typed, encrypted values."""
