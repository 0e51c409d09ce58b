"""Calls that write to several people take them in one order: crossing ones wait, none deadlocks."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, LiteralString

import psycopg
import pytest

from tests.workflow.month import act, import_month, make_users, receipt

if TYPE_CHECKING:
    from collections.abc import Callable

    Connect = Callable[..., psycopg.Connection]

# The first one whom a correction locks: of the newest submission of the oldest month.
HELD: LiteralString = """
SELECT FROM app.session_employees AS e
JOIN app.cardholders AS c ON c.cardholder_id = e.cardholder_id
WHERE c.name_key = 'ANN' AND NOT app.has_later_session(e.session_id)
ORDER BY e.session_id LIMIT 1 FOR NO KEY UPDATE OF e
"""
HELD_TURN: LiteralString = "SELECT app.take_turn('month 2025-03 of ')"
WAITING: LiteralString = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
# The amount of the receipt of the first one of this name, in the oldest month.
CORRECT = """
UPDATE api.current_transactions AS t SET amount = 11 FROM report.employee_revisions AS e
WHERE e.revision_id = t.employee_revision_id AND e.employee_name = 'ANN' AND e.session_id = (
    SELECT s.session_id FROM report.sessions AS s
    WHERE s.is_latest ORDER BY s.session_id LIMIT 1)
RETURNING t.amount::text
"""
CORRECT_OTHER = """
UPDATE api.current_transactions AS t SET amount = 12 FROM report.employee_revisions AS e
WHERE e.revision_id = t.employee_revision_id AND e.employee_name = 'BEA'
RETURNING t.amount::text
"""
APPROVE = """
SELECT (api.approve_alias('CYD', 'BEA', 'Called so', p_is_sure => true)).moved_receipts::text
"""
WITHDRAW = "SELECT (api.withdraw_alias('CYD', 1, 'Another one')).moved_receipts::text"
GO_BACK = """
SELECT (api.restore_revision(o.revision_id, r.revision_id, 'As it was')).revision_number::text
FROM report.employee_revisions AS r JOIN report.employee_revisions_history AS o
    ON o.session_id = r.session_id AND o.cardholder_id = r.cardholder_id AND o.revision_number = 1
WHERE r.employee_name = 'BEA'
"""
DECIDE = """
SELECT (api.decide_conflict(t.session_id, t.transaction_id, t.employee_revision_id, true,
    'As told')).amount::text
FROM report.transactions AS t WHERE t.employee_name = 'BEA' AND t.amount = 15
"""
CANCEL = """
SELECT (api.cancel_session(s.session_id, s.version)).outcome FROM report.processing_sessions AS s
ORDER BY s.session_id DESC LIMIT 1
"""
SUBMIT = """
SELECT api.import_activity(%s, 'Again', s.session_id) ->> 'outcome' FROM report.sessions AS s
ORDER BY s.session_id DESC LIMIT 1
"""
SUBMIT_GIVEN = """
SELECT api.import_activity(%s, 'Again', s.session_id, p_period_start => '2025-03-01') ->> 'outcome'
FROM report.sessions AS s ORDER BY s.session_id DESC LIMIT 1
"""
CLOSE = """
SELECT (api.close_past_month(m.month_id, m.version)).version::text FROM report.months AS m
"""
COVER = "SELECT app.cover_person(c.cardholder_id, '{DAN}')::text FROM app.cardholders AS c"
SIGN_OFF = "SELECT (api.sign_off_month(m.month_id, m.version)).state FROM report.months AS m"
GIVE = """
SELECT (api.move_transaction(t.session_id, t.transaction_id, t.employee_revision_id, o.revision_id,
    'As told')).employee_name
FROM report.transactions AS t
JOIN report.employee_revisions AS f ON f.revision_id = t.employee_revision_id
JOIN report.employee_revisions AS o ON o.session_id = f.session_id
WHERE f.employee_name = 'ANN' AND f.employee_id IS NOT DISTINCT FROM %s
    AND (o.employee_name, o.employee_id) IS NOT DISTINCT FROM (%s, %s)
"""
# What the next file has as a receipt, too.
PUT_IN = """
SELECT (api.add_transaction(r.session_id, r.revision_id,
    '{"amount": 5, "transaction_date": "2025-03-15"}', 'As told')).amount::text
FROM report.employee_revisions AS r
"""
PUT_IN_NAMED = """
SELECT (api.add_transaction(r.session_id, r.revision_id,
    '{"amount": 5, "transaction_date": "2025-03-15", "external_transaction_id": "77"}',
    'As told')).amount::text
FROM report.employee_revisions AS r WHERE r.employee_name = %s
"""
DOUBLED: LiteralString = """
SELECT count(*) FROM app.validation_issues AS i
WHERE i.rule_code = 'duplicate_transaction' AND i.description LIKE 'Receipt id 77 %'
"""
TAKE_OUT = """
SELECT (api.remove_transaction(t.session_id, t.transaction_id, t.employee_revision_id,
    'As told')).revision_number::text
