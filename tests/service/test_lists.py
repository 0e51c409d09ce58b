"""Lists: pages by key, filters, and parameters that are refused."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.service.conftest import Api


@pytest.fixture
def session_id(month: Api) -> str:
    """Return the session of the medium month."""
    return str(month.get("/sessions").get_json()["items"][0]["session_id"])


def test_pages_together_are_the_whole_list(month: Api, session_id: str) -> None:
    """Every row once, in order, whatever the size of a page."""
    for path, key, total in (("employees", "revision_id", 60), ("issues", "issue_id", 207)):
        (small_pages, large_pages) = (
            month.pages(f"/sessions/{session_id}/{path}", limit=limit) for limit in ("7", "100")
        )
        assert {len(page) for page in small_pages[:-1]} == {7}
        rows = [row[key] for page in small_pages for row in page]
        assert rows == [row[key] for page in large_pages for row in page]
        assert len(set(rows)) == len(rows) == total


def test_a_page_has_fifty_rows_unless_asked(month: Api, session_id: str) -> None:
    """The default of a page."""
    answer = month.get(f"/sessions/{session_id}/employees").get_json()
    assert len(answer["items"]) == 50
    assert answer["next_cursor"]


def test_the_last_page_says_so(month: Api, session_id: str) -> None:
    """Exactly as many rows as asked for is a last page too."""
    answer = month.get(f"/sessions/{session_id}/employees", status="finished", limit="12")
    assert len(answer.get_json()["items"]) == 12
    assert answer.get_json()["next_cursor"] is None


def test_sessions_are_listed_newest_first(api: Api) -> None:
    """And a page goes on where the last one ended."""
    made = [api.post("/sessions", session_name=f"S{n}").get_json()["session_id"] for n in range(5)]
    listed = [row["session_id"] for page in api.pages("/sessions", limit="2") for row in page]
    assert listed == made[::-1]
    assert api.get("/sessions", status="completed").get_json()["items"] == []
    assert len(api.get("/sessions", status="open").get_json()["items"]) == 5


@pytest.mark.parametrize(
    ("rule", "count"),
    [
        ("missing_coding_info", 79),
        ("missing_receipt", 68),
        ("missing_all_receipts", 3),
        ("total_mismatch", 19),
        ("duplicate_transaction", 3),
        ("invalid_amount", 33),
        ("no_such_rule", 0),
    ],
)
def test_issues_are_filtered_by_rule(month: Api, session_id: str, rule: str, count: int) -> None:
    """The counts of the medium month."""
    pages = month.pages(f"/sessions/{session_id}/issues", rule=rule, limit="100")
    assert sum(len(page) for page in pages) == count
    assert {row["issue_type"] for page in pages for row in page} <= {rule}


def test_filters_narrow_together(month: Api, session_id: str) -> None:
    """State, severity, person and resolved, each and together."""
    path = f"/sessions/{session_id}/issues"
    everything = [row for page in month.pages(path, limit="100") for row in page]
    name = everything[0]["employee_name"]
    severe = [row for row in everything if row["severity"] == "high"]
    own = [row for row in everything if row["employee_name"].startswith(name)]
    for query, wanted in (
        ({"severity": "high"}, severe),
        ({"state": "open"}, everything),
        ({"resolved": "true"}, []),
        ({"person": name.lower()}, own),
        (
            {"person": name, "severity": "high", "resolved": "false"},
            [row for row in own if row in severe],
        ),
    ):
        pages = month.pages(path, limit="100", **query)
        assert [row for page in pages for row in page] == wanted


def test_people_are_filtered_by_status_flag_and_name(month: Api, session_id: str) -> None:
    """The figures of the medium month."""
    path = f"/sessions/{session_id}/employees"

    def count(**query: str) -> int:
        return sum(len(page) for page in month.pages(path, limit="100", **query))

    assert count(status="finished") == 12
    assert count(flag="missing_all_receipts") == 3
    assert count(flag="total_mismatch") == 19
    answer = month.get(path, flag="no_such_flag")
    assert (answer.status_code, answer.get_json()["field"]) == (400, "flag")
    people = [row for page in month.pages(path, limit="100") for row in page]
    flags = sorted(next(row["validation_flags"] for row in people if row["validation_flags"]))
    assert answer.get_json()["errors"][0]["allowed"] == flags
    assert count(person="%") == 0
    assert count(person="") == 60


def test_people_of_all_months_are_found_by_parts_of_their_names(month: Api) -> None:
    """Folded, several parts in any order; one that nobody has finds nobody."""
    people = [row for page in month.pages("/cardholders", limit="100") for row in page]
    name = people[0]["employee_name"]
    for person, parts in ((name[1:-1].lower(), [name[1:-1]]), (f"{name[4:]} {name[:3]}", [name])):
        pages = month.pages("/cardholders", limit="100", person=person)
        found = [row for page in pages for row in page]
        assert people[0] in found
        assert all(part in row["employee_name"] for part in parts for row in found)
    assert month.get("/cardholders", person="no such name").get_json()["items"] == []


def test_one_text_finds_person_merchant_purpose_and_amount(month: Api, session_id: str) -> None:
    """In every list that has it; what is too long is refused by name."""

    def rows(path: str, **query: str) -> list[dict[str, Any]]:
        return [row for page in month.pages(path, limit="100", **query) for row in page]

    receipts = f"/sessions/{session_id}/transactions"
    everything = rows(receipts)
    receipt = next(row for row in everything if row["purpose"] and row["merchant_name"])
    for text in (
        receipt["employee_name"].lower(),
        receipt["merchant_name"].lower(),
        receipt["purpose"].upper(),
        receipt["amount"],
        f"{receipt['amount']} {receipt['merchant_name'].split()[0]}",
    ):
        found = rows(receipts, q=text)
        assert receipt in found, text
        assert len(found) < len(everything), text
    amount = rows(receipts, q=receipt["amount"])
    assert {row["amount"].lstrip("-") for row in amount} == {receipt["amount"].lstrip("-")}
    assert rows(receipts, q="%") == []
    revision = f"/revisions/{receipt['employee_revision_id']}/transactions"
    assert receipt["transaction_id"] in {
        row["transaction_id"] for row in rows(revision, q=receipt["amount"])
    }
    issues = f"/sessions/{session_id}/issues"
    name = rows(issues)[0]["employee_name"]
    assert {row["employee_name"] for row in rows(issues, q=name)} == {name}
    work = rows("/issues", session_id=session_id, q=name)
    assert {row["employee_name"] for row in work} == {name}
    assert rows(f"/sessions/{session_id}/charges", q=name) == []
    for text in ("a" * 201, "a " * 11):
        answer = month.get(receipts, q=text)
        assert (answer.status_code, answer.get_json()["field"]) == (400, "q")


def cursor(value: object) -> str:
    """Return a cursor that holds a value."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (path, query)
        for path in ("/sessions", "/sessions/{}/employees", "/sessions/{}/issues")
        for query in (
            {"limit": "0"},
            {"limit": "101"},
            {"limit": "-1"},
            {"limit": "1e1"},
            {"limit": "\u0665"},
            {"limit": ""},
            {"cursor": "x"},
            {"cursor": ""},
            {"cursor": "\u00e4"},
            {"cursor": cursor([])},
            {"cursor": cursor({"a": 1})},
            {"cursor": cursor(["a", "b", "c"])},
            {"cursor": cursor([None, None])},
            {"cursor": cursor(["' OR true --", "x"])},
            {"cursor": base64.urlsafe_b64encode(b"[" * 4000).decode()},
            {"status": "a\0"},
            {"order": "name"},
        )
    ],
    ids=str,
)
def test_a_wrong_parameter_is_named(
    month: Api, session_id: str, path: str, query: dict[str, str]
) -> None:
    """400 with the parameter, never an empty list or a 500."""
    answer = month.get(path.format(session_id), **query)
    assert answer.status_code == 400, answer.get_json()
    assert [error["path"] for error in answer.get_json()["errors"]] == list(query)


