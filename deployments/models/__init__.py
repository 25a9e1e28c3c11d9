"""Tables of deployments."""

from deployments.models.deployment import Deployment
from deployments.models.schedule import Schedule

__all__ = ["Deployment", "Schedule"]
