"""Backups are taken, told to be damaged, and restored: to an instant, and into the next version."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from svc.embedded.cluster import Cluster
from svc.embedded.deploy import bootstrap
from svc.embedded.machine import wheel_binaries
from svc.embedded.suite import throwaway
from svc.verify_audit import main as verify_from_outside
from tests.audit.content import MONTH
from tests.drills.conftest import DATABASE, connected, import_month, seconds, sums
from tests.service.conftest import DATA

if TYPE_CHECKING:
    from tests.drills.conftest import MakeServer, Tell

SAMPLE = Path(__file__).parents[2] / "deploy" / "pgbackrest.conf"
PGBACKREST = shutil.which("pgbackrest")


class Repository:
    """Backups of one server by the sample's settings, in a folder of the server's account."""

    def __init__(self, server: Cluster, folder: Path) -> None:
        """Write the settings that the sample leaves to each machine."""
        self.server, self.folder = server, folder
        server.own(folder)
        text = SAMPLE.read_text()
        for name, value in (
            (
                "repo1-path",
                f"{folder}/repository\nlog-path={folder}/log\nlock-path={folder}/lock",
            ),
            ("pg1-path", str(server.data)),
            ("pg1-socket-path", f"{server.host}\npg1-user=postgres"),
            ("repo1-cipher-type", "aes-256-cbc\nrepo1-cipher-pass=invented for a drill"),
        ):
            text, found = re.subn(rf"(?m)^{name}=.*$", f"{name}={value}", text)
            assert found == 1, name
        self.file = folder / "pgbackrest.conf"
        self.file.write_text(text)
        self.file.chmod(0o644)
        for name in ("repository", "log", "lock"):
            server.own(folder / name)

    @property
    def command(self) -> str:
        """Return the beginning of each call."""
        return f"{PGBACKREST} --config={self.file} --stanza=ccp"

    def call(self, *arguments: str) -> str:
        """Call pgbackrest as the server's account and return what it prints."""
        done = subprocess.run(
            [*self.command.split(), *arguments],
            user=self.server.machine.account,
            env={"PATH": os.defpath},
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.mark.skipif(PGBACKREST is None, reason="pgBackRest is not installed here")
def test_a_backup_is_restored_to_an_instant(
    make_server: MakeServer, tmp_path: Path, tell: Tell, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was answered until then is there, the proof goes on, damage is told."""
    server = make_server(archive_mode="on", archive_command="false", wal_level="replica")
    repository = Repository(server, server.folder / "backups")
    server = replace(
        server,
        settings={**server.settings, "archive_command": f"{repository.command} archive-push %p"},
    )
    server.start()
    heads = tmp_path / "heads"
    import_month(server, DATA / "medium" / "activity.json", "Medium")
    with connected(server, "ccp_local") as local:
        local.execute("SELECT audit.seal()")
    verify = [server.login("ccp_local", DATABASE).conninfo, "--anchor", str(heads), "--append"]
    assert verify_from_outside(verify) == 0
    repository.call("stanza-create")
    tell("full backup", seconds(lambda: repository.call("--type=full", "backup")))
    import_month(server, MONTH, "Small")
    before = sums(server)
    # pgBackRest knows when a backup ended to the second.
    time.sleep(1.1)
    with connected(server) as superuser:
        [instant] = superuser.execute("SELECT clock_timestamp()").fetchone() or ("",)
        # An instant is unambiguous when no commit is near it.
        time.sleep(1.1)
    with connected(server, "ccp_local") as local:
        local.execute("SELECT audit.seal()")
    assert verify_from_outside(verify) == 0
    tell("incremental backup", seconds(lambda: repository.call("--type=incr", "backup")))
    assert "invalid" not in repository.call("verify")
    server.stop("immediate")

    def restore() -> None:
        repository.call(
            *("--delta", "--type=time", f"--target={instant:%Y-%m-%d %H:%M:%S.%f%z}"),
            *("--target-action=promote", "restore"),
        )
        server.start()
        with connected(server) as superuser:
            while superuser.execute("SELECT pg_is_in_recovery()").fetchone() == (True,):
                time.sleep(0.05)

    tell("restored and up", seconds(restore))
    assert sums(server) == before
    with connected(server, "ccp_owner") as owner:
        owner.execute("SELECT audit.start_epoch()")
        assert owner.execute("SELECT * FROM audit.verify()").fetchall() == []
        assert owner.execute("SELECT * FROM audit.missing_triggers").fetchall() == []
    capsys.readouterr()
    assert verify_from_outside([verify[0], "--anchor", str(heads)]) == 1
    told = capsys.readouterr().out
    assert re.match(r"head_(missing|differs) seal 2 .*\n2 seals, .*; 1 findings\n", told), told
    # Whoever owns the file of heads accepts it; from then on it is sound and goes on growing.
    accepted = [*verify[:-1], "--accept-restore", "A drill"]
    assert verify_from_outside(accepted) == 0
    assert verify_from_outside(verify) == 0
    import_month(server, MONTH, "Small again")

    [damaged, *_] = sorted((repository.folder / "repository" / "backup").rglob("*/base/*/1*"))
    damaged.write_bytes(damaged.read_bytes()[:-7] + b"damaged")
    assert "status: invalid" in repository.call("verify")


def test_a_dump_goes_into_the_next_major_version(
    make_server: MakeServer, tmp_path: Path, tell: Tell
) -> None:
    """By pg_dump and pg_restore: the same sums, rights and proof."""
    server = make_server()
    newer = replace(server.machine, binaries=wheel_binaries(), sqitch=None, pg_prove=None)
    if newer.major <= server.machine.major:
        pytest.skip(f"there is nothing newer here than PostgreSQL {newer.major}")
    server.start()
    import_month(server, DATA / "medium" / "activity.json", "Medium")
    with connected(server, "ccp_owner") as owner:
        owner.execute("SELECT audit.seal()")
    heads = ["--anchor", str(tmp_path / "heads")]
    auditor = server.login("ccp_local", DATABASE).conninfo
    assert verify_from_outside([auditor, *heads, "--append"]) == 0
    before = sums(server)
    dump = tmp_path / "dump"
    # By the server's own program: a newer one need not know what a later minor release marks
    # columns with (15.20 has attribute options of its own, which 18.6 writes out and refuses).
    environment = server.login(database=DATABASE).environment
    made = [server.machine.program("pg_dump"), "-Fc", "-f", str(dump), DATABASE]
    tell("dump", seconds(lambda: subprocess.run(made, check=True, env=environment)))
    with throwaway(newer, durable=True) as other:
        bootstrap(other, DATABASE)
        # Rights on functions of the server itself are the bootstrap's; some have another signature.
        listed = subprocess.run(
            [newer.program("pg_restore"), "-l", str(dump)],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        chosen = tmp_path / "list"
        chosen.write_text(re.sub("(?m)^.* ACL pg_catalog .*\n", "", listed))
        command = [newer.program("pg_restore"), "--exit-on-error", "-d", DATABASE]
        command += ["-L", str(chosen), str(dump)]
        environment = other.login(database=DATABASE).environment
        tell("restored", seconds(lambda: subprocess.run(command, check=True, env=environment)))
        with connected(other, "ccp_owner") as owner:
            owner.execute("SELECT audit.start_epoch()")
            assert owner.execute("SELECT * FROM audit.verify()").fetchall() == []
            assert owner.execute("SELECT * FROM audit.missing_triggers").fetchall() == []
        assert verify_from_outside([other.login("ccp_local", DATABASE).conninfo, *heads]) == 0
        assert sums(other) == before
        import_month(other, MONTH, "Small")
