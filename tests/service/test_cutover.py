"""The cut-over over HTTP and psql: trial, frozen, live, rolled back, live, with each refusal."""

from __future__ import annotations

import datetime
import io
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from svc.embedded.cutover import lines
from tests.service.conftest import DATA

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.test import TestResponse

    from tests.service.conftest import Api

SMALL = DATA / "small"
TODAY = datetime.datetime.now(datetime.UTC).date()
SECOND = "abe"
SIGN_OFF = """
INSERT INTO app.month_events (month_id, event_number, kind, user_id, digest)
SELECT m.month_id, 99, 'signed_off', app.actor_id(), app.digest_month(m.month_id)
FROM app.months AS m
"""
VERIFIED_FROM = """
SELECT a.evidence ->> 'verified_from' FROM app.cutover_answers AS a
WHERE a.check_code = 'trial_sealed' ORDER BY a.answer_id DESC LIMIT 1
"""
FAILS = (HTTPStatus.UNPROCESSABLE_ENTITY, "checks_fail")
FILE = (SMALL / "activity.json").read_bytes()
OTHER = FILE + b" "


@pytest.fixture
def owner(api: Api, connect: Callable[..., psycopg.Connection]) -> psycopg.Connection:
    """Return the owner's connection, each statement committed; there are two administrators."""
    found = connect("ccp_owner", autocommit=True)
    found.execute("SELECT FROM api.save_user(%s, NULL, 'admin')", (SECOND,))
    return found


def done(answer: TestResponse) -> Any:  # noqa: ANN401 - JSON
    """Return the body of an answer that is fine."""
    assert answer.status_code < HTTPStatus.BAD_REQUEST, answer.text
    return answer.get_json()


def refused(answer: TestResponse) -> tuple[int, str]:
    """Return status and code of a refusal."""
    return answer.status_code, answer.get_json()["code"]


def take(api: Api, step: str, confirmed_by: str = "rae") -> None:
    """Have a step proposed by one and confirmed by another person."""
    proposal = done(api.post("/cutover/proposals", "ada", step=step, reason="As planned"))
    path = f"/cutover/proposals/{proposal['proposal_id']}/confirm"
    assert refused(api.post(path, "ada")) == (HTTPStatus.FORBIDDEN, "proposer_confirms")
    assert done(api.post(path, confirmed_by, note="Seen"))["state"] == "confirmed"


def waive(api: Api, check: str) -> None:
    """Let a check pass, by two people."""
    path = f"/cutover/checks/{check}/waiver"
    proposal = done(api.post(path, "ada", reason="Not tried here", ends_on=str(TODAY)))
    done(api.post(f"/cutover/proposals/{proposal['proposal_id']}/confirm", SECOND))


def answer_all(api: Api, *required_for: str) -> None:
    """Sign what people sign, waive what cannot be computed here."""
    for page in api.pages("/cutover/checks"):
        for check in page:
            if check["required_for"] not in required_for or check["is_ok"]:
                continue
            if check["kind"] == "signed":
                path = f"/cutover/checks/{check['check_code']}/sign"
                said = {"passed": True, "note": "Looked at", "valid_until": str(TODAY)}
                answer = api.call("POST", path, "rae", json=said)
                assert done(answer)["state"] == "passed"
            elif check["may_be_waived"]:
                waive(api, check["check_code"])


def hand_in(api: Api, number: int) -> TestResponse:
    """Hand in two PDFs of a programme of their own."""
    session = done(api.post("/sessions", programme=f"Queue {number}"))["session_id"]
    files = {
        "car": (io.BytesIO(b"%PDF-1.4 car " + bytes([48 + number])), "car.pdf"),
        "receipts": (io.BytesIO(b"%PDF-1.4 receipts " + bytes([48 + number])), "receipts.pdf"),
    }
    return api.call("POST", f"/sessions/{session}/files", data=files)


def claimed(worker: psycopg.Connection) -> str | None:
    """Claim a job as a worker does; return its session."""
    with worker.transaction():
        worker.execute("SELECT set_config('app.actor', 'worker', true)")
        worker.execute("SELECT set_config('role', 'ccp_worker', true)")
        row = worker.execute("SELECT api.claim_job('test') ->> 'session_id'").fetchone()
    return row[0] if row else None


