"""One deployment, one schedule: found or refused."""

from __future__ import annotations

from uuid import UUID

from core.actor import Actor
from core.errors import NotFound
from core.prepared import Finder
from deployments.models import Deployment, Schedule

MISSING = "Deployment not found"


_placed: Finder[Deployment] = Finder(lambda: Deployment.objects.with_place())


def find(id: UUID, *, actor: Actor, missing: str = MISSING) -> Deployment:
    """The deployment, with its queue and pool.

    Raises:
        NotFound: there is none.
    """
    deployment = _placed.one(pk=id, **actor.bounds())
    if deployment is None:
        raise NotFound(missing)
    return deployment


def locked(id: UUID, actor: Actor, missing: str = MISSING) -> Deployment:
    """The deployment, locked until the transaction ends.

    Raises:
        NotFound: there is none.
    """
    rows = Deployment.objects.visible_to(actor).locked().filter(pk=id)
    deployment: Deployment | None = rows.first()
    if deployment is None:
        raise NotFound(missing)
    return deployment


def one_schedule(deployment: Deployment, id: UUID) -> Schedule:
    """A schedule of the deployment.

    Raises:
        NotFound: it has no such schedule.
    """
    schedule: Schedule | None = deployment.schedules.filter(pk=id).first()
    if schedule is None:
        raise NotFound("Schedule not found.")
    return schedule
