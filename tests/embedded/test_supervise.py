"""A program that dies is started again, and ./run is told; one that cannot start is not."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from svc.embedded.background import Background, is_alive, wait_while
from svc.embedded.machine import ROOT
from svc.embedded.runtime import Runtime

HERE = Runtime(sys.executable, ROOT, None)
SUPERVISE = [sys.executable, "-m", "svc.embedded.supervise"]
# Writes its process id and lives, for longer than counts as having started.
LIVES = "echo $$ >> pids; exec sleep 60"


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Background]:
    """Yield a supervised program, ended after the test."""
    pids = tmp_path / "pids"
    program = Background("sleeper", tmp_path)
    script = LIVES.replace("pids", str(pids))
    start = "from svc.embedded import supervise as s; import sys; s.SETTLED_SECONDS = 0.2;"
    command = [sys.executable, "-c", f"{start} sys.exit(s.main(sys.argv[1:]))", "sh", "-c", script]
    program.start(HERE, command, env=os.environ, note="")
    wait_while(lambda: not pids.exists() or not pids.read_text(), 10)
    wait_while(lambda: True, 0.3)
    yield program
    program.stop()


def last_pid(program: Background) -> int:
    """Return the process of the newest start."""
    return int((program.folder / "pids").read_text().split()[-1])


def test_a_killed_program_is_started_again_and_the_death_is_told(program: Background) -> None:
    """Killed, it is back under another number; the supervisor is the same all the time."""
    first = last_pid(program)
    os.kill(first, signal.SIGKILL)
    assert not wait_while(lambda: last_pid(program) == first, 10)
    assert program.is_running()
    (death,) = program.deaths()
    assert '"exit_status": -9' in death


def test_stopping_ends_program_and_supervisor(program: Background) -> None:
    """Nobody is started again after that, and nothing is told as a death."""
    pid = last_pid(program)
    assert program.stop()
    assert not is_alive(pid)
    assert program.deaths() == []


def test_a_program_that_cannot_start_is_not_tried_again(tmp_path: Path) -> None:
    """What ends at once at its first start is left alone."""
    program = Background("broken", tmp_path)
    command = [*SUPERVISE, "sh", "-c", "echo 'Error: no such setting' >&2; exit 3"]
    program.start(HERE, command, env=os.environ, note="")
    assert not wait_while(program.held, 10)
    assert program.deaths() == []
    assert program.fault() == "Error: no such setting"
    line = '{"level": "ERROR", "message": "one setting is no number"}'
    program.start(
        HERE, [*SUPERVISE, "sh", "-c", f"echo '{line}' >&2; exit 1"], env=os.environ, note=""
    )
    assert not wait_while(program.held, 10)
    assert program.fault() == "one setting is no number"
