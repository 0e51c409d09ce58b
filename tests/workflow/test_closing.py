"""Closing and writing at once: whoever comes first is seen by the other, and nobody deadlocks."""

from __future__ import annotations

import json
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.workflow.month import act, import_month, make_users, month

if TYPE_CHECKING:
    from collections.abc import Callable

    Connect = Callable[..., psycopg.Connection]

CLOSE = """
SELECT (api.close_past_month(m.month_id, m.version)).version FROM report.months AS m
"""
NOTE = """
SELECT (api.note_issue(i.issue_id, i.version, 'Looked at')).version
FROM report.validation_issues AS i WHERE i.is_open ORDER BY i.issue_id LIMIT 1
"""
SOUND = """
SELECT m.state, e.digest = app.digest_month(m.month_id), m.version
FROM app.months AS m
LEFT JOIN app.month_events AS e ON e.month_id = m.month_id AND e.kind = 'closed'
"""
CORRECT = "UPDATE api.current_transactions SET amount = 99.00 RETURNING amount"
SUBMIT = "SELECT api.import_activity(%s, 'Again', %s) ->> 'outcome'"
BY_HAND = "UPDATE app.processing_sessions SET session_name = 'Another' RETURNING session_name"
# A month of which nothing is open, and others that are to be of it.
QUIET = json.dumps({"ANN": {"employee_id": "1", "car_page_range": [1], "car_total": -5.0}})
GIVEN = "p_programme => 'Other', p_period_start => '2025-03-01'"
BEGIN = f"SELECT api.import_activity(%s, {GIVEN}) ->> 'outcome'"
DECIDE = """
SELECT (api.resolve_issues(NULL, jsonb_build_object('session_id', s.session_id), 'explained',
    'A credit')).done
FROM report.sessions AS s WHERE s.programme = 'Other'
"""
CLOSE_WHOLE = """
SELECT (api.close_month(m.month_id, m.version, 'All done')).state FROM report.months AS m
WHERE m.programme = 'Other'
"""
OPEN = f"SELECT (api.create_session('Late', {GIVEN})).status"
UPLOAD = """
SELECT api.begin_upload(s.session_id, 'a.pdf', repeat('0', 64), 9, 'b.pdf', repeat('1', 64), 9,
    p_programme => 'Other', p_period_start => '2025-03-01') ->> 'outcome'
FROM report.sessions AS s WHERE s.session_name = 'To be'
"""
AWAIT = """
SELECT coalesce(a ->> 'sqlstate', a ->> 'outcome')
FROM api.import_activity('{"BEA": {"employee_id": "2", "car_page_range": [1], "car_total": -6}}',
    p_programme => 'Other', p_period_start => '2025-03-01') AS a
"""
FOLLOW = """
SELECT (api.create_session('Next', s.session_id)).status FROM report.sessions AS s
WHERE s.programme = 'Other' AND s.status = 'completed'
"""
# Nobody waits for the key of a session, or for a person who is not locked.
KEY = "SELECT session_id::text FROM app.processing_sessions FOR KEY SHARE NOWAIT"
PERSON = """
SELECT cardholder_id::text FROM app.session_employees ORDER BY cardholder_id DESC LIMIT 1
FOR NO KEY UPDATE NOWAIT
"""
HOLD = """
SELECT cardholder_id::text FROM app.session_employees ORDER BY cardholder_id LIMIT 1
FOR NO KEY UPDATE
"""
# From the last one, in the order people are locked in, to the first.
MOVE = """
WITH people AS (
    SELECT r.* FROM report.employee_revisions AS r ORDER BY r.cardholder_id
), ends AS (
    SELECT (array_agg(p.revision_id))[1] AS first, (array_agg(p.revision_id))[count(*)] AS last
    FROM people AS p
)
SELECT (api.move_transaction(t.session_id, t.transaction_id, e.last, e.first,
    'As told')).employee_name
FROM ends AS e JOIN report.transactions AS t ON t.employee_revision_id = e.last LIMIT 1
"""
GO_BACK = """
SELECT (api.restore_revision(o.revision_id, r.revision_id, 'As it was')).revision_number
FROM report.employee_revisions AS r JOIN report.employee_revisions_history AS o
    ON o.session_id = r.session_id AND o.cardholder_id = r.cardholder_id AND o.revision_number = 1
ORDER BY r.cardholder_id DESC LIMIT 1
"""
WAITING = "SELECT count(*) FROM pg_stat_activity AS a WHERE a.wait_event_type = 'Lock'"


