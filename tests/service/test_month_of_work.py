"""A month as it goes: submitted, corrected, submitted again; nothing people said is lost."""

from __future__ import annotations

import copy
import json
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any, LiteralString, NamedTuple

import pytest

from tests.service.conftest import DATA
from tests.workflow.test_resubmission import TREATMENTS, WAIVER

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg

    from tests.service.conftest import Api

MONTH: dict[str, Any] = json.loads((DATA / "medium" / "activity.json").read_text())
CODED = 40
OURS, THEIRS = "6120.100", "7000.100"
KNOWN = ("external_transaction_id", "transaction_id", "employee_name", "employee_revision_id")
CODE: LiteralString = (
    "UPDATE api.current_transactions SET coding_type = 'gl_coding', gl_account = %s,"
    " job_number = NULL, job_phase = NULL, cost_type = NULL WHERE transaction_id = ANY (%s)"
)
PUT_IN: LiteralString = (
    "INSERT INTO api.current_transactions"
    " (employee_revision_id, amount, transaction_date, merchant_name)"
    " SELECT e.revision_id, %s::numeric, to_date(%s, 'MM/DD/YYYY'), %s"
    " FROM report.employee_revisions AS e WHERE e.session_id = %s AND e.employee_name = %s"
)
TAKE_OUT: LiteralString = "DELETE FROM api.current_transactions WHERE transaction_id = %s"
MOVE: LiteralString = (
    "UPDATE api.current_transactions SET employee_revision_id = (SELECT e.revision_id"
    " FROM report.employee_revisions AS e WHERE e.session_id = %s AND e.employee_name = %s)"
    " WHERE transaction_id = ANY (%s)"
)
Key = tuple[str, str, str]


class Work(NamedTuple):
    """What was done with a month: its file as it should have been, and what was said about it."""

    whole: dict[str, Any]
    first: str
    coded: list[dict[str, Any]]
    late: dict[str, Any]
    states: dict[Key, str]
    proposed: Key


def receipts_of(month: dict[str, Any]) -> list[tuple[str, list[Any], Any]]:
    """Return all receipts of a file with their people and the lists they are in."""
    return [
        (name, receipts, receipt)
        for name, person in month.items()
        for receipts in person.get("receipts", {}).values()
        for receipt in receipts
    ]


def submit(api: Api, month: dict[str, Any], parent: str | None, **form: Any) -> dict[str, Any]:  # noqa: ANN401
    """Hand in a file and return the answer."""
    query = {} if parent is None else {"parent_session_id": parent}
    answer = api.upload(json.dumps(month, **form).encode(), **query)
    assert answer.status_code == 201, answer.get_json()
    return dict(answer.get_json())


def listed(api: Api, session: str, name: str, **query: str) -> list[dict[str, Any]]:
    """Return all rows of a list of a submission."""
    return [
        row
        for page in api.pages(f"/sessions/{session}/{name}", limit="100", **query)
        for row in page
    ]


def issues(api: Api, session: str) -> dict[Key, dict[str, Any]]:
    """Return the issues of a submission by what makes them the same in another one."""
    return {
        (row["employee_name"], row["issue_type"], row["fingerprint"].split("|")[2]): row
        for row in listed(api, session, "issues")
    }


@pytest.fixture
def work(api: Api, connect: Callable[..., psycopg.Connection]) -> Work:
    """Return a month without three receipt pages, corrected and decided in every way."""
    whole = copy.deepcopy(MONTH)
    once = Counter(receipt["rec_id"] for _, _, receipt in receipts_of(whole))
    early = copy.deepcopy(whole)
    pages = [
        (name, receipts, receipt)
        for name, receipts, receipt in receipts_of(early)
        if len(receipts) > 3 and once[receipt["rec_id"]] == 1 and receipt["coded"]
    ]
    late = list({name: page for name, *page in pages}.items())[:3]
    for _, (receipts, receipt) in late:
        receipts.remove(receipt)
    first = submit(api, early, None, indent=2)["session_id"]

    rows = [
        {name: row[name] for name in (*KNOWN, "is_coded")}
        for row in listed(api, first, "transactions")
        if once[row["external_transaction_id"]] == 1
    ]
    coded = [row for row in rows if not row["is_coded"]][:CODED]
    touched = {row["employee_name"] for row in coded} | {name for name, _ in late}
    enough = Counter(row["employee_name"] for row in rows if row["is_coded"])
    giver = next(row["employee_name"] for row in coded if enough[row["employee_name"]] > 2)
    taken, *moved = [row for row in rows if row["is_coded"] and row["employee_name"] == giver][:3]
    maker, (_, made) = late[0]
    assert (len(coded), len(moved)) == (CODED, 2)
    with connect() as pat:
        pat.execute("SET ROLE ccp_processor")
        pat.execute("SELECT set_config('app.actor', 'pat', false)")
        pat.execute("SELECT set_config('app.reason', 'as told by mail', false)")
        for statement, values in (
            (CODE, (OURS, [row["transaction_id"] for row in coded])),
            (PUT_IN, (made["amt"], made["date"], made["merch_name"], first, maker)),
            (TAKE_OUT, (taken["transaction_id"],)),
            (MOVE, (first, late[1][0], [row["transaction_id"] for row in moved])),
        ):
            assert pat.execute(statement, values).rowcount
            pat.commit()

    states = {}
    own = {
        key: row
        for key, row in issues(api, first).items()
        if key[0] not in touched and row["is_open"]
    }
    # The small ones, which one person decides alone.
    of_money = sorted(
        (Decimal(row["amount_impact"]), key) for key, row in own.items() if row["amount_impact"]
    )
    for (_, key), way in zip(of_money, TREATMENTS, strict=False):
        states[key] = treat(api, own[key], way)
    assert len(states) == len(TREATMENTS)
    (proposed,) = (key for key, way in zip(states, TREATMENTS, strict=True) if way == [WAIVER])
    return Work(whole, first, coded, {"person": maker, "receipt": made}, states, proposed)