FROM report.transactions AS t
"""
SHOWN: LiteralString = """
SELECT c.external_transaction_id, c.amount::text
FROM app.processing_sessions AS s
JOIN app.session_employees AS e ON e.session_id = s.session_id
JOIN app.receipt_links AS l ON l.employee_revision_id = e.current_revision_id
JOIN app.receipt_contents AS c ON c.content_id = l.content_id
WHERE s.parent_session_id IS NOT NULL ORDER BY c.external_transaction_id, c.amount
"""


def person(number: int | None, *receipts: dict[str, Any]) -> dict[str, Any]:
    """Return an entry of a file: of the card report, or of receipts alone."""
    entry: dict[str, Any] = {"receipts": {"6120.100": list(receipts)}}
    if number is not None:
        entry |= {"employee_id": str(number), "car_page_range": [1], "car_total": 10}
    return entry


def dated(content: dict[str, Any], date: str) -> dict[str, Any]:
    """Return a month whose receipts are of another day."""
    return json.loads(json.dumps(content).replace("03/15/2025", date))  # type: ignore[no-any-return]


# The same receipt id in several hands.
NAMED = {"ANN": person(1, receipt(7)), "BEA": person(2), "CYD": person(None, receipt(7))}
SHARED = {"ANN": person(1, receipt(7)), "BEA": person(2, receipt(7))}
BROUGHT = {"ANN": person(1, receipt(7)), "BEA": person(2, receipt(7, "15.00"))}
MARCH = {"ANN": person(1, receipt(7))}
APRIL = dated({"ANN": person(1, receipt(7)), "BEA": person(2)}, "04/15/2025")
WITHOUT = dated({"ANN": person(1, receipt(8)), "BEA": person(2)}, "04/15/2025")


def call(connection: psycopg.Connection, user: str, statement: str, *values: object) -> str:
    """Make a call as a user, in a transaction of its own; return what came, or the SQLSTATE."""
    try:
        act(connection, user)
        connection.execute("SELECT set_config('app.reason', 'as told', true)")
        row = connection.execute(statement.encode(), values).fetchone()
        connection.commit()
    except psycopg.Error as error:
        connection.rollback()
        return str(error.sqlstate)
    return str((row or ("nothing",))[0])


def crossing(
    superuser: psycopg.Connection,
    holder: psycopg.Connection,
    held: LiteralString,
    *works: Callable[[], str],
) -> list[str]:
    """Let calls come to what is held, one after the other, then let it go; return what came.

    Who came first goes on first, with what it has, and meets the next one with what that has.
    """
    superuser.autocommit = True
    assert len(holder.execute(held).fetchall()) == 1
    with ThreadPoolExecutor(len(works)) as pool:
        came = []
        for number, work in enumerate(works, 1):
            came.append(pool.submit(work))
            while superuser.execute(WAITING).fetchone() != (number,):
                assert not any(one.done() for one in came), [one.result() for one in came]
        holder.rollback()
        return [one.result() for one in came]


Scene = tuple[list[tuple[str, Any]], list[Any], str, list[Any], str]
SCENES: dict[str, Scene] = {
    "an alias comes": ([("file", NAMED)], [APPROVE], "1", [CORRECT], "11"),
    "an alias goes": ([("file", NAMED), ("call", APPROVE)], [WITHDRAW], "1", [CORRECT], "11"),
    "somebody goes back": (
        [("file", SHARED), ("call", CORRECT_OTHER)], [GO_BACK], "3", [CORRECT], "11"),
    "a conflict is decided": (
        [("file", SHARED), ("call", CORRECT_OTHER), ("child", BROUGHT)], [DECIDE], "12.00",
        [CORRECT], "11"),
    "the other month is submitted again": (
        [("file", MARCH), ("file", APRIL)], [SUBMIT, json.dumps(WITHOUT)], "accepted",
        [CORRECT], "11"),
    "the other month is cancelled": (
        [("file", MARCH), ("file", APRIL)], [CANCEL], "done", [CORRECT], "11"),
}  # fmt: skip


@pytest.mark.parametrize("is_first", [True, False], ids=["after it", "before it"])
@pytest.mark.parametrize("scene", SCENES)
def test_beside_a_correction_of_an_id_that_others_show(
    connect: Connect, superuser: psycopg.Connection, scene: str, *, is_first: bool
) -> None:
    """Both are done, whichever comes first."""
    before, other, made, correction, corrected = SCENES[scene]
    make_users(connect("ccp_owner"))
    clients = connect(), connect()
    session = None
    for kind, what in before:
        if kind == "call":
            assert len(call(clients[0], "ada", what)) < len("40P01")
        else:
            session = import_month(clients[0], what, "M", session if kind == "child" else None)
    works = [
        (lambda: call(clients[0], "pat", *correction), corrected),
        (lambda: call(clients[1], "ada", *other), made),
    ]
    if not is_first:
        works.reverse()
    came = crossing(superuser, connect("ccp_owner"), HELD, *(work for work, _ in works))
    assert came == [expected for _, expected in works]


def test_namesakes_are_taken_together(connect: Connect, superuser: psycopg.Connection) -> None:
    """Somebody with the name goes and the others are judged, while one of them gives them more."""
    make_users(connect("ccp_owner"))
    first, second = connect(), connect()
    twins = {
        "ANN": person(1, receipt(7)),
        "Ann": person(3),
        "ann": person(None, receipt(8)),
        "BEA": person(2),
    }
    import_month(first, twins)
    came = crossing(
        superuser,
        connect("ccp_owner"),
        HELD,
        lambda: call(first, "pat", GIVE, "1", "ANN", None),
        lambda: call(second, "ada", GIVE, None, "BEA", "2"),
    )
    # The second one has seen a revision that is not current any more.
    assert came == ["ANN", "ST001"]


@pytest.mark.parametrize("is_first", [True, False], ids=["after it", "before it"])
def test_a_later_submission_beside_a_sign_off(
    connect: Connect, superuser: psycopg.Connection, *, is_first: bool
) -> None:
    """Both take all submissions of the month in one order: whoever comes second sees the first."""
    make_users(connect("ccp_owner"))
    first, second = connect(), connect()
    session = import_month(first, MARCH)
    import_month(first, {**MARCH, "BEA": person(2)}, "Next", session)
    third = json.dumps({**MARCH, "BEA": person(2, receipt(9))})
    works = [
        lambda: call(first, "rex", SIGN_OFF),
        lambda: call(second, "pat", SUBMIT_GIVEN, third),
    ]
    if not is_first:
        works.reverse()
    came = crossing(superuser, connect("ccp_owner"), HELD_TURN, *works)
    assert came == (["open", "accepted"] if is_first else ["accepted", "ST001"])


def beside(
    superuser: psycopg.Connection,
    first: psycopg.Connection,
    said: tuple[str, str],
    later: Callable[[], str],
) -> str:
    """Make a call that waits for another one, which is committed then; return what came."""
    superuser.autocommit = True
    user, statement = said
    act(first, user)
    first.execute("SELECT set_config('app.reason', 'as told', true)")
    assert first.execute(statement.encode()).fetchone() is not None
    with ThreadPoolExecutor(1) as pool:
        came = pool.submit(later)
        while superuser.execute(WAITING).fetchone() != (1,):
            assert not came.done(), came.result()
        first.commit()
        return came.result()


def test_an_id_that_two_give_at_once_is_told(
    connect: Connect, superuser: psycopg.Connection
) -> None:
    """The second one waits, and finds the first one's receipt."""
    make_users(connect("ccp_owner"))
    first, second = connect(), connect()
    import_month(first, SHARED)
    given = PUT_IN_NAMED.replace("%s", "'ANN'")
    later = lambda: call(second, "ada", PUT_IN_NAMED, "BEA")  # noqa: E731
    assert beside(superuser, first, ("pat", given), later) == "5.00"
    assert superuser.execute(DOUBLED).fetchone() == (1,)


