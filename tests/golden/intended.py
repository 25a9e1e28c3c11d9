"""Where we answer differently, on purpose.

Each row names a paragraph of `docs/decisions/0003-intended-differences.md` and says
exactly what replaces the recorded answers; everything else stays equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from tests.golden.replay import FAILED

ABSENT = "<absent>"
SLOTS = STATUS = "the whole answer"


@dataclass(frozen=True, slots=True)
class Difference:
    """Cases (as patterns of names) whose answers differ, and how.

    `like` names a case whose recorded answers we give instead. `instead` maps the index
    of a step to the keys of its answer that differ. Where the original failed, `fails`
    allows any answer below 500, and nothing after it is compared.
    """

    paragraph: str
    cases: tuple[str, ...]
    generations: tuple[int, ...] = (2, 3)
    like: str | None = None
    instead: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    fails: bool = False

    def covers(self, name: str, generation: int) -> bool:
        """Whether the row is about a case."""
        return generation in self.generations and any(
            fnmatchcase(name, pattern) for pattern in self.cases
        )


def running(task: str, name: str = "Running", **details: str) -> dict[str, Any]:
    """An answer's state of a task run that runs."""
    ids = {"flow_run_id": "$run", "task_run_id": task}
    return {"type": "RUNNING", "name": name, "details": ids | details, "when": "~now"}


