"""As of an instant: exactly what an observer saw then, at every boundary."""

from datetime import datetime, timedelta

import psycopg
import pytest

from svc.embedded.cluster import Cluster
from tests.audit.content import fill, superuser_of

SMALLEST = timedelta(microseconds=1)
VIEWS = [
    "processing_sessions",
    "sessions",
    "employee_revisions",
    "employee_revisions_history",
    "transactions",
    "transactions_history",
    "validation_issues",
    "issue_events",
]
RESOLVE = """
SELECT api.resolve_issue(i.issue_id, i.version, 'explained', 'because')
FROM report.validation_issues AS i WHERE i.is_open ORDER BY i.issue_id LIMIT 1"""


def tick(connection: psycopg.Connection) -> datetime:
    """Write a tick and return its instant."""
    row = connection.execute("SELECT (audit.tick()).instant").fetchone()
    assert row is not None
    instant = row[0]
    assert isinstance(instant, datetime)
    return instant


def open_issues(connection: psycopg.Connection, instant: datetime) -> int:
    """Return the number of open issues as of an instant."""
    row = connection.execute(
        "SELECT count(*) FROM report.validation_issues_as_of(%s) WHERE is_open", (instant,)
    ).fetchone()
    assert row is not None
    return int(row[0])


@pytest.fixture
def owner(cluster: Cluster, database: str) -> psycopg.Connection:
    """Return a connection of the owner, in autocommit mode, to a filled database."""
    fill(cluster, database)
    login = cluster.login("ccp_owner", database).conninfo
    return psycopg.connect(login, autocommit=True)


def test_as_of_now_is_what_the_views_show(owner: psycopg.Connection) -> None:
    """At a tick every function gives the rows of its view."""
    owner.execute(RESOLVE)
    instant = tick(owner)
    for view in VIEWS:
        rows = f"SELECT v::text FROM report.{view} AS v ORDER BY 1"  # noqa: S608
        seen = f"SELECT v::text FROM report.{view}_as_of(%s) AS v ORDER BY 1"  # noqa: S608
        now = owner.execute(rows.encode()).fetchall()
        assert owner.execute(seen.encode(), (instant,)).fetchall() == now, view
    owner.close()


def test_boundaries_of_ticks(owner: psycopg.Connection) -> None:
    """A change appears at its tick, not a microsecond earlier, and stays as it was then."""
    before = tick(owner)
    count = open_issues(owner, before)
    assert count > 0
    owner.execute(RESOLVE)
    after = tick(owner)
    assert open_issues(owner, after) == count - 1
    assert open_issues(owner, after - SMALLEST) == count
    assert open_issues(owner, before) == count
    assert open_issues(owner, before - SMALLEST) == 0
    assert tick(owner) == after, "nothing new, no tick"
    owner.close()


def test_what_commits_later_is_not_in_the_past(
    cluster: Cluster, database: str, owner: psycopg.Connection
) -> None:
    """A transaction that began before a tick and committed after it is not seen at the tick."""
    first = tick(owner)
    count = open_issues(owner, first)
    with psycopg.connect(cluster.login("ccp_owner", database).conninfo) as slow:
        slow.execute(RESOLVE)
        owner.execute("UPDATE app.settings SET value = 7 WHERE setting_name = 'pdf_max_pages'")
        between = tick(owner)
        slow.commit()
    last = tick(owner)
    assert first < between < last
    assert [open_issues(owner, at) for at in (first, between, last)] == [count, count, count - 1]
    owner.close()


def test_an_uncommitted_change_is_not_in_the_callers_tick(
    cluster: Cluster, database: str, owner: psycopg.Connection
) -> None:
    """The tick of a transaction does not hold its own writes, the next one does."""
    count = open_issues(owner, tick(owner))
    with superuser_of(cluster, database), owner.transaction():
        owner.execute(RESOLVE)
        own = tick(owner)
        assert open_issues(owner, own) == count
    assert open_issues(owner, tick(owner)) == count - 1
    owner.close()
