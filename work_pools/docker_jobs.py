"""What jobs in containers are made of: the template that such pools start from."""

from __future__ import annotations

from typing import Any

DOCKER: dict[str, Any] = {
    "type": "docker",
    "display_name": "Docker",
    "description": "Runs each flow in a container of its own, by a Docker engine.",
    "install_command": "pip install prefect-docker",
    "logo_url": "",
    "documentation_url": "",
    "is_beta": False,
    "default_base_job_configuration": {
        "job_configuration": {
            "command": "{{ command }}",
            "env": "{{ env }}",
            "labels": "{{ labels }}",
            "name": "{{ name }}",
            "image": "{{ image }}",
            "registry_credentials": "{{ registry_credentials }}",
            "image_pull_policy": "{{ image_pull_policy }}",
            "networks": "{{ networks }}",
            "network_mode": "{{ network_mode }}",
            "auto_remove": "{{ auto_remove }}",
            "volumes": "{{ volumes }}",
            "stream_output": "{{ stream_output }}",
            "mem_limit": "{{ mem_limit }}",
            "memswap_limit": "{{ memswap_limit }}",
            "privileged": "{{ privileged }}",
            "container_create_kwargs": "{{ container_create_kwargs }}",
        },
        "variables": {
            "type": "object",
            "properties": {
                "name": {
                    "title": "Name",
                    "description": "What the containers are called.",
                    "type": "string",
                },
                "env": {
                    "title": "Environment variables",
                    "description": "Set in each container.",
                    "type": "object",
                    "additionalProperties": {
                        "anyOf": [{"type": "string"}, {"type": "null"}]
                    },
                },
                "labels": {
                    "title": "Labels",
                    "description": "Put on each container by the worker.",
                    "type": "object",
                    "additionalProperties": {"type": "string"},
                },
                "command": {
                    "title": "Command",
                    "description": "Starts the run; usually left to the worker.",
                    "type": "string",
                },
                "image": {
                    "title": "Image",
                    "description": "With Python, the client and the flow's needs.",
                    "type": "string",
                    "examples": ["docker.io/prefecthq/prefect:3-latest"],
                },
                "registry_credentials": {
                    "title": "Registry credentials",
                    "description": "A block with the log-in of the image's registry.",
                    "type": "object",
                },
                "image_pull_policy": {
                    "title": "Pull policy",
                    "description": "When to fetch the image anew.",
                    "type": "string",
                    "enum": ["IfNotPresent", "Always", "Never"],
                },
                "networks": {
                    "title": "Networks",
                    "description": "Docker networks to join.",
                    "type": "array",
                    "items": {"type": "string"},
                },
                "network_mode": {
                    "title": "Network mode",
                    "description": "Such as host or bridge; not beside networks.",
                    "type": "string",
                },
                "auto_remove": {
                    "title": "Remove afterwards",
                    "description": "Delete a container when its run has ended.",
                    "type": "boolean",
                    "default": False,
                },
                "volumes": {
                    "title": "Volumes",
                    "description": "Mounts, each as `from:to` or `from:to:ro`.",
                    "type": "array",
                    "items": {"type": "string"},
                },
                "stream_output": {
                    "title": "Stream output",
                    "description": "Show what the container prints in the worker's.",
                    "type": "boolean",
                    "default": True,
                },
                "mem_limit": {
                    "title": "Memory limit",
                    "description": "Such as 512m or 2g.",
                    "type": "string",
                },
                "memswap_limit": {
                    "title": "Memory and swap limit",
                    "description": "Both together; -1 for no limit on swap.",
                    "type": "string",
                },
                "privileged": {
                    "title": "Privileged",
                    "description": "Give the container all rights on its host.",
                    "type": "boolean",
                    "default": False,
                },
                "container_create_kwargs": {
                    "title": "Further options",
                    "description": "Handed to the Docker client as they are.",
                    "type": "object",
                },
            },
        },
    },
}