def test_a_parameter_given_twice_is_refused(month: Api) -> None:
    """Which one counts would be a guess."""
    answer = month.call("GET", "/sessions?limit=5&limit=6")
    assert answer.status_code == 400


@pytest.mark.parametrize("text", ["'; DROP TABLE app.users; --", "%", "\\", "\u202e", "a" * 400])
def test_a_filter_is_a_value_and_never_sql(month: Api, session_id: str, text: str) -> None:
    """Nothing found, nothing broken."""
    answer = month.get(f"/sessions/{session_id}/issues", person=text, rule=text)
    assert answer.status_code == 200
    assert answer.get_json()["items"] == []


@pytest.mark.parametrize("tail", ["", "/employees", "/issues"])
def test_an_unknown_session_is_404(month: Api, tail: str) -> None:
    """A known form and an unknown one; an empty session is no unknown one."""
    for unknown in ("00000000-0000-7000-8000-000000000000", "x", "0"):
        assert month.get(f"/sessions/{unknown}{tail}").status_code == 404


def test_an_empty_session_has_empty_lists(api: Api) -> None:
    """200 with no rows."""
    made = api.post("/sessions").get_json()["session_id"]
    for tail in ("employees", "issues"):
        answer = api.get(f"/sessions/{made}/{tail}")
        assert answer.get_json() == {"items": [], "next_cursor": None}
