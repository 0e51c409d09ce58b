"""Every argument of every operation gets every kind of wrong value: 4xx that names it, never 5xx.

What operations and arguments there are is what the service describes, so a new one is tried too.
"""

from __future__ import annotations

import datetime
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from tests.service.conftest import DATA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from werkzeug.test import TestResponse

    from tests.service.conftest import Api

PREFIX = "/api/v1"
TEXTS = [
    *("", "x", "NaN", "-1", "1.5", "12.345", "9" * 25, "true", "2025-02-30", "infinity", "\0"),
    *("2025-03-03T25:00:00Z", "x" * 20_000, "a\nb", "4111111111111111"),
]
HALF_PAIR = "\ud800"
ANY: list[Any] = [None, True, -1, 12.345, 10**30, [], [1], [[]], [{}], {}, {"a": 1}]
# What one argument needs besides itself, so that the call comes far enough to look at it.
EXAMPLES: dict[str, Any] = {
    "expected_version": 1,
    "rule_code": "missing_receipt",
    "month_id": "01a00000-0000-7000-8000-000000000000",
    "code_kind": "job",
    "decision": "confirm",
    "keep_correction": True,
    "method": "other",
    "reason": "Because",
    "note": "Noted",
    "reason_class": "other",
    "amount_limit": "1.00",
    "ends_on": str(datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=7)),
    "codes": [{"code": "1"}],
    "changes": {"tip_share": 0.2},
    "profile": {"vendor": "1"},
    "profile_name": "old_program",
    "target": "old_program",
    "batch_number": 1,
    "difference_number": 1,
    "people": "finished",
    "reversals": "none",
    "setting_name": "due_days_high",
    "value": 4,
    "pattern": "casino",
    "user_name": "pat",
    "login_name": "probe",
    "users": [{"user_name": "probe"}],
    "addresses": [{"employee_name": "NOBODY"}],
    "remind_on": str(datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=7)),
    "issuer": "https://issuer.example",
    "subject": "s",
    "claim_value": "v",
    "token_id": "a" * 32,
    "calendar_day": "2027-12-24",
    "receipt_key": "ANN",
    "name_key": "BEA",
    "period_start": "2025-03-01",
    "merchant_group": "FUEL",
    "limit_amount": "1.00",
    "check_code": "end_to_end",
    "kind": "restore",
    "started_at": "2026-01-05T10:00:00Z",
    "ended_at": "2026-01-05T10:10:00Z",
    "passed": True,
    "figures": {"seconds": 1},
    "server": "db1",
    "step": "unfreeze",
    "spellings": ["Nan Roe"],
    "valid_until": str(datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=7)),
}
# Of two names or lists of which one is wrong, either is told.
TOGETHER = {
    "filter": "items",
    "items": "filter",
    "is_business_day": "description",
    "notes": "proposed_method",
}
# Of several arguments one is needed, which no description of each can say.
NEEDED = {
    "resolve_issues": ["items", "method"],
    "save_spending_limit": ["merchant_group"],
    "sign_cutover_check": ["valid_until"],
}
RAW = ("22", "23", "42", "54")


