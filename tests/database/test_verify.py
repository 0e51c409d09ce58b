"""Verification names whatever is gone: each object is taken away once, and its script says so."""

import contextlib
import re
from collections.abc import Callable

import psycopg
import pytest

from svc.embedded.cluster import Cluster
from svc.embedded.deploy import OWNER, bootstrap
from svc.embedded.machine import ROOT
from svc.embedded.plan import read_plan
from tests.database import objects

CHECK = "SELECT app.expect_objects(%s)"
# What is raised when that on which verification itself stands is gone.
BASE = (
    psycopg.errors.InvalidSchemaName,
    psycopg.errors.UndefinedFunction,
    psycopg.errors.UndefinedTable,
)
AT_A_TIME = 40
STANDS_ON = ("schema app", "view app.deployed_objects", "function app.expect_objects")
# How each kind of line is taken away.
REMOVALS = {
    r"(schema|table|view|type) ([^\s:]+).*": r"DROP \1 \2 CASCADE",
    # That of an identity column cannot be dropped alone.
    r"sequence ([^\s:]+).*": r"ALTER SEQUENCE \1 RENAME TO gone",
    r"constraint (.+)\.([^.]+)": r"ALTER TABLE \1 DROP CONSTRAINT \2 CASCADE",
    r"index (\S+)": r"DROP INDEX \1",
    r"trigger (.+)\.([^. ]+).*": r"DROP TRIGGER \2 ON \1",
    r"function ([^)]+\)).*": r"DROP FUNCTION \1 CASCADE",
}


def removal(line: str) -> str:
    """Return the statement that removes what a line names.

    Raises LookupError for a kind that is not known here.
    """
    for pattern, statement in REMOVALS.items():
        if re.fullmatch(pattern, line):
            return re.sub(pattern, statement, line)
    raise LookupError(line)


def lines_of(script: str) -> list[str]:
    """Return the objects a verify script expects."""
    text = script.partition(objects.BEGINS)[2].partition(objects.ENDS)[0]
    return [line for line in re.sub(r"\n +", " ", text).split("\n") if line]


def all_lines() -> list[str]:
    """Return the objects that all verify scripts expect."""
    changes = read_plan(ROOT).changes
    return [line for c in changes for line in lines_of(c.script("verify").read_text())]


@pytest.fixture
def owner(connect: Callable[..., psycopg.Connection]) -> psycopg.Connection:
    """Return a connection of the owner inside a transaction that is rolled back."""
    return connect(OWNER)


def test_scripts_expect_what_deployment_makes(cluster: Cluster, database: str) -> None:
    """The lists are those that `python -m tests.database.objects` writes."""
    name = f"{database}_objects"
    bootstrap(cluster, name)
    try:
        scripts = objects.expected(cluster.login(OWNER, name))
    finally:
        with contextlib.closing(cluster.login().connect()) as superuser:
            superuser.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())
    for script, lines in scripts.items():
        text = script.read_text()
        assert text == objects.written(text, lines), script


def test_scripts_cannot_be_switched_off() -> None:
    """A server may run without assertions, so no script uses them."""
    for change in read_plan(ROOT).changes:
        assert "ASSERT " not in change.script("verify").read_text(), change.name


def test_every_object_is_in_a_script(owner: psycopg.Connection) -> None:
    """What is there and what is expected are the same lines."""
    there = {line for (line,) in owner.execute(objects.OBJECTS).fetchall()}
    assert there == set(all_lines())


def check_without(owner: psycopg.Connection, gone: list[str], wanted: str) -> None:
    """Verify after removing some objects, and take that back. Raises what verification says."""
    with owner.transaction(force_rollback=True):
        for line in gone:
            # One that goes with another of them is gone as well.
            with contextlib.suppress(*BASE, psycopg.errors.UndefinedObject), owner.transaction():
                owner.execute(removal(line).encode())
        owner.execute(CHECK, [wanted])


def test_every_object_that_is_removed_is_named(owner: psycopg.Connection) -> None:
    """Each of some at a time; what verification itself stands on is missed by its own absence."""
    lines = [line for line in all_lines() if not line.startswith("right on column")]
    wanted = "\n".join(all_lines())
    stands_on = [line for line in lines if line.startswith(STANDS_ON)]
    others = [line for line in lines if line not in stands_on]
    for line in stands_on:
        with pytest.raises(BASE):
            check_without(owner, [line], wanted)
    for start in range(0, len(others), AT_A_TIME):
        gone = others[start : start + AT_A_TIME]
        with pytest.raises(psycopg.errors.RaiseException) as named:
            check_without(owner, gone, wanted)
        assert named.value.diag.message_detail is not None
        assert [line for line in gone if line not in named.value.diag.message_detail] == []


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        (
            "ALTER TABLE app.users DISABLE TRIGGER t90_capture_update",
            "trigger app.users.t90_capture_update",
        ),
        (
            "ALTER TABLE app.users ENABLE TRIGGER t90_capture_update",
            "trigger app.users.t90_capture_update",
        ),
        ("REVOKE SELECT ON report.sessions FROM ccp_report", "view report.sessions "),
        ("GRANT INSERT ON app.users TO ccp_admin", "table app.users "),
        ("GRANT EXECUTE ON FUNCTION app.tx() TO PUBLIC", "function app.tx()"),
        ("ALTER FUNCTION audit.prove_commit() SECURITY INVOKER", "function audit.prove_commit()"),
        ("ALTER TABLE app.settings DROP COLUMN unit CASCADE", "table app.settings "),
        ("REVOKE USAGE ON SCHEMA report FROM ccp_report", "schema report: "),
    ],
)
def test_what_was_altered_is_named(owner: psycopg.Connection, statement: str, named: str) -> None:
    """Rights too many or too few, triggers that do not fire, columns that are gone."""
    owner.execute(statement.encode())
    with pytest.raises(psycopg.errors.RaiseException, match=re.escape(named)):
        owner.execute(CHECK, ["\n".join(all_lines())])


def test_a_function_that_is_open_again_is_noticed(superuser: psycopg.Connection) -> None:
    """Whichever the bootstrap closed, to everybody or to one of our roles."""
    change = next(c for c in read_plan(ROOT).changes if c.name == "foundation/schemas")
    script = change.script("verify").read_text()
    check = script[script.index("DO $$") : script.index("SELECT app.expect_objects")].encode()
    superuser.execute(check)
    for statement in (
        "GRANT EXECUTE ON FUNCTION lo_creat(integer) TO PUBLIC",
        "GRANT EXECUTE ON FUNCTION pg_try_advisory_lock(bigint) TO ccp_read_only",
    ):
        with superuser.transaction(force_rollback=True):
            superuser.execute(statement.encode())
            with pytest.raises(psycopg.errors.RaiseException, match="are open"):
                superuser.execute(check)
