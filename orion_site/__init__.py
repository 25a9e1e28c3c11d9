"""The site: settings, addresses, the ASGI application. Composes, holds no logic."""
