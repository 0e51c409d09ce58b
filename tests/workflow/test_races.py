"""Many clients work on the same issues: no deadlock, no lost update, conflicts tell why."""

from __future__ import annotations

import datetime
import json
import random
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.workflow.month import act, import_month, make_users, month

if TYPE_CHECKING:
    from collections.abc import Callable

CLIENTS = 32
ISSUES = 8
ROUNDS = 6
USERS = ("ada", "pat", "rex", "rae")

# The waiver that was approved ends on the day before, as one written some days ago.
OVER = """
WITH over AS (
    INSERT INTO app.waivers
        (issue_id, issue_version, reason_class, reason, amount_limit, ends_on, proposed_by)
    SELECT w.issue_id, 3, w.reason_class, w.reason, w.amount_limit, w.ends_on - 1, w.proposed_by
    FROM app.waivers AS w
    RETURNING waiver_id, proposed_by
)
INSERT INTO app.waiver_decisions (waiver_id, proposed_by, verdict, decided_by)
SELECT o.waiver_id, o.proposed_by, d.verdict, d.decided_by FROM over AS o, app.waiver_decisions AS d
"""

Client = tuple[int, psycopg.Connection]


@pytest.fixture
def session_id(connect: Callable[..., psycopg.Connection]) -> str:
    """Return a session of four people with eight issues."""
    make_users(connect("ccp_owner"))
    return import_month(connect(), month(4, 2))


@pytest.fixture
def clients(connect: Callable[..., psycopg.Connection], session_id: str) -> list[Client]:
    """Return the connections of all clients; `session_id` is there first."""
    assert session_id
    return [(number, connect()) for number in range(CLIENTS)]


def issues_of(superuser: psycopg.Connection, session_id: str) -> dict[str, int]:
    """Return the issues of a session with their versions."""
    rows = superuser.execute(
        "SELECT issue_id::text, version FROM app.validation_issues "
        "WHERE session_id = %s ORDER BY 1",
        (session_id,),
    )
    return dict(rows.fetchall())


def attempt(client: psycopg.Connection, user: str, statement: Any, values: Any) -> str:  # noqa: ANN401
    """Make one call in a transaction of its own; return done or the SQLSTATE."""
    try:
        act(client, user)
        client.execute(statement, values)
        client.commit()
    except psycopg.Error as error:
        client.rollback()
        return f"{error.sqlstate} {error.diag.message_detail or ''}"
    return "done"


def sound(superuser: psycopg.Connection) -> bool:
    """Whether every version has its event and every state its last one, and statuses fit."""
    row = superuser.execute(
        """
        SELECT count(*) FROM app.validation_issues AS i
        WHERE i.version - 1 <> (
                SELECT count(*) FROM app.issue_events AS v WHERE v.issue_id = i.issue_id)
            OR i.state <> coalesce((SELECT v.to_state FROM app.issue_events AS v
                WHERE v.issue_id = i.issue_id ORDER BY v.issue_version DESC LIMIT 1), 'open')
            OR EXISTS (SELECT FROM app.session_employees AS e
                WHERE e.session_id = i.session_id AND e.cardholder_id = i.cardholder_id
                    AND e.status <> app.derive_status(e.session_id, e.cardholder_id, e.is_on_hold))
        """
    ).fetchone()
    return row == (0,)


