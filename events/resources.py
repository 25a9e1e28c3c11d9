"""How events name the objects they are about."""

from __future__ import annotations

from django.db.models import Model

# model name -> the kind in resource ids, as clients know it
KINDS = {
    "flow": "flow",
    "flowrun": "flow-run",
    "taskrun": "task-run",
    "deployment": "deployment",
    "calendar": "calendar",
    "workpool": "work-pool",
    "workqueue": "work-queue",
    "blockdocument": "block-document",
    "limit": "concurrency-limit",
    "agent": "agent",
}


def resource_of(subject: Model) -> dict[str, str]:
    """The labels of an object: its id and its name."""
    kind = KINDS[subject._meta.model_name or ""]
    return {
        "prefect.resource.id": f"prefect.{kind}.{subject.pk}",
        "prefect.resource.name": str(subject),
    }
