"""What Kubernetes jobs are made of: the template that such pools start from."""

from __future__ import annotations

from typing import Any

_MANIFEST: dict[str, Any] = {
    "apiVersion": "batch/v1",
    "kind": "Job",
    "metadata": {
        "labels": "{{ labels }}",
        "namespace": "{{ namespace }}",
        "generateName": "{{ name }}-",
    },
    "spec": {
        "backoffLimit": "{{ backoff_limit }}",
        "ttlSecondsAfterFinished": "{{ finished_job_ttl }}",
        "template": {
            "spec": {
                "parallelism": 1,
                "completions": 1,
                "restartPolicy": "Never",
                "serviceAccountName": "{{ service_account_name }}",
                "containers": [
                    {
                        "name": "prefect-job",
                        "env": "{{ env }}",
                        "image": "{{ image }}",
                        "imagePullPolicy": "{{ image_pull_policy }}",
                        "args": "{{ command }}",
                    }
                ],
            }
        },
    },
}

_VARIABLES: dict[str, Any] = {
    "name": {
        "title": "Name",
        "description": "What the names of the jobs begin with.",
        "type": "string",
    },
    "env": {
        "title": "Environment variables",
        "description": "Set in each job's container.",
        "type": "object",
        "additionalProperties": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    },
    "labels": {
        "title": "Labels",
        "description": "Put on each job by the worker.",
        "type": "object",
        "additionalProperties": {"type": "string"},
    },
    "command": {
        "title": "Command",
        "description": "Starts the run; usually left to the worker.",
        "type": "string",
    },
    "namespace": {
        "title": "Namespace",
        "description": "Where the jobs are made.",
        "type": "string",
        "default": "default",
    },
    "image": {
        "title": "Image",
        "description": "With Python, the client and the flow's needs.",
        "type": "string",
        "examples": ["docker.io/prefecthq/prefect:3-latest"],
    },
    "service_account_name": {
        "title": "Service account",
        "description": "Whose rights the job has in the cluster.",
        "type": "string",
    },
    "image_pull_policy": {
        "title": "Pull policy",
        "description": "When to fetch the image anew.",
        "type": "string",
        "enum": ["IfNotPresent", "Always", "Never"],
        "default": "IfNotPresent",
    },
    "backoff_limit": {
        "title": "Retries by the cluster",
        "description": "How often the cluster starts a failed pod again.",
        "type": "integer",
        "minimum": 0,
        "default": 0,
    },
    "finished_job_ttl": {
        "title": "Keep finished jobs",
        "description": "Seconds until the cluster deletes them; empty keeps them.",
        "type": "integer",
        "minimum": 0,
    },
    "job_watch_timeout_seconds": {
        "title": "Longest run",
        "description": "Seconds that a job is watched; empty for no end.",
        "type": "integer",
    },
    "pod_watch_timeout_seconds": {
        "title": "Longest start",
        "description": "Seconds that a pod may take to start.",
        "type": "integer",
        "default": 60,
    },
    "stream_output": {
        "title": "Stream output",
        "description": "Show what the pod prints in the worker's.",
        "type": "boolean",
        "default": True,
    },
    "cluster_config": {
        "title": "Cluster",
        "description": "A block that says which cluster; empty for the worker's own.",
        "type": "object",
    },
}

KUBERNETES: dict[str, Any] = {
    "type": "kubernetes",
    "display_name": "Kubernetes",
    "description": "Runs each flow in a Kubernetes job of its own.",
    "install_command": "pip install prefect-kubernetes",
    "logo_url": "",
    "documentation_url": "",
    "is_beta": False,
    "default_base_job_configuration": {
        "job_configuration": {
            "command": "{{ command }}",
            "env": "{{ env }}",
            "labels": "{{ labels }}",
            "name": "{{ name }}",
            "namespace": "{{ namespace }}",
            "job_manifest": _MANIFEST,
            "cluster_config": "{{ cluster_config }}",
            "job_watch_timeout_seconds": "{{ job_watch_timeout_seconds }}",
            "pod_watch_timeout_seconds": "{{ pod_watch_timeout_seconds }}",
            "stream_output": "{{ stream_output }}",
        },
        "variables": {"type": "object", "properties": _VARIABLES},
    },
}