class Attacker:
    """Sends one wrong value after the other to a month, and notes what was not answered well."""

    def __init__(self, api: Api) -> None:
        """Import a month to attack."""
        self.api = api
        answer = api.upload(DATA / "small" / "activity.json")
        assert answer.status_code == 201, answer.get_json()
        session = answer.get_json()["session_id"]
        person = api.get(f"/sessions/{session}/employees").get_json()["items"][0]
        issue = api.get(f"/sessions/{session}/issues").get_json()["items"][0]
        receipt = api.get(f"/sessions/{session}/transactions").get_json()["items"][0]
        another = api.get(f"/sessions/{session}/employees").get_json()["items"][1]
        self.known: dict[str, Any] = {
            **EXAMPLES,
            "session_id": session,
            "parent_session_id": session,
            "cardholder_id": person["cardholder_id"],
            "revision_id": person["revision_id"],
            "expected_revision_id": person["revision_id"],
            "other_revision_id": person["revision_id"],
            "to_revision_id": another["revision_id"],
            "receipt": {"amount": "1.00"},
            "issue_id": issue["issue_id"],
            "charge_ids": [receipt["transaction_id"]],
            "transaction_ids": [receipt["transaction_id"]],
            "items": [{"issue_id": issue["issue_id"], "expected_version": 1}],
            "corrections": [
                {
                    "transaction_id": receipt["transaction_id"],
                    "employee_revision_id": receipt["employee_revision_id"],
                    "changes": {"purpose": "Another"},
                }
            ],
        }
        self.faults: list[str] = []
        self.requests = 0

    def path(self, operation: Operation, **over: object) -> str:
        """Fill in a path."""
        path = operation.path
        for name in operation.in_path:
            value = str(over.get(name, self.known.get(name, self.known["session_id"])))
            written = quote(value.encode("utf-8", "surrogatepass"), safe="")
            path = path.replace(f"{{{name}}}", written)
        return path

    def body(self, operation: Operation) -> dict[str, Any]:
        """Return a body with what is required."""
        return {name: self.known[name] for name in operation.required if name in self.known}

    def look(self, operation: Operation, name: str, value: object, answer: TestResponse) -> None:
        """Note an answer that is our defect, a raw error, or does not name the argument."""
        self.requests += 1
        body = answer.get_json(silent=True) or {}
        status = answer.status_code
        told = json.dumps([body.get("field"), body.get("errors")])
        names = {name, TOGETHER.get(name, name)}
        is_named = any(one in told for one in names)
        is_raw = str(body.get("sqlstate"))[:2] in RAW or "CONTEXT" in answer.text
        if status >= 500 or is_raw or (status in {400, 422} and not is_named):
            said = f"{status} {body.get('code')} {body.get('sqlstate')} {told}"
            self.faults.append(f"{operation.name} {name}={value!r:.40}: {said:.200}")


class Operation:
    """An operation as it is described: where its arguments are."""

    def __init__(self, document: dict[str, Any], path: str, method: str) -> None:
        """Read the description."""

        def found(part: dict[str, Any]) -> dict[str, Any]:
            """Follow references."""
            while "$ref" in part:
                names = part["$ref"].split("/")[1:]
                part = document
                for name in names:
                    part = part[name]
            return part

        described = document["paths"][path][method]
        self.name: str = described["operationId"]
        self.path = path.removeprefix(PREFIX)
        self.method = method.upper()
        parameters = [found(parameter) for parameter in described.get("parameters", [])]
        self.in_path = [item["name"] for item in parameters if item["in"] == "path"]
        self.in_query = [item["name"] for item in parameters if item["in"] == "query"]
        content = found(described.get("requestBody", {})).get("content", {})
        schema = found(content.get("application/json", {}).get("schema", {}))
        carries_file = self.name == "import_activity"
        self.in_body = [] if carries_file else list(schema.get("properties", {}))
        self.required = [] if carries_file else list(schema.get("required", []))
        self.required += NEEDED.get(self.name, [])


def operations(api: Api) -> Iterator[Operation]:
    """Return all operations with JSON or no body."""
    document = api.app.test_client().get("/openapi.json").get_json()
    for path, methods in document["paths"].items():
        for method in methods.keys() & {"get", "post"}:
            if path.startswith(PREFIX):
                yield Operation(document, path, method)


def test_every_wrong_value_is_named(api: Api) -> None:
    """In paths, queries and bodies, alone and given twice; nothing of it is our defect."""
    attacker = Attacker(api)
    for operation in operations(api):
        body = {"json": attacker.body(operation)} if operation.in_body else {}
        for name in operation.in_path:
            for value in [text for text in TEXTS if text] + [HALF_PAIR]:
                path = attacker.path(operation, **{name: value})
                answer = api.call(operation.method, path, "ada", **body)
                attacker.look(operation, name, value, answer)
        path = attacker.path(operation)
        for name in operation.in_query:
            for value in TEXTS:
                query = {"session_id": attacker.known["session_id"], name: value}
                known = {key: query[key] for key in query if key in operation.in_query}
                answer = api.call(operation.method, path, "ada", query_string=known)
                attacker.look(operation, name, value, answer)
            answer = api.call(operation.method, path, "ada", query_string=[(name, "true")] * 2)
            assert answer.status_code == 400, (operation.name, name)
            attacker.look(operation, name, "twice", answer)
        for name in operation.in_body:
            for wrong in [*TEXTS, HALF_PAIR, *ANY]:
                sent = json.dumps({**attacker.body(operation), name: wrong})
                answer = api.call("POST", path, "ada", data=sent, content_type="application/json")
                attacker.look(operation, name, wrong, answer)
    assert not attacker.faults, "\n".join(attacker.faults)
    assert attacker.requests > 4000