@pytest.fixture
def session(connect: Connect) -> str:
    """Return the session of a month with issues."""
    make_users(connect("ccp_owner"))
    return import_month(connect(), month(3, 2))


def call(connection: psycopg.Connection, user: str, statement: str, *values: object) -> object:
    """Make a call as a user, and leave the transaction open."""
    act(connection, user)
    row = connection.execute(statement.encode(), values).fetchone()
    assert row is not None
    return row[0]


def beside(
    superuser: psycopg.Connection, first: psycopg.Connection, later: Callable[[], object]
) -> Future[Any]:
    """Make a call that waits for an open transaction, which then commits; return what came."""
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(later)
        end = time.monotonic() + 30
        while not (superuser.execute(WAITING).fetchone() or (0,))[0]:
            assert time.monotonic() < end
            assert not waiting.done(), waiting.result()
            time.sleep(0.02)
        first.commit()
    return waiting


def test_a_decision_under_way_is_closed_with(
    connect: Connect, superuser: psycopg.Connection, session: str
) -> None:
    """The closing waits for it, has not seen it and is refused; made anew it keeps what it left."""
    assert session
    superuser.autocommit = True
    first, second = connect(), connect()
    call(first, "pat", NOTE)
    waiting = beside(superuser, first, lambda: call(second, "ada", CLOSE))
    with pytest.raises(psycopg.Error) as raised:
        waiting.result()
    assert raised.value.sqlstate == "ST001"
    second.rollback()
    call(second, "ada", CLOSE)
    second.commit()
    assert superuser.execute(SOUND).fetchall() == [("closed", True, 2)]


def test_a_decision_that_waits_for_the_closing_is_refused(
    connect: Connect, superuser: psycopg.Connection, session: str
) -> None:
    """It sees the month closed when it goes on."""
    assert session
    superuser.autocommit = True
    first, second = connect(), connect()
    call(first, "ada", CLOSE)
    waiting = beside(superuser, first, lambda: call(second, "pat", NOTE))
    with pytest.raises(psycopg.Error) as raised:
        waiting.result()
    assert raised.value.sqlstate == "ST051"
    assert superuser.execute(SOUND).fetchall() == [("closed", True, 2)]


def test_a_submission_and_a_closing_take_turns(
    connect: Connect, superuser: psycopg.Connection, session: str
) -> None:
    """What came in meanwhile makes the version another; what comes after the closing is refused."""
    superuser.autocommit = True
    first, second, third = connect(), connect(), connect()
    submit = "SELECT api.import_activity(%s, 'Again', %s) ->> 'outcome'"
    content = json.dumps(month(3, 1))
    assert call(first, "pat", submit, content, session) == "accepted"
    waiting = beside(superuser, first, lambda: call(second, "ada", CLOSE))
    with pytest.raises(psycopg.Error) as raised:
        waiting.result()
    assert raised.value.sqlstate == "ST001"
    second.rollback()

    call(second, "ada", CLOSE)
    again = "SELECT api.import_activity(%s, 'Late', %s) ->> 'code'"
    newest = (
        superuser.execute("SELECT max(s.session_id::text) FROM report.sessions AS s").fetchone()
        or ("",)
    )[0]
    late = beside(
        superuser, second, lambda: call(third, "pat", again, json.dumps(month(2, 1)), newest)
    )
    assert late.result() == "month_closed"
    assert superuser.execute(SOUND).fetchall() == [("closed", True, 2)]


LEFT_OPEN = [
    (OPEN, "open"),
    (UPLOAD, "wanted"),
    (AWAIT, "awaiting_decision"),
    (FOLLOW, "open"),
]


def other_month(connection: psycopg.Connection) -> None:
    """Hand in a month that can be closed, and open a session of no month."""
    assert call(connection, "pat", BEGIN, QUIET) == "accepted"
    assert call(connection, "rae", DECIDE) == 1
    assert call(connection, "pat", "SELECT (api.create_session('To be')).status") == "open"
    connection.commit()


def told(connection: psycopg.Connection, statement: str) -> object:
    """Make a call as the processor and return what came, or the code of the refusal."""
    try:
        return call(connection, "pat", statement)
    except psycopg.Error as error:
        return error.sqlstate


