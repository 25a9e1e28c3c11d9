"""Tables of accounts."""

from accounts.models.user import User
from accounts.models.workspace import Workspace

__all__ = ["User", "Workspace"]
