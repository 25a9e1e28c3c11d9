"""A Kubernetes API for Jobs whose pods are local processes.

Requests and answers are checked against the definitions that Kubernetes publishes.
"""

from __future__ import annotations

import json
import os
import subprocess
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jsonschema
from sdk.tests.client.fake import Quiet

DATA = json.loads((Path(__file__).parent / "data/kubernetes-v1.37.json").read_text())
TOKEN = "cluster-token"


def check(kind: str, value: Any) -> Any:
    """Refuse what the published definition of that kind does not allow."""
    schema = {"$ref": f"#/$defs/{DATA['roots'][kind]}", "$defs": DATA["$defs"]}
    jsonschema.Draft202012Validator(schema).validate(value)
    return value


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class FakeCluster:
    """One namespace: jobs, their pods, and who watches them."""

    def __init__(self) -> None:
        self.news = threading.Condition()
        self.jobs: dict[str, dict[str, Any]] = {}
        self.pods: dict[str, dict[str, Any]] = {}
        self.made: list[dict[str, Any]] = []
        self.deleted: list[tuple[str, dict[str, Any]]] = []
        self.problems: list[str] = []
        self.images = {"flows:1"}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._logs: dict[str, bytes] = {}
        self._kubelets: list[threading.Thread] = []
        self._version = 1
        cluster = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length) or b"null")
                try:
                    assert self.headers["Authorization"] == f"Bearer {TOKEN}"
                    cluster.route(self, body)
                except (jsonschema.ValidationError, AssertionError, KeyError) as error:
                    cluster.problems.append(f"{self.command} {self.path}: {error!r}")
                    cluster.send(self, 422, status(422, str(error)[:200]), "Status")

            do_GET = do_POST = do_DELETE = _answer

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self._http = Quiet(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}"

    def kubeconfig(self) -> dict[str, Any]:
        context = {"cluster": "c", "user": "u", "namespace": "flows"}
        return {
            "current-context": "x",
            "contexts": [{"name": "x", "context": context}],
            "clusters": [{"name": "c", "cluster": {"server": self.url}}],
            "users": [{"name": "u", "user": {"token": TOKEN}}],
        }

    def __enter__(self) -> FakeCluster:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        for process in self._processes.values():
            process.kill()
        for kubelet in self._kubelets:
            kubelet.join()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def route(self, handler: BaseHTTPRequestHandler, body: Any) -> None:
        parts = urlsplit(handler.path)
        query = {k: v[0] for k, v in parse_qs(parts.query).items()}
        words = parts.path.strip("/").split("/")
        kind = words[5] if words[0] == "apis" else words[4]
        base = ["apis", "batch", "v1"] if kind == "jobs" else ["api", "v1"]
        assert words[: len(base) + 3] == [*base, "namespaces", "flows", kind]
        name, part = [*words[len(base) + 3 :], "", ""][:2]
        store = self.jobs if kind == "jobs" else self.pods
        one = kind[:-1].capitalize()
        if handler.command == "POST":
            self._create(handler, check("Job", body))
        elif name and name not in store:
            self.send(handler, 404, status(404, f"{kind} {name!r} not found"), "Status")
        elif handler.command == "DELETE":
            self._delete(handler, kind, name, check("DeleteOptions", body))
        elif part == "log":
            self._send_log(handler, name)
        elif name:
            self.send(handler, 200, store[name], one)
        elif "watch" in query:
            self._watch(handler, kind, query)
        else:
            items = list(store.values())
            version = "batch/v1" if kind == "jobs" else "v1"
            meta = {"resourceVersion": str(self._version)}
            about = {"kind": f"{one}List", "apiVersion": version}
            found = {**about, "metadata": meta, "items": items}
            self.send(handler, 200, found, f"{one}List")

    def send(
        self, handler: BaseHTTPRequestHandler, code: int, body: Any, kind: str
    ) -> None:
        content = json.dumps(check(kind, body)).encode()
        handler.send_response(code)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    def _create(self, handler: BaseHTTPRequestHandler, job: dict[str, Any]) -> None:
        name = job["metadata"]["name"]
        if name in self.jobs:
            self.send(handler, 409, status(409, f"jobs {name!r} exists"), "Status")
            return
        self.made.append(json.loads(json.dumps(job)))
        spec = job["spec"]["template"]["spec"]
        pod = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": f"{name}-x", "labels": {"job-name": name}},
            "spec": spec,
            "status": {"phase": "Pending"},
        }
        with self.news:
            self.jobs[name] = {**job, "status": {"active": 1}}
            self.pods[f"{name}-x"] = pod
        self.send(handler, 201, self.jobs[name], "Job")
        kubelet = threading.Thread(target=self._run, args=(name, pod))
        self._kubelets.append(kubelet)
        kubelet.start()

    def _run(self, name: str, pod: dict[str, Any]) -> None:
        """What a kubelet and the job controller do, with a process of this machine."""
        container = pod["spec"]["containers"][0]
        base = {"name": container["name"], "image": container["image"], "imageID": ""}
        base |= {"ready": False, "restartCount": 0}
        if container["image"] not in self.images:
            waiting = {"reason": "ErrImageNeverPull", "message": "no such image"}
            self._show(pod, "Pending", {**base, "state": {"waiting": waiting}})
            return
        process = self._processes[pod["metadata"]["name"]] = subprocess.Popen(
            container["args"],
            env={"PATH": os.environ["PATH"]}
            | {each["name"]: each["value"] for each in container["env"]},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._show(pod, "Running", {**base, "state": {"running": {"startedAt": now()}}})
        assert process.stdout is not None
        pod_name = pod["metadata"]["name"]
        with process:
            for line in process.stdout:
                with self.news:
                    self._logs[pod_name] = self._logs.get(pod_name, b"") + line
                    self.news.notify_all()
        code = process.returncode
        ended = {"exitCode": code if code >= 0 else 128 - code, "finishedAt": now()}
        phase = "Succeeded" if code == 0 else "Failed"
        self._show(pod, phase, {**base, "state": {"terminated": ended}})
        word = "Complete" if code == 0 else "Failed"
        with self.news:
            if name in self.jobs:
                conditions = [{"type": word, "status": "True"}]
                self.jobs[name]["status"] = {"conditions": conditions}
            self._change()

    def _show(self, pod: dict[str, Any], phase: str, one: dict[str, Any]) -> None:
        with self.news:
            pod["status"] = {"phase": phase, "containerStatuses": [one]}
            self._change()

    def _change(self) -> None:
        self._version += 1
        self.news.notify_all()

    def _delete(
        self,
        handler: BaseHTTPRequestHandler,
        kind: str,
        name: str,
        options: dict[str, Any],
    ) -> None:
        self.deleted.append((f"{kind}/{name}", options))
        pod = name if kind == "pods" else f"{name}-x"
        process = self._processes.get(pod)
        if process is not None and process.poll() is None:
            hard = kind == "jobs" or options.get("gracePeriodSeconds") == 0
            (process.kill if hard else process.terminate)()
        if kind == "jobs":
            with self.news:
                del self.jobs[name]
                self._change()
        answer = {"kind": "Status", "apiVersion": "v1", "status": "Success"}
        self.send(handler, 200, answer, "Status")

    def _send_log(self, handler: BaseHTTPRequestHandler, pod: str) -> None:
        handler.send_response(200)
        handler.end_headers()
        sent = 0
        while True:
            with self.news:
                found = self._logs.get(pod, b"")[sent:]
                phase = self.pods[pod]["status"]["phase"]
                if not found and phase == "Running":
                    self.news.wait(0.5)
                    continue
            handler.wfile.write(found)
            sent += len(found)
            if not found:
                return

    def _watch(
        self, handler: BaseHTTPRequestHandler, kind: str, query: dict[str, str]
    ) -> None:
        """Two changes at most, then the watch ends, as one does at its time limit."""
        handler.send_response(200)
        handler.end_headers()
        seen = int(query["resourceVersion"])
        one = kind[:-1].capitalize()
        for _ in range(2):
            with self.news:
                if self._version <= seen:
                    self.news.wait(2)
                store = self.jobs if kind == "jobs" else self.pods
                items, seen = list(store.values()), self._version
            for item in items:
                event = {"type": "MODIFIED", "object": check(one, item)}
                line = json.dumps(check("WatchEvent", event)).encode()
                handler.wfile.write(line + b"\n")


def status(code: int, message: str) -> dict[str, Any]:
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "message": message,
        "code": code,
    }