@pytest.mark.parametrize(("statement", "came"), LEFT_OPEN)
def test_a_submission_that_is_left_open_is_seen_by_the_closing(
    connect: Connect, superuser: psycopg.Connection, session: str, statement: str, came: str
) -> None:
    """The closing waits for whoever opens one, or leaves one to a decision, and is refused."""
    assert session
    superuser.autocommit = True
    first, second = connect(), connect()
    other_month(first)
    assert call(first, "pat", statement) == came
    waiting = beside(superuser, first, lambda: call(second, "ada", CLOSE_WHOLE))
    with pytest.raises(psycopg.Error) as raised:
        waiting.result()
    # One that follows makes the version another.
    assert raised.value.sqlstate == ("ST001" if statement == FOLLOW else "RL051")


@pytest.mark.parametrize(("statement", "came"), LEFT_OPEN)
def test_no_submission_is_left_open_in_a_closed_month(
    connect: Connect, superuser: psycopg.Connection, session: str, statement: str, came: str
) -> None:
    """It waits for the closing, and is refused."""
    assert session
    assert came
    superuser.autocommit = True
    first, second = connect(), connect()
    other_month(first)
    assert call(second, "ada", CLOSE_WHOLE) == "closed"
    assert beside(superuser, second, lambda: told(first, statement)).result() == "ST051"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE app.validation_issues SET description = 'Another'",
        "UPDATE app.processing_sessions SET session_name = 'Another'",
        "UPDATE app.session_employees SET status = 'on_hold', hold_reason = 'x'",
        "UPDATE app.months SET state = 'open'",
    ],
)
def test_what_was_closed_is_not_written_around_the_calls(
    connect: Connect, session: str, statement: str
) -> None:
    """By the owner, in a later transaction."""
    assert session
    person, owner = connect(), connect("ccp_owner")
    call(person, "ada", CLOSE)
    person.commit()
    owner.execute(statement.encode())
    with pytest.raises(psycopg.Error) as raised:
        owner.commit()
    assert raised.value.sqlstate == "ST051"


def test_an_old_snapshot_writes_nothing(
    connect: Connect, superuser: psycopg.Connection, session: str
) -> None:
    """Who looked before the closing and would not see it is refused, the owner, too."""
    old = connect(), connect(), connect(), connect("ccp_owner")
    levels = psycopg.IsolationLevel.REPEATABLE_READ, psycopg.IsolationLevel.SERIALIZABLE
    for number, one in enumerate(old):
        one.isolation_level = levels[number % 2]
        if number < 3:
            act(one, "pat")
            one.execute("SELECT set_config('app.reason', 'As told', true)")
        one.execute("SELECT count(*) FROM report.months")
    closing = connect()
    call(closing, "ada", CLOSE)
    closing.commit()
    again = json.dumps(month(3, 1)), session
    for one, statement, values in zip(
        old, (CORRECT, SUBMIT, NOTE, BY_HAND), ((), again, (), ()), strict=True
    ):
        with pytest.raises(psycopg.Error) as raised:
            one.execute(statement.encode(), values)
        assert raised.value.sqlstate == "IV008", statement
        one.rollback()
    assert superuser.execute(SOUND).fetchall() == [("closed", True, 2)]


@pytest.mark.parametrize(
    "enter",
    [
        "SELECT app.lock_parent(s.session_id, NULL, NULL, NULL) FROM app.processing_sessions AS s",
        "SELECT app.enter_cancelling(s.session_id, s.version) FROM app.processing_sessions AS s",
    ],
)
def test_who_corrects_in_a_session_does_not_wait_for_its_key(
    connect: Connect, session: str, enter: str
) -> None:
    """A submission that follows, or a cancelling, waits for people: who holds one goes on."""
    owner = connect("ccp_owner")
    owner.execute("SELECT set_config('app.actor', 'ada', true)")
    assert len(owner.execute(enter.encode()).fetchall()) == 1
    assert connect("ccp_owner").execute(KEY).fetchall() == [(session,)]


def test_going_back_locks_all_whom_it_concerns_at_once(
    connect: Connect, superuser: psycopg.Connection, session: str
) -> None:
    """While it waits for one of them it holds nobody who comes later."""
    assert session
    superuser.autocommit = True
    first, second, third = connect("ccp_owner"), connect(), connect("ccp_owner")
    call(second, "pat", MOVE)
    second.commit()
    first.execute(HOLD)

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(lambda: call(second, "pat", GO_BACK))
        end = time.monotonic() + 30
        while not (superuser.execute(WAITING).fetchone() or (0,))[0]:
            assert time.monotonic() < end
            assert not waiting.done(), waiting.result()
            time.sleep(0.02)
        try:
            assert len(third.execute(PERSON).fetchall()) == 1
        finally:
            third.rollback()
            first.rollback()
    assert waiting.result() == 3
