from __future__ import annotations

from pathlib import Path

import pytest

from orion.settings import SettingsError, override, reload, settings


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder inside of a project folder."""
    folder = tmp_path / "project"
    (folder / "deep").mkdir(parents=True)
    (folder / "pyproject.toml").write_text("[tool.other]\nx = 1\n")
    monkeypatch.chdir(folder / "deep")
    return folder


def test_without_anything_runs_are_offline() -> None:
    assert settings().is_offline
    assert settings().api.url is None
    assert settings().api.request_timeout == 60.0


def test_the_environment_is_read_with_types(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORION_API_URL", "http://here/api")
    monkeypatch.setenv("ORION_API_RETRIES", "2")
    monkeypatch.setenv("ORION_API_TLS_VERIFY", "off")
    monkeypatch.setenv("ORION_API_HEADERS", '{"X-A": "b"}')
    monkeypatch.setenv("ORION_AGENT_LIMIT", "")

    api = reload().api

    assert (api.url, api.retries, api.tls_verify) == ("http://here/api", 2, False)
    assert api.headers == {"X-A": "b"}
    assert settings().agent.limit is None
    assert not settings().is_offline


def test_older_names_count_where_ours_are_unset(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://old/api")
    monkeypatch.setenv("PREFECT_API_KEY", "old")
    monkeypatch.setenv("ORION_API_KEY", "new")

    assert reload().api.url == "http://old/api"
    assert settings().api.key == "new"

    monkeypatch.setenv("ORION_PREFECT_ENV", "0")
    assert reload().api.url is None


def test_files_are_laid_over_each_other(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = settings().home
    home.mkdir(parents=True)
    (home / "config.toml").write_text(
        "[api]\nurl = 'http://config'\nretries = 1\n[results]\ninline_small = true\n"
    )
    (home / "profiles.toml").write_text(
        "active = 'a'\n[profiles.a.api]\nurl = 'http://profile'\nkey = 'k'\n"
    )
    (project / "orion.toml").write_text("[api]\nurl = 'http://project'\n")

    assert reload().api.url == "http://project"
    assert (settings().api.key, settings().api.retries) == ("k", 1)
    assert settings().results.inline_small

    (project / "orion.toml").unlink()
    assert reload().api.url == "http://profile"

    monkeypatch.setenv("ORION_DOTENV", "1")
    Path(".env").write_text("ORION_API_URL='http://dotenv'\nOTHER=1\n")
    assert reload().api.url == "http://dotenv"

    with override({"api.url": "http://now", "mode": "offline"}):
        assert settings().api.url == "http://now"
        assert settings().is_offline
    assert settings().api.url == "http://dotenv"


def test_a_pyproject_may_hold_settings(project: Path) -> None:
    (project / "pyproject.toml").write_text("[tool.orion.api]\nurl = 'http://tool'\n")

    assert reload().api.url == "http://tool"


def test_an_unknown_setting_warns_with_the_closest_one(project: Path) -> None:
    (project / "orion.toml").write_text("[api]\nurll = 'x'\n")

    with pytest.warns(UserWarning, match=r"api\.urll .* did you mean api\.url"):
        reload()


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("ORION_API_RETRIES", "many", r"api\.retries must be int, not 'many'"),
        ("ORION_API_TLS_VERIFY", "perhaps", r"api\.tls_verify must be bool"),
        ("ORION_MODE", "sideways", "mode is one of auto"),
        ("ORION_PROFILE", "none-such", "No profile 'none-such'"),
    ],
)
def test_bad_values_are_named(
    name: str, value: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError, match=told):
        reload()

    monkeypatch.delenv(name)


def test_broken_files_are_named(project: Path) -> None:
    (project / "orion.toml").write_text("[api\n")

    with pytest.raises(SettingsError, match=r"orion\.toml is not valid TOML"):
        reload()


def test_secrets_are_not_shown() -> None:
    with override({"api.key": "geheim", "api.auth_string": "user:geheim"}):
        assert "geheim" not in repr(settings())
