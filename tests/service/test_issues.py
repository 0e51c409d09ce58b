"""Opening sessions and resolving issues."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.service.conftest import DATA

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.service.conftest import Api

UNKNOWN = "00000000-0000-7000-8000-000000000000"


@pytest.fixture
def session_id(api: Api) -> str:
    """Return a session with the small month."""
    answer = api.upload(DATA / "small" / "activity.json")
    assert answer.status_code == 201, answer.get_json()
    return str(answer.get_json()["session_id"])


@pytest.fixture
def issue(api: Api, session_id: str) -> dict[str, Any]:
    """Return one open issue."""
    found: dict[str, Any] = api.get(f"/sessions/{session_id}/issues").get_json()["items"][0]
    return found


def resolve(api: Api, issue: dict[str, Any], **changes: Any) -> Any:  # noqa: ANN401
    """Resolve an issue as it was read."""
    body = {
        "expected_version": issue["version"],
        "method": "explained",
        "notes": "Known",
        **changes,
    }
    user, key = body.pop("user", "rae"), body.pop("key", None)
    return api.post(f"/issues/{issue['issue_id']}/resolve", user=user, key=key, **body)


def test_a_session_is_opened(api: Api) -> None:
    """As the founding document's integration test does it."""
    answer = api.post("/sessions", session_name="Test Session")
    assert answer.status_code == 201
    session = answer.get_json()
    assert answer.headers["Location"] == f"/api/v1/sessions/{session['session_id']}"
    assert session["session_name"] == "Test Session"
    assert session["status"] == "open"
    shown = api.get(f"/sessions/{session['session_id']}").get_json()
    parts: dict[str, Any] = {"progress": None, "documents": [], "control": None, "decision": None}
    assert shown == {**session, **parts}


def test_a_session_needs_no_body(api: Api) -> None:
    """Without a name it gets one."""
    answer = api.call("POST", "/sessions")
    assert answer.status_code == 201
    assert answer.get_json()["session_name"]


def test_opening_a_session_twice_under_one_key_opens_one(api: Api) -> None:
    """The same answer; with another name it is a conflict."""
    first = api.post("/sessions", key="s-1", session_name="A")
    assert api.post("/sessions", key="s-1", session_name="A").get_json() == first.get_json()
    assert api.post("/sessions", key="s-1", session_name="B").status_code == 409
    assert len(api.get("/sessions").get_json()["items"]) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"session_name": 1},
        {"session_name": ["a"]},
        {"session_name": "a\0b"},
        {"session_name": "\ud800"},
        {"session_name": "a" * 10_001},
        {"parent_session_id": "x"},
        {"parent_session_id": 5},
        {"name": "a"},
    ],
    ids=repr,
)
def test_a_wrong_member_is_named(month: Api, body: dict[str, Any]) -> None:
    """400 with its name."""
    answer = month.post("/sessions", **body)
    assert answer.status_code == 400
    assert answer.get_json()["field"] == next(iter(body))


@pytest.mark.parametrize(
    "content",
    [
        b"[]",
        b"null",
        b"1",
        b"{",
        b"\xff",
        b'{"session_name": NaN}',
        b'{"session_name": "a", "session_name": "b"}',
        b'{"x":' * 5000,
        b'{"session_name": ' + b"1" * 5000 + b"}",
        "{}".encode("utf-16"),
    ],
    ids=lambda content: repr(content[:30]),
)
def test_what_is_no_json_object_is_refused(month: Api, content: bytes) -> None:
    """400, never a 500."""
    answer = month.call("POST", "/sessions", data=content, content_type="application/json")
    assert answer.status_code == 400


def test_an_issue_is_resolved(api: Api, issue: dict[str, Any]) -> None:
    """By a reviewer, with the row as it is now."""
    answer = resolve(api, issue, notes="Seen the paper copy")
    assert answer.status_code == 200, answer.get_json()
    now = answer.get_json()
    assert (now["state"], now["is_resolved"]) == ("resolved", True)
    assert now["resolution_method"] == "explained"
    assert now["resolution_notes"] == "Seen the paper copy"
    assert now["version"] > issue["version"]


def test_a_stale_version_shows_the_other_change(api: Api, issue: dict[str, Any]) -> None:
    """409 that says who was faster."""
    resolve(api, issue)
    answer = resolve(api, issue, user="pat")
    assert answer.status_code == 409
    body = answer.get_json()
    assert (body["code"], body["sqlstate"]) == ("stale_version", "ST001")
    assert "rae" in body["detail"]
    assert body["hint"]


def test_a_repeated_resolve_gets_the_first_answer(
    api: Api, issue: dict[str, Any], contents: Callable[[], dict[str, str]]
) -> None:
    """The same key: the same answer and no second event."""
    first = resolve(api, issue, key="r-1")
    before = contents()
    again = resolve(api, issue, key="r-1")
    assert (again.status_code, again.get_json()) == (200, first.get_json())
    assert contents() == before


def test_a_read_only_user_resolves_nothing(api: Api, issue: dict[str, Any]) -> None:
    """403, and the issue stays open."""
    assert resolve(api, issue, user="ron").status_code == 403
    assert resolve(api, issue).status_code == 200


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"expected_version": None}, "expected_version"),
        ({"expected_version": "1"}, "expected_version"),
        ({"expected_version": 1.5}, "expected_version"),
        ({"expected_version": True}, "expected_version"),
        ({"expected_version": 0}, "expected_version"),
        ({"expected_version": 2**31}, "expected_version"),
        ({"method": None}, "method"),
        ({"method": "magic"}, "method"),
        ({"method": {}}, "method"),
        ({"notes": 1}, "notes"),
        ({"note": "a"}, "note"),
    ],
    ids=repr,
)
def test_a_wrong_decision_is_refused(month: Api, changes: dict[str, Any], field: str) -> None:
    """400 naming the member, also where the database judges it."""
    (session,) = month.get("/sessions").get_json()["items"]
    issues = month.get(f"/sessions/{session['session_id']}/issues", limit="1").get_json()["items"]
    answer = resolve(month, issues[0], **changes)
    assert answer.status_code == 400, answer.get_json()
    assert answer.get_json()["field"] == field


def test_an_unknown_issue_is_404(api: Api) -> None:
    """With an id of the right form and of a wrong one."""
    for unknown in (UNKNOWN, "x"):
        assert resolve(api, {"issue_id": unknown, "version": 1}).status_code == 404


def test_resolving_the_last_blocking_issue_finishes_the_person(api: Api, session_id: str) -> None:
    """Status follows the issues, over HTTP as well."""
    (issues,) = api.pages(f"/sessions/{session_id}/issues", limit="100")
    name = issues[0]["employee_name"]
    for found in issues:
        if found["employee_name"] == name:
            assert resolve(api, found).status_code == 200
    (person,) = api.get(f"/sessions/{session_id}/employees", person=name).get_json()["items"]
    assert person["status"] == "finished"
