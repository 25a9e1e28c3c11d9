"""Where our answers differ from the recorded ones on purpose, and why."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Intended:
    """Differences whose text a pattern describes, in cases whose name begins so."""

    paragraph: str  # of the decision
    pattern: str
    cases: str = ""
    generations: tuple[int, ...] = (2, 3)

    def covers(self, case: str, generation: int, text: str) -> bool:
        """Whether a difference is meant."""
        return bool(
            generation in self.generations
            and case.startswith(self.cases)
            and re.search(self.pattern, text)
        )


DIFFERENCES: tuple[Intended, ...] = (
    Intended("Words of refusals", r"answer\.detail: wanted ['\"\[].*, found ['\"]"),
    Intended("Words of refusals", r"answer\.results\[\d\]\.error: wanted "),
    Intended(
        "Words of refusals", r"answer\.exception_message: missing, wanted 'Work queue"
    ),
    Intended(
        "Null and empty",
        r"job_variables: wanted (\{\}, found None|None, found \{\})",
    ),
    Intended(
        "Null and empty", r"active_slots: wanted None, found \d", generations=(3,)
    ),
    Intended(
        "Null and empty",
        r"storage_configuration\.\w+: missing, wanted None",
        generations=(3,),
    ),
    Intended(
        "What a schedule was given is kept",
        r"schedules\[\d\]\.(catchup|max_active_runs|max_scheduled_runs): wanted",
        cases="schedules/",
        generations=(2,),
    ),
    Intended(
        "What a schedule was given is kept",
        r"\[\d\]\.max_scheduled_runs: wanted None",
        cases="schedules/",
    ),
    Intended(
        "Pausing means all schedules",
        r"set_schedule_(in)?active: (status: wanted 422, found 200|answer: wanted)",
        cases="schedules/2.x several",
        generations=(2,),
    ),
    Intended(
        "Automations of a deployment",
        r"DELETE /automations/owned-by/\S+ (status: wanted 404|answer: wanted)",
        generations=(2,),
    ),
    Intended(
        "Which queues would select a deployment",
        r"work_queue_check: answer: \d+ items wanted, found 0",
    ),
    Intended("Priorities and states of queues", r"priority: wanted \d, found \d"),
    Intended(
        "Priorities and states of queues",
        r"description: wanted \"The work pool's default queue\.\"",
    ),
    Intended(
        "Priorities and states of queues",
        r"status: wanted 'NOT_READY', found 'PAUSED'",
    ),
    Intended(
        "Runs handed out name their place",
        r"work_(queue_name|pool_id|pool_name): wanted None, found '",
    ),
    Intended(
        "Job variables are checked on every way in",
        r"PATCH /deployments/\S+ (status: wanted 204, found 422|answer: wanted None)",
        cases="deployments/job variables",
        generations=(3,),
    ),
    Intended(
        "Labels of task runs",
        r"/task_runs/\S* answer\.labels\.prefect\.flow(-run)?\.id: missing",
        generations=(3,),
    ),
    Intended(
        "A slot is taken once",
        r"POST /concurrency_limits/increment: (status: wanted 423|answer: wanted)",
        cases="limits/slots of tags",
        generations=(3,),
    ),
)
