"""Drills of a company's own: carried out by a command, judged and recorded."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.audit.content import fill

if TYPE_CHECKING:
    from pathlib import Path

    from svc.embedded.cluster import Cluster

NEWEST = """
SELECT d.kind, d.passed, d.figures FROM report.drills AS d ORDER BY d.drill_id DESC LIMIT 1"""
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def drill(cluster: Cluster, database: str) -> Run:
    """Return a function: arguments -> the ended command, recorded by ccp_local."""
    with psycopg.connect(cluster.login("ccp_owner", database).conninfo) as owner:
        owner.execute("SELECT FROM api.save_user('ada', NULL, 'admin')")
        owner.execute("SELECT FROM api.map_login('ccp_local', 'ada', p_expected_version => 1)")
    superuser = cluster.login(database=database)
    urls = {
        "DRILL_URL": cluster.login("ccp_local", database).conninfo,
        "DUMP_URL": superuser.conninfo,
        "SPARE_URL": cluster.login().conninfo,
    }

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "svc.embedded", "drill", *arguments]
        environment = {**os.environ, **superuser.environment, **urls}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    return run


@pytest.mark.parametrize(
    ("words", "passed", "figures"),
    [
        (("backup", "sh", "-c", "echo done"), True, {"status": 0}),
        (("backup", "sh", "-c", "exit 3"), False, {"status": 3}),
        # As after an upgrade that moved it: nobody would hear of it else.
        (("restore", "/no/such/program"), False, {"status": 127}),
        (("backup", "--without", "bad", "sh", "-c", "echo all ok"), True, {"status": 0}),
        (("backup", "--without", "bad", "sh", "-c", "echo is bad"), False, {"status": 0}),
        (("load", "sh", "-c", """echo x; echo '{"rows": 7}'"""), True, {"status": 0, "rows": 7}),
    ],
)
def test_a_command_is_judged_and_recorded(
    drill: Run,
    connect: Callable[..., psycopg.Connection],
    words: tuple[str, ...],
    passed: bool,
    figures: dict[str, int],
) -> None:
    """By its status, by what it says where that tells more, with the figures it gives."""
    done = drill(*words)
    assert done.returncode == int(not passed), done.stderr
    found = connect("ccp_owner").execute(NEWEST).fetchone()
    assert found == (words[0], passed, figures)


def test_what_cannot_be_recorded_is_told(
    drill: Run, connect: Callable[..., psycopg.Connection], tmp_path: Path
) -> None:
    """In one line, before anything is carried out: no command, and a kind nobody knows."""
    assert drill("backup").stderr.startswith("drill: drill KIND")
    refused = drill("backups", "touch", str(tmp_path / "made"))
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert refused.stderr.startswith("drill: not recorded: ")
    assert "backup, verify, got backups" in refused.stderr
    assert not (tmp_path / "made").exists()
    assert connect("ccp_owner").execute(NEWEST).fetchone() is None


def test_a_restore_is_tried_and_what_was_tampered_with_fails_it(
    cluster: Cluster,
    database: str,
    drill: Run,
    connect: Callable[..., psycopg.Connection],
) -> None:
    """Dumped, restored beside, verified and compared: once as it is, once with a changed amount."""
    fill(cluster, database)
    owner = connect("ccp_owner", autocommit=True)
    owner.execute("SELECT audit.seal()")
    command = ("restore", sys.executable, "-m", "svc.embedded", "restore")
    done = drill(*command)
    assert done.returncode == 0, done.stdout + done.stderr
    kind, passed, figures = owner.execute(NEWEST).fetchone() or ("", None, {})
    assert (kind, passed) == ("restore", True)
    assert figures == json.loads(done.stdout.splitlines()[-1]) | {"status": 0}
    assert (figures["sessions"], figures["findings"], figures["differs"]) == (1, 0, False)
    # The check of the cut-over takes it as it was recorded, once a second person confirmed it.
    check = "SELECT passed FROM app.check_restore_drill()"
    assert owner.execute(check).fetchone() == (False,)
    owner.execute("SELECT FROM report.drills AS d, api.confirm_drill(d.drill_id, 'Looked at')")
    assert owner.execute(check).fetchone() == (True,)

    with connect("postgres") as superuser:
        superuser.execute("SET session_replication_role = replica")
        superuser.execute("ALTER TABLE app.receipt_contents DISABLE TRIGGER ALL")
        check = "receipt_contents_created_tx_check"
        superuser.execute(f"ALTER TABLE app.receipt_contents DROP CONSTRAINT {check}".encode())
        superuser.execute("UPDATE app.receipt_contents SET amount = amount + 1")
        superuser.execute("ALTER TABLE app.receipt_contents ENABLE ALWAYS TRIGGER t10_immutable")
    assert drill(*command).returncode == 1
    _, passed, figures = owner.execute(NEWEST).fetchone() or ("", None, {})
    assert passed is False
    assert figures["findings"] > 0
    with cluster.login().connect() as superuser_of_all:
        left = superuser_of_all.execute(
            "SELECT count(*) FROM pg_database WHERE datname = 'ccp_restore_drill'"
        )
        assert left.fetchone() == (0,)