GOOD = {"issue_id": "00000000-0000-7000-8000-000000000000", "expected_version": 1}


@pytest.mark.parametrize(
    ("item", "place", "expected"),
    [
        ({"issue_id": "nonsense"}, "issue_id", "a uuid"),
        ({"issue_id": None}, "issue_id", "a uuid"),
        ({"expected_version": 1.5}, "expected_version", "a whole number from 1 to 2147483647"),
        ({"expected_version": 10**12}, "expected_version", "a whole number from 1 to 2147483647"),
        ({"expected_version": 0}, "expected_version", "a whole number from 1 to 2147483647"),
        ({"expected_version": "1"}, "expected_version", "a whole number from 1 to 2147483647"),
        ({"method": 1}, "method", "text of at most 10000 characters"),
        ({"colour": "red"}, "colour", "only issue_id, expected_version, method, notes"),
    ],
)
def test_unreadable_items_are_named_all_at_once(
    quiet: Api, item: dict[str, Any], place: str, expected: str
) -> None:
    """With their place in the list, the value and what is allowed; the good ones are not done."""
    items = [GOOD, GOOD | item, GOOD, GOOD | item]
    answer = quiet.post("/issues/resolve", "rae", items=items, method="other")
    body = answer.get_json()
    assert (answer.status_code, body["code"]) == (400, "invalid_argument")
    assert body["field"] == f"items[1].{place}"
    told = "another member" if place == "colour" else json.dumps(item[place])
    detail = f"expected {expected}, got {told}"
    assert body["errors"] == [
        {"path": f"items[{number}].{place}", "code": "invalid_argument", "detail": detail}
        for number in (1, 3)
    ]


AMOUNTS: list[Any] = ["NaN", "infinity", 12.345, "12.345", "1e3", []]


@pytest.mark.parametrize(
    ("member", "value"),
    [
        *(("amount_at_most", value) for value in AMOUNTS),
        ("severity", "hgih"),
        ("state", "opened"),
        ("session_id", "nonsense"),
        ("person", 1),
    ],
)
def test_a_filter_finds_nothing_by_a_wrong_value(quiet: Api, member: str, value: object) -> None:
    """It is refused, and closed lists say what they hold."""
    found = {"session_id": GOOD["issue_id"], member: value}
    answer = quiet.post("/issues/resolve", "rae", filter=found, method="other", dry_run=True)
    body = answer.get_json()
    assert (answer.status_code, body["field"]) == (400, f"filter.{member}")
    if member == "severity":
        assert body["detail"] == 'expected one of high, medium, low, got "hgih"'


def receipts(api: Api) -> tuple[str, list[dict[str, Any]]]:
    """Import a month and return its session and its receipts as a correction names them."""
    session = api.upload(DATA / "small" / "activity.json").get_json()["session_id"]
    rows = [row for page in api.pages(f"/sessions/{session}/transactions") for row in page]
    names = ("transaction_id", "employee_revision_id")
    return session, [{name: row[name] for name in names} for row in rows]


