"""Typed configuration documents, encrypted."""
