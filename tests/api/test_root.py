from __future__ import annotations

from uuid import uuid4

from django.db.migrations.recorder import MigrationRecorder

from core.clock import now
from ops.models import LoopPulse


def test_health_version_and_a_wave(api):
    assert api.get("/health").json is True
    assert api.get("/version").json == "0.8.4"
    assert api.get("/hello").json == "\N{WAVING HAND SIGN}"


def test_ready_tells_what_each_loop_did_last(api):
    success = now()
    LoopPulse.objects.create(name="late-runs", process="a:1", last_success=success)

    ready = api.get("/ready")

    assert ready.status == 200
    assert ready.json["message"] == "OK"
    told = {loop["name"]: loop for loop in ready.json["loops"]}
    assert told["late-runs"]["last_success"] == success.isoformat().replace(
        "+00:00", "Z"
    )


def test_a_loop_that_stands_still_does_not_make_it_unready(api):
    LoopPulse.objects.create(name="late-runs", process="a:1", last_error="it broke")

    assert api.get("/ready").status == 200


def test_a_missing_migration_makes_it_unready(api):
    MigrationRecorder.Migration.objects.filter(app="orion_logs").delete()

    ready = api.get("/ready")

    assert ready.status == 503
    assert "migrat" in ready.json["message"]


def test_there_are_no_csrf_tokens(api):
    reply = api.get(f"/csrf-token?client={uuid4()}")

    assert reply.status == 422
    assert reply.json == {"detail": "CSRF protection is disabled."}
    assert api.get("/csrf-token").wrong == [["query", "client"]]
