"""Dump, restore on another server, new epoch: the proof goes on and old numbers are refused."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from svc.embedded.cluster import Cluster
from svc.embedded.deploy import bootstrap
from svc.embedded.suite import throwaway
from svc.verify_audit import (
    EPOCH_BITS,
    Finding,
    Seal,
    accept_restore,
    check_chain,
    check_restores,
    main,
    read_heads,
)
from tests.audit.content import fill, superuser_of
from tests.conftest import copy_of_template

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
DROP_NEWEST = """
DELETE FROM audit.seals AS n
WHERE n.seal_number = (SELECT max(s.seal_number) FROM audit.seals AS s)"""
DEFINITION = "SELECT pg_get_functiondef('audit.seal(bigint)'::regprocedure)"
# As somebody alters a dump: no trigger sees it.
ALTER = """
SET allow_system_table_mods = on;
UPDATE pg_proc SET prosrc = prosrc || ' ' WHERE oid = 'app.take_turn(text)'::regprocedure"""
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
    # As an operator calls it: where to is in the environment, which no list of processes shows.
    command = [sys.executable, "-m", "svc.verify_audit", "--anchor", str(tmp_path / "anchor")]
    environment = {**os.environ, "AUDIT_URL": cluster.login("ccp_local", database).conninfo}
    subprocess.run([*command, "--append"], check=True, env=environment)
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


def test_the_verifier_wants_to_know_where_to(tmp_path: Path) -> None:
    """Without address it says so and is not green; an address it cannot reach is not, either."""
    command = [sys.executable, "-m", "svc.verify_audit", "--anchor", str(tmp_path / "anchor")]
    bare = {name: value for name, value in os.environ.items() if name != "AUDIT_URL"}
    for given, told in (
        ({}, "as an argument or as AUDIT_URL"),
        ({"AUDIT_URL": f"host={tmp_path} dbname=none"}, "cannot verify: "),
    ):
        found = subprocess.run(
            command, check=False, capture_output=True, text=True, env={**bare, **given}
        )
        assert found.returncode == 2
        assert told in found.stderr


def test_a_restored_database_goes_on_in_a_new_epoch(
    restored: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its rows verify as they are, it refuses used numbers, and is sound after the epoch step."""
    arguments = [restored.login("ccp_local", DATABASE).conninfo, "--anchor", f"{tmp_path}/anchor"]
    capsys.readouterr()
    main(arguments)
    # Bodies and views that a restore builds anew may be printed otherwise, and nothing else.
    *found, _ = capsys.readouterr().out.splitlines()
    assert [line for line in found if not PRINTED_ANEW.match(line)] == []
    # A database that was restored alike tells those from one that somebody altered.
    with copy_of_template(restored, DATABASE) as other:
        assert main([*arguments, "--like", restored.login("ccp_local", other).conninfo]) == 0
        with superuser_of(restored, other) as superuser:
            superuser.execute(ALTER)
        altered = [restored.login("ccp_local", other).conninfo, *arguments[1:]]
        capsys.readouterr()
        assert main([*altered, "--like", arguments[0]]) == 1
        [line, _] = capsys.readouterr().out.splitlines()
        assert line.startswith("catalog_altered seal 1 function app.take_turn(p_about text) ")
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


