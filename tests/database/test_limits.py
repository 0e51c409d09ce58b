"""What a login that only reads can do to everybody else: nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psycopg
import pytest

from svc.embedded.cluster import Cluster

ROOT = Path(__file__).parents[2]
READERS = ("ccp_report", "ccp_auditor", "ccp_read_only")
Reader = Callable[[str], psycopg.Connection]


@contextmanager
def logins(cluster: Cluster, database: str) -> Iterator[Reader]:
    """Yield a function: role -> connection of a login made by db/login.sql with that role."""
    made: list[tuple[str, psycopg.Connection]] = []

    def opened(role: str) -> psycopg.Connection:
        login = f"{database}_{role}"
        variables = {"login": login, "role": role, "database": database}
        arguments = [
            part for name, value in variables.items() for part in ("-v", f"{name}={value}")
        ]
        cluster.login().psql(*arguments, "-f", str(ROOT / "db" / "login.sql"))
        connection = psycopg.connect(cluster.login(login, database).conninfo, autocommit=True)
        made.append((login, connection))
        return connection

    yield opened
    with cluster.login("postgres", database).connect() as superuser:
        for login, connection in made:
            connection.close()
            superuser.execute(f'DROP OWNED BY "{login}"'.encode())
            superuser.execute(f'DROP ROLE "{login}"'.encode())


@pytest.fixture
def reader(cluster: Cluster, database: str) -> Iterator[Reader]:
    """Yield it for this test's own database."""
    with logins(cluster, database) as opened:
        yield opened


@pytest.fixture(scope="module")
def quiet_reader(cluster: Cluster, shared_database: str) -> Iterator[Reader]:
    """Yield it for all tests of the module that write nothing, with one login for each role."""
    with logins(cluster, shared_database) as opened:
        yield cache(opened)


@pytest.mark.parametrize("role", READERS)
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT lo_create(0)",
        "SELECT lo_from_bytea(0, 'abc')",
        "SELECT txid_current()",
        "SELECT pg_current_xact_id()",
        "SELECT pg_notify('ccp_audit_head', 'forged')",
        "SELECT pg_logical_emit_message(true, 'a', 'b')",
        "SELECT pg_advisory_lock(1)",
        "SELECT pg_try_advisory_xact_lock_shared(1, 2)",
        "SELECT pg_export_snapshot()",
        "DO $$BEGIN LOCK TABLE report.sessions IN SHARE MODE; END$$",
        "CREATE TEMP TABLE t (n integer)",
        "CREATE SEQUENCE public.s",
    ],
)
def test_a_reader_writes_nothing(quiet_reader: Reader, role: str, statement: str) -> None:
    """No large object, number, notification, temporary table or sequence."""
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        quiet_reader(role).execute(statement.encode())


def test_a_reader_cannot_stop_the_seals(
    reader: Reader, connect: Callable[..., psycopg.Connection]
) -> None:
    """Seals and ticks go on while a reader, who gets no lock by number, holds a transaction."""
    jane = reader("ccp_report")
    jane.execute("LISTEN ccp_audit_head")
    jane.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
    jane.execute("SELECT count(*) FROM report.sessions")
    owner = connect("ccp_owner", autocommit=True)
    owner.execute("SET lock_timeout = '1s'")
    owner.execute("SELECT api.save_setting('json_max_depth', 41, 1)")
    owner.execute("SELECT audit.tick()")
    owner.execute("SELECT audit.seal()")
    status = owner.execute("SELECT unsealed_commits FROM report.seal_status").fetchone()
    assert status == (0,)


def test_arguments_of_reader_functions_are_bounded(
    reader: Reader,
) -> None:
    """A distance is counted up to 200 letters and refused above."""
    jane = reader("ccp_report")
    query = "SELECT report.name_distance(repeat('a', %s), repeat('b', 200), 200)"
    assert jane.execute(query, [200]).fetchone() == (200,)
    with pytest.raises(psycopg.Error) as refused:
        jane.execute(query, [201])
    assert refused.value.sqlstate == "IV008"


def test_logins_without_limits_are_named(cluster: Cluster, database: str, reader: Reader) -> None:
    """Logins of the bootstrap and of db/login.sql have all limits; one made by hand is named."""
    noor = reader("ccp_auditor")
    bare = f"{database}_bare"
    jane = reader("ccp_report")
    # Nobody can keep a login from changing its own settings; it is seen.
    jane.execute(f"ALTER ROLE \"{database}_ccp_report\" SET lock_timeout = '0ms'".encode())
    here = f'ALTER ROLE "{database}_ccp_report" IN DATABASE "{database}"'
    jane.execute(f"{here} SET statement_timeout = 0".encode())
    with cluster.login("postgres", database).connect() as superuser:
        superuser.execute(f'CREATE ROLE "{bare}" LOGIN IN ROLE ccp_report'.encode())
        try:
            rows = noor.execute(
                "SELECT login_name, missing_limits FROM report.login_limits"
                " WHERE missing_limits <> '{}' AND starts_with(login_name, %s) ORDER BY 1",
                [database],
            ).fetchall()
            known = noor.execute(
                "SELECT login_name, missing_limits FROM report.login_limits"
                " WHERE login_name IN ('ccp_service', 'ccp_local') ORDER BY login_name"
            ).fetchall()
        finally:
            superuser.execute(f'DROP ROLE "{bare}"'.encode())
    assert rows == [
        (
            bare,
            [
                "connection_limit",
                "idle_in_transaction_session_timeout",
                "lock_timeout",
                "statement_timeout",
                "temp_file_limit",
            ],
        ),
        (f"{database}_ccp_report", ["lock_timeout", "statement_timeout"]),
    ]
    assert known == [("ccp_local", []), ("ccp_service", [])]
