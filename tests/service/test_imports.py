"""The old program's file over HTTP: good ones, repeated ones, hostile ones."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.service.conftest import DATA, contents_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import psycopg

    from tests.service.conftest import Api

SMALL = DATA / "small" / "activity.json"
HOSTILE = DATA / "hostile"


def attempts(superuser: psycopg.Connection) -> int:
    """Count the recorded import attempts."""
    row = superuser.execute("SELECT count(*) FROM app.import_attempts").fetchone()
    assert row is not None
    return int(row[0])


def totals(api: Api, session_id: str) -> dict[str, tuple[str, str, str]]:
    """Return totals and status of each person of a session."""
    (people,) = api.pages(f"/sessions/{session_id}/employees", limit="100")
    return {
        person["employee_name"]: (person["car_total"], person["receipt_total"], person["status"])
        for person in people
    }


def test_a_month_comes_in(api: Api) -> None:
    """201, where to find it, and money as decimal strings."""
    answer = api.upload(SMALL, session_name="March", file_name="activity.json")
    assert answer.status_code == 201, answer.get_json()
    body = answer.get_json()
    assert body["outcome"] == "accepted"
    assert answer.headers["Location"] == f"/api/v1/sessions/{body['session_id']}"
    session = api.get(f"/sessions/{body['session_id']}").get_json()
    assert session["session_name"] == "March"
    assert session["status"] == "completed"
    assert session["total_employees"] == 6
    people = totals(api, body["session_id"])
    assert len(people) == 6
    assert sum(round(float(receipts) * 100) for _, receipts, _ in people.values()) == 2826492
    assert all(isinstance(receipts, str) for _, receipts, _ in people.values())


@pytest.mark.parametrize(
    "file", [DATA / "small" / "activity_by_id.json", HOSTILE / "mixed_shapes.json"]
)
def test_the_other_shapes_give_the_same_month(api: Api, file: Path) -> None:
    """By id and mixed: the same people, totals and status as by code."""
    one = api.upload(SMALL).get_json()["session_id"]
    other = api.upload(file, programme="Another")
    assert other.status_code == 201, other.get_json()
    assert totals(api, other.get_json()["session_id"]) == totals(api, one)


def test_the_same_file_again_changes_nothing(
    api: Api, contents: Callable[[], dict[str, str]]
) -> None:
    """200, the session that has it, and no row more."""
    first = api.upload(SMALL).get_json()
    before = contents()
    again = api.upload(SMALL)
    assert again.status_code == 200
    assert again.get_json()["outcome"] == "unchanged"
    assert again.get_json()["session_id"] == first["session_id"]
    assert contents() == before


def test_a_dry_run_leaves_nothing(api: Api, contents: Callable[[], dict[str, str]]) -> None:
    """200 with what would change; then the real one is still new."""
    before = contents()
    answer = api.upload(SMALL, dry_run="true")
    assert answer.status_code == 200
    assert answer.get_json()["outcome"] == "dry_run"
    assert contents() == before
    assert api.upload(SMALL, dry_run="false").status_code == 201


def test_a_later_submission_names_its_parent(api: Api) -> None:
    """The next revision number; the parent's own bytes are a 409."""
    parent = api.upload(SMALL).get_json()["session_id"]
    same = api.upload(SMALL, parent_session_id=parent)
    assert same.status_code == 409
    assert same.get_json()["code"] == "same_as_parent"
    changed = SMALL.read_bytes().replace(b'"coded": false', b'"coded":  false')
    child = api.upload(changed, parent_session_id=parent)
    assert child.status_code == 201, child.get_json()
    session = api.get(f"/sessions/{child.get_json()['session_id']}").get_json()
    assert session["parent_session_id"] == parent
    assert session["revision_number"] == 2
    fork = api.upload(SMALL.read_bytes() + b" ", parent_session_id=parent)
    assert fork.status_code == 409
    orphan = api.upload(changed, parent_session_id="00000000-0000-7000-8000-000000000000")
    assert orphan.status_code == 404


def test_a_repeated_key_gets_the_first_answer(
    api: Api, contents: Callable[[], dict[str, str]]
) -> None:
    """Same key and body: same answer, nothing done; same key and another body: 409."""
    first = api.upload(SMALL, key="import-1", session_name="March")
    assert first.headers["Idempotency-Key"] == "import-1"
    before = contents()
    again = api.upload(SMALL, key="import-1", session_name="March")
    assert (again.status_code, again.get_json()) == (201, first.get_json())
    other = api.upload(DATA / "small" / "activity_by_id.json", key="import-1")
    assert other.status_code == 409
    assert other.get_json()["code"] == "request_reused"
    assert contents() == before


def test_a_refused_request_may_be_tried_again_under_its_key(api: Api) -> None:
    """Only accepted answers are kept."""
    assert api.upload(HOSTILE / "truncated.json", key="import-2").status_code == 400
    assert api.upload(SMALL, key="import-2").status_code == 201


