"""Where a server listens, and whether it may."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
from dataclasses import dataclass
from typing import Self

from django.conf import settings


class NotAllowed(Exception):
    """The server must not listen there."""


class PortBusy(Exception):
    """The server cannot listen there."""

    @classmethod
    def at(cls, address: Address, error: OSError) -> Self:
        """One line that says what is in the way and what to do."""
        where = f"{address.host} port {address.port}"
        if error.errno in {errno.EADDRINUSE, getattr(errno, "WSAEADDRINUSE", 0)}:
            return cls(
                f"Something already listens on {where}. Stop it, or choose another "
                f"port: --port {address.port + 1}"
            )
        return cls(f"Cannot listen on {where}: {error.strerror}.")


@dataclass(frozen=True, slots=True)
class Address:
    """A host, as an IP address, and a port."""

    host: str
    port: int

    @classmethod
    def of(cls, host: str, port: int) -> Self:
        """The address of a host name or IP address.

        Raises:
            PortBusy: there is no such host.
        """
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise PortBusy(f"Cannot listen on {host!r}: {error.strerror}.") from error
        found.sort(key=lambda info: info[0] != socket.AF_INET)
        return cls(str(found[0][4][0]), port)

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return ipaddress.ip_address(self.host.partition("%")[0]).is_loopback

    @property
    def url(self) -> str:
        """How a browser on this machine reaches it."""
        host = self.host
        if ipaddress.ip_address(host.partition("%")[0]).is_unspecified:
            host = "::1" if ":" in host else "127.0.0.1"
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    def probe(self) -> None:
        """Make sure nobody listens there, before anything else is done.

        Raises:
            PortBusy: it is not free.
        """
        self.listen(1).close()

    def listen(self, backlog: int) -> socket.socket:
        """A socket that listens there.

        Raises:
            PortBusy: it is not free.
        """
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        listening = socket.socket(family, socket.SOCK_STREAM)
        if os.name != "nt":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((self.host, self.port))
            listening.listen(backlog)
        except OSError as error:
            listening.close()
            raise PortBusy.at(self, error) from error
        return listening


def admit(address: Address, *, unauthenticated: bool) -> str:
    """Open the fence for an address; a warning to show, or nothing.

    Raises:
        NotAllowed: others can reach it, and nobody asks them who they are.
    """
    if address.is_loopback:
        return ""
    if not unauthenticated:
        raise NotAllowed(
            f"{address.host} can be reached from other machines, and nobody would ask "
            "them who they are: anyone could run code with your agents. Listen on "
            "127.0.0.1, or add --allow-unauthenticated if you mean it."
        )
    settings.ANY_ADDRESS = True  # the fence compares names; addresses cannot be forged
    settings.ALLOWED_HOSTS = [
        *settings.ALLOWED_HOSTS,
        "*",
    ]  # Django comes after the fence
    return (
        f"Warning: everyone who can reach {address.host} port {address.port} can use "
        "this server, without signing in."
    )
