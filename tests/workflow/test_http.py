"""The work on issues over HTTP: work lists, steps, bulk, rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from svc.config import Settings
from tests.service.conftest import SECRET, Api, make_users, running
from tests.workflow.month import MONTH, month

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from svc.embedded.cluster import Cluster


@pytest.fixture
def api(database_url: str, connect: Callable[..., psycopg.Connection]) -> Iterator[Api]:
    """Yield a caller of the service on a fresh database with one user per role."""
    make_users(connect("ccp_owner"))
    with running(Settings(database_url=database_url, token_secret=SECRET, pool_size=2)) as caller:
        yield caller


@pytest.fixture(scope="module")
def fifteen(cluster: Cluster, shared_database: str) -> Iterator[tuple[Api, str]]:
    """Yield a caller of another service, and its session with fifteen issues, untouched."""
    with psycopg.connect(cluster.login("ccp_owner", shared_database).conninfo) as owner:
        make_users(owner)
    url = cluster.login("ccp_service", shared_database).conninfo
    with running(Settings(database_url=url, token_secret=SECRET, pool_size=2)) as caller:
        yield caller, imported(caller, month(3, 5))


@pytest.fixture
def session_id(api: Api) -> str:
    """Return a session with four issues of two people."""
    return imported(api, MONTH)


def imported(api: Api, content: dict[str, Any]) -> str:
    """Import a month and return its session."""
    answer = api.post("/import-json", **content)
    assert answer.status_code == 201
    return str(answer.get_json()["session_id"])


def listed(api: Api, session_id: str, **filters: str) -> list[dict[str, Any]]:
    """Return the work list of a session."""
    answer = api.get("/issues", session_id=session_id, **filters)
    assert answer.status_code == 200
    return list(answer.get_json()["items"])


@pytest.mark.parametrize("order", ["age", "due", "severity", "dollars", "person"])
def test_every_order_is_paged_by_key(fifteen: tuple[Api, str], order: str) -> None:
    """Small pages together are the whole list, in the order asked for."""
    api, session_id = fifteen
    pages = api.pages("/issues", session_id=session_id, order=order, limit="4")
    rows = [row["issue_id"] for page in pages for row in page]
    assert [len(page) for page in pages] == [4, 4, 4, 3]
    assert rows == [row["issue_id"] for row in listed(api, session_id, order=order)]
    assert len(set(rows)) == 15


def test_a_list_is_of_a_session_or_of_somebody(api: Api, session_id: str) -> None:
    """Without either the list is refused; filters narrow it."""
    assert api.get("/issues").status_code == 400
    assert api.get("/issues", session_id=session_id, order="colour").status_code == 400
    assert len(listed(api, session_id)) == 4
    assert len(listed(api, session_id, person="personaa")) == 2
    assert listed(api, session_id, severity="low") == []
    assert listed(api, session_id, overdue="true") == []
    assert api.get("/issues", assignee="pat").get_json()["items"] == []


def test_an_issue_goes_its_way(api: Api, session_id: str) -> None:
    """Started, assigned, noted, suspended, waived by two, reopened, resolved; each an event."""
    issue = listed(api, session_id)[0]
    path = f"/issues/{issue['issue_id']}"
    taken = api.post(f"{path}/start", expected_version=1)
    assert taken.status_code == 200
    assert taken.get_json()["state"] == "in_progress"
    assert [
        row["touch_count"] for row in api.get("/issues", assignee="pat").get_json()["items"]
    ] == [1]
    assert api.post(f"{path}/assign", expected_version=2, user_name="rae").status_code == 200
    assert api.post(f"{path}/note", expected_version=3, note="Asked").status_code == 200
    assert api.post(f"{path}/note", expected_version=3, note="Again").status_code == 409
    assert api.post(f"{path}/suspend", expected_version=4).status_code == 400
    assert api.post(f"{path}/suspend", expected_version=4, note="For him").status_code == 200
    waiver = {
        "reason_class": "receipt_lost",
        "reason": "Lost",
        "amount_limit": "10.00",
        "ends_on": "2999-01-01",
    }
    refused = api.post(f"{path}/waiver", expected_version=5, **waiver)
    assert refused.status_code == 400
    assert refused.get_json()["field"] == "ends_on"
    waiver["ends_on"] = str(issue["due_date"])
    assert api.post(f"{path}/waiver", expected_version=5, **waiver).status_code == 200
    assert api.post(f"{path}/waiver/approve", expected_version=6).status_code == 403
    approved = api.post(f"{path}/waiver/approve", "rae", expected_version=6)
    assert approved.get_json()["state"] == "waived"
    assert api.post(f"{path}/reopen", expected_version=7, note="Found").status_code == 200
    marked = api.post(f"{path}/false-positive", expected_version=8, reason="It is there")
    assert marked.get_json()["is_resolved"] is True
    assert api.get(path).get_json()["version"] == 9
    events = api.get(f"{path}/events").get_json()["items"]
    assert [event["issue_version"] for event in events] == list(range(2, 10))
    assert api.post(f"{path}/start", "ron", expected_version=9).status_code == 403
    assert api.post(f"{path}/dance", expected_version=9).status_code == 404


def test_many_are_resolved_at_once(api: Api, session_id: str) -> None:
    """Each item has its answer; a repeated request gets the first one."""
    issues = listed(api, session_id)
    items = [{"issue_id": row["issue_id"], "expected_version": 1} for row in issues[:2]]
    items.append({"issue_id": issues[2]["issue_id"], "expected_version": 5})
    body: dict[str, Any] = {"items": items, "method": "receipt_provided"}
    dry = api.post("/issues/resolve", **body, dry_run=True).get_json()
    assert (dry["outcome"], dry["done"]) == ("dry_run", 2)
    whole = api.post("/issues/resolve", **body, atomic=True).get_json()
    assert (whole["outcome"], whole["done"], whole["batch_id"]) == ("refused", 0, None)
    first = api.post("/issues/resolve", key="k1", **body)
    assert first.status_code == 200
    assert [item["outcome"] for item in first.get_json()["items"]] == ["done", "done", "conflict"]
    assert api.post("/issues/resolve", key="k1", **body).get_json() == first.get_json()
    assert len(listed(api, session_id)) == 2
    rest = api.post(
        "/issues/resolve", filter={"session_id": session_id}, method="explained", notes="All"
    )
    assert rest.get_json()["done"] == 2
    assert listed(api, session_id) == []
    assert api.post("/issues/resolve", method="explained").status_code == 400
    assert api.post("/issues/resolve", items=[1], method="explained").status_code == 400
    wrong = [{"issue_id": "no uuid", "expected_version": 1}]
    assert api.post("/issues/resolve", items=wrong, method="explained").status_code == 400
    assert api.post("/issues/resolve", "ron", **body).status_code == 403


def test_a_bulk_decision_is_taken_back(api: Api, session_id: str) -> None:
    """By its batch id, item by item; what somebody went on with stays."""
    done = api.post(
        "/issues/resolve", filter={"session_id": session_id}, method="explained", notes="All"
    ).get_json()
    kept = done["items"][0]
    note: dict[str, Any] = {"expected_version": kept["version"], "note": "Seen"}
    assert api.post(f"/issues/{kept['issue_id']}/note", **note).status_code == 200
    path = f"/issues/batches/{done['batch_id']}/undo"
    assert api.post(path).get_json()["field"] == "note"
    assert api.post(path, "ron", note="Wrong month").status_code == 403
    undone = api.post(path, "rae", note="Wrong month").get_json()
    assert (undone["outcome"], undone["done"]) == ("done", done["done"] - 1)
    outcomes = {item["issue_id"]: item["code"] for item in undone["items"]}
    assert outcomes.pop(kept["issue_id"]) == "stale_version"
    assert set(outcomes.values()) == {None}
    assert len(listed(api, session_id)) == done["done"] - 1
    unknown = api.post(f"/issues/batches/{session_id}/undo", note="x")
    assert (unknown.status_code, unknown.get_json()["code"]) == (404, "no_such_batch")
    (row,) = api.get("/decisions", user_name="pat").get_json()["items"]
    assert (row["method"], row["decisions"], row["taken_back"]) == ("explained", 4, 3)


def test_above_the_limit_two_decide(api: Api, session_id: str) -> None:
    """At the limit one person is enough, above it the decision is proposed and approved."""
    issue = max(listed(api, session_id), key=lambda row: row["amount_rank"])
    path, at_stake = f"/issues/{issue['issue_id']}", issue["amount_impact"]
    name: dict[str, Any] = {"setting_name": "decision_limit_processor"}
    below = str(int(float(at_stake)) - 1)
    assert api.post("/settings", "ada", **name, value=below, expected_version=1).status_code == 200
    decided: dict[str, Any] = {"expected_version": 1, "method": "accepted", "notes": "Known"}
    refused = api.post(f"{path}/resolve", **decided)
    assert (refused.status_code, refused.get_json()["code"]) == (422, "above_decision_limit")
    assert refused.get_json()["detail"] == f"expected at most {below}.00, got {at_stake}"
    wordless = api.post(f"{path}/resolve", expected_version=1, method="accepted")
    assert (wordless.status_code, wordless.get_json()["field"]) == (400, "notes")
    proposal: dict[str, Any] = {
        "expected_version": 1,
        "proposed_method": "accepted",
        "notes": "Known",
    }
    assert api.post(f"{path}/decision", **proposal).get_json()["state"] == "waiting"
    assert api.post(f"{path}/waiver/approve", expected_version=2).status_code == 403
    approved = api.post(f"{path}/waiver/approve", "rae", expected_version=2).get_json()
    assert (approved["state"], approved["resolution_method"]) == ("resolved", "accepted")
    (row,) = api.get("/decisions", method="accepted").get_json()["items"]
    assert (row["user_name"], row["amount"], row["by_two"]) == ("rae", at_stake, 1)
    assert api.post(f"{path}/reopen", expected_version=3, note="Once more").status_code == 200
    raised: dict[str, Any] = {"value": at_stake, "expected_version": 2}
    assert api.post("/settings", "ada", **name, **raised).status_code == 200
    assert api.post(f"{path}/resolve", **{**decided, "expected_version": 4}).status_code == 200


def test_an_alias_goes_and_comes_back(api: Api, session_id: str) -> None:
    """Tried dry, approved at the version seen, refused where nobody is meant, withdrawn."""
    (target, *_) = api.get(f"/sessions/{session_id}/employees").get_json()["items"]
    alias: dict[str, Any] = {
        "receipt_key": "Someone Else",
        "name_key": target["employee_name"],
        "reason": "Asked",
    }
    assert api.post("/aliases", **{**alias, "reason": None}).get_json()["field"] == "reason"
    swapped: dict[str, Any] = {
        **alias,
        "receipt_key": alias["name_key"],
        "name_key": alias["receipt_key"],
    }
    assert api.post("/aliases", **swapped).get_json()["code"] == "alias_swapped"
    nobody = api.post("/aliases", **{**alias, "name_key": "Nobody Here"})
    assert (nobody.status_code, nobody.get_json()["code"]) == (404, "nobody_has_name")
    dry = api.post("/aliases", **alias, dry_run=True).get_json()
    assert (dry["outcome"], dry["version"]) == ("dry_run", None)
    assert api.get("/aliases").get_json()["items"] == []
    assert api.post("/aliases", **alias).get_json()["version"] == 1
    assert api.post("/aliases", **alias).get_json()["code"] == "stale_version"
    path = "/aliases/SOMEONEELSE/withdraw"
    assert api.post(path, expected_version=2, reason="x").status_code == 409
    assert api.post(path, expected_version=1, reason="Not him").get_json()["outcome"] == "done"
    assert api.post(path, expected_version=1, reason="x").get_json()["code"] == "no_such_alias"
    assert api.get("/aliases").get_json()["items"] == []


def test_a_person_is_put_on_hold_and_released(
    api: Api, session_id: str, connect: Callable[..., psycopg.Connection]
) -> None:
    """By a reviewer, with a reason everybody sees; a second one is told who was faster."""
    (one, other) = api.get(f"/sessions/{session_id}/employees").get_json()["items"]
    path = f"/sessions/{session_id}/employees/{one['cardholder_id']}"
    assert api.post(f"{path}/hold", "rae", expected_version=1).status_code == 400
    assert api.post(f"{path}/hold", "ron", expected_version=1, reason="x").status_code == 403
    held = api.post(f"{path}/hold", "rae", key="h1", expected_version=1, reason="On leave")
    assert held.status_code == 200, held.get_json()
    assert held.get_json() == {**one, "status": "on_hold", "hold_reason": "On leave", "version": 2}
    again = api.post(f"{path}/hold", "rae", key="h1", expected_version=1, reason="On leave")
    assert again.get_json() == held.get_json()
    late = api.post(f"{path}/hold", expected_version=1, reason="Disputed")
    assert (late.status_code, late.get_json()["code"]) == (409, "stale_version")
    assert "got 2: rae on_hold at" in late.get_json()["detail"]
    assert late.get_json()["detail"].endswith("On leave")
    held_people = api.get(f"/sessions/{session_id}/employees", status="on_hold").get_json()["items"]
    assert held_people == [held.get_json()]
    released = api.post(f"{path}/release", expected_version=2)
    assert released.get_json() == {**one, "version": 3}
    assert api.post(f"{path}/release", expected_version=3).get_json()["code"] == "wrong_state"
    missing = api.post(
        f"/sessions/{session_id}/employees/{session_id}/hold", expected_version=1, reason="x"
    )
    assert (missing.status_code, missing.get_json()["code"]) == (404, "no_such_cardholder")
    connect("ccp_owner", autocommit=True).execute(
        "SELECT api.save_user('rae', p_cardholder_id => %s, p_expected_version => 1)",
        (other["cardholder_id"],),
    )
    own = f"/sessions/{session_id}/employees/{other['cardholder_id']}/hold"
    refused = api.post(own, "rae", expected_version=1, reason="x")
    assert (refused.status_code, refused.get_json()["code"]) == (403, "own_card")


def test_rules_are_shown_and_changed(api: Api) -> None:
    """Everybody sees the rules, an administrator makes a new version."""
    rules = {row["rule_code"]: row for page in api.pages("/rules", limit="7") for row in page}
    assert rules["over_limit"]["parameters"] == {
        "limit": None,
        "medium_from": 110,
        "high_from": 200,
    }
    change: dict[str, Any] = {"expected_version": 1, "parameters": {"limit": 100}}
    assert api.post("/rules/over_limit", **change).status_code == 403
    saved = api.post("/rules/over_limit", "ada", **change)
    assert (saved.status_code, saved.get_json()["version"]) == (200, 2)
    assert api.post("/rules/over_limit", "ada", **change).status_code == 409
    wrong = api.post("/rules/over_limit", "ada", expected_version=2, parameters={"limit": -1})
    assert (wrong.status_code, wrong.get_json()["code"]) == (400, "invalid_rule")
    assert api.post("/rules/none", "ada", expected_version=1).status_code == 404
