"""The log's disk fills, and the clock jumps: nothing answered is lost, the proof holds."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from svc.config import Settings
from tests.audit.content import MONTH
from tests.drills.conftest import DATABASE, connected, import_month
from tests.service.conftest import DATA, SECRET, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.drills.conftest import MakeServer, Tell

# For some imports.
ROOM_KB = 20 * 1024
FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)


@contextlib.contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    """Mount a small file system of memory over a folder; skips where that is not allowed."""
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", str(folder)],
        check=False,
        capture_output=True,
    )
    if done.returncode != 0:
        pytest.skip("nothing can be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_the_log_s_disk_is_full(make_server: MakeServer, tell: Tell) -> None:
    """Writes are refused; with room again all that was answered is there, once."""
    server = make_server(min_wal_size="32MB", wal_keep_size="1GB")
    wal = server.data / "pg_wal"
    kept = server.folder / "kept"
    shutil.copytree(wal, kept, copy_function=shutil.copy2)
    used = sum(file.stat().st_size for file in kept.glob("*"))
    with small_disk(wal, f"{used // 1024 + ROOM_KB}k"):
        subprocess.run(["cp", "-a", f"{kept}/.", str(wal)], check=True)
        owner = server.machine.account
        if owner:
            subprocess.run(["chown", "-R", f"{owner}:", str(wal)], check=True)
        server.start()
        url = server.login("ccp_service", DATABASE).conninfo
        answered: list[str] = []
        statuses: set[int] = set()
        with running(Settings(database_url=url, token_secret=SECRET, pool_size=2)) as api:
            month = (DATA / "medium" / "activity.json").read_bytes()
            for number in range(100):
                name = f"M{number}"
                # Each a month of its own, so that nothing is a correction of another.
                answer = api.upload(month, key=name, session_name=name, programme=name)
                statuses.add(answer.status_code)
                if answer.status_code != 201:
                    break
                answered.append(name)
            tell("imports answered before the disk was full", len(answered))
            assert statuses == {201, 503}
            # Room is made, as by a larger disk, and the server is started again if it went down.
            subprocess.run(["mount", "-o", "remount,size=400M", str(wal)], check=True)
            with contextlib.suppress(Exception):
                server.stop("immediate")
            server.start()
            again = api.upload(month, key=name, session_name=name, programme=name)
            assert again.status_code == 201
            found = {item["session_name"] for page in api.pages("/sessions") for item in page}
        assert found == {*answered, name}
        with connected(server, "ccp_owner") as deployer:
            deployer.execute("SELECT audit.seal()")
            assert deployer.execute("SELECT * FROM audit.verify()").fetchall() == []
        server.stop("immediate")


@pytest.mark.skipif(FAKETIME is None, reason="faketime is not installed here")
def test_the_clock_jumps(make_server: MakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A day ahead and two days back, while it runs: no write fails, the past stays in order."""
    server = make_server()
    clock = server.folder / "clock"
    clock.write_text("+0")
    clock.chmod(0o644)
    monkeypatch.setenv("LD_PRELOAD", str(FAKETIME))
    monkeypatch.setenv("FAKETIME_TIMESTAMP_FILE", str(clock))
    monkeypatch.setenv("FAKETIME_NO_CACHE", "1")
    monkeypatch.setenv("FAKETIME_DONT_FAKE_MONOTONIC", "1")
    server.start()
    monkeypatch.undo()
    for number, jump in enumerate(("+0", "+1d", "-1d", "+0")):
        clock.write_text(jump)
        time.sleep(0.1)
        with connected(server) as superuser:
            [now] = superuser.execute("SELECT clock_timestamp()").fetchone() or (datetime.now(UTC),)
        assert round((now - datetime.now(UTC)).total_seconds() / 86400) == int(jump.strip("d"))
        import_month(server, MONTH, f"Month {number}")
        with connected(server, "ccp_owner") as owner:
            owner.execute("SELECT audit.tick()")
            owner.execute("SELECT audit.seal()")
            assert owner.execute("SELECT * FROM audit.verify()").fetchall() == []
            ticks = owner.execute("SELECT t.instant FROM audit.ticks AS t ORDER BY t.tick_number")
            instants = [instant for (instant,) in ticks.fetchall()]
            assert instants == sorted(instants)
            newest = owner.execute(
                "SELECT count(*) FROM report.processing_sessions_as_of(%s)", (instants[-1],)
            )
            assert newest.fetchone() == (number + 1,)
