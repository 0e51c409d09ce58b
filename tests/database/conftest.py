"""People who act, each on connections of their own, and a look at everything that is stored."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Iterator

    from svc.embedded.cluster import Cluster
    from tests.conftest import Connect

DATA = Path(__file__).parents[1] / "data"
USERS = {"ada": "admin", "pat": "processor", "rae": "reviewer", "ron": "read_only"}

IMPORT = """
SELECT api.import_activity(p_file => %s, p_parent_session_id => %s, p_request_id => %s)
"""
TABLES = """
SELECT c.oid::regclass::text FROM pg_class AS c
WHERE c.relkind = 'r' AND c.relnamespace::regnamespace::text IN ('app', 'audit')
ORDER BY 1
"""
CONTENT = """
SELECT count(*) || ' rows ' || coalesce(md5(string_agg(t::text, '' ORDER BY t::text)), '')
FROM {} AS t
"""


@dataclass(frozen=True)
class Office:
    """The people of a test: every call is one transaction on a connection of its own."""

    connect: Connect

    @contextmanager
    def acting(self, user: str) -> Iterator[psycopg.Connection]:
        """Yield a connection in a transaction of this user; it commits unless an error leaves."""
        with self.connect() as connection:
            role = sql.Identifier(f"ccp_{USERS[user]}")
            connection.execute(sql.SQL("SET LOCAL ROLE {}").format(role))
            connection.execute("SELECT set_config('app.actor', %s, true)", (user,))
            yield connection

    def ask(self, user: str, query: str, *arguments: object) -> Any:  # noqa: ANN401
        """Run one query as this user and return the first value of its first row.

        Raises psycopg.Error when the database refuses.
        """
        with self.acting(user) as connection:
            row = connection.execute(query.encode(), arguments).fetchone()
        assert row is not None
        return row[0]

    def bring(
        self, text: str, parent: str | None = None, request_id: str | None = None
    ) -> dict[str, Any]:
        """Import a file as the processor and return the answer."""
        answer: dict[str, Any] = self.ask("pat", IMPORT, text, parent, request_id)
        return answer


@pytest.fixture
def office(connect: Connect) -> Office:
    """Return the people, known to this test's database."""
    return entered(connect)


@pytest.fixture(scope="module")
def quiet_office(cluster: Cluster, shared_database: str) -> Office:
    """Return the people of a database for all tests of a module that leave nothing behind."""

    def connect(login: str = "ccp_service", **options: object) -> psycopg.Connection:
        conninfo = cluster.login(login, shared_database).conninfo
        return psycopg.connect(conninfo, **options)  # type: ignore[arg-type]

    return entered(connect)


def entered(connect: Connect) -> Office:
    """Make the people known to a database."""
    with connect("ccp_owner") as owner:
        for user, role in USERS.items():
            owner.execute("SELECT api.save_user(%s, NULL, %s)", (user, role))
    return Office(connect)


@pytest.fixture
def small() -> str:
    """Return the small month as text."""
    return small_month()


def small_month() -> str:
    """Return the small month as text."""
    return (DATA / "small" / "activity.json").read_text()


def changed(text: str, cents: int) -> str:
    """Return the file with so many cents added to the card total of one person."""
    document = json.loads(text)
    document["LINUSJUNIPOLD"]["car_total"] += cents / 100
    return json.dumps(document)


def stored(superuser: psycopg.Connection) -> dict[str, str]:
    """Return number and checksum of the rows of every table: equal when nothing has changed."""
    tables = [name for (name,) in superuser.execute(TABLES).fetchall()]
    content: dict[str, str] = {}
    for name in tables:
        query = sql.SQL(CONTENT).format(sql.Identifier(*name.replace('"', "").split(".")))
        row = superuser.execute(query).fetchone()
        assert row is not None
        content[name] = row[0]
    return content
