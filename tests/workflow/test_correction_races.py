"""Clients correct the same person at once: one wins, the others are told, nothing is lost."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING, Any, LiteralString

import psycopg
import pytest

from tests.workflow.month import act, import_month, make_users, month

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 8
CURRENT: LiteralString = """
SELECT t.transaction_id::text, t.employee_revision_id::text FROM app.session_employees AS e
JOIN app.transactions AS t ON t.employee_revision_id = e.current_revision_id ORDER BY t.position"""
# The marks in a receipt of each revision of the person, oldest first.
MARKS: LiteralString = """
SELECT t.purpose FROM app.employee_revisions AS r
JOIN app.transactions AS t ON t.employee_revision_id = r.revision_id AND t.transaction_id = %s
ORDER BY r.revision_number"""
CHAIN: LiteralString = """
SELECT r.revision_number, r.revision_id, r.predecessor_id FROM app.employee_revisions AS r
ORDER BY r.revision_number, r.processed_at"""
PEOPLE: LiteralString = """
SELECT e.cardholder_id::text FROM app.session_employees AS e ORDER BY e.cardholder_id"""
HOLD: LiteralString = """
SELECT FROM app.session_employees AS e WHERE e.cardholder_id = %s FOR NO KEY UPDATE"""
AMOUNT: LiteralString = """
UPDATE api.current_transactions AS t SET amount = 11 FROM report.employee_revisions AS e
WHERE e.revision_id = t.employee_revision_id AND e.cardholder_id = %s"""
WAITING: LiteralString = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
NEWEST: LiteralString = "SELECT e.current_revision_id FROM app.session_employees AS e"


@pytest.fixture(params=[2, 8])
def clients(
    request: pytest.FixtureRequest, connect: Callable[..., psycopg.Connection]
) -> list[psycopg.Connection]:
    """Return connections of the service to a database with one person of one month."""
    make_users(connect("ccp_owner"))
    import_month(connect(), month(1, request.param))
    return [connect() for _ in range(request.param)]


def mark_of(number: int, turn: int) -> str:
    """Return what a client writes in a round; digits alone would be taken for card numbers."""
    return f"client{number}round{turn}"


def attempt(client: psycopg.Connection, mark: str, statement: LiteralString, values: Any) -> str:  # noqa: ANN401
    """Make one correction in a transaction of its own; return its mark or the SQLSTATE."""
    try:
        act(client, "pat")
        client.execute("SELECT set_config('app.reason', 'as told', true)")
        client.execute(statement, values)
        client.commit()
    except psycopg.Error as error:
        client.rollback()
        return str(error.sqlstate)
    return mark


def race(clients: list[psycopg.Connection], work: Callable[[int], str]) -> list[str]:
    """Let all clients start at once; return what each came to."""
    start = Barrier(len(clients))

    def run(number: int) -> str:
        start.wait()
        return work(number)

    with ThreadPoolExecutor(len(clients)) as pool:
        return list(pool.map(run, range(len(clients))))


def check_chain(superuser: psycopg.Connection, corrections: int) -> None:
    """Assert one revision for each accepted correction, without gap or fork."""
    numbers, ids, predecessors = zip(*superuser.execute(CHAIN).fetchall(), strict=True)
    assert numbers == tuple(range(1, corrections + 2))
    assert predecessors == (None, *ids[:-1])
    assert superuser.execute(NEWEST).fetchone() == ids[-1:]


def test_one_of_all_who_saw_the_same_revision_wins(
    clients: list[psycopg.Connection], superuser: psycopg.Connection
) -> None:
    """Each corrects another receipt of the revision all have seen; the losers are told."""
    won = []
    for turn in range(ROUNDS):
        seen = superuser.execute(CURRENT).fetchall()

        def correct(number: int, seen: list[Any] = seen, turn: int = turn) -> str:
            """Leave a mark in one's own receipt."""
            receipt, revision = seen[number]
            mark = mark_of(number, turn)
            item = {
                "transaction_id": receipt,
                "employee_revision_id": revision,
                "changes": {"purpose": mark},
            }
            call: LiteralString = (
                "SELECT api.correct_transactions("
                "(SELECT session_id FROM report.employee_revisions), %s, 'as told')"
            )
            return attempt(clients[number], mark, call, (json.dumps([item]),))

        outcomes = race(clients, correct)
        assert outcomes.count("ST001") == len(clients) - 1, outcomes
        won += [one for one in outcomes if one != "ST001"]
    check_chain(superuser, ROUNDS)
    for number, (receipt, _) in enumerate(superuser.execute(CURRENT).fetchall()):
        own = [mark for mark in won if mark.startswith(f"client{number}")]
        marks = [mark for (mark,) in superuser.execute(MARKS, (receipt,)).fetchall()]
        assert list(dict.fromkeys(marks)) == [None, *own]
        assert marks[-1] == (own[-1] if own else None)


def test_no_mark_of_a_plain_update_is_lost(
    clients: list[psycopg.Connection], superuser: psycopg.Connection
) -> None:
    """All add marks to the same receipts; whoever was told of success finds the mark at the end."""
    add: LiteralString = (
        "UPDATE api.current_transactions SET purpose = concat(purpose, %s::text, ' ')"
    )

    def correct(number: int) -> str:
        """Try several times; answer all outcomes."""
        return ",".join(
            attempt(clients[number], mark_of(number, turn), add, (mark_of(number, turn),))
            for turn in range(ROUNDS)
        )

    outcomes = ",".join(race(clients, correct)).split(",")
    done = [one for one in outcomes if one.startswith("client")]
    assert set(outcomes) - set(done) <= {"ST001"}
    assert len(done) >= ROUNDS
    check_chain(superuser, len(done))
    for receipt, _ in superuser.execute(CURRENT).fetchall():
        marks = [mark or "" for (mark,) in superuser.execute(MARKS, (receipt,)).fetchall()]
        assert sorted(marks[-1].split()) == sorted(done)
        assert [len(mark.split()) for mark in marks] == list(range(len(done) + 1))


def test_two_who_correct_receipts_of_one_id_do_not_deadlock(
    connect: Callable[..., psycopg.Connection], superuser: psycopg.Connection
) -> None:
    """Each judges the others who show it: whoever may be asked is locked in one order."""
    make_users(connect("ccp_owner"))
    shared = month(3, 1)
    for person in shared.values():
        person["receipts"]["6120.100"][0]["rec_id"] = "777"
    import_month(connect(), shared)
    first, *others = (row[0] for row in superuser.execute(PEOPLE).fetchall())
    holder = connect("ccp_owner")
    holder.execute(HOLD, (first,))

    def correct(person: str) -> str:
        """Correct the amount of somebody's receipt."""
        with connect() as client:
            act(client, "pat")
            client.execute("SELECT set_config('app.reason', 'as told', true)")
            try:
                client.execute(AMOUNT, (person,))
                client.commit()
            except psycopg.Error as error:
                return str(error.sqlstate)
        return "corrected"

    with ThreadPoolExecutor(len(others)) as pool:
        corrected = [pool.submit(correct, person) for person in others]
        while superuser.execute(WAITING).fetchone() != (len(others),):
            assert not any(one.done() for one in corrected), [one.result() for one in corrected]
        holder.rollback()
        assert [one.result() for one in corrected] == ["corrected"] * len(others)