def test_notes_of_32_clients_are_all_there(
    clients: list[Client], superuser: psycopg.Connection, session_id: str
) -> None:
    """Every note that was answered is an event; a stale one is told whose came first."""
    start = issues_of(superuser, session_id)

    def work(client: Client) -> list[str]:
        """Note on all issues in an order of one's own, each with the version last seen."""
        number, connection = client
        order = random.Random(number)  # noqa: S311 - a reproducible order
        seen = dict(start)
        outcomes = []
        for _ in range(ROUNDS):
            for issue in order.sample(list(seen), ISSUES):
                outcome = attempt(
                    connection,
                    USERS[number % 4],
                    "SELECT api.note_issue(%s, %s, %s)",
                    (issue, seen[issue], f"client {number}"),
                )
                outcomes.append(outcome)
                if outcome.startswith("ST001"):
                    seen[issue] = int(outcome.split("got ")[1].split(":")[0])
                elif outcome == "done":
                    seen[issue] += 1
        return outcomes

    with ThreadPoolExecutor(CLIENTS) as pool:
        outcomes = [outcome for found in pool.map(work, clients) for outcome in found]
    assert {outcome[:5].strip() for outcome in outcomes} <= {"done", "ST001"}
    assert any("client" in outcome for outcome in outcomes if outcome != "done")
    done = outcomes.count("done")
    written = superuser.execute("SELECT count(*) FROM app.issue_events").fetchone()
    assert written == (done,)
    assert done >= CLIENTS
    assert sound(superuser)


def test_one_of_32_bulk_calls_wins_each_issue(
    clients: list[Client], superuser: psycopg.Connection, session_id: str
) -> None:
    """Lists in any order never wait in a circle; each issue is resolved by exactly one client."""
    start = issues_of(superuser, session_id)

    def work(client: Client) -> str:
        """Resolve all in an order of one's own, half of the clients all or nothing."""
        number, connection = client
        order = random.Random(number)  # noqa: S311
        items = [
            {"issue_id": issue, "expected_version": start[issue]}
            for issue in order.sample(list(start), ISSUES)
        ]
        return attempt(
            connection,
            USERS[number % 4],
            "SELECT api.resolve_issues(%s, NULL, 'explained', %s, %s)",
            (json.dumps(items), f"client {number}", number % 2 == 0),
        )

    with ThreadPoolExecutor(CLIENTS) as pool:
        outcomes = list(pool.map(work, clients))
    assert set(outcomes) == {"done"}
    assert set(issues_of(superuser, session_id).values()) == {2}
    batches = superuser.execute("SELECT count(DISTINCT batch_id), count(*) FROM app.issue_events")
    assert batches.fetchone() == (1, ISSUES)
    assert sound(superuser)


def test_steps_and_bulk_calls_mix(
    clients: list[Client], superuser: psycopg.Connection, session_id: str
) -> None:
    """Single steps, bulk calls and reopening at once: only conflicts, never a deadlock."""

    def work(client: Client) -> list[str]:
        """Do whatever comes, with what was read just before."""
        number, connection = client
        order = random.Random(number)  # noqa: S311
        outcomes = []
        for _ in range(ROUNDS):
            with connection.transaction():
                act(connection, USERS[number % 4])
                rows = connection.execute(
                    "SELECT issue_id::text, version FROM report.validation_issues "
                    "WHERE session_id = %s",
                    (session_id,),
                ).fetchall()
            seen: dict[str, int] = dict(rows)
            issue = order.choice(list(seen))
            items = [
                {"issue_id": one, "expected_version": seen[one]}
                for one in order.sample(list(seen), 4)
            ]
            values: tuple[str, tuple[Any, ...]] = order.choice(
                [
                    ("SELECT api.start_issue(%s, %s)", (issue, seen[issue])),
                    ("SELECT api.reopen_issue(%s, %s, 'x')", (issue, seen[issue])),
                    ("SELECT api.resolve_issues(%s, NULL, 'other', 'Known')", (json.dumps(items),)),
                ]
            )
            outcomes.append(attempt(connection, USERS[number % 4], *values))
        return outcomes

    with ThreadPoolExecutor(CLIENTS) as pool:
        outcomes = [outcome for found in pool.map(work, clients) for outcome in found]
    assert {outcome[:5].strip() for outcome in outcomes} <= {"done", "ST001", "ST002"}
    assert sound(superuser)


