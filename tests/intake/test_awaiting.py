"""PDFs that do not belong together, PDFs tried dry, and workers that die over both."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.intake.conftest import DATA
from tests.intake.test_worker import end, set_setting, stop_in

if TYPE_CHECKING:
    from pathlib import Path

    from tests.intake.conftest import Answer, Office

SMALL = DATA / "small" / "car.pdf", DATA / "small" / "receipts.pdf"
MEDIUM = DATA / "medium" / "car.pdf", DATA / "medium" / "receipts.pdf"
ACCEPTED = """
SELECT (SELECT count(*) FROM app.session_employees) AS people,
    (SELECT count(*) FROM app.receipt_links) AS receipts,
    (SELECT count(*) FROM app.charges) AS charges, (SELECT count(*) FROM app.cardholders) AS known,
    (SELECT count(*) FROM app.document_pages) AS pages, (SELECT count(*) FROM app.months) AS months
"""
STAGED = "SELECT count(*) AS n FROM app.staged_submissions"


def hand_in(office: Office, files: tuple[Path, Path], session: str, **said: str) -> Answer:
    """Hand in two PDFs, saying something of them."""
    query = "&".join(f"{name}={value}" for name, value in said.items())
    return office.upload(f"{session}", *files, query=query)


def wait_for_job(office: Office, session: str) -> dict[str, Any]:
    """Return the session when its newest job has ended."""
    deadline = time.monotonic() + 180
    while True:
        progress = office.call("GET", f"/sessions/{session}/progress").json
        if progress["state"] in ("done", "failed"):
            found: dict[str, Any] = office.call("GET", f"/sessions/{session}").json
            return found
        assert time.monotonic() < deadline, (progress, office.log())
        time.sleep(0.05)


def decide(office: Office, step: str, session: dict[str, Any], **body: object) -> Answer:
    """Accept or discard a session."""
    said = {"expected_version": session["version"], "reason": "as agreed", **body}
    kind = {"Content-Type": "application/json"}
    path = f"/sessions/{session['session_id']}/{step}"
    return office.call("POST", path, json.dumps(said).encode(), **kind)


@pytest.fixture(autouse=True)
def _worker(office: Office) -> None:
    """Let a worker run."""
    office.start_worker()


def test_the_receipts_of_another_company_await_a_decision(office: Office) -> None:
    """Nobody of them is accepted; discarded, their bytes go, and they may come again."""
    (before,) = office.rows(ACCEPTED)
    files = SMALL[0], MEDIUM[1]
    session = office.open_session()
    assert hand_in(office, files, session).status == 202
    found = office.wait(session)
    assert found["status"] == "awaiting_decision", found
    assert found["control"]["reasons"] == ["names"]
    assert found["control"]["names_fitting"] == 0
    assert office.rows(ACCEPTED) == [before]
    again = hand_in(office, files, office.open_session())
    assert (again.status, again.json["outcome"]) == (202, "awaiting_decision")
    assert again.json["session_id"] == session
    assert decide(office, "discard", found).status == 200
    assert office.rows(STAGED) == [{"n": 0}]
    assert not any(row["has_bytes"] for row in office.rows("SELECT * FROM app.documents"))
    assert hand_in(office, files, office.open_session()).json["outcome"] == "queued"


def test_the_report_of_another_month_than_was_said(office: Office) -> None:
    """Accepted it is what it prints, and named after that."""
    session = office.open_session()
    assert hand_in(office, SMALL, session, period_start="2025-05-01").status == 202
    found = office.wait(session)
    assert found["status"] == "awaiting_decision"
    assert found["control"]["reasons"] == ["given_period"]
    accepted = decide(office, "accept", found)
    assert accepted.json["status"] == "completed", accepted.body
    assert accepted.json["session_name"] == "2025-03"
    assert accepted.json["total_employees"] == 6


def test_the_same_month_again(office: Office) -> None:
    """Without a parent it waits, and the parent may be named; with another programme it is new."""
    first = office.import_sample("small", programme="")
    session = office.open_session()
    hand_in(office, MEDIUM, session)
    found = office.wait(session)
    assert found["status"] == "awaiting_decision"
    assert found["control"]["reasons"] == ["month_exists"]
    accepted = decide(office, "accept", found, parent_session_id=first).json
    assert (accepted["status"], accepted["revision_number"]) == ("completed", 2)
    other = office.open_session(session_name="Our fleet")
    changed = SMALL[0], MEDIUM[1].read_bytes() + b"\n%"
    answer = office.upload(other, *changed, query="programme=Fleet")
    assert answer.status == 202
    assert office.wait(other)["control"]["reasons"] == ["names"]


def test_two_pdfs_are_tried_dry(office: Office) -> None:
    """All the way and back: what would come is told, and the session is open as before."""
    (before,) = office.rows(ACCEPTED)
    session = office.open_session()
    answer = hand_in(office, SMALL, session, dry_run="true")
    assert (answer.status, answer.json["outcome"]) == (202, "queued")
    found = wait_for_job(office, session)
    assert found["status"] == "open"
    assert found["documents"] == []
    assert found["progress"]["is_dry_run"]
    tried = found["progress"]["answer"]
    assert (tried["outcome"], tried["session_id"]) == ("dry_run", None)
    assert tried["report"]["employees"] == 6
    assert sum(tried["report"]["issues"].values()) == tried["report"]["open_issues"]
    control = tried["report"]["control"]
    assert control["reasons"] == []
    assert sum(person["charges"] for person in control["people"]) == control["charges"]
    assert office.rows(ACCEPTED) == [before]
    assert office.rows("SELECT count(*) AS n FROM app.document_chunks") == [{"n": 0}]
    # The same session takes them for good.
    assert hand_in(office, SMALL, session).json["outcome"] == "queued"
    completed = office.wait(session)
    assert (completed["status"], completed["session_name"]) == ("completed", "2025-03")
    assert completed["control"]["reasons"] == []
    # A dry run never waits and tells that it would.
    second = office.open_session()
    hand_in(office, MEDIUM, second, dry_run="true")
    told = wait_for_job(office, second)
    assert told["status"] == "open"
    assert told["progress"]["answer"]["report"]["control"]["reasons"] == ["month_exists"]


def test_a_dry_run_that_is_refused_leaves_the_session_open(office: Office) -> None:
    """The job says why, and so does the record of the attempt."""
    session = office.open_session()
    hand_in(office, (SMALL[1], SMALL[0]), session, dry_run="true")
    found = wait_for_job(office, session)
    assert (found["status"], found["progress"]["state"]) == ("open", "failed")
    assert found["progress"]["failure_code"] == "wrong_report"
    attempts = office.rows("SELECT outcome FROM app.import_attempts")
    assert {row["outcome"] for row in attempts} == {"refused"}


@pytest.mark.parametrize("said", [{}, {"dry_run": "true"}])
def test_a_worker_dies_while_it_hands_in(office: Office, said: dict[str, str]) -> None:
    """Another one ends the job; what waits waits once, what was tried is gone."""
    office.workers[0].kill()
    set_setting(office, "job_lease_seconds", 5)
    session = office.open_session()
    hand_in(office, (SMALL[0], MEDIUM[1]), session, **said)
    dying = office.start_worker()
    stop_in(office, dying, "accepting")
    end(dying)
    office.start_worker()
    found = wait_for_job(office, session)
    assert found["progress"]["state"] == "done", office.log()
    assert found["status"] == ("open" if said else "awaiting_decision")
    assert office.rows(STAGED) == [{"n": 0 if said else 1}]
    assert office.rows("SELECT * FROM app.session_employees") == []
