"""Flow runs over the wire: read, find, propose states, cancel."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from orion.client.transport import Transport

FINAL = frozenset({"COMPLETED", "FAILED", "CRASHED", "CANCELLED"})
PAGE = 200


@dataclass(frozen=True, slots=True)
class Verdict:
    """The server's answer to a proposal: its word, and the state that now holds."""

    status: str
    state: Mapping[str, Any]
    details: Mapping[str, Any]
    transition_id: str

    @property
    def is_accepted(self) -> bool:
        """Accepted now, or accepted before and the answer was lost on the way."""
        details = self.state.get("state_details") or {}
        is_repeat = details.get("transition_id") == self.transition_id
        return self.status == "ACCEPT" or (self.status == "REJECT" and is_repeat)

    @property
    def reason(self) -> str:
        return str(self.details.get("reason") or "")


def read(transport: Transport, flow_run_id: str) -> dict[str, Any]:
    """One flow run as the API shows it."""
    answer = transport.request("GET", f"/flow_runs/{flow_run_id}")
    return cast("dict[str, Any]", answer.json())


def find(
    transport: Transport,
    *,
    flow_runs: Mapping[str, Any] | None = None,
    sort: str = "EXPECTED_START_TIME_DESC",
    limit: int = PAGE,
    **others: Mapping[str, Any],
) -> list[dict[str, Any]]:
    """Flow runs that match the filters, one page."""
    body = {"flow_runs": flow_runs or {}, "sort": sort, "limit": limit, **others}
    answer = transport.request("POST", "/flow_runs/filter", json=body)
    return cast("list[dict[str, Any]]", answer.json())


def propose(
    transport: Transport,
    flow_run_id: str,
    state_type: str,
    *,
    name: str | None = None,
    message: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> Verdict:
    """Ask for a state; a repeat of a lost request is recognised by its id."""
    transition_id = str(uuid.uuid4())
    state = {
        "type": state_type,
        "name": name or state_type.capitalize(),
        "message": message,
        "state_details": {"transition_id": transition_id, **(details or {})},
    }
    path = f"/flow_runs/{flow_run_id}/set_state"
    answer = transport.request("POST", path, json={"state": state}).json()
    return Verdict(
        status=answer["status"],
        state=answer.get("state") or {},
        details=answer.get("details") or {},
        transition_id=transition_id,
    )


def amend(transport: Transport, flow_run_id: str, **changes: Any) -> None:
    """Change fields of the run that are no state."""
    transport.request("PATCH", f"/flow_runs/{flow_run_id}", json=changes)


def cancel(transport: Transport, flow_run_id: str) -> Verdict:
    """Ask that the run be stopped."""
    return propose(
        transport, flow_run_id, "CANCELLING", message="Cancelled from the command line"
    )
