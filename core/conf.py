"""Every setting of the server: one frozen, typed object read from `ORION_…`."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

PREFIX = "ORION_"


class FileSource(EnvSettingsSource):
    """Reads `ORION_<NAME>_FILE` and takes the file's content as the value."""

    def __call__(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name in self.settings_cls.model_fields:
            path = os.environ.get(f"{PREFIX}{name.upper()}_FILE")
            if path:
                found[name] = Path(path).read_text(encoding="utf-8").strip()
        return found


class Conf(BaseSettings):
    """Settings with their defaults; the unit is in the type or in the name."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    # where things are
    home: Path = Path.home() / ".orion"  # database, keys, agents' ledgers
    database_url: str = ""  # empty: sqlite file orion.db in home
    secret_key: SecretStr = SecretStr("")  # empty: made once, kept in home
    encryption_keys: SecretStr = SecretStr("")  # Fernet keys, newest first, by comma

    # who may talk to us
    allowed_hosts: list[str] = Field(default_factory=list)  # beside loopback
    allowed_origins: list[str] = Field(default_factory=list)  # beside our own
    allow_unauthenticated: bool = False  # permits an address other than loopback

    # tests only: a file with the instant that all processes take for now
    test_clock: Path | None = None

    # requests
    web_server: Literal["auto", "uvicorn", "daphne"] = "auto"  # what carries them
    lane_threads: int = 4  # threads that serve plain HTTP; also database connections
    body_limit: int = 5_000_000  # bytes
    depth_limit: int = 64  # levels of a JSON body
    list_limit: int = 10_000  # items of one list in a JSON body
    text_limit: int = 1_000_000  # characters of one string in a JSON body

    # SQLite
    sqlite_web_wait: float = 5.0  # seconds a web request waits for the write lock
    sqlite_loop_wait: float = 20.0  # seconds a loop or command waits for it
    sqlite_synchronous: str = "NORMAL"  # FULL survives a power cut, slower

    # scheduling
    scheduler_min_runs: int = 3
    scheduler_max_runs: int = 100
    scheduler_min_ahead: timedelta = timedelta(hours=1)
    scheduler_max_ahead: timedelta = timedelta(days=100)
    late_after: timedelta = timedelta(seconds=15)

    # concurrency
    tag_wait_seconds_2: int = 30  # answer to 2.x clients that wait for a tag slot
    tag_wait_seconds_3: int = 10  # upper bound of the answer to 3.x clients
    deployment_slot_retry: timedelta = timedelta(seconds=30)
    deployment_lease: timedelta = timedelta(seconds=300)  # grace period by default

    # liveness
    heartbeat_misses: int = 4  # intervals of silence before a run counts as dead
    heartbeat_slack: timedelta = timedelta(seconds=5)
    client_heartbeat: timedelta = timedelta(seconds=180)  # of 3.x clients, by default
    suspect_after: timedelta = timedelta(minutes=10)  # silence of who promised nothing
    unreported_after: timedelta = timedelta(minutes=1)  # after a flow's end
    cancelling_timeout: timedelta = timedelta(seconds=300)  # then Cancelled anyhow

    # claims
    agent_claim: timedelta = timedelta(seconds=60)  # of our agents, who renew it
    claim_expiry: timedelta = timedelta(minutes=10)  # of anybody else
    most_reclaims: int = 3  # starts that never came, before the run fails
    lost_retry_delay: timedelta = timedelta(seconds=10)  # others may report the loss

    # retention
    event_days: int = 7

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments first, then the environment, then `…_FILE`."""
        return init_settings, env_settings, FileSource(settings_cls)


conf = Conf()
