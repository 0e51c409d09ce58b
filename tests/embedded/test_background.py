"""Programs in the background are found, stopped and replaced whatever killed them."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from svc.embedded.background import Background, wait_while
from svc.embedded.machine import ROOT
from svc.embedded.runtime import Runtime

HERE = Runtime(sys.executable, ROOT, None)


def kill(program: Background) -> None:
    """Kill the program itself and wait until it is gone."""
    os.kill(program.content()[0], signal.SIGKILL)
    wait_while(program.is_running, 5)


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Background]:
    """Yield a program that has been started, ended after the test."""
    program = Background("sleeper", tmp_path)
    program.start(HERE, ["sleep", "60"], env=os.environ, note="8000")
    yield program
    program.stop()


def test_a_started_program_is_found_by_name(program: Background) -> None:
    """Whoever looks at the folder sees that it runs, and the note."""
    again = Background("sleeper", program.folder)
    assert again.is_running()
    assert again.content()[1] == "8000"


def test_a_stopped_program_is_gone(program: Background) -> None:
    """Stopping ends it; stopping again finds nothing."""
    assert program.stop()
    assert not program.is_running()
    assert not program.is_lost()
    assert not program.stop()


def test_a_killed_program_does_not_count_as_running(program: Background) -> None:
    """Its file stays, and says nothing without the lock."""
    kill(program)
    assert not program.is_running()
    assert program.is_lost()


def test_children_of_a_killed_program_are_ended_before_the_next_start(tmp_path: Path) -> None:
    """An orphan holds the lock without being the program; a start removes it."""
    program = Background("parent", tmp_path)
    script = ["sh", "-c", "sleep 60 & wait"]
    program.start(HERE, script, env=os.environ, note="")
    first = program.content()[0]
    children = Path(f"/proc/{first}/task/{first}/children")
    wait_while(lambda: not children.read_text(), 5)
    kill(program)
    assert program.held()
    assert not program.is_running()
    program.start(HERE, script, env=os.environ, note="")
    try:
        assert program.is_running()
        assert program.content()[0] != first
    finally:
        program.stop()


def test_a_fault_is_its_cause_and_not_what_came_of_it(program: Background) -> None:
    """What the program says of itself goes before what its server says when it ends."""
    with program.log.open("a") as log:
        log.write('{"level": "CRITICAL", "message": "no database"}\n')
        log.write('{"level": "ERROR", "message": "App failed to load"}\n')
    assert program.fault() == "no database"
