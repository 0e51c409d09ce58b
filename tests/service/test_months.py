"""Months over HTTP: every list of a session is read by the month, of the submission that counts."""

from __future__ import annotations

import uuid
from http import HTTPStatus
from typing import TYPE_CHECKING

from tests.service.conftest import DATA

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg

    from tests.service.conftest import Api

SMALL = DATA / "small" / "activity.json"


def test_every_list_of_a_session_is_read_by_month(api: Api) -> None:
    """The month answers what its newest submission answers, before and after another one."""
    content = SMALL.read_bytes()
    first = api.upload(content, session_name="March").get_json()["session_id"]
    month = api.get("/months").get_json()["items"][0]
    assert month["month_name"] == "2025-03"
    second = api.upload(
        content.replace(b"894.89", b"900.00"), session_name="Again", parent_session_id=first
    ).get_json()["session_id"]
    below = f"/months/{month['month_id']}"
    assert api.get(below).get_json()["latest_session_id"] == second
    for name in (
        "employees",
        "transactions",
        "issues",
        "corrections",
        "charges",
        "cards",
        "bridges",
        "accounting-lines",
    ):
        ours, theirs = (api.get(f"{place}/{name}") for place in (below, f"/sessions/{second}"))
        assert ours.status_code == HTTPStatus.OK, ours.get_json()
        assert ours.get_json()["items"] == theirs.get_json()["items"], name
    assert api.get(f"{below}/summary").get_json()["session_id"] == second
    both = {
        name: api.get("/issues", **{name: value}).get_json()["items"]
        for name, value in (("month_id", month["month_id"]), ("session_id", second))
    }
    assert both["month_id"] == both["session_id"] != []
    latest = api.get("/sessions", month_id=month["month_id"], latest="true").get_json()["items"]
    assert [row["session_id"] for row in latest] == [second]
    assert len(api.get("/sessions", month_id=month["month_id"]).get_json()["items"]) == 2


def test_a_month_that_is_not_there(api: Api) -> None:
    """Below it is nothing: 404, not an empty list."""
    for path in ("", "/employees", "/issues", "/accounting-lines"):
        answer = api.get(f"/months/{uuid.uuid4()}{path}")
        assert (answer.status_code, answer.get_json()["code"]) == (404, "no_such_month")


def test_a_month_is_closed_sealed_and_reopened(
    api: Api, connect: Callable[..., psycopg.Connection]
) -> None:
    """What keeps it open is told as a whole; closed it refuses; the seal and its head are shown."""
    owner = connect("ccp_owner")
    owner.execute("SELECT FROM api.save_user('abe', NULL, 'admin')")
    owner.commit()
    session = api.upload(SMALL, session_name="March").get_json()["session_id"]
    month = api.get("/months").get_json()["items"][0]
    below = f"/months/{month['month_id']}"
    listed = [row for page in api.pages(f"{below}/obstacles") for row in page]
    body = {"expected_version": month["version"], "reason": "All done"}
    refused = api.post(f"{below}/close", "rae", **body)
    assert (refused.status_code, refused.get_json()["code"]) == (422, "month_not_ready")
    errors = refused.get_json()["errors"]
    assert [error["path"] for error in errors] == [
        f"obstacles[{number}].{row['kind']}" for number, row in enumerate(listed)
    ]
    assert len(errors) == len(listed) > 3
    assert api.post(f"{below}/close", "pat", **body).status_code == HTTPStatus.FORBIDDEN

    past = api.post(f"{below}/close-past", "ada", expected_version=month["version"])
    assert past.get_json()["is_history"]
    issue = api.get("/issues", month_id=month["month_id"]).get_json()["items"]
    assert issue == []
    open_issue = api.get(f"{below}/issues", state="open").get_json()["items"][0]
    answer = api.post(f"/issues/{open_issue['issue_id']}/start", expected_version=1)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "month_closed")
    assert "2025-03, closed by ada" in answer.get_json()["detail"]
    late = api.upload(SMALL.read_bytes() + b" ", parent_session_id=session)
    assert (late.status_code, late.get_json()["code"]) == (409, "month_closed")

    owner.execute("SELECT audit.seal()")
    owner.commit()
    sealed = owner.execute(
        "SELECT s.seal_number, encode(s.seal_hash, 'hex') FROM audit.seals AS s"
        " ORDER BY s.seal_number DESC LIMIT 1"
    ).fetchone()
    shown = api.get(below).get_json()
    assert (shown["seal_number"], shown["seal_hash"]) == sealed
    assert shown["closed_digest"] == api.get(f"{below}/events").get_json()["items"][0]["digest"]

    again = {"expected_version": shown["version"], "reason": "A receipt came late"}
    own = api.post(f"{below}/reopen", "ada", **again)
    assert (own.status_code, own.get_json()["code"]) == (403, "closer_reopens")
    assert api.post(f"{below}/reopen", "abe", **again).get_json()["state"] == "open"
    assert (
        api.post(f"/issues/{open_issue['issue_id']}/start", expected_version=1).status_code == 200
    )
    events = api.get(f"{below}/events").get_json()["items"]
    assert [event["kind"] for event in events] == ["closed", "reopened"]
