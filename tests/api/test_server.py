from __future__ import annotations

import pytest

from tests.api.conftest import Api


@pytest.mark.parametrize(
    ("agent", "version"),
    [
        ("prefect/2.20.26 (API 0.8.4)", "2.20.26"),
        ("prefect/2.14.0 (API 0.8.4)", "2.14.0"),
        ("prefect/3.8.8 (API 0.8.4)", "3.8.8"),
        ("prefect/3.0.0rc20 (API 0.8.4)", "3.0.0rc20"),
        ("orion/0.1", "3.8.8"),
        ("", "3.8.8"),
    ],
)
def test_every_client_finds_a_server_of_its_own_version(db, agent, version):
    assert Api(agent).get("/admin/version").json == version


def test_results_have_no_default_storage(api):
    assert api.get("/admin/storage").json == {"default_result_storage_block_id": None}