def test_a_key_is_made_when_none_is_given(api: Api) -> None:
    """The answer carries it, and it can be used to repeat the request."""
    first = api.upload(SMALL)
    again = api.upload(SMALL, key=first.headers["Idempotency-Key"])
    assert (again.status_code, again.get_json()) == (201, first.get_json())


@pytest.mark.parametrize("key", ["", " ", "k" * 201, "k\u00e4y"])
def test_a_senseless_key_is_refused(quiet: Api, key: str) -> None:
    """One to 200 printable ASCII characters."""
    headers = {"Idempotency-Key": key}
    assert quiet.call("POST", "/sessions", headers=headers).status_code == 400


REFUSED = {
    "truncated.json": (400, {"invalid_json"}),
    "not_utf8.json": (400, {"invalid_json"}),
    "deep_nesting.json": (400, {"invalid_json", "too_deep"}),
    "nan.json": (400, {"invalid_json"}),
    "duplicate_keys.json": (400, {"duplicate_key"}),
    "empty_object.json": (400, {"no_employees"}),
    "wrong_types.json": (422, {"nothing_accepted"}),
    "huge_amount.json": (422, {"nothing_accepted", "amount_out_of_range"}),
    "control_characters.json": (400, {"invalid_text"}),
}
ACCEPTED = {
    "bad_date.json": {"people": 1, "receipts": 8},
    "negative_totals.json": {"people": 1, "receipts": 2},
    "paths_and_formulas.json": {},
    "mixed_shapes.json": {"people": 6},
}


def test_every_hostile_file_is_tried() -> None:
    """A file added to the folder must say here how it is answered."""
    assert {file.name for file in HOSTILE.glob("*.json")} == {*REFUSED, *ACCEPTED}


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_file_is_refused_and_recorded(
    quiet: Api,
    quiet_superuser: psycopg.Connection,
    name: str,
) -> None:
    """A 4xx with its reason; the database holds what it held before, and the failed attempt."""
    before, tried = contents_of(quiet_superuser), attempts(quiet_superuser)
    answer = quiet.upload(HOSTILE / name, file_name=name)
    status, codes = REFUSED[name]
    body = answer.get_json()
    assert answer.status_code == status, body
    assert answer.content_type == "application/problem+json"
    assert body["code"] in codes
    assert body["title"]
    assert body["error_id"]
    assert contents_of(quiet_superuser) == before
    assert attempts(quiet_superuser) == tried + 1
    assert quiet.get("/sessions").get_json()["items"] == []


def test_a_refusal_names_the_places(quiet: Api) -> None:
    """Five employees of wrong type, two amounts out of range: each is named."""
    wrong = quiet.upload(HOSTILE / "wrong_types.json").get_json()
    assert len({error["path"].split("/")[0] for error in wrong["errors"]}) >= 1
    assert len(wrong["errors"]) >= 5
    huge = quiet.upload(HOSTILE / "huge_amount.json").get_json()
    assert {error["code"] for error in huge["errors"]} == {"amount_out_of_range"}
    text = quiet.upload(HOSTILE / "control_characters.json").get_json()
    assert text["field"]


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_difficult_file_is_accepted(api: Api, name: str) -> None:
    """What is doubtful becomes an issue; nothing becomes 0."""
    answer = api.upload(HOSTILE / name)
    assert answer.status_code == 201, answer.get_json()
    people = totals(api, answer.get_json()["session_id"])
    assert len(people) == ACCEPTED[name].get("people", len(people))


def test_negative_totals_are_refunds_and_no_mismatch(api: Api) -> None:
    """-512.25 against two refunds: nothing is wrong."""
    session = api.upload(HOSTILE / "negative_totals.json").get_json()["session_id"]
    (people,) = totals(api, session).values()
    assert people[:2] == ("-512.25", "-512.25")
    (issues,) = api.pages(f"/sessions/{session}/issues", rule="total_mismatch")
    assert issues == []


@pytest.mark.parametrize(
    ("content", "codes"),
    [
        (b"", ("empty_file", "invalid_json")),
        (b"   ", ("empty_file", "invalid_json")),
        (b"[]", ("not_an_object",)),
        (b"null", ("not_an_object",)),
        (b'"text"', ("not_an_object",)),
        (b"{}", ("no_employees",)),
        (b'{"A": {}\0}', ("invalid_json",)),
        (b"\xef\xbb\xbf{}", ("invalid_json", "no_employees")),
        ('{"A": {}}'.encode("utf-16"), ("invalid_json",)),
        (b'{"A": 1e131071}', ("invalid_json", "amount_out_of_range", "nothing_accepted")),
        (b'{"\xed\xa0\x80": {}}', ("invalid_json",)),
    ],
    ids=repr,
)
def test_what_is_no_activity_file_is_refused(
    quiet: Api, quiet_superuser: psycopg.Connection, content: bytes, codes: tuple[str, ...]
) -> None:
    """Each with a code of its own and a recorded attempt, never a 500."""
    tried = attempts(quiet_superuser)
    answer = quiet.upload(content)
    assert answer.status_code in {400, 422}, answer.get_json()
    assert answer.get_json()["code"] in codes
    assert attempts(quiet_superuser) == tried + 1


