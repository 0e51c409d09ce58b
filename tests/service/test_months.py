"""Months over HTTP: every list of a session is read by the month, of the submission that counts."""

from __future__ import annotations

import uuid
from http import HTTPStatus
from typing import TYPE_CHECKING

from tests.service.conftest import DATA

if TYPE_CHECKING:
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
    for path in ("", "/employees", "/issues"):
        answer = api.get(f"/months/{uuid.uuid4()}{path}")
        assert (answer.status_code, answer.get_json()["code"]) == (404, "no_such_month")