def treat(api: Api, row: dict[str, Any], way: list[Any]) -> str:
    """Take steps with an issue and return the state they lead to."""
    version = row["version"]
    for step in way:
        path = f"/issues/{row['issue_id']}/{step.call}"
        answer = api.post(path, step.user, expected_version=version, **step.body)
        assert answer.status_code == 200, answer.get_json()
        version = answer.get_json()["version"]
    return str(answer.get_json()["state"])


def test_nothing_people_said_is_lost_and_nothing_is_asked_twice(
    api: Api, work: Work, superuser: psycopg.Connection
) -> None:
    """Each statement has its fate; two conflicts are decided both ways; other bytes ask nothing."""
    said = superuser.execute("SELECT count(*) FROM app.corrections").fetchone()
    for row, changes in zip(
        work.coded,
        [{"code_type": "GL Coding", "gl_acct": THEIRS, "coded": True}] * 2 + [{"amt": "3.21"}] * 2,
        strict=False,
    ):
        (receipt,) = (
            receipt
            for _, _, receipt in receipts_of(work.whole)
            if receipt["rec_id"] == row["external_transaction_id"]
        )
        receipt |= changes

    answer = submit(api, work.whole, work.first)
    second = answer["session_id"]
    # 38 codes, one taken out, two moved; the one made by hand arrived; two are coded otherwise.
    assert answer["report"]["corrections"] == {"in_force": 41, "arrived": 1, "conflict": 2}
    corrections = listed(api, second, "corrections")
    assert said == (len(corrections),)
    fates = Counter((row["field_group"], row["fate"]) for row in corrections)
    assert fates["coding", "in_force"] == CODED - 2
    assert fates["coding", "conflict"] == 2
    assert fates["presence", "in_force"] == fates["presence", "arrived"] == 1
    assert fates["person", "in_force"] == 2
    assert {fate for _, fate in fates} == {"in_force", "arrived", "conflict"}
    shown = {row["transaction_id"]: row for row in listed(api, second, "transactions")}
    accounts = Counter(shown[row["transaction_id"]]["gl_account"] for row in work.coded)
    assert accounts == {OURS: CODED - 2, THEIRS: 2}
    assert [shown[row["transaction_id"]]["amount"] for row in work.coded[2:4]] == ["3.21", "3.21"]
    # What was decided about others is as it was.
    found = issues(api, second)
    assert {key: found[key]["state"] for key in work.states} == work.states

    asked = [
        row for key, row in found.items() if key[1] == "correction_conflict" and row["is_open"]
    ]
    assert {row["transaction_id"] for row in asked} == {
        row["transaction_id"] for row in work.coded[:2]
    }
    for row, keeps in zip(work.coded, (True, False), strict=False):
        path = f"/sessions/{second}/transactions/{row['transaction_id']}"
        now = {one["transaction_id"]: one for one in listed(api, second, "transactions")}
        seen = now[row["transaction_id"]]["employee_revision_id"]
        decided = api.post(
            f"{path}/decide-conflict",
            expected_revision_id=seen,
            keep_correction=keeps,
            reason="looked up",
        )
        assert decided.status_code == 200, decided.get_json()
        assert decided.get_json()["gl_account"] == (OURS if keeps else THEIRS)

    before = {key: row["state"] for key, row in issues(api, second).items()}
    third = submit(api, work.whole, second, indent=1)["session_id"]
    after = {key: row["state"] for key, row in issues(api, third).items()}
    gone = {key for key, state in before.items() if state == "auto_closed"}
    assert after == {key: state for key, state in before.items() if key not in gone}
    assert not [
        key
        for key, row in issues(api, third).items()
        if key[1] == "correction_conflict" and row["is_open"]
    ]

    settle(api, third, work.proposed)
    close_reopen_and_close(api, work, third)