def test_a_body_larger_than_any_socket_buffer_arrives(quiet: Api) -> None:
    """Sent whole before the answer is waited for."""
    answer = quiet.upload(b" " * 16_000_000 + b"[]")
    assert answer.status_code == 400
    assert answer.get_json()["code"] == "not_an_object"


def test_one_bad_employee_does_not_stop_the_others(api: Api) -> None:
    """201, and the reject is listed with its path."""
    month = json.loads(SMALL.read_text())
    month["BADPERSON"] = {"name": "BADPERSON", "receipts": 7}
    answer = api.upload(json.dumps(month).encode())
    assert answer.status_code == 201, answer.get_json()
    (reject,) = answer.get_json()["rejects"]
    assert "BADPERSON" in reject["path"]
    assert len(totals(api, answer.get_json()["session_id"])) == 6


@pytest.mark.parametrize(
    "query",
    [
        {"dry_run": "yes"},
        {"dry_run": "1"},
        {"parent_session_id": "x"},
        {"session_name": "a\0b"},
        {"session": "March"},
    ],
    ids=str,
)
def test_a_wrong_query_is_refused_before_the_file_is_read(
    quiet: Api, quiet_superuser: psycopg.Connection, query: dict[str, str]
) -> None:
    """400 naming the parameter, and no attempt."""
    tried = attempts(quiet_superuser)
    answer = quiet.upload(SMALL, **query)
    assert answer.status_code == 400
    assert answer.get_json()["field"] == next(iter(query))
    assert attempts(quiet_superuser) == tried


DEFECT = """
CREATE SCHEMA fault;
CREATE FUNCTION fault.strike() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN RAISE EXCEPTION USING ERRCODE = ''XX000'', MESSAGE = NEW::text; END';
CREATE TRIGGER z99_fault BEFORE INSERT ON app.processing_metrics
    FOR EACH ROW WHEN (NEW.employees > 1) EXECUTE FUNCTION fault.strike();
"""


def test_a_defect_is_recorded_with_its_place(api: Api, superuser: psycopg.Connection) -> None:
    """The caller learns that it is ours; the record says SQLSTATE and function."""
    superuser.execute(DEFECT)
    answer = api.upload(SMALL, key="struck")
    assert answer.status_code == 500
    assert set(answer.get_json()) == {"type", "title", "status", "code", "error_id"}
    (attempt,) = api.pages("/import-attempts")[0]
    assert (attempt["outcome"], attempt["sqlstate"]) == ("refused", "IV024")
    assert attempt["message"] == "ended by XX000 in fault.strike"


OPTIONAL: dict[str, tuple[dict[str, Any], str | None, bool]] = {
    "a total that is missing": ({}, "0.00", False),
    "a total that is null": ({"car_total": None, "card_no": "None"}, "0.00", False),
    "a third decimal": ({"car_total": 1.005, "card_no": "None"}, None, True),
    "a total of the report that is missing": ({"employee_id": "31"}, None, True),
    "a total of the report that is null": (
        {"card_no": "999999XXXXXX1", "car_total": None},
        None,
        True,
    ),
    "a float tail": ({"car_total": 3.0000000000000004}, "3.00", True),
}


@pytest.mark.parametrize("what", OPTIONAL)
def test_what_is_missing_or_unreadable_is_not_zero(api: Api, what: str) -> None:
    """A total of the report is known or unknown; who is in receipts only has none of the bank."""
    fields, total, in_report = OPTIONAL[what]
    receipt = {"rec_id": "s1", "date": "03/12/2025", "amt": "2.00"}
    entry = fields | {"receipts": {"null": [receipt]}}
    answer = api.upload(json.dumps({"SOLOWREN": entry}).encode())
    assert answer.status_code == 201, answer.get_json()
    assert answer.get_json()["rejects"] == []
    path = f"/sessions/{answer.get_json()['session_id']}/employees"
    ((row,),) = api.pages(path)
    assert (row["car_total"], row["receipt_total"], row["is_in_report"]) == (
        total,
        "2.00",
        in_report,
    )


def test_an_entry_that_says_nothing_finishes_nobody(api: Api) -> None:
    """Whom no receipt names is of the report, with a total nobody knows."""
    answer = api.upload(json.dumps({"EMPTY": {}, "NULLS": {"receipts": None}}).encode())
    assert answer.status_code == 201, answer.get_json()
    assert answer.get_json()["rejects"] == []
    (people,) = api.pages(f"/sessions/{answer.get_json()['session_id']}/employees")
    found = [(row["is_in_report"], row["car_total"], row["status"]) for row in people]
    assert found == [(True, None, "unfinished")] * 2