def test_a_restore_that_is_allowed_is_written_down_beside_the_heads(
    cluster: Cluster, database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The verifier is red until then, green afterwards, goes on publishing and still tells it."""
    fill(cluster, database)
    anchor = ["--anchor", str(tmp_path / "anchor")]
    arguments = [cluster.login("ccp_local", database).conninfo, *anchor]

    def publish(dsn: str, value: int) -> None:
        """Change something, seal it, publish the head."""
        with psycopg.connect(dsn) as owner:
            owner.execute(CHANGE, (value,))
        with psycopg.connect(dsn) as owner:
            owner.execute("SELECT audit.seal()")

    owned = cluster.login("ccp_owner", database).conninfo
    publish(owned, 101)
    assert main([*arguments, "--append"]) == 0
    with pytest.raises(SystemExit):
        main([arguments[0], "--accept-restore", "no file"])
    # There is nothing to accept yet.
    assert main([*arguments, "--accept-restore", "too early"]) == 2
    with copy_of_template(cluster, database) as earlier:
        publish(owned, 102)
        publish(owned, 103)
        assert main([*arguments, "--append"]) == 0
        lost = [cluster.login("ccp_local", earlier).conninfo, *anchor]
        assert main(lost) == 1
        # Not without the last step of a restore.
        assert main([*lost, "--accept-restore", "disk lost"]) == 2
        owned = cluster.login("ccp_owner", earlier).conninfo
        with psycopg.connect(owned) as owner:
            assert owner.execute("SELECT audit.start_epoch()").fetchone() == (1,)
        publish(owned, 104)
        assert main([*lost, "--append"]) == 1
        assert "head_differs" in capsys.readouterr().out
        assert main([*lost, "--accept-restore", " "]) == 2
        assert main([*lost, "--accept-restore", "disk lost, ticket 7"]) == 0
        capsys.readouterr()
        publish(owned, 105)
        assert main([*lost, "--append"]) == 0
        told = capsys.readouterr().out
        assert "restore accepted: epoch 1 after seal 1; published seals given up: 3" in told
        assert "disk lost, ticket 7" in told
        assert len((tmp_path / "anchor").read_text().splitlines()) == 4
        assert main([*lost, "--accept-restore", "again"]) == 2
        # What was given up counts no more; what was published since does, and the line is checked.
        with superuser_of(cluster, earlier) as superuser:
            superuser.execute("SET session_replication_role = replica")
            superuser.execute("ALTER TABLE audit.seals DISABLE TRIGGER ALL")
            superuser.execute(DROP_NEWEST)
            superuser.execute("ALTER TABLE audit.seals ENABLE TRIGGER ALL")
        assert main(lost) == 1
        assert "head_missing" in capsys.readouterr().out
        line = (
            (tmp_path / "anchor").read_text().replace('"restored_epoch": 1', '"restored_epoch": 2')
        )
        (tmp_path / "anchor").write_text(line)
        assert main(lost) == 1
        assert "restore_differs" in capsys.readouterr().out


def line(number: int, seal_hash: str) -> str:
    """Return a line of the file of heads as it is published."""
    return json.dumps({"seal_number": number, "seal_hash": seal_hash}) + "\n"


def seal(number: int, epoch: int, seal_hash: str) -> Seal:
    """Return a seal that begins an epoch or goes on in it."""
    to_tx = (epoch << EPOCH_BITS) + number
    return Seal(number, to_tx - 1, to_tx, [], b"", b"", b"", bytes.fromhex(seal_hash), "")


def heads_of(file: Path, seals: list[Seal]) -> list[Finding]:
    """Return what of the published heads and accepted restores does not fit."""
    heads = read_heads(file)
    fits = check_chain(seals, heads.anchors)
    found = [finding for finding in fits if finding.kind in {"head_missing", "head_differs"}]
    return [*found, *check_restores(seals, heads.restores)]


def test_a_restore_to_before_an_accepted_one_takes_that_one_back(tmp_path: Path) -> None:
    """From an older backup the same epoch begins again: accepted, both restores are told."""
    file = tmp_path / "heads"
    file.write_text(line(1, "01") + line(2, "02") + line(3, "03"))
    first = [seal(1, 0, "01"), seal(2, 0, "02"), seal(3, 1, "13")]
    accept_restore(file, first, heads_of(file, first), "disk lost")
    assert heads_of(file, first) == []
    second = [seal(1, 0, "01"), seal(2, 1, "22")]
    found = heads_of(file, second)
    assert {finding.kind for finding in found} == {"head_differs", "restore_differs"}
    accept_restore(file, second, found, "the older backup")
    assert heads_of(file, second) == []
    told = [str(restore) for restore in read_heads(file).restores]
    assert "epoch 1 after seal 2" in told[0]
    assert "epoch 1 after seal 1; published seals given up: 2" in told[1]
    # An accepted restore after what was kept is no excuse.
    with pytest.raises(ValueError, match="no restore alone"):
        accept_restore(file, first, heads_of(file, first), "again")


def test_a_head_that_was_published_stays_the_one(tmp_path: Path) -> None:
    """Publishing a rewritten seal under its number once more hides nothing."""
    file = tmp_path / "heads"
    file.write_text(line(1, "01") + line(1, "99"))
    [found] = heads_of(file, [seal(1, 0, "99")])
    assert found.kind == "head_differs"


def test_a_new_epoch_begins_with_one_seal_of_all_there_is(cluster: Cluster, database: str) -> None:
    """However many rows of before were not sealed yet: the seals after a restore are told by it."""
    fill(cluster, database)
    owned = cluster.login("ccp_owner", database).conninfo
    with psycopg.connect(owned) as owner:
        [(text,)] = owner.execute(DEFINITION)
        owner.execute(text.replace("DEFAULT 100000", "DEFAULT 1").encode())
    with psycopg.connect(owned) as owner:
        owner.execute("SELECT audit.start_epoch()")
    with psycopg.connect(owned) as owner:
        epochs = owner.execute("SELECT s.to_tx >> 48 FROM audit.seals AS s").fetchall()
    assert epochs == [(1,)]