LONG_KEY = "k" * 1991 + "$token"
DIFFERENCES: tuple[Difference, ...] = (
    *(
        Difference(
            "Unknown keys and nulls are tolerated",
            (
                f"requests/{kind}/unknown key in the state",
                f"requests/{kind}/details are null",
            ),
            like=f"requests/{kind}/data is null",
        )
        for kind in ("flow-run", "task-run")
    ),
    *(
        Difference(
            "Unknown keys and nulls are tolerated",
            (f"requests/{kind}/id and timestamp in the state",),
            (3,),
            like=f"requests/{kind}/data is null",
        )
        for kind in ("flow-run", "task-run")
    ),
    *(
        Difference(
            "An empty name is no name",
            (f"requests/{kind}/name is empty",),
            like=f"requests/{kind}/name is null",
        )
        for kind in ("flow-run", "task-run")
    ),
    *(
        Difference(
            "Texts are texts",
            (f"requests/{kind}/{key} is a number",),
            (2,),
            like=f"requests/{kind}/type is unknown",
            instead={step: {"body": {"invalid": [key]}}},
        )
        for kind, step in (("flow-run", 2), ("task-run", 3))
        for key in ("name", "message")
    ),
    *(
        Difference(
            "Texts are texts",
            (f"requests/{kind}/body is a list",),
            instead={step: {"body": {"invalid": ["body"]}}},
        )
        for kind, step in (("flow-run", 2), ("task-run", 3))
    ),
    Difference(
        "Nothing fails with 500",
        (
            "final/*/completed with a number to *",
            "final/*/completed with a list to *",
            "flow-run/late/from none",
            "resuming/an unknown run",
            "resuming/a schema that is none",
            "retries/task-run/an empty list of delays",
        ),
        fails=True,
    ),
    *(
        Difference(
            "A refusal says what was wrong",
            (f"pairs/flow-run/{where}created/NONE-PAUSED",),
            (2,),
            instead={step: {"reason": "Cannot pause flows with no state."}},
        )
        for where, step in (("", 3), ("deployment/", 4))
    ),
    *(
        Difference(
            "A refusal says what was wrong",
            (f"pausing/{way} without a state",),
            (2,),
            instead={4: {"reason": f"Cannot {verb} flows with no state."}},
        )
        for way, verb in (
            ("pause", "pause"),
            ("unnamed reschedule", "pause"),
            ("suspend", "suspend"),
            ("named Suspended only", "suspend"),
        )
    ),
    Difference(
        "A refusal says what was wrong",
        ("resuming/input of broken JSON",),
        instead={
            4: {
                "reason": "Error hydrating run input: Invalid JSON: unexpected end of "
                "data: line 1 column 2 (char 1)"
            }
        },
    ),
    Difference(
        "Repeated task proposals are answered once",
        ("task-run/repeats/started twice with one id",),
        instead={
            4: {
                "http": 200,
                "fresh": False,
                "state": running("$task", transition_id="$first"),
            },
            5: {
                "state_name": "Running",
                "run_count": 1,
                "total_run_time": 0,
                "state": running("$task", transition_id="$first"),
                "history": ["PENDING", "RUNNING"],
            },
        },
    ),
    Difference(
        "Repeated task proposals are answered once",
        ("task-run/repeats/ended twice with one id",),
        instead={
            5: {"http": 200, "fresh": False},
            6: {"history": ["PENDING", "RUNNING", "COMPLETED"]},
        },
    ),
    *(
        Difference(
            "Empty results stay what they are",
            (f"results/{kind}/{name}",),
            (2,),
            instead={
                step: {
                    "state": {
                        "type": "COMPLETED",
                        "name": "Completed",
                        "data": value,
                        "details": {"flow_run_id": "$run"} | ids,
                        "when": "~now",
                    }
                }
            },
        )
        for kind, step, ids in (
            ("flow-run", 3, {}),
            ("task-run", 4, {"task_run_id": "$task"}),
        )
        for name, value in (("empty text", ""), ("empty list", []))
    ),
    Difference(
        "Who holds a slot need not wait for it",
        ("tag slots/a holder that starts again",),
        instead={
            6: {
                "http": 201,
                "verdict": "ACCEPT",
                "fresh": True,
                "reason": ABSENT,
                "delay_seconds": ABSENT,
                "state": running("$first", "Rerunning"),
            }
        },
    ),
    Difference(
        "A refusal names the limits that are full",
        ("tag slots/full on both tags",),
        (2,),
        instead={
            7: {"reason": "Concurrency limit for the a-$token tag has been reached"}
        },
    ),
    Difference(
        "A refusal names the limits that are full",
        ("tag slots/full on the second tag",),
        (3,),
        instead={7: {"reason": "Concurrency limit reached for tags: b-$token"}},
    ),
    Difference(
        "A refused start takes no slot",
        ("tag slots/zero on the second tag",),
        (3,),
        instead={8: {SLOTS: []}},
    ),
    Difference(
        "A slot is given back by its holder",
        ("deployment slots/a start whose lease is gone finds no slot",),
        (3,),
        instead={8: {SLOTS: 1}},
    ),
    Difference(
        "Leases of old clients do not end",
        (
            "deployment slots/a start by a client without leases",
            "deployment slots/cancelled by a client without leases",
        ),
        (3,),
        instead={7: {STATUS: 204}},
    ),
    Difference(
        "A refused cache key is not stored",
        ("caching/key of 2001",),
        (3,),
        instead={
            7: {
                "verdict": "ACCEPT",
                "reason": ABSENT,
                "state": running("$second", cache_key=LONG_KEY),
            },
            8: {
                "state_type": "RUNNING",
                "state_name": "Running",
                "run_count": 1,
                "flow_run_run_count": 1,
                "end_time": None,
                "state": running("$second", cache_key=LONG_KEY),
                "history": ["PENDING", "RUNNING"],
            },
        },
    ),
    Difference(
        "A refusal shows the state as it is",
        ("pairs/flow-run/limited/PAUSED-PENDING",),
        (3,),
        instead={
            6: {
                "state": {
                    "type": "PAUSED",
                    "name": "Paused",
                    "details": {
                        "flow_run_id": "$run",
                        "pause_timeout": "$now+600s",
                        "pause_key": "1",
                        "deployment_concurrency_lease_id": "<id>",
                    },
                    "when": "~now",
                }
            }
        },
    ),
)


def difference(name: str, answers: list[Any], generation: int) -> Difference | None:
    """The row about a case, if there is one."""
    found = [
        row
        for row in DIFFERENCES
        if row.covers(name, generation) and row.fails == (answers[-1] == FAILED)
    ]
    assert len(found) <= 1, f"{len(found)} rows are about {name}"
    return found[0] if found else None


def ours(recorded: Mapping[str, Any], name: str, row: Difference | None) -> list[Any]:
    """The answers that we want to give to a case, from all recorded ones."""
    source = row.like if row and row.like else name
    answers: list[Any] = deepcopy(recorded[source]["answers"])
    if row is None:
        return answers
    for index, instead in row.instead.items():
        for key, value in instead.items():
            if key == STATUS:
                answers[index] = value
            elif value == ABSENT:
                del answers[index][key]
            else:
                answers[index][key] = value
    return answers[:-1] if row.fails else answers
