"""Every operation that reads, tried with real ids: pages, columns and closed lists as described."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from svc.config import Settings
from tests.service.conftest import DATA, SECRET, bearer, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from werkzeug.test import TestResponse

    from svc.surface.catalog import Operation
    from tests.intake.conftest import Office
    from tests.service.conftest import Api

Ids = dict[str, str]

# What this month has none of.
NOTHING = [
    "list_accepted_differences",
    "list_addresses",
    "list_claim_differences",
    "list_claimed_fixed",
    "list_closed_files",
    "list_cutover_days",
    "list_cutover_events",
    "list_cutover_proposals",
    "list_document_notices",
    "list_drills",
    "list_foreseen_removals",
    "list_hand_outs",
    "list_history_proof",
    "list_identities",
    "list_legal_holds",
    "list_messages",
    "list_month_attachments",
    "list_month_claim_differences",
    "list_month_document_notices",
    "list_month_events",
    "list_reminder_days",
    "list_removals",
    "list_revoked_tokens",
    "list_role_claims",
    "list_session_attachments",
    "list_sign_ins",
    "list_spending_limits",
    "list_submission_decisions",
]


@pytest.fixture(scope="module")
def month(shared_office: Office) -> Iterator[Api]:
    """Yield a caller of a service that holds a month of everything there is to list."""
    with running(
        Settings(database_url=shared_office.url, token_secret=SECRET, pool_size=2)
    ) as caller:
        yield caller


def must(answer: TestResponse) -> dict[str, Any]:
    """Return the answer of a call that has to succeed."""
    assert answer.status_code in {200, 201}, answer.get_json()
    found: dict[str, Any] = answer.get_json()
    return found


def propose_pseudonym(month: Api) -> str:
    """Propose a pseudonym for somebody of a cancelled submission; return the proposal's id."""
    gone = {"Zelda Gone": json.loads((DATA / "small" / "activity.json").read_text()).popitem()[1]}
    session = must(month.upload(json.dumps(gone).encode(), programme="Gone"))["session_id"]
    version = must(month.get(f"/sessions/{session}"))["version"]
    must(month.post(f"/sessions/{session}/cancel", user="ada", expected_version=version))
    (person,) = must(month.get("/cardholders", person="zeldagone"))["items"]
    said = {"cardholder_id": person["cardholder_id"], "reason": "Left"}
    return str(must(month.post("/pseudonyms", user="ada", **said))["proposal_id"])


@pytest.fixture(scope="module")
def ids(shared_office: Office, month: Api) -> Ids:
    """Hand in both kinds of files, do something of everything, return ids for names in paths."""
    session = shared_office.import_sample("small", session_name="Month")
    old = json.loads((DATA / "small" / "activity.json").read_text())
    old["Nobody At All"] = {"receipts": 7}
    shared_office.rows("SELECT FROM audit.tick()")
    imported = must(month.upload(json.dumps(old).encode(), session_name="Old", programme="Old"))
    issues = must(month.get(f"/sessions/{session}/issues", severity="high"))["items"]
    for issue in issues[:9]:
        path, version = f"/issues/{issue['issue_id']}", issue["version"]
        must(month.post(f"{path}/note", expected_version=version, note="Seen"))
        waiver = {"reason_class": "other", "reason": "Small", "amount_limit": "99999.00"}
        must(
            month.post(
                f"{path}/waiver",
                expected_version=version + 1,
                ends_on=str(datetime.now(UTC).date()),
                **waiver,
            )
        )
    receipt = must(month.get(f"/sessions/{session}/transactions"))["items"][0]
    said = {name: receipt[name] for name in ("transaction_id", "employee_revision_id")}
    said["changes"] = {"purpose": "Said again"}
    must(month.post(f"/sessions/{session}/corrections", corrections=[said], reason="As told"))
    match = must(month.get(f"/sessions/{session}/matches"))["items"][0]
    must(
        month.post(
            "/matches/decide",
            decision="reject",
            charge_ids=[match["charge_id"]],
            transaction_ids=[match["transaction_id"]],
            expected_version=match["person_version"],
            reason="As told",
        )
    )
    alias = {"receipt_key": "Ann Other", "name_key": "ANNANOTHER", "reason": "As told"}
    must(month.post("/aliases", is_sure=True, **alias))
    for day in range(1, 9):
        eve: dict[str, Any] = {"is_business_day": False, "description": "Eve"}
        must(month.post("/calendar", user="ada", calendar_day=f"2027-12-0{day}", **eve))
        must(month.post("/prohibited-merchants", user="ada", pattern=f"BAR {day}", reason="No"))
    codes = [{"code": str(code)} for code in range(20)]
    must(month.post("/codes/job", user="ada", codes=codes, expected_version=1))
    person = must(month.get(f"/sessions/{session}/employees"))["items"][0]
    attempts = must(month.get("/import-attempts", session_id=imported["session_id"]))["items"]
    batches, everybody = f"/sessions/{session}/accounting-batches", {"people": "all"}
    seen = must(month.post(batches, **everybody))
    made = {**everybody, "reason": "All of it", "expected_sha256": seen["sha256"]}
    must(month.post(batches, **made))
    lines = read(month, "/accounting-batches/old_program/1/lines", limit="100")
    posted = {line["transaction_id"] for line in lines}
    said = next(
        {name: row[name] for name in ("transaction_id", "employee_revision_id")}
        for row in read(month, f"/sessions/{session}/transactions", limit="100")
        if row["transaction_id"] in posted
    )
    said["changes"] = {"purpose": "After it was posted"}
    must(month.post(f"/sessions/{session}/corrections", corrections=[said], reason="As told"))
    found = month.app.test_client().post(
        f"/api/v1/sessions/{session}/old-results",
        data={
            "activity": (DATA / "small" / "activity.json").open("rb"),
            "same_files": "true",
            "shape_in_use": "by_code",
        },
        headers={"Authorization": bearer("pat")},
    )
    return {
        "run_id": must(found)["run_id"],
        "session_id": session,
        "target": "old_program",
        "batch_number": "1",
        "month_id": must(month.get(f"/sessions/{session}"))["month_id"],
        "other_id": imported["session_id"],
        "issue_id": issues[0]["issue_id"],
        "object_id": issues[0]["issue_id"],
        "revision_id": match["employee_revision_id"],
        "other_revision_id": person["revision_id"],
        "attempt_id": attempts[0]["attempt_id"],
        "rule_code": "split_purchase",
        "proposal_id": propose_pseudonym(month),
    }


