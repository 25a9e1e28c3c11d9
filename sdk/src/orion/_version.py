"""The version of this package, told to servers as part of the User-Agent."""

__version__ = "0.1.0"
