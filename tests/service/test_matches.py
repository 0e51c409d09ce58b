"""Deciding which charge and which receipt belong together."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.matching import month
from tests.matching.month import Charge, Person, Receipt

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    import psycopg

    from svc.embedded.cluster import Cluster
    from tests.service.conftest import Api

UNKNOWN = "00000000-0000-7000-8000-000000000000"
DAY = datetime.date(2025, 3, 11)
CHARGE = Charge("c", Decimal("30.00"), DAY, DAY, "HARBOR FUEL STOP 0")
RECEIPTS = tuple(
    Receipt(key, Decimal(amount), DAY + datetime.timedelta(60), "HARBOR FUEL STOP 0412")
    for key, amount in (("r", "10.00"), ("s", "20.00"))
)


@pytest.fixture
def session(connect: Callable[..., psycopg.Connection]) -> UUID:
    """Return a session of one person: a charge, and two receipts too late to be matched."""
    return submitted(connect("ccp_owner", autocommit=True))


def submitted(owner: psycopg.Connection) -> UUID:
    """Submit it and return its session."""
    return month.submit(owner, [Person("WADEWINDFALLOW", (CHARGE,), RECEIPTS)])


@pytest.fixture
def pairs(session: UUID, api: Api) -> dict[str, Any]:
    """Return what a decision about the charge with both receipts has to name."""
    return named(api, session)


@pytest.fixture(scope="module")
def quiet_pairs(cluster: Cluster, shared_database: str, quiet: Api) -> dict[str, Any]:
    """Return the same of a submission about which nothing is ever decided."""
    with cluster.login("ccp_owner", shared_database).connect() as owner:
        session = submitted(owner)
    return named(quiet, session)


def named(api: Api, session: UUID) -> dict[str, Any]:
    """Return what a decision about the charge with both receipts has to name."""
    (charge,) = items(api, session, "open-charges")
    receipts = sorted(items(api, session, "open-receipts"), key=lambda row: row["open_amount"])
    return {
        "charge_ids": [charge["charge_id"]] * len(receipts),
        "transaction_ids": [row["transaction_id"] for row in receipts],
        "expected_version": charge["person_version"],
    }


def items(api: Api, session: UUID, name: str, **query: str) -> list[dict[str, Any]]:
    """Return all rows of a list of the session, one page after the other."""
    rows: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        after = {"cursor": cursor} if cursor else {}
        path = f"/sessions/{session}/{name}"
        answer = api.get(path, "ron", limit="1", **query, **after)
        assert answer.status_code == 200, answer.get_json()
        rows += answer.get_json()["items"]
        cursor = answer.get_json()["next_cursor"]
    return rows


def test_matches_and_open_rows_are_listed(api: Api, session: UUID, pairs: dict[str, Any]) -> None:
    """What is open turns into matches; pages, the filter by person and an unknown session."""
    assert items(api, session, "matches") == []
    split = {**pairs, "decision": "split", "amounts": ["10.00", "20.00"], "reason": "Came late"}
    assert api.post("/matches/decide", **split).status_code == 200
    matches = items(api, session, "matches", person="wade")
    assert sorted(row["amount"] for row in matches) == ["10.00", "20.00"]
    assert {row["charge_id"] for row in matches} == set(pairs["charge_ids"])
    assert items(api, session, "matches", person="ida") == []
    assert items(api, session, "open-charges") == items(api, session, "open-receipts") == []
    for name in ("matches", "open-charges", "open-receipts"):
        assert api.get(f"/sessions/{UNKNOWN}/{name}").status_code == 404


def test_a_charge_is_split_and_a_decision_taken_back(api: Api, pairs: dict[str, Any]) -> None:
    """The answer is the bridge; a repeated request gets it again, a stale one is refused."""
    split = {**pairs, "decision": "split", "amounts": ["10.00", 20], "reason": "Came late"}
    answer = api.post("/matches/decide", key="m1", **split)
    assert answer.status_code == 200, answer.get_json()
    bridge = answer.get_json()
    assert (bridge["open_charge_amount"], bridge["open_receipt_amount"]) == ("0.00", "0.00")
    assert (bridge["unexplained"], bridge["is_clean"]) == ("0.00", True)
    assert bridge["version"] == pairs["expected_version"] + 1
    assert api.post("/matches/decide", key="m1", **split).get_json() == bridge
    stale = api.post("/matches/decide", **split)
    assert (stale.status_code, stale.get_json()["code"]) == (409, "stale_version")
    assert "pat match at" in stale.get_json()["detail"]
    undo = {**pairs, "decision": "undo", "expected_version": bridge["version"]}
    undo["reason"] = "Another trip"
    assert api.post("/matches/decide", **undo).get_json()["open_charge_amount"] == "30.00"


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"decision": None}, 400, "decision"),
        ({"decision": "guess"}, 400, "decision"),
        ({"charge_ids": []}, 400, "charge_ids"),
        ({"charge_ids": [None]}, 400, "charge_ids[0]"),
        ({"charge_ids": UNKNOWN}, 400, "charge_ids"),
        ({"transaction_ids": ["x"]}, 400, "transaction_ids[0]"),
        ({"transaction_ids": [UNKNOWN]}, 400, "decision"),
        ({"amounts": ["1.001", "2"]}, 400, "amounts[0]"),
        ({"amounts": [10.0, 20.0]}, 400, "amounts[0]"),
        ({"expected_version": None}, 400, "expected_version"),
        ({"reason": None}, 400, "reason"),
        ({"reason": "  "}, 400, "reason"),
        ({"note": "x"}, 400, "note"),
        ({"charge_ids": [UNKNOWN, UNKNOWN]}, 404, "charge_ids"),
        ({"amounts": ["10.00", "20.01"]}, 422, "amounts"),
    ],
    ids=repr,
)
def test_a_wrong_decision_is_refused(
    quiet: Api, quiet_pairs: dict[str, Any], changes: dict[str, Any], status: int, field: str
) -> None:
    """The member is named, also where the database judges it."""
    body = {**quiet_pairs, "decision": "split", "amounts": ["10.00", "20.00"]}
    body |= {"reason": "x", **changes}
    answer = quiet.post("/matches/decide", **body)
    assert answer.status_code == status, answer.get_json()
    assert answer.get_json()["field"] == field


def test_a_reviewer_decides_no_match(quiet: Api, quiet_pairs: dict[str, Any]) -> None:
    """Only those who may import and correct may decide."""
    for user in ("rae", "ron"):
        assert (
            quiet.post(
                "/matches/decide", user, decision="reject", reason="x", **quiet_pairs
            ).status_code
            == 403
        )