def reading(api: Api, shape: str) -> Iterator[Operation]:
    """Yield the operations of a shape."""
    for served in api.app.extensions["ccp"].door.surface.handler.served.values():
        if served.operation.shape == shape:
            yield served.operation


def read(api: Api, path: str, **query: str) -> list[dict[str, Any]]:
    """Return all rows of a list, as an administrator."""
    rows: list[dict[str, Any]] = []
    while True:
        answer = api.get(path, user="ada", **query)
        assert answer.status_code == 200, (path, answer.get_json())
        page = answer.get_json()
        rows += page["items"]
        if page["next_cursor"] is None:
            return rows
        query["cursor"] = page["next_cursor"]


def test_every_list_is_paged_without_loss(month: Api, ids: Ids) -> None:
    """Pages of three are together the pages of a hundred, in every order."""
    empty = []
    for operation in reading(month, "list"):
        path = operation.path.format(**ids)
        query = {name: ids[name] for name in operation.one_of[:1]}
        for order in operation.orders or [None]:
            asked = {**query, **({} if order is None else {"order": order})}
            whole = read(month, path, limit="100", **asked)
            assert read(month, path, limit="3", **asked) == whole, operation.name
            empty += [] if whole else [operation.name]
    assert sorted(empty) == NOTHING


def test_answers_have_the_members_that_are_described(month: Api, ids: Ids) -> None:
    """All of them and no other; a closed list holds what is listed, what is filled is not null."""
    document = month.app.test_client().get("/openapi.json").get_json()
    schemas = document["components"]["schemas"]

    def schema(described: dict[str, Any]) -> dict[str, Any]:
        """Follow a reference."""
        found = schemas[described["$ref"].rpartition("/")[2]] if "$ref" in described else described
        assert isinstance(found, dict)
        return found

    def check(value: object, described: dict[str, Any]) -> None:
        """Compare a value with its description."""
        found = schema(described)
        if "anyOf" in found:
            if value is not None:
                check(value, found["anyOf"][0])
        elif "properties" in found:
            assert isinstance(value, dict)
            assert list(value) == list(found["properties"]) or set(value) == set(found["required"])
            for name, member in value.items():
                check(member, found["properties"][name])
        elif "enum" in found:
            assert value in found["enum"]
        elif found.get("type") == "array" and isinstance(value, list):
            for item in value:
                check(item, found["items"])
        elif isinstance(found.get("type"), str):
            kinds = {"string": str, "integer": int, "boolean": bool, "object": dict, "array": list}
            assert isinstance(value, kinds[found["type"]]), (value, found)

    for shape in ("list", "row"):
        for operation in reading(month, shape):
            path = operation.path.format(**ids)
            query = {name: ids[name] for name in operation.one_of[:1]}
            answer = month.get(path, user="ada", **query)
            if answer.status_code == 404:
                assert operation.name in {"get_session_progress", "get_session_decision"}
                continue
            assert answer.status_code == 200, (path, answer.get_json())
            described = document["paths"][f"/api/v1{operation.path}"]["get"]
            content = described["responses"]["200"]["content"]["application/json"]
            check(answer.get_json(), content["schema"])


