"""Correcting receipts, going back, comparing sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.service.conftest import DATA

if TYPE_CHECKING:
    from tests.service.conftest import Api

UNKNOWN = "00000000-0000-7000-8000-000000000000"


@pytest.fixture
def session_id(api: Api) -> str:
    """Return a session with the small month."""
    answer = api.upload(DATA / "small" / "activity.json")
    assert answer.status_code == 201, answer.get_json()
    return str(answer.get_json()["session_id"])


@pytest.fixture
def uncoded(api: Api, session_id: str) -> list[dict[str, Any]]:
    """Return the receipts without coding."""
    return without_coding(api, session_id)


@pytest.fixture(scope="module")
def quiet_session(quiet: Api) -> str:
    """Return a session with the small month in which nothing is ever corrected."""
    return str(quiet.upload(DATA / "small" / "activity.json").get_json()["session_id"])


def without_coding(api: Api, session_id: str) -> list[dict[str, Any]]:
    """Return the receipts of a session without coding."""
    items: list[dict[str, Any]] = api.get(
        f"/sessions/{session_id}/transactions", coded="false"
    ).get_json()["items"]
    return items


def correction(receipt: dict[str, Any], **changes: object) -> dict[str, Any]:
    """Make a correction of a receipt as it was read."""
    return {
        "transaction_id": receipt["transaction_id"],
        "employee_revision_id": receipt["employee_revision_id"],
        "changes": changes,
    }


def recode(api: Api, session_id: str, receipts: list[dict[str, Any]], **options: Any) -> Any:  # noqa: ANN401
    """Give receipts a GL account."""
    changes = {"coding_type": "gl_coding", "gl_account": "6120.100"}
    body = {
        "corrections": [correction(receipt, **changes) for receipt in receipts],
        "reason": "as told",
        **options,
    }
    user, key = body.pop("user", "pat"), body.pop("key", None)
    return api.post(f"/sessions/{session_id}/corrections", user=user, key=key, **body)


def test_coding_what_was_missing_closes_its_issues(
    api: Api, session_id: str, uncoded: list[dict[str, Any]]
) -> None:
    """One revision per person; the receipts keep their ids."""
    answer = recode(api, session_id, uncoded, reason="job sheets of March")
    assert answer.status_code == 200, answer.get_json()
    history = f"/objects/{uncoded[0]['transaction_id']}/history"
    told = api.get(history, "ada", bookkeeping="false").get_json()["items"]
    assert [row["reason"] for row in told] == [None, "job sheets of March"]
    assert api.get(history, "ada", bookkeeping="true").get_json()["items"] == []
    people = {receipt["employee_revision_id"] for receipt in uncoded}
    assert answer.get_json() == {
        "session_id": session_id,
        "transactions_changed": len(uncoded),
        "revisions_made": len(people),
    }
    assert api.get(f"/sessions/{session_id}/transactions", coded="false").get_json()["items"] == []
    issues = api.get(f"/sessions/{session_id}/issues", rule="missing_coding_info").get_json()
    assert {issue["state"] for issue in issues["items"]} == {"auto_closed"}
    employees = api.get(f"/sessions/{session_id}/employees").get_json()["items"]
    changed = [one for one in employees if one["revision_number"] == 2]
    assert len(changed) == len(people)
    assert {one["reason"] for one in changed} == {"job sheets of March"}


def test_repeating_a_correction_gives_the_first_answer(
    api: Api, session_id: str, uncoded: list[dict[str, Any]]
) -> None:
    """The revision it saw is gone, and still the same key is the same answer."""
    first = recode(api, session_id, uncoded, key="once")
    assert recode(api, session_id, uncoded, key="once").get_json() == first.get_json()


def test_a_correction_of_an_old_revision_is_stale(
    api: Api, session_id: str, uncoded: list[dict[str, Any]]
) -> None:
    """And says whose change came first."""
    recode(api, session_id, uncoded)
    answer = recode(api, session_id, uncoded)
    assert answer.status_code == 409
    assert answer.get_json()["code"] == "stale_version"
    assert "pat correction" in answer.get_json()["detail"]


def test_what_changes_nothing_makes_no_revision(
    api: Api, session_id: str, uncoded: list[dict[str, Any]]
) -> None:
    """The same values again."""
    same = correction(uncoded[0], purpose=uncoded[0]["purpose"])
    answer = api.post(f"/sessions/{session_id}/corrections", corrections=[same], reason="x")
    assert answer.get_json()["revisions_made"] == 0


@pytest.mark.parametrize("field", ["is_coded", "session_id", "natural_key", "net_amount"])
def test_some_columns_are_not_corrected(quiet: Api, quiet_session: str, field: str) -> None:
    """Keys, what is computed, and what the bank says."""
    wrong = correction(without_coding(quiet, quiet_session)[0], **{field: "1"})
    answer = quiet.post(f"/sessions/{quiet_session}/corrections", corrections=[wrong], reason="x")
    assert answer.status_code == 400
    assert answer.get_json()["code"] == "invalid_argument"


@pytest.mark.parametrize(
    "body",
    [
        {"reason": "x"},
        {"corrections": [], "reason": "x"},
        {"corrections": ["x"], "reason": "x"},
        {"corrections": [{}]},
    ],
)
def test_a_correction_without_list_or_reason_is_refused(
    quiet: Api, quiet_session: str, body: dict[str, Any]
) -> None:
    """Before the database is asked."""
    answer = quiet.post(f"/sessions/{quiet_session}/corrections", **body)
    assert answer.status_code == 400


def test_a_reviewer_corrects_nothing(quiet: Api, quiet_session: str) -> None:
    """Only those who may import may correct."""
    found = without_coding(quiet, quiet_session)
    assert recode(quiet, quiet_session, found, user="rae").status_code == 403


def test_an_old_revision_is_restored(
    api: Api, session_id: str, uncoded: list[dict[str, Any]]
) -> None:
    """As a new one; its issues are open again."""
    old = uncoded[0]["employee_revision_id"]
    recode(api, session_id, uncoded)
    people = api.get(f"/sessions/{session_id}/employees").get_json()["items"]
    (current,) = [one for one in people if one["predecessor_id"] == old]
    answer = api.post(
        f"/revisions/{old}/restore", expected_revision_id=current["revision_id"], reason="wrong job"
    )
    assert answer.status_code == 201, answer.get_json()
    restored = answer.get_json()
    assert (restored["revision_number"], restored["origin"]) == (3, "restore")
    assert restored["validation_flags"]["missing_coding_info"]
    again = {"expected_revision_id": current["revision_id"]}
    answer = api.post(f"/revisions/{old}/restore", **again)
    assert (answer.status_code, answer.get_json()["field"]) == (400, "reason")
    answer = api.post(f"/revisions/{old}/restore", reason="again", **again)
    assert answer.status_code == 409


def test_a_receipt_is_put_in_moved_and_taken_out(api: Api, session_id: str) -> None:
    """Each by one call with its reason; both people have a revision of their own."""
    path = f"/sessions/{session_id}/transactions"
    people = {
        row["employee_name"]: row["revision_id"]
        for row in api.get(f"/sessions/{session_id}/employees").get_json()["items"]
    }
    first, second = sorted(people)[:2]
    said = {"amount": "18.50", "transaction_date": "2025-03-14", "merchant_name": "Harbor Deli"}
    body: dict[str, Any] = {"expected_revision_id": people[first], "receipt": said}
    assert api.post(path, **body).get_json()["field"] == "reason"
    body["reason"] = "came by post"
    wrong = api.post(path, **{**body, "receipt": {"amount": "12.345", "sum": 1}})
    assert wrong.status_code == 400
    assert [error["path"] for error in wrong.get_json()["errors"]] == [
        "receipt.amount",
        "receipt.sum",
    ]
    answer = api.post(path, key="add", **body)
    assert answer.status_code == 201, answer.get_json()
    receipt = answer.get_json()
    assert (receipt["employee_name"], receipt["amount"]) == (first, "18.50")
    assert api.post(path, key="add", **body).get_json() == receipt
    assert api.post(path, **body).get_json()["code"] == "stale_version"
    one = f"{path}/{receipt['transaction_id']}"
    move: dict[str, Any] = {
        "expected_revision_id": receipt["employee_revision_id"],
        "to_revision_id": people[second],
        "reason": "handed in for her",
    }
    answer = api.post(f"{one}/move", **move)
    assert answer.status_code == 200, answer.get_json()
    receipt = answer.get_json()
    assert receipt["employee_name"] == second
    assert api.post(f"{one}/move", **move).status_code == 409
    out = {"expected_revision_id": receipt["employee_revision_id"], "reason": "a copy"}
    assert api.post(f"{one}/remove", "rae", **out).status_code == 403
    answer = api.post(f"{one}/remove", **out)
    assert answer.status_code == 200, answer.get_json()
    assert answer.get_json()["employee_name"] == second
    found = api.get(path, q="harbor deli").get_json()["items"]
    assert found == []


def test_a_processor_cancels_what_they_opened(api: Api, session_id: str) -> None:
    """While it is empty; nothing that was accepted, and nothing of others."""
    opened = api.post("/sessions", session_name="By mistake").get_json()
    of_ada = api.post("/sessions", user="ada", session_name="Hers").get_json()
    for session, code in ((session_id, 403), (of_ada["session_id"], 403)):
        version = api.get(f"/sessions/{session}").get_json()["version"]
        answer = api.post(f"/sessions/{session}/cancel", expected_version=version)
        assert (answer.status_code, answer.get_json()["code"]) == (code, "not_own_session")
    path = f"/sessions/{opened['session_id']}/cancel"
    version = api.get(f"/sessions/{opened['session_id']}").get_json()["version"]
    told = api.post(path, expected_version=version, dry_run=True).get_json()
    assert (told["outcome"], told["status"], told["version"]) == ("dry_run", "open", version)
    done = api.post(path, expected_version=version).get_json()
    assert (done["outcome"], done["status"]) == ("done", "cancelled")


def test_what_cancelling_takes_back_is_told_before(
    api: Api, session_id: str, uncoded: list[dict[str, Any]]
) -> None:
    """By person, with the submission that counts then; nothing is changed by asking."""
    recode(api, session_id, uncoded)
    name = api.get(f"/sessions/{session_id}").get_json()["session_name"]
    path = f"/sessions/{session_id}"
    before = api.get(path).get_json()
    seen = {"user": "ada", "expected_version": before["version"]}
    told = api.post(f"{path}/cancel", **seen, dry_run=True)
    assert told.status_code == 200, told.get_json()
    assert told.get_json()["outcome"] == "dry_run"
    assert (told.get_json()["session_name"], told.get_json()["counts_then"]) == (name, None)
    assert api.get(path).get_json() == before
    stale = {"user": "ada", "expected_version": before["version"] + 1}
    assert api.post(f"{path}/cancel", **stale, dry_run=True).status_code == 409


def test_two_sessions_are_compared(
    api: Api, session_id: str, uncoded: list[dict[str, Any]]
) -> None:
    """Summary first, then each difference with both values."""
    answer = api.upload(DATA / "small" / "activity_by_id.json", programme="By id")
    other = answer.get_json()["session_id"]
    recode(api, session_id, uncoded)
    pages = api.pages(f"/sessions/{other}/compare/{session_id}", limit="5")
    rows = [row for page in pages for row in page]
    assert [row["kind"] for row in rows[:3]] == ["summary"] * 3
    accounts = [row for row in rows if row["field"] == "gl_account"]
    assert len(accounts) == len(uncoded)
    assert {row["new_value"] for row in accounts} == {"6120.100"}
    assert api.get(f"/sessions/{other}/compare/{UNKNOWN}").status_code == 404
