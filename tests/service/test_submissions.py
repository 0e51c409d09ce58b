"""Submissions that await a decision, over HTTP: told why, decided once, found again."""

from __future__ import annotations

import json
import threading
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest

from tests.service.conftest import DATA

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg
    from werkzeug.test import TestResponse

    from tests.service.conftest import Api

SMALL = DATA / "small" / "activity.json"
BY_ID = DATA / "small" / "activity_by_id.json"
WAITING = """
SELECT count(*) FROM pg_stat_activity AS a
WHERE a.datname = current_database() AND a.wait_event_type = 'Lock'
"""


@pytest.fixture
def first(api: Api) -> str:
    """Return a session that has the small month."""
    answer = api.upload(SMALL, session_name="March")
    assert answer.status_code == 201, answer.get_json()
    return str(answer.get_json()["session_id"])


@pytest.fixture
def waiting(api: Api, first: str) -> str:
    """Return a session of the same month that names no parent."""
    answer = api.upload(BY_ID, session_name="March again")
    assert answer.status_code == 202, answer.get_json()
    body = answer.get_json()
    assert body["outcome"] == "awaiting_decision"
    assert answer.headers["Location"] == f"/api/v1/sessions/{body['session_id']}"
    assert first in json.dumps(body["report"]["control"]["same_days"])
    return str(body["session_id"])


def version(api: Api, session: str) -> int:
    """Return the version of a session as it is now."""
    return int(api.get(f"/sessions/{session}").get_json()["version"])


def decide(
    api: Api,
    step: str,
    session: str,
    user: str = "pat",
    **body: Any,  # noqa: ANN401 - JSON
) -> TestResponse:
    """Accept or discard a session in its version."""
    body = {"expected_version": version(api, session), "reason": "as agreed", **body}
    return api.post(f"/sessions/{session}/{step}", user, **body)


def test_why_it_waits_is_told_at_every_place(api: Api, waiting: str) -> None:
    """With the session, on its own, person by person, in words, in the list of what waits."""
    session = api.get(f"/sessions/{waiting}").get_json()
    assert session["status"] == "awaiting_decision"
    assert session["decision"] is None
    control = api.get(f"/sessions/{waiting}/control").get_json()
    assert session["control"] == control
    assert control["reasons"] == ["month_exists"]
    assert (control["names_fitting"], control["names"]) == (4, 5)
    (people,) = api.pages(f"/sessions/{waiting}/submission-people")
    assert sum(person["receipts"] for person in people) == 25
    report = json.dumps(api.get(f"/sessions/{waiting}/import-report").get_json())
    assert "the month is here already" in report
    (listed,) = api.pages("/sessions", status="awaiting_decision")
    assert [row["session_id"] for row in listed] == [waiting]
    assert api.pages(f"/sessions/{waiting}/employees") == [[]]
    ((attempt, *_),) = api.pages("/import-attempts", outcome="awaiting_decision")
    assert attempt["session_id"] == waiting


def test_the_same_file_is_answered_with_what_waits(
    api: Api, waiting: str, contents: Callable[[], dict[str, str]]
) -> None:
    """202 again, with the parent named or not, and no row more; dry it is tried."""
    before = contents()
    for query in ({}, {"parent_session_id": str(waiting)}):
        again = api.upload(BY_ID, **query)
        assert again.status_code == 202
        assert again.get_json()["session_id"] == waiting
    dry = api.upload(BY_ID, dry_run="true")
    assert dry.status_code == 200
    assert dry.get_json()["outcome"] == "dry_run"
    assert dry.get_json()["report"]["control"]["reasons"] == ["month_exists"]
    assert contents() == before


def test_a_parent_is_named(api: Api, first: str, waiting: str) -> None:
    """It is the next submission then, and what was said is found again."""
    answer = decide(api, "accept", waiting, parent_session_id=first)
    assert answer.status_code == 200, answer.get_json()
    session = api.get(f"/sessions/{waiting}").get_json()
    assert session["status"] == "completed"
    assert (session["parent_session_id"], session["revision_number"]) == (first, 2)
    assert session["total_employees"] == 6
    decision = session["decision"]
    assert (decision["decision"], decision["reason"]) == ("accepted", "as agreed")
    assert decision["decided_by_name"] == "pat"
    assert session["control"]["reasons"] == []