def test_every_list_answers_as_of_an_instant(month: Api, ids: Ids) -> None:
    """Where it is offered; before everything there was nothing."""
    for operation in reading(month, "list"):
        if operation.as_of is None:
            continue
        path = operation.path.format(**ids)
        assert read(month, path, as_of="2020-01-01T00:00:00Z") == [], operation.name
        wrong = month.get(path, as_of="2020-01-01T00:00:00")
        (error,) = wrong.get_json()["errors"]
        assert (error["path"], error["code"]) == ("as_of", "not_an_instant")
        assert error["detail"].startswith("expected an instant with its offset")


def test_what_is_not_there_is_404_everywhere(month: Api, ids: Ids) -> None:
    """Below an unknown session, issue, revision or import there is nothing, not an empty list."""
    unknown = dict.fromkeys(ids, "00000000-0000-7000-8000-000000000000")
    unknown["batch_number"] = "999"
    for shape in ("list", "row"):
        for operation in reading(month, shape):
            # An id of any object may have nothing below it.
            names = set(operation.parameters) - {"object_id"}
            for name in names:
                path = operation.path.format(**{**ids, name: unknown[name]})
                answer = month.get(path, user="ada")
                assert answer.status_code == 404, (path, answer.get_json())
                assert answer.get_json()["field"] in {name, None}


@pytest.mark.parametrize(
    ("path", "name", "allowed"),
    [
        ("/sessions/{session_id}/issues", "severity", ["high", "medium", "low"]),
        (
            "/sessions",
            "status",
            ["open", "processing", "awaiting_decision", "completed", "failed", "cancelled"],
        ),
        (
            "/sessions/{session_id}/employees",
            "status",
            ["unfinished", "in_progress", "finished", "on_hold"],
        ),
        ("/waivers", "verdict", ["approved", "rejected"]),
        ("/issues", "order", ["age", "due", "severity", "dollars", "person"]),
    ],
)
def test_a_closed_list_names_what_is_allowed(
    month: Api, ids: Ids, path: str, name: str, allowed: list[str]
) -> None:
    """Another value is refused, not an empty list; each allowed one is taken."""
    place = path.format(**ids)
    query = {"session_id": ids["session_id"]} if path == "/issues" else {}
    (error,) = month.get(place, **query, **{name: "nonsense"}).get_json()["errors"]
    assert (error["path"], error["code"]) == (name, "not_allowed")
    assert sorted(error["allowed"]) == sorted(allowed)
    for value in allowed:
        assert month.get(place, **query, **{name: value}).status_code == 200


def test_a_closed_list_of_a_body_too(month: Api, ids: Ids) -> None:
    """With every other wrong member in the same answer."""
    answer = month.post(f"/issues/{ids['issue_id']}/resolve", method="magic", expected_version=0)
    errors = {error["path"]: error for error in answer.get_json()["errors"]}
    assert errors["method"]["code"] == "not_allowed"
    assert "explained" in errors["method"]["allowed"]
    told = {"code": "out_of_range", "detail": "expected at least 1 and at most 2147483647"}
    assert errors["expected_version"] == {"path": "expected_version", **told}


def test_a_person_is_found_by_any_part_of_the_name(month: Api, ids: Ids) -> None:
    """By the start, the end, the middle, parts in any order, and not by parts of two people."""
    path = f"/sessions/{ids['session_id']}/employees"
    people = [row["employee_name"] for row in read(month, path, limit="100")]
    name = people[0]
    first, last = name[: len(name) // 2], name[len(name) // 2 :]
    for person in (name, first.lower(), last.title(), f"{last}, {first}", f" {first}  {last} "):
        found = [row["employee_name"] for row in read(month, path, person=person)]
        assert name in found, person
        assert all(
            all(part.strip(",").upper() in other for part in person.split()) for other in found
        )
    assert read(month, path, person=f"{name} {people[-1]}") == []


def test_errors_speak_of_the_path_as_http_does(month: Api, ids: Ids) -> None:
    """The names of the path, not those of the function behind it."""
    nothing = "00000000-0000-7000-8000-000000000000"
    answer = month.get(f"/sessions/{ids['session_id']}/compare/{nothing}")
    assert (answer.status_code, answer.get_json()["field"]) == (404, "other_id")
