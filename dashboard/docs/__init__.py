"""The API reference as pages."""
