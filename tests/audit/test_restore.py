"""Dump, restore on another server, new epoch: the proof goes on and old numbers are refused."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from svc.embedded.cluster import Cluster
from svc.embedded.deploy import bootstrap
from svc.embedded.suite import throwaway
from svc.verify_audit import main
from tests.audit.content import fill, superuser_of

DATABASE = "restored"
USE_UP = """
DO $$
BEGIN
    FOR i IN 1..10000 LOOP
        PERFORM pg_current_xact_id();
        COMMIT;
    END LOOP;
END
$$"""
PRINTED_ANEW = re.compile("catalog_altered seal 1 (function|view) ")
CHANGE = "UPDATE app.settings SET value = %s WHERE setting_name = 'pdf_max_pages'"


@pytest.fixture
def restored(cluster: Cluster, database: str, tmp_path: Path) -> Iterator[Cluster]:
    """Yield another server that holds a restored copy of a sealed database."""
    fill(cluster, database)
    with superuser_of(cluster, database) as superuser:
        # Many numbers are used up, so that those of the new server come again.
        superuser.autocommit = True
        superuser.execute(USE_UP)
        superuser.execute("SELECT audit.seal()")
    dsn = cluster.login("ccp_local", database).conninfo
    assert main([dsn, "--anchor", str(tmp_path / "anchor"), "--append"]) == 0
    dump = tmp_path / "dump"
    program = cluster.machine.program
    source = cluster.login(database=database).environment
    command = [program("pg_dump"), "-Fc", "-f", str(dump), database]
    subprocess.run(command, check=True, env=source)
    with throwaway(cluster.machine) as other:
        bootstrap(other, DATABASE)
        command = [program("pg_restore"), "--exit-on-error", "-d", DATABASE, str(dump)]
        subprocess.run(command, check=True, env=other.login(database=DATABASE).environment)
        yield other


def test_a_restored_database_goes_on_in_a_new_epoch(
    restored: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its rows verify as they are, it refuses used numbers, and is sound after the epoch step."""
    arguments = [restored.login("ccp_local", DATABASE).conninfo, "--anchor", f"{tmp_path}/anchor"]
    capsys.readouterr()
    main(arguments)
    # Bodies and views that a restore builds anew may be printed with fewer parentheses.
    *found, _ = capsys.readouterr().out.splitlines()
    assert [line for line in found if not PRINTED_ANEW.match(line)] == []
    owner = psycopg.connect(restored.login("ccp_owner", DATABASE).conninfo)
    with owner, pytest.raises(psycopg.Error) as refused:
        owner.execute(CHANGE, (5,))
    assert refused.value.sqlstate == "ST021"
    with (
        psycopg.connect(restored.login("ccp_owner", DATABASE).conninfo) as owner,
        pytest.raises(psycopg.Error) as refused,
    ):
        owner.execute("SELECT audit.seal()")
    assert refused.value.sqlstate == "ST021"
    with psycopg.connect(restored.login("ccp_owner", DATABASE).conninfo) as owner:
        assert owner.execute("SELECT audit.start_epoch()").fetchone() == (1,)
    with psycopg.connect(restored.login("ccp_owner", DATABASE).conninfo) as owner:
        assert owner.execute("SELECT * FROM audit.verify()").fetchall() == []
    with psycopg.connect(restored.login("ccp_owner", DATABASE).conninfo) as owner:
        owner.execute(CHANGE, (5,))
        owner.commit()
        owner.execute("SELECT audit.seal()")
        owner.commit()
        assert owner.execute("SELECT * FROM audit.verify()").fetchall() == []
        as_of = owner.execute("SELECT count(*) FROM report.transactions_as_of(now())").fetchone()
        now = owner.execute("SELECT count(*) FROM report.transactions").fetchone()
        assert as_of == now
        history = owner.execute(
            "SELECT changes FROM report.audit_trail WHERE table_name = 'settings'"
            " AND operation = 'update'"
        ).fetchall()
        assert history == [({"value": {"old": 10000, "new": 5}, "version": {"old": 1, "new": 2}},)]
    assert main(arguments) == 0