def test_an_alias_leaves_a_month_alone_that_is_closed_meanwhile(
    connect: Connect, superuser: psycopg.Connection
) -> None:
    """It waits for the closing, and holds for what comes."""
    make_users(connect("ccp_owner"))
    first, second = connect(), connect()
    import_month(first, NAMED)
    later = lambda: call(second, "pat", APPROVE)  # noqa: E731
    assert beside(superuser, first, ("ada", CLOSE), later) == "None"


def test_covering_somebody_beside_an_alias(connect: Connect, superuser: psycopg.Connection) -> None:
    """Both lock the aliases before the cardholders, of whom the alias makes a new one."""
    make_users(connect("ccp_owner"))
    first, owner = connect(), connect("ccp_owner")
    assert call(first, "ada", APPROVE) == "None"
    import_month(first, NAMED)

    def cover() -> str:
        """Cover somebody of whom nothing is known."""
        owner.execute("SELECT set_config('app.actor', 'ada', true)")
        try:
            owner.execute(COVER.encode())
            owner.commit()
        except psycopg.Error as error:
            owner.rollback()
            return str(error.sqlstate)
        return "covered"

    came = crossing(
        superuser, connect("ccp_owner"), HELD, lambda: call(first, "pat", WITHDRAW), cover
    )
    assert came == ["1", "covered"]


TAKEN_ALONG = [
    (CORRECT, [("7", "11.00"), ("9", "5.00")]),
    (PUT_IN, [("7", "10.00"), ("9", "5.00")]),
    (TAKE_OUT, [("9", "5.00")]),
]


@pytest.mark.parametrize(("statement", "shown"), TAKEN_ALONG)
def test_a_correction_beside_the_next_submission_is_taken_along(
    connect: Connect,
    superuser: psycopg.Connection,
    statement: str,
    shown: list[tuple[str, ...]],
) -> None:
    """Whoever speaks first is waited for before anything of the later submission is read."""
    make_users(connect("ccp_owner"))
    first, second = connect(), connect()
    import_month(first, MARCH)
    again = json.dumps({"ANN": person(1, receipt(7), receipt(9, "5.00"))})
    later = lambda: call(second, "pat", SUBMIT, again)  # noqa: E731
    assert beside(superuser, first, ("ada", statement), later) == "accepted"
    assert superuser.execute(SHOWN).fetchall() == shown
