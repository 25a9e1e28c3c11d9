"""The kinds of workers there are, and what the jobs of each are made of."""

from __future__ import annotations

from typing import Any

from work_pools.docker_jobs import DOCKER
from work_pools.kubernetes_jobs import KUBERNETES

PROCESS: dict[str, Any] = {
    "type": "process",
    "display_name": "Process",
    "description": "Runs each flow in a process of its own on the worker's machine.",
    "install_command": "pip install prefect",
    "logo_url": "",
    "documentation_url": "",
    "is_beta": False,
    "default_base_job_configuration": {
        "job_configuration": {
            "command": "{{ command }}",
            "env": "{{ env }}",
            "labels": "{{ labels }}",
            "name": "{{ name }}",
            "stream_output": "{{ stream_output }}",
            "working_dir": "{{ working_dir }}",
        },
        "variables": {
            "type": "object",
            "properties": {
                "name": {
                    "title": "Name",
                    "description": "What the processes are called.",
                    "type": "string",
                },
                "env": {
                    "title": "Environment variables",
                    "description": "Set for each process, beside the worker's own.",
                    "type": "object",
                    "additionalProperties": {"type": "string"},
                },
                "labels": {
                    "title": "Labels",
                    "description": "Put on each process by the worker.",
                    "type": "object",
                    "additionalProperties": {"type": "string"},
                },
                "command": {
                    "title": "Command",
                    "description": "Starts the run; usually left to the worker.",
                    "type": "string",
                },
                "stream_output": {
                    "title": "Stream output",
                    "description": "Show what the process prints in the worker's.",
                    "type": "boolean",
                    "default": True,
                },
                "working_dir": {
                    "title": "Working folder",
                    "description": "Where to start; a fresh folder if empty.",
                    "type": "string",
                    "format": "path",
                },
            },
        },
    },
}

# by the package that brings the worker, then by type: the form clients know
BY_PACKAGE: dict[str, dict[str, dict[str, Any]]] = {
    "prefect": {"process": PROCESS},
    "prefect-docker": {"docker": DOCKER},
    "prefect-kubernetes": {"kubernetes": KUBERNETES},
}