def test_one_unreadable_correction_is_found_among_many(api: Api) -> None:
    """By its place; nothing is done, and without it all of them are."""
    session, found = receipts(api)
    corrections = [row | {"changes": {"purpose": "Said again"}} for row in found]
    wrong = {
        3: ("amount", "12.345", "dollars below 10^12 in whole cents"),
        7: ("amount", "NaN", "dollars below 10^12 in whole cents"),
        8: ("transaction_date", "2025-02-30", "a day of the calendar"),
        9: ("transaction_date", "05/02/2025", "a date, YYYY-MM-DD"),
        10: ("transaction_date", "1999-12-31", "a day from 2000-01-01 on"),
        12: ("coding_type", "jobs", "one of job_coding, gl_coding"),
        14: ("has_attachment", None, "a boolean"),
    }
    faulty = list(corrections)
    for place, (column, value, _) in wrong.items():
        faulty[place] = found[place] | {"changes": {column: value}}
    path = f"/sessions/{session}/corrections"
    answer = api.post(path, corrections=faulty, reason="As told")
    assert answer.status_code == 400, answer.get_json()
    assert answer.get_json()["errors"] == [
        {
            "path": f"corrections[{place}].changes.{column}",
            "code": "invalid_argument",
            "detail": f"expected {expected}, got {json.dumps(value)}",
        }
        for place, (column, value, expected) in wrong.items()
    ]
    twice = api.post(path, corrections=[*corrections, corrections[0]], reason="As told")
    assert twice.get_json()["field"] == f"corrections[{len(corrections)}].transaction_id"
    unknown = [*corrections[:-1], corrections[-1] | {"transaction_id": GOOD["issue_id"]}]
    answer = api.post(path, corrections=unknown, reason="As told")
    field = f"corrections[{len(corrections) - 1}].transaction_id"
    assert (answer.status_code, answer.get_json()["field"]) == (404, field)
    answer = api.post(path, corrections=corrections, reason="As told")
    assert answer.status_code == 200, answer.get_json()
    assert answer.get_json()["transactions_changed"] == len(corrections)


@pytest.mark.parametrize(
    ("body", "paths"),
    [
        ({"charge_ids": ["x", GOOD["issue_id"], 1]}, ["charge_ids[0]", "charge_ids[2]"]),
        ({"amounts": ["1.00", "12.345", "NaN"]}, ["amounts[1]", "amounts[2]"]),
        ({"transaction_ids": [None]}, ["transaction_ids[0]"]),
    ],
)
def test_wrong_members_of_a_list_are_named(
    quiet: Api, body: dict[str, Any], paths: list[str]
) -> None:
    """Each by its place."""
    good = {"charge_ids": [GOOD["issue_id"]], "transaction_ids": [GOOD["issue_id"]]}
    sent: dict[str, Any] = {"decision": "split", "expected_version": 1, "reason": "x"}
    sent |= {**good, **body}
    answer = quiet.post("/matches/decide", **sent)
    assert answer.status_code == 400
    assert [error["path"] for error in answer.get_json()["errors"]] == paths


def test_a_chart_names_each_wrong_code(quiet: Api) -> None:
    """Shapes first, then what only makes sense together."""
    path = "/codes/job"
    codes: list[Any] = [{"code": "1"}, {"code": 2}, {"valid_from": "x", "code": "3"}, {"code": " "}]
    answer = quiet.post(path, "ada", codes=codes, expected_version=1)
    paths = [error["path"] for error in answer.get_json()["errors"]]
    assert paths == ["codes[1].code", "codes[2].valid_from", "codes[3].code"]
    codes = [{"code": "1", "valid_from": "2025-02-02", "valid_until": "2025-02-01"}]
    codes += [{"code": "..."}, {"code": "2", "description": "x" * 401}]
    answer = quiet.post(path, "ada", codes=codes, expected_version=1)
    paths = [error["path"] for error in answer.get_json()["errors"]]
    assert paths == ["codes[0].valid_until", "codes[1].code", "codes[2].description"]


def test_a_policy_out_of_range_says_the_range(quiet: Api) -> None:
    """Of one value, and of those that have to fit each other."""
    for changes, field in (
        ({"tip_share": 0.205, "sum_days": 3}, "changes.tip_share"),
        ({"lodging_groups": [1]}, "changes.lodging_groups"),
        ({"sum_chance": 0.000001}, "changes.sum_chance"),
        ({"sum_days": 32}, "changes"),
        ({"amount_weight": 0.9}, "changes"),
    ):
        answer = quiet.post("/matching-policies", "ada", changes=changes, expected_version=1)
        body = answer.get_json()
        assert (answer.status_code, body["field"]) == (400, field), body
        assert field != "changes" or "CHECK" in body["detail"]