def test_nothing_is_accepted_beside_the_other(api: Api, first: str, waiting: str) -> None:
    """A month is one chain: what it follows is said, and the answer names it."""
    assert decide(api, "accept", waiting, "ada", reason="").status_code == 400
    answer = decide(api, "accept", waiting, "ada")
    assert answer.status_code == 409
    said = answer.get_json()
    assert (said["code"], said["field"]) == ("month_taken", "parent_session_id")
    assert first in said["detail"]
    session = api.get(f"/sessions/{waiting}").get_json()
    assert (session["status"], session["decision"]) == ("awaiting_decision", None)


def test_it_is_discarded(api: Api, waiting: str) -> None:
    """Nothing of it is accepted; that it was there and why it went is kept."""
    answer = decide(api, "discard", waiting, reason="the wrong file")
    assert answer.status_code == 200, answer.get_json()
    assert answer.get_json()["status"] == "cancelled"
    (decisions,) = api.pages("/submission-decisions", session_id=waiting)
    assert [row["decision"] for row in decisions] == ["discarded"]
    again = decide(api, "accept", waiting)
    assert (again.status_code, again.get_json()["code"]) == (409, "wrong_state")


@pytest.mark.parametrize("user", ["rae", "ron"])
def test_others_do_not_decide(api: Api, waiting: str, user: str) -> None:
    """Reviewers and readers are refused."""
    for step in ("accept", "discard"):
        assert decide(api, step, waiting, user).status_code == 403


@pytest.mark.parametrize("steps", [("accept", "discard"), ("accept", "accept")])
def test_of_two_decisions_at_once_one_wins(
    api: Api, first: str, waiting: str, superuser: psycopg.Connection, steps: tuple[str, str]
) -> None:
    """The other one is told that it was changed meanwhile."""
    seen = version(api, waiting)
    answers: list[dict[str, Any]] = []

    def act(step: str, user: str) -> None:
        body = {"parent_session_id": first} if step == "accept" else {}
        answer = api.post(
            f"/sessions/{waiting}/{step}", user, expected_version=seen, reason="at once", **body
        )
        answers.append({**answer.get_json(), "status": answer.status_code})

    with superuser.transaction():
        superuser.execute(
            "SELECT FROM app.processing_sessions WHERE session_id = %s FOR UPDATE", (waiting,)
        )
        threads = [
            threading.Thread(target=act, args=pair)
            for pair in zip(steps, ("pat", "ada"), strict=True)
        ]
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + 60
        # Both, unless the first one's patience ends before the second has begun.
        while superuser.execute(WAITING).fetchone() == (0,):
            assert time.monotonic() < deadline
            time.sleep(0.01)
    for thread in threads:
        thread.join()
    won, lost = sorted(answers, key=lambda answer: bool(answer["status"] != HTTPStatus.OK))
    assert won["status"] == 200
    assert (lost["status"], lost["code"]) == (409, "stale_version")
    (decisions,) = api.pages("/submission-decisions", session_id=waiting)
    assert len(decisions) == 1


def test_the_month_is_given_with_the_file(api: Api, first: str) -> None:
    """Another programme is another month; a period is a first day, or a first and a last."""
    fleet = api.upload(BY_ID, programme="Fleet", period_start="2025-03-01")
    assert fleet.status_code == 201, fleet.get_json()
    report = fleet.get_json()["report"]
    assert (report["programme"], report["period_source"]) == ("Fleet", "given")
    assert (report["period_start"], report["period_end"]) == ("2025-03-01", "2025-03-31")
    wide = api.upload(
        SMALL, programme="Fleet", period_start="2025-03-15", period_end="2025-04-14"
    ).get_json()
    assert wide["outcome"] == "awaiting_decision"
    assert "month_overlaps" in wide["report"]["control"]["reasons"]
    for query in (
        {"period_start": "2025-03-02"},
        {"period_start": "03/01/2025"},
        {"period_end": "2025-03-31"},
        {"period_start": "2025-01-01", "period_end": "2026-01-02"},
        {"programme": "x" * 81},
    ):
        assert api.upload(SMALL.read_bytes() + b" ", **query).status_code == 400, query
    assert first
