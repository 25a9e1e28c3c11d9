"""Settings: read once, on first access, from the environment and TOML files.

Order, highest first: `override`, environment, `.env`, `orion.toml` or
`[tool.orion]` of the nearest `pyproject.toml`, the active profile,
`config.toml` in the home folder, defaults.
"""

from __future__ import annotations

import contextlib
import difflib
import json
import os
import tomllib
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final

from orion.exceptions import OrionError

Values = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """Where the server is and how to talk to it; times in seconds."""

    url: str | None = None
    key: str | None = field(default=None, repr=False)
    auth_string: str | None = field(default=None, repr=False)
    connect_timeout: float = 5.0
    request_timeout: float = 60.0
    retries: int = 5
    outage_grace: float = 600.0
    drain_timeout: float = 30.0
    proxy: str | None = None
    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None
    tls_verify: bool = True
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class UiSettings:
    """Where people look at runs; empty means: derived from the API's address."""

    url: str | None = None


@dataclass(frozen=True, slots=True)
class LoggingSettings:
    """What is logged, and what of it goes to the server."""

    level: str = "INFO"
    to_api: bool = True
    extra_loggers: str = ""
    batch_seconds: float = 1.0


@dataclass(frozen=True, slots=True)
class ResultSettings:
    """Where return values are kept, and whether small ones are shown."""

    storage: str | None = None
    persist_by_default: bool = False
    inline_small: bool = False


@dataclass(frozen=True, slots=True)
class TaskSettings:
    """Defaults of `@task`."""

    default_retries: int = 0
    default_retry_delay_seconds: float = 0.0
    runner_max_workers: int | None = None


@dataclass(frozen=True, slots=True)
class FlowSettings:
    """Defaults of `@flow`."""

    default_retries: int = 0
    default_retry_delay_seconds: float = 0.0
    heartbeat_seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class CancellationSettings:
    """How long a cancelled run may clean up."""

    grace_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class AgentSettings:
    """How agents poll and report; times in seconds."""

    name: str | None = None
    poll_interval: float = 1.0
    prefetch_seconds: float = 10.0
    heartbeat_seconds: float = 15.0
    limit: int | None = None
    drain_seconds: float = 30.0
    health_port: int | None = None


@dataclass(frozen=True, slots=True)
class HookSettings:
    """Limits of state hooks."""

    timeout: float = 60.0