def close_reopen_and_close(api: Api, work: Work, session: str) -> None:
    """Close the month, see it refuse, reopen it for a late receipt, and close it again."""
    below = f"/months/{api.get(f'/sessions/{session}').get_json()['month_id']}"
    # Three were said to be mended and are not.
    claims = [
        row
        for row in api.get(f"{below}/obstacles").get_json()["items"]
        if row["kind"] != "not_posted"
    ]
    assert [row["kind"] for row in claims] == ["blocking_issue"] * 3
    again = WAIVER._replace(call="reopen", user="ada", body={"note": "It is not there"})
    for claim in claims:
        treat(api, api.get(f"/issues/{claim['object_id']}").get_json(), [again])
    agree_on_the_rest(api, session)
    assert hand_over(api, session) > 0
    assert step(api, below, "close", "rae")["state"] == "closed"
    shown = listed(api, session, "transactions")[0]
    late = copy.deepcopy(work.whole)
    person, receipts, receipt = receipts_of(late)[0]
    receipts.append({**receipt, "rec_id": "49999999"})
    content = json.dumps(late).encode()
    some = next(iter(issues(api, session).values()))
    for answer in (
        api.upload(content, parent_session_id=session),
        api.post(
            f"/sessions/{session}/corrections",
            "pat",
            reason="late",
            corrections=[
                {
                    "transaction_id": shown["transaction_id"],
                    "employee_revision_id": shown["employee_revision_id"],
                    "changes": {"purpose": "late"},
                }
            ],
        ),
        api.post(f"/issues/{some['issue_id']}/note", expected_version=some["version"], note="late"),
    ):
        assert (answer.status_code, answer.get_json()["code"]) == (409, "month_closed")

    assert step(api, below, "reopen", "ada")["state"] == "open"
    fourth = submit(api, late, session)["session_id"]
    assert person in {key[0] for key, row in issues(api, fourth).items() if row["is_open"]}
    agree_on_the_rest(api, fourth)
    assert hand_over(api, fourth) == 1
    assert step(api, below, "close", "rae")["latest_session_id"] == fourth
    events = [row["kind"] for row in api.get(f"{below}/events").get_json()["items"]]
    assert events == ["closed", "reopened", "closed"]


def hand_over(api: Api, session: str) -> int:
    """Hand over to accounting what no batch has yet, and return how many receipts those were."""
    batches = f"/sessions/{session}/accounting-batches"
    asked = {"people": "all", "reason": "The month is complete"}
    seen = api.post(batches, **asked)
    assert seen.status_code == 200, seen.get_json()
    made = api.post(batches, **asked, expected_sha256=seen.get_json()["sha256"])
    assert made.status_code == 200, made.get_json()
    assert made.get_json()["outcome"] == "exported"
    return int(made.get_json()["line_count"])


def step(api: Api, below: str, call: str, user: str) -> dict[str, Any]:
    """Close or reopen a month at its version and return it."""
    version = api.get(below).get_json()["version"]
    answer = api.post(f"{below}/{call}", user, expected_version=version, reason="As agreed")
    assert answer.status_code == 200, answer.get_json()
    return dict(answer.get_json())


def settle(api: Api, session: str, proposed: Key) -> None:
    """Waive what blocks three people, and decide the rest of what blocks in one call."""
    blocking = {
        key: row for key, row in issues(api, session).items() if row["is_open"] and row["blocks"]
    }
    unknown = {key[0] for key, row in blocking.items() if not row["amount_impact"]}
    waived = sorted({key[0] for key in blocking} - unknown)[:3]
    agree = WAIVER._replace(call="waiver/approve", user="rae", body={"note": "Agreed"})
    for key, row in blocking.items():
        if key == proposed:
            treat(api, row, [agree])
        elif key[0] in waived:
            treat(api, row, [WAIVER, agree])
    rest = [
        {"issue_id": row["issue_id"], "expected_version": row["version"]}
        for row in issues(api, session).values()
        if row["is_open"] and row["blocks"]
    ]
    answer = api.post("/issues/resolve", "ada", items=rest, method="explained", notes="Known")
    assert answer.status_code == 200, answer.get_json()
    assert answer.get_json()["done"] > len(rest) / 2
    agree_on_the_rest(api, session)


def agree_on_the_rest(api: Api, session: str) -> None:
    """Propose what is unknown or too much for one person, and agree as another one."""
    agree = WAIVER._replace(call="waiver/approve", user="rae", body={"note": "Agreed"})
    two = WAIVER._replace(
        call="decision", user="ada", body={"proposed_method": "explained", "notes": "Known"}
    )
    for row in issues(api, session).values():
        if row["is_open"] and row["blocks"]:
            treat(api, row, [two, agree])
