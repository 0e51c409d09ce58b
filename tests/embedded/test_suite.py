"""Where throwaway servers stand, and that an interrupted run leaves nothing behind."""

import os
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest

from svc.embedded import suite
from svc.embedded.cluster import Cluster


def test_memory_is_taken_only_where_a_whole_run_has_room(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Else, and where there is no such folder, the usual one is."""
    monkeypatch.setattr(suite, "MEMORY", tmp_path)
    monkeypatch.setattr(suite, "ROOM", 0)
    assert suite.place() == tmp_path
    monkeypatch.setattr(suite, "ROOM", 2**60)
    assert suite.place() == Path(tempfile.gettempdir())
    monkeypatch.setattr(suite, "ROOM", 0)
    monkeypatch.setattr(suite, "MEMORY", tmp_path / "none")
    assert suite.place() == Path(tempfile.gettempdir())


def test_what_tests_began_is_ended_with_the_run(cluster: Cluster, tmp_path: Path) -> None:
    """Also what is in a session of its own; what belongs to another run goes on."""
    run = Cluster(cluster.machine, tmp_path / "run")
    environment = {**os.environ, suite.FOLDER: str(run.folder)}
    command = ["sleep", "600"]
    ours = subprocess.Popen(command, env=environment, start_new_session=True)
    other = subprocess.Popen(command, env={**environment, suite.FOLDER: str(tmp_path)})
    try:
        suite.end_started(run)
        assert ours.wait() == -signal.SIGKILL
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()