@dataclass(frozen=True, slots=True)
class CliSettings:
    """How the command line talks."""

    prompt: bool = True
    color: bool = True
    json: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set, as one immutable tree."""

    mode: str = "auto"
    home: Path = field(default_factory=lambda: _home())
    api: ApiSettings = field(default_factory=ApiSettings)
    ui: UiSettings = field(default_factory=UiSettings)
    logging: LoggingSettings = field(default_factory=LoggingSettings)
    results: ResultSettings = field(default_factory=ResultSettings)
    tasks: TaskSettings = field(default_factory=TaskSettings)
    flows: FlowSettings = field(default_factory=FlowSettings)
    cancellation: CancellationSettings = field(default_factory=CancellationSettings)
    agent: AgentSettings = field(default_factory=AgentSettings)
    hooks: HookSettings = field(default_factory=HookSettings)
    cli: CliSettings = field(default_factory=CliSettings)

    @property
    def is_offline(self) -> bool:
        """True when runs are executed without any server."""
        return self.mode == "offline" or (self.mode == "auto" and not self.api.url)


MODES: Final = ("auto", "offline", "server", "prefer")
SECTIONS: Final[dict[str, type[Any]]] = {
    "api": ApiSettings,
    "ui": UiSettings,
    "logging": LoggingSettings,
    "results": ResultSettings,
    "tasks": TaskSettings,
    "flows": FlowSettings,
    "cancellation": CancellationSettings,
    "agent": AgentSettings,
    "hooks": HookSettings,
    "cli": CliSettings,
}
TRUE, FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")

_cached: Settings | None = None
_overrides: list[Mapping[str, Any]] = []


class SettingsError(OrionError, ValueError):
    """A setting has a value that cannot be used."""


def settings() -> Settings:
    """The settings of this process, read on the first call."""
    global _cached
    if _cached is None:
        _cached = read()
    return _cached


def reload() -> Settings:
    """Read everything again, for example after the environment was changed."""
    global _cached
    _cached = None
    return settings()


@contextlib.contextmanager
def override(changes: Mapping[str, Any]) -> Iterator[Settings]:
    """Change settings by dotted name while the block runs, for the whole process."""
    _overrides.append(changes)
    try:
        yield reload()
    finally:
        _overrides.remove(changes)
        reload()


def read() -> Settings:
    """Read all sources now, without remembering the result."""
    environment = {**_dotenv(), **os.environ}
    home = _home(environment)
    layers = [
        (home / "config.toml", _toml(home / "config.toml")),
        (home / "profiles.toml", _profile(home, environment)),
        _project(),
    ]
    values: Values = {}
    for origin, tree in layers:
        _merge(values, tree, str(origin))
    _merge_environment(values, environment)
    for changes in _overrides:
        for dotted, value in changes.items():
            section, _, key = dotted.rpartition(".")
            values.setdefault(section, {})[key] = value
    return _build(values, home)


def _home(environment: Mapping[str, str] = os.environ) -> Path:
    named = environment.get("ORION_HOME")
    return Path(named).expanduser() if named else Path.home() / ".orion"


def _build(values: Values, home: Path) -> Settings:
    top = values.pop("", {})
    result = Settings(home=Path(top.get("home") or home))
    mode = str(top.get("mode", "auto")).lower()
    if mode not in MODES:
        raise SettingsError(f"mode is one of {', '.join(MODES)}, not {mode!r}")
    built = {
        name: SECTIONS[name](
            **{
                key: _coerce(f"{name}.{key}", _types(SECTIONS[name])[key], value)
                for key, value in chosen.items()
            }
        )
        for name, chosen in values.items()
        if name in SECTIONS
    }
    return replace(result, mode=mode, **built)


def _types(section: type[Any]) -> dict[str, str]:
    return {each.name: str(each.type) for each in fields(section)}


def _coerce(name: str, wanted: str, value: Any) -> Any:
    """Turn text from the environment into the declared type, or say what is wrong."""
    if value is None or (value == "" and wanted.endswith("| None")):
        return None
    kind = wanted.removesuffix(" | None")
    try:
        if kind == "bool":
            return _truth(value)
        if kind.startswith("Mapping"):
            found = json.loads(value) if isinstance(value, str) else value
            return {str(key): str(each) for key, each in found.items()}
        return {"str": str, "int": int, "float": float}[kind](value)
    except (ValueError, TypeError, AttributeError):
        raise SettingsError(f"{name} must be {kind}, not {value!r}") from None


def _truth(value: Any) -> bool:
    text = str(value).strip().lower()
    if text not in TRUE + FALSE:
        raise ValueError(value)
    return text in TRUE


def _merge(values: Values, tree: Mapping[str, Any], origin: str) -> None:
    """Lay one file's values over what lower layers said; unknown names warn."""
    for name, found in tree.items():
        if name in ("mode", "home"):
            values.setdefault("", {})[name] = found
        elif name in SECTIONS and isinstance(found, Mapping):
            known = _types(SECTIONS[name])
            for key, value in found.items():
                if key in known:
                    values.setdefault(name, {})[key] = value
                else:
                    _warn_unknown(
                        f"{name}.{key}", [f"{name}.{k}" for k in known], origin
                    )
        elif name not in ("active", "profiles"):
            _warn_unknown(name, ["mode", "home", *SECTIONS], origin)


def _warn_unknown(name: str, known: list[str], origin: str) -> None:
    close = difflib.get_close_matches(name, known, 1)
    hint = f"; did you mean {close[0]}?" if close else ""
    warnings.warn(f"Unknown setting {name} in {origin}{hint}", stacklevel=2)


def _merge_environment(values: Values, environment: Mapping[str, str]) -> None:
    prefixes = ["ORION"]
    if environment.get("ORION_PREFECT_ENV", "1") not in FALSE:
        prefixes.insert(0, "PREFECT")  # so that our own names win
    for prefix in prefixes:
        for section, kind in SECTIONS.items():
            for key in _types(kind):
                found = environment.get(f"{prefix}_{section}_{key}".upper())
                if found is not None:
                    values.setdefault(section, {})[key] = found
    if mode := environment.get("ORION_MODE"):
        values.setdefault("", {})["mode"] = mode


def _dotenv() -> dict[str, str]:
    if os.environ.get("ORION_DOTENV", "1") in FALSE:
        return {}
    try:
        lines = Path(".env").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    pairs = (line.strip().removeprefix("export ").partition("=") for line in lines)
    return {
        key.strip(): value.strip().strip("'\"")
        for key, sign, value in pairs
        if sign and key.strip().startswith("ORION_")
    }


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not valid TOML: {error}") from error


def _profile(home: Path, environment: Mapping[str, str]) -> dict[str, Any]:
    tree = _toml(home / "profiles.toml")
    active = environment.get("ORION_PROFILE") or tree.get("active")
    if not active:
        return {}
    profiles = tree.get("profiles", {})
    if active not in profiles:
        known = ", ".join(sorted(profiles)) or "none"
        raise SettingsError(
            f"No profile {active!r} in {home / 'profiles.toml'} (known: {known})"
        )
    found: dict[str, Any] = profiles[active]
    return found


def _project() -> tuple[Path, dict[str, Any]]:
    """The nearest `orion.toml`, or `[tool.orion]`, at or above the working folder."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if tree := _toml(folder / "orion.toml"):
            return folder / "orion.toml", tree
        project = folder / "pyproject.toml"
        if project.is_file() and (
            tree := _toml(project).get("tool", {}).get("orion", {})
        ):
            return project, tree
    return here, {}