def refuse_the_trial(api: Api) -> None:
    """Everything that keeps the step is named at once; some checks are never waived."""
    verdict = done(api.post("/cutover/checks", "rae"))
    assert (verdict["state"], verdict["next_step"], verdict["is_go"]) == ("trial", "freeze", False)
    answer = api.post("/cutover/proposals", "ada", step="freeze", reason="As planned")
    assert refused(answer) == FAILS
    told = [error["path"] for error in answer.get_json()["errors"]]
    assert told == [f"checks.{check}" for check in verdict["failing"]]
    assert "trial_sealed" in verdict["failing"]
    assert "no_card_numbers" not in verdict["failing"]
    for check in ("trial_sealed", "no_card_numbers"):
        path = f"/cutover/checks/{check}/waiver"
        answer = api.post(path, "ada", reason="x", ends_on=str(TODAY))
        assert refused(answer) == (HTTPStatus.UNPROCESSABLE_ENTITY, "never_waived")
    answer = api.post("/cutover/proposals", "pat", step="freeze", reason="x")
    assert answer.status_code == HTTPStatus.FORBIDDEN


def verified_from(api: Api, owner: psycopg.Connection) -> str:
    """Compute the checks; return the seal from which everything was verified."""
    done(api.post("/cutover/checks", "rae"))
    [found] = owner.execute(VERIFIED_FROM).fetchall()
    return str(found[0])


def refuse_while_frozen(api: Api, start: str) -> None:
    """Old files are refused, and nothing else; going live needs the verdict."""
    assert refused(api.upload(OTHER, programme="Other")) == (HTTPStatus.CONFLICT, "frozen")
    assert done(api.post(start, expected_version=1))["state"] == "in_progress"
    answer = api.post("/cutover/proposals", "ada", step="go_live", reason="x")
    assert refused(answer) == FAILS


def look_at_live(api: Api) -> None:
    """Day 0 is today, and the seven days are to come."""
    live = done(api.get("/cutover"))
    assert (live["state"], live["day_number"], live["is_go"]) == ("live", 0, False)
    days = [day for page in api.pages("/cutover/days") for day in page]
    assert {day["state"] for day in days} == {"to_come"}
    assert {day["day_number"] for day in days} == set(range(1, 8))


def refuse_while_rolled_back(api: Api, local: psycopg.Connection, session: str, issue: str) -> None:
    """Nothing of a month changes, over HTTP and in psql."""
    month = done(api.get("/months"))["items"][0]
    version = month["version"]
    for answer in (
        api.post(f"/issues/{issue}/suspend", expected_version=2, note="x"),
        api.post(f"/sessions/{session}/restore", reason="x", parent_session_id=session),
        api.upload(OTHER, programme="Other"),
        api.post(f"/months/{month['month_id']}/close", "rae", expected_version=version, reason="x"),
    ):
        assert refused(answer) == (HTTPStatus.CONFLICT, "rolled_back")
    local.execute("SET app.reason = 'x'")
    with pytest.raises(psycopg.Error) as caught:
        local.execute("UPDATE api.current_transactions SET purpose = 'x'")
    assert caught.value.sqlstate == "ST150"
    # Around the calls, too.
    with pytest.raises(psycopg.Error) as caught:
        local.execute(SIGN_OFF)
    assert caught.value.sqlstate == "ST150"


