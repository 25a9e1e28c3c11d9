"""Sealed data: keys rotate, files keep them."""

from __future__ import annotations

import stat

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from blocks import crypto
from core.conf import Conf, conf


@pytest.fixture
def keys(monkeypatch):
    """Say which keys there are."""

    def use(*given: str, **settings: object) -> None:
        changed = Conf(encryption_keys=SecretStr(",".join(given)), **settings)
        monkeypatch.setattr(crypto, "conf", changed)
        crypto._ring.cache_clear()

    yield use
    crypto._ring.cache_clear()


def new() -> str:
    return Fernet.generate_key().decode()


def test_data_comes_back_and_does_not_show(keys):
    keys(new())

    token = crypto.seal({"password": "geheim"})

    assert crypto.unseal(token) == {"password": "geheim"}
    assert "geheim" not in token


def test_an_older_key_still_opens_and_the_newest_seals(keys):
    old, newest = new(), new()
    keys(old)
    before = crypto.seal({"a": 1})

    keys(newest, old)
    after = crypto.seal({"a": 2})
    keys(newest)

    assert crypto.unseal(after) == {"a": 2}
    with pytest.raises(crypto.Unreadable, match="ORION_ENCRYPTION_KEYS"):
        crypto.unseal(before)
    keys(newest, old)
    assert crypto.unseal(before) == {"a": 1}


def test_without_settings_a_key_is_made_once_and_only_we_may_read_it(keys, tmp_path):
    keys(home=tmp_path)
    token = crypto.seal({"a": 1})
    keys(home=tmp_path)

    assert crypto.unseal(token) == {"a": 1}
    assert stat.S_IMODE((tmp_path / "encryption_key").stat().st_mode) == 0o600


def test_the_settings_name_no_key_by_default():
    assert conf.encryption_keys.get_secret_value() == ""
