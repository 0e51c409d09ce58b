"""Programs that go on after ./run has returned: started once, found again, stopped.

A program holds a lock on its file for as long as it or one of its children lives, whatever kills
it, so there are no stale files: the file says who, the lock says whether.
"""

import contextlib
import fcntl
import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from svc.embedded.machine import SetupError
from svc.embedded.runtime import Runtime
from svc.embedded.supervise import DIED, STARTED

STOP_SECONDS = 10
ORPHAN_SECONDS = 0.5
FAULT_LINE = re.compile(r'.*"level": "(CRITICAL|ERROR)"')
CRITICAL = '"level": "CRITICAL"'
ERROR_LINE = re.compile(r"[A-Za-z_.]+(Error|Timeout): ")


@dataclass(frozen=True)
class Background:
    """One program by name, with its lock file and log in a private folder."""

    name: str
    folder: Path

    @property
    def file(self) -> Path:
        """Return the lock file; it holds the process id and the note given at the start."""
        return self.folder / f"{self.name}.lock"

    @property
    def log(self) -> Path:
        """Return the file that has what the program writes."""
        return self.folder / f"{self.name}.log"

    def held(self) -> bool:
        """Tell whether the program, or a child that outlived it, is there."""
        handle = os.open(self.file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(handle)
        return False

    def content(self) -> tuple[int, str]:
        """Return process id and note, 0 and nothing when it was never started."""
        with contextlib.suppress(OSError, ValueError):
            pid, note = self.file.read_text().split("\n", 1)
            return int(pid), note.strip()
        return 0, ""

    def is_running(self) -> bool:
        """Tell whether the program itself lives; orphaned children do not count."""
        pid, _ = self.content()
        return self.held() and is_alive(pid)

    def start(
        self, runtime: Runtime, command: list[str], *, env: Mapping[str, str], note: str
    ) -> None:
        """Start the program in a session of its own; children of a killed one are ended first."""
        self.stop()
        handle = os.open(self.file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            self.log.touch(mode=0o600)
            with self.log.open("ab") as log:
                process = runtime.start(
                    command,
                    env=runtime.environment(env),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    pass_fds=[handle],
                )
            process.returncode = 0  # it is meant to outlive us: nobody is going to wait for it
            os.ftruncate(handle, 0)
            os.write(handle, f"{process.pid}\n{note}".encode())
        finally:
            os.close(handle)

    def stop(self) -> bool:
        """End the program with its children; return whether there was anything to end.

        Its file names nobody from then on. Raises SetupError when they do not go.
        """
        if not self.held():
            os.truncate(self.file, 0)
            return False
        pid, _ = self.content()
        with contextlib.suppress(ProcessLookupError):
            if is_alive(pid):
                os.kill(pid, signal.SIGTERM)
                wait_while(lambda: is_alive(pid), STOP_SECONDS)
            # Children end with their parent, unless it was killed or does not care.
            if wait_while(self.held, ORPHAN_SECONDS):
                os.killpg(pid, signal.SIGKILL)
        if wait_while(self.held, STOP_SECONDS):
            raise SetupError(f"{self.name} (process {pid}) does not end")
        os.truncate(self.file, 0)
        return True

    def is_lost(self) -> bool:
        """Tell whether the program was started, ended, and nobody stopped it."""
        return self.content()[0] > 0 and not self.is_running()

    def lines(self) -> list[str]:
        """Return what the log says since its supervisor was started the last time."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        begins = [at for at, line in enumerate(lines) if f'"message": "{STARTED}"' in line]
        return lines[begins[-1] if begins else 0 :]

    def deaths(self) -> list[str]:
        """Return the log's lines about the program having died, since its supervisor started."""
        return [line for line in self.lines() if f'"message": "{DIED}"' in line]

    def fault(self) -> str:
        """Return what the log says kept the program from running, else its last line."""
        lines = self.lines()
        told = [line for line in lines if FAULT_LINE.match(line)]
        # What comes of it is told by gunicorn afterwards, as an error.
        told = [line for line in told if CRITICAL in line] or told
        if told:
            return str(json.loads(told[-1])["message"])
        faults = [line for line in lines if ERROR_LINE.match(line)]
        return (faults or lines or ["empty log"])[-1]


def wait_while(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait until the condition ends; return whether it still holds when the time is over."""
    deadline = time.monotonic() + seconds
    while condition():
        if time.monotonic() > deadline:
            return True
        time.sleep(0.02)
    return False


def is_alive(pid: int) -> bool:
    """Tell whether a process is there and not merely waiting to be collected."""
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return pid > 0 and state != "Z"