def test_the_whole_story(
    api: Api, owner: psycopg.Connection, connect: Callable[..., psycopg.Connection]
) -> None:
    """Each step is refused while something is missing, and taken by two when nothing is."""
    worker = connect("ccp_service")
    session = api.upload(SMALL / "activity.json", session_name="March").get_json()["session_id"]
    issue = done(api.get(f"/sessions/{session}/issues", state="open"))["items"][0]["issue_id"]

    refuse_the_trial(api)
    answer_all(api, "frozen")
    owner.execute("SELECT audit.seal()")
    take(api, "freeze")
    refuse_while_frozen(api, f"/issues/{issue}/start")
    take(api, "unfreeze")
    take(api, "freeze", SECOND)
    answer_all(api, "frozen", "live")
    owner.execute("SELECT audit.seal()")
    # What was verified within a day is verified from there on, but not for going live.
    assert [verified_from(api, owner), verified_from(api, owner)] == ["1", "2"]
    take(api, "go_live")
    assert owner.execute(VERIFIED_FROM).fetchone() == ("1",)
    look_at_live(api)

    # Rolled back, by one in psql. Uploads are kept, and wait.
    row = owner.execute("SELECT state FROM api.roll_back_cutover('Totals are wrong')").fetchone()
    assert row == ("rolled_back",)
    refuse_while_rolled_back(api, owner, session, issue)
    queued = [hand_in(api, number) for number in range(3)]
    assert [answer.status_code for answer in queued] == [HTTPStatus.ACCEPTED] * 3
    assert claimed(worker) is None
    assert done(api.get("/cutover"))["queued_jobs"] == 3

    # Live again: what the old program did meanwhile is asked for, then the queue goes on.
    answer = api.post("/cutover/proposals", "ada", step="return", reason="x")
    assert refused(answer) == FAILS
    assert [error["path"] for error in answer.get_json()["errors"]] == [
        *("checks.old_program_stopped", "checks.meantime_compared")
    ]
    # That it has stopped was signed before it went on.
    said = {"passed": True, "note": "Stopped again", "valid_until": str(TODAY)}
    done(api.call("POST", "/cutover/checks/old_program_stopped/sign", "rae", json=said))
    # A file that was here before is none of the meantime; that of a month that waits is kept.
    assert compared(api, session, FILE).status_code == HTTPStatus.CREATED
    assert refused(api.post("/cutover/proposals", "ada", step="return", reason="x")) == FAILS
    waiting = compared(api, queued[0].get_json()["session_id"], OTHER + b" ")
    assert (waiting.status_code, waiting.get_json()["verdict"]) == (HTTPStatus.ACCEPTED, "waiting")
    assert compared(api, session).status_code == HTTPStatus.CREATED
    take(api, "return")
    assert [claimed(worker) for _ in range(3)] == [
        answer.get_json()["session_id"] for answer in queued
    ]
    finish(api)
    assert refused(compared(api, session)) == (HTTPStatus.CONFLICT, "wrong_state")


def compared(api: Api, session: str, file: bytes = OTHER) -> TestResponse:
    """Hand in what the old program made of the month meanwhile."""
    data = {"activity": (io.BytesIO(file), "activity.json")}
    return api.call("POST", f"/sessions/{session}/old-results", data=data)


def finish(api: Api) -> None:
    """Done needs its seven days, is final, and each step keeps the evidence of its instant."""
    answer = api.post("/cutover/proposals", "ada", step="finish", reason="x")
    assert refused(answer) == FAILS
    figures = {"share": 95.5, "people": 40, "asked_on": str(TODAY)}
    said = {"passed": True, "note": "Asked", "valid_until": str(TODAY), "figures": figures}
    answer = api.call("POST", "/cutover/checks/user_satisfaction/sign", "rae", json=said)
    assert done(answer)["evidence"] == {**figures, "share": "95.5"}
    answer_all(api, "done")
    take(api, "finish")
    assert done(api.get("/cutover"))["state"] == "done"
    for step in ("unfreeze", "go_live", "return", "finish"):
        answer = api.post("/cutover/proposals", "ada", step=step, reason="x")
        assert refused(answer) == (HTTPStatus.CONFLICT, "wrong_state")
    answer = api.post("/cutover/roll-back", "ada", reason="x")
    assert refused(answer) == (HTTPStatus.CONFLICT, "wrong_state")
    events = [event for page in api.pages("/cutover/events") for event in page]
    assert [event["step"] for event in events] == [
        *("freeze", "unfreeze", "freeze", "go_live", "roll_back", "return", "finish")
    ]
    assert events[0]["verdict"]["trial_sealed"]["state"] == "passed"
    assert events[0]["verdict"]["support_named"]["state"] == "missing"
    assert events[3]["verdict"]["support_named"]["state"] == "passed"


def test_the_printed_verdict_is_narrow(api: Api, owner: psycopg.Connection) -> None:
    """At most 80 columns, with each check that is asked for, and whether it is go."""
    verdict = done(api.post("/cutover/checks", "ada"))
    checks = [
        {**check, "answered_at": check["answered_at"] and datetime.datetime.now(datetime.UTC)}
        for page in api.pages("/cutover/checks")
        for check in page
    ]
    for check in checks:
        check["counts_until"] = check["answered_at"]
    told = lines(verdict, checks)
    assert max(map(len, told)) <= 80
    assert (
        told[-1]
        == f"NO-GO for freeze: {len(verdict['failing'])} of the checks it asks for do not hold."
    )
    asked = [check["check_code"] for check in checks if check["required_for"] == "frozen"]
    heads = [line.split()[1] for line in told if line[:1] not in {"", " "} and line[8:9] > " "]
    assert [code for code in heads if code in asked] == asked
    assert told[0] == "Cut-over: trial"
