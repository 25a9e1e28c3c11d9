"""Where a server may listen."""

from __future__ import annotations

import socket

import pytest

from ops.addresses import Address, NotAllowed, PortBusy, admit


@pytest.mark.parametrize(
    ("host", "is_loopback", "url"),
    [
        ("127.0.0.1", True, "http://127.0.0.1:80"),
        ("localhost", True, "http://127.0.0.1:80"),
        ("127.1.2.3", True, "http://127.1.2.3:80"),
        ("::1", True, "http://[::1]:80"),
        ("0.0.0.0", False, "http://127.0.0.1:80"),
        ("::", False, "http://[::1]:80"),
        ("10.1.2.3", False, "http://10.1.2.3:80"),
    ],
)
def test_an_address_knows_who_can_reach_it(host, is_loopback, url):
    address = Address.of(host, 80)

    assert (address.is_loopback, address.url) == (is_loopback, url)


def test_a_host_that_does_not_exist_is_one_clear_line():
    with pytest.raises(PortBusy, match=r"^Cannot listen on 'no such host': .*\.$"):
        Address.of("no such host", 80)


def test_a_busy_port_names_another_to_try():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(PortBusy) as refused:
            Address.of("127.0.0.1", port).probe()

    assert str(refused.value) == (
        f"Something already listens on 127.0.0.1 port {port}. Stop it, or choose "
        f"another port: --port {port + 1}"
    )


def test_a_free_port_is_free():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    Address.of("127.0.0.1", port).probe()


def test_an_address_that_is_not_ours_is_refused():
    with pytest.raises(PortBusy, match=r"^Cannot listen on 192\.0\.2\.1 port 80: "):
        Address.of("192.0.2.1", 80).probe()


@pytest.fixture
def fence(settings):
    """The settings that the fence asks, put back afterwards."""
    settings.ANY_ADDRESS = False
    settings.ALLOWED_HOSTS = ["localhost"]
    return settings


def test_loopback_is_admitted_without_a_word(fence):
    assert admit(Address.of("127.0.0.1", 80), unauthenticated=False) == ""
    assert not fence.ANY_ADDRESS


def test_others_may_not_reach_a_server_that_asks_nobody(fence):
    with pytest.raises(NotAllowed, match="--allow-unauthenticated"):
        admit(Address.of("0.0.0.0", 80), unauthenticated=False)
    assert not fence.ANY_ADDRESS


def test_others_may_reach_it_when_that_is_wanted_and_we_warn(fence):
    warning = admit(Address.of("0.0.0.0", 80), unauthenticated=True)

    assert warning.startswith("Warning: everyone who can reach 0.0.0.0 port 80")
    assert fence.ANY_ADDRESS
