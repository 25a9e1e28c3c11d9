"""Closes sockets with the code and the reason that the application gave.

The protocol class beneath takes only 1000 and codes from 3000 on, and no reason.
Clients of ours tell causes apart by 1008 with its reason. It also buffers without end
what a client does not read; `drained` makes whoever sends wait for it.
"""

from __future__ import annotations

import asyncio
from typing import Any

from daphne.ws_protocol import WebSocketProtocol

REASON_LENGTH = 123  # bytes that a close frame can carry
BUFFER = 256 * 1024  # bytes that may wait for a client that reads slowly
_LOOK = 0.05  # seconds between looks at such a buffer


class SocketProtocol(WebSocketProtocol):  # type: ignore[misc]
    """One socket connection."""

    def handle_reply(self, message: dict[str, Any]) -> None:
        """Take over closing of accepted sockets; leave the rest as it is."""
        if message.get("type") != "websocket.close" or self.state != self.STATE_OPEN:
            super().handle_reply(message)
            return
        reason = str(message.get("reason") or "").encode()[:REASON_LENGTH]
        whole = reason.decode(errors="ignore").encode()  # no half characters
        self.sendCloseFrame(code=message.get("code") or 1000, reasonUtf8=whole)

    async def drained(self) -> None:
        """Return once the client has read enough of what was sent, or has left."""
        while self.state == self.STATE_OPEN and self._unread() > BUFFER:
            await asyncio.sleep(_LOOK)

    def _unread(self) -> int:
        transport = self.transport
        waiting = len(getattr(transport, "dataBuffer", b""))
        return waiting + int(getattr(transport, "_tempDataLen", 0))