def test_a_decision_beside_a_resubmission_is_not_lost(
    connect: Callable[..., psycopg.Connection], superuser: psycopg.Connection, session_id: str
) -> None:
    """Whoever decides while the month is submitted again: carried over, or told it is too late."""
    content = month(4, 2)
    content["PERSONAA"]["note"] = "submitted again"
    issues = issues_of(superuser, session_id)
    deciders = [connect() for _ in issues]
    submitter = connect()

    def decide(pair: tuple[psycopg.Connection, str]) -> str:
        """Resolve one issue of the first submission."""
        return attempt(
            pair[0], "rex", "SELECT api.resolve_issue(%s, 1, 'explained', 'Known')", (pair[1],)
        )

    with ThreadPoolExecutor(len(issues) + 1) as pool:
        child = pool.submit(import_month, submitter, content, "Again", session_id)
        outcomes = list(pool.map(decide, zip(deciders, issues, strict=True)))
        second = child.result()
    assert {outcome[:5].strip() for outcome in outcomes} <= {"done", "ST001", "ST002"}
    rows = superuser.execute(
        "SELECT o.state, n.state FROM app.validation_issues AS o "
        "JOIN app.validation_issues AS n ON n.carried_from = o.issue_id AND n.session_id = %s",
        (second,),
    ).fetchall()
    assert len(rows) == ISSUES
    assert set(rows) <= {("resolved", "resolved"), ("superseded", "open")}
    assert rows.count(("resolved", "resolved")) == outcomes.count("done")


def test_a_waiver_that_is_over_opens_in_one_submission(
    connect: Callable[..., psycopg.Connection], superuser: psycopg.Connection, session_id: str
) -> None:
    """Expired while the month is submitted again: open there, and not in the earlier one too."""
    issue = next(iter(issues_of(superuser, session_id)))
    today = datetime.datetime.now(datetime.UTC).date()
    waiver = "SELECT api.propose_waiver(%s, 1, 'immaterial', 'Small', 99, %s)"
    assert attempt(connect(), "pat", waiver, (issue, today)) == "done"
    assert attempt(connect(), "rex", "SELECT api.approve_waiver(%s, 2)", (issue,)) == "done"
    connect("ccp_owner", autocommit=True).execute(OVER)
    submitter, worker = connect(), connect()
    content = {**month(4, 2), "PERSONZZ": {"employee_id": "1999", "car_total": 1.0}}
    act(submitter, "pat")
    submitter.execute(
        "SELECT api.import_activity(%s, 'Again', %s)", (json.dumps(content), session_id)
    )

    def expire() -> tuple[Any, ...] | None:
        """Open what is over, as the worker does every day."""
        with worker.transaction():
            worker.execute("SELECT set_config('app.actor', 'worker', true)")
            worker.execute("SELECT set_config('role', 'ccp_worker', true)")
            return worker.execute("SELECT api.expire_waivers()").fetchone()

    with ThreadPoolExecutor(1) as pool:
        opened = pool.submit(expire)
        while superuser.execute("SELECT FROM pg_locks WHERE NOT granted").fetchone() is None:
            time.sleep(0.01)
        submitter.commit()
        assert opened.result() == (0,)
    rows = superuser.execute(
        "SELECT i.state FROM app.validation_issues AS i WHERE i.issue_id = %(issue)s"
        " UNION ALL"
        " SELECT i.state FROM app.validation_issues AS i WHERE i.carried_from = %(issue)s",
        {"issue": issue},
    ).fetchall()
    assert rows == [("waived",), ("open",)]


def test_the_same_request_at_once_is_done_once(
    clients: list[Client], superuser: psycopg.Connection, session_id: str
) -> None:
    """Thirty-two times the same request id: one change, one answer."""
    issue = next(iter(issues_of(superuser, session_id)))

    def work(client: Client) -> str:
        """Send the same request."""
        return attempt(client[1], "pat", "SELECT api.start_issue(%s, 1, 'Mine', 'same')", (issue,))

    with ThreadPoolExecutor(CLIENTS) as pool:
        assert set(pool.map(work, clients)) == {"done"}
    assert issues_of(superuser, session_id)[issue] == 2
