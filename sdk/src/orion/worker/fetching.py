"""Fetching code into an empty folder, from git or through fsspec; never beside it."""

from __future__ import annotations

import base64
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Final
from urllib.parse import urlsplit

from orion.exceptions import OrionError

GIT_SECONDS: Final = 600.0
PROTOCOLS: Final = "https:http:ssh:git:file"  # not ext, which runs commands
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]+(::|://)")
_SHA: Final = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")


class FetchError(OrionError):
    """The code could not be fetched."""


def is_remote(path: str) -> bool:
    """True for what has a scheme, git or not."""
    return bool(_SCHEME.match(path))


def is_git(path: str) -> bool:
    """git+https://…, ssh://…/x.git, https://…/x.git@branch."""
    plain = path.partition("@")[0] if "://" not in path else path
    last = plain.rpartition("/")[2].partition("@")[0]
    return path.startswith("git+") or (is_remote(path) and last.endswith(".git"))


def split_git(path: str) -> tuple[str, str | None]:
    """The repository, and the branch, tag or commit after an @ at its end."""
    where = path.removeprefix("git+")
    head, _, last = where.rpartition("/")
    name, sign, ref = last.partition("@")
    return f"{head}/{name}", ref if sign else None


def git(
    folder: Path,
    repository: str,
    *,
    ref: str | None = None,
    token: str | None = None,
    with_submodules: bool = False,
) -> Path:
    """Fetch one state of a repository, without its history."""
    for value in (repository, ref or "HEAD", token or ""):
        if value.startswith("-") or any(c in value for c in "\0\r\n"):
            raise FetchError(f"{value[:80]!r} is no repository, branch or commit")
    env = {
        **os.environ,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ALLOW_PROTOCOL": PROTOCOLS,
        "GIT_LFS_SKIP_SMUDGE": "0",
        **_authorization(repository, token),
    }
    run = _Git(folder, env, token)
    run("init", "--quiet")
    try:
        run("fetch", "--quiet", "--depth=1", "--", repository, ref or "HEAD")
    except FetchError:
        if ref is None or not _SHA.fullmatch(ref):
            raise
        # Not every server gives single commits: take all, then look for it.
        run("fetch", "--quiet", "--", repository, "+refs/heads/*:refs/heads/*")
        run("checkout", "--quiet", "--detach", ref, "--")
    else:
        run("checkout", "--quiet", "--detach", "FETCH_HEAD", "--")
    if with_submodules:
        run("remote", "add", "origin", repository)
        run("submodule", "--quiet", "update", "--init", "--recursive", "--depth=1")
    return folder


class _Git:
    """git in one folder; what it says is passed on without the token."""

    def __init__(self, folder: Path, env: Mapping[str, str], token: str | None) -> None:
        self.folder, self.env, self.token = folder, env, token

    def __call__(self, *words: str) -> None:
        program = shutil.which("git")
        if program is None:
            raise FetchError("git is not installed on this machine")
        try:
            done = subprocess.run(  # noqa: S603 - git itself, no shell, checked words
                [program, *words],
                cwd=self.folder,
                env=dict(self.env),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=GIT_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise FetchError(
                f"git {words[0]} took longer than {GIT_SECONDS:.0f} s"
            ) from None
        if done.returncode != 0:
            said = done.stderr.decode("utf-8", "replace").strip()
            if self.token:
                said = said.replace(self.token, "***")
            said = re.sub(r"//[^/@\s]+@", "//***@", said)
            raise FetchError(f"git {words[0]} ended with {done.returncode}: {said}")


def _authorization(repository: str, token: str | None) -> dict[str, str]:
    """The token as a header for that host, by the environment: no command line."""
    if not token:
        return {}
    parts = urlsplit(repository)
    if parts.scheme not in ("https", "http"):
        raise FetchError("A token works only with repositories at https addresses")
    coded = base64.b64encode(f"x-access-token:{token}".encode()).decode()
    origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/"
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"http.{origin}.extraHeader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {coded}",
    }


def files(folder: Path, url: str, options: Mapping[str, Any] | None = None) -> Path:
    """All files under an fsspec address; `zip::` and its kin open archives."""
    try:
        import fsspec  # type: ignore[import-not-found,import-untyped,unused-ignore]
    except ImportError:
        raise FetchError(
            f"{url} is read through fsspec: install it beside orion, for example "
            "with pip install 'orion[fsspec]'"
        ) from None
    try:
        system, root = fsspec.core.url_to_fs(url, **(options or {}))
        found = system.find(root, withdirs=False)
    except Exception as error:  # each fsspec driver has errors of its own
        raise FetchError(f"{url}: {type(error).__name__}: {error}") from error
    if not found:
        raise FetchError(f"{url} holds no files")
    for path in found:
        target = place(folder, _relative(str(path), str(root)))
        try:
            with system.open(path, "rb") as source, _create(target) as file:
                shutil.copyfileobj(source, file)
        except Exception as error:
            raise FetchError(f"{path}: {type(error).__name__}: {error}") from error
    return folder


def place(folder: Path, name: str) -> Path:
    """Where a fetched file goes: inside the folder, or nowhere."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    is_bad = not parts or "\0" in name or ":" in parts[0]
    if is_bad or any(part in ("..", "/", "//") for part in parts):
        raise FetchError(f"The file name {name[:200]!r} leads out of its folder")
    target = folder.joinpath(*parts)
    if not target.parent.resolve().is_relative_to(folder.resolve()):
        raise FetchError(f"The file name {name[:200]!r} leads out of its folder")
    return target


def _relative(path: str, root: str) -> str:
    if path == root:
        return path.rpartition("/")[2]
    return path.removeprefix(root.rstrip("/")).removeprefix("/")


def _create(target: Path) -> Any:
    """A new file: one that is there already, a link above all, is not written to."""
    target.parent.mkdir(parents=True, exist_ok=True)
    return target.open("xb")
