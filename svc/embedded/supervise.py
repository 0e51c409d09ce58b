"""Keeps a program running: `python -m svc.embedded.supervise COMMAND…`.

Whatever ends the program, it is started again, each time after a longer pause; each death is a
line of the log. Only what ends within seconds of the very first start is not tried again: that is
a setting to mend, and told to whoever waits for it. SIGTERM ends both in order.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

STARTED = "supervised"
DIED = "the program ended by itself and is started again"
SETTLED_SECONDS = 5.0
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0


class Supervisor:
    """Starts one program again and again until told to stop."""

    def __init__(self, command: list[str]) -> None:
        """Remember what to start."""
        self._command = command
        self._program: subprocess.Popen[bytes] | None = None
        self._stopping = False

    def stop(self, _signal: int, _frame: FrameType | None) -> None:
        """End the program in order, and with it the supervisor."""
        self._stopping = True
        if self._program is not None:
            self._program.terminate()

    def run(self) -> int:
        """Return the exit status: 0 when told to stop, else that of a first start that failed."""
        tell(STARTED)
        pause = FIRST_PAUSE_SECONDS
        has_settled = False
        while not self._stopping:
            began = time.monotonic()
            # The lock on the program's file is inherited: it lasts as long as anybody lives.
            self._program = subprocess.Popen(self._command, close_fds=False)
            if self._stopping:
                self._program.terminate()
            status = self._program.wait()
            if self._stopping:
                return 0
            settled = time.monotonic() - began >= SETTLED_SECONDS
            if not (settled or has_settled):
                return status
            has_settled = True
            pause = FIRST_PAUSE_SECONDS if settled else min(pause * 2, LONGEST_PAUSE_SECONDS)
            tell(DIED, exit_status=status, pause_seconds=pause)
            time.sleep(pause)
        return 0


def tell(message: str, **fields: object) -> None:
    """Write a line into the log that the program writes to."""
    told = {"time": datetime.now(UTC).isoformat(timespec="seconds"), "level": "WARNING"}
    sys.stderr.write(json.dumps({**told, "message": message, **fields}) + "\n")
    sys.stderr.flush()


def main(arguments: list[str]) -> int:
    """Supervise a command; return the exit status."""
    supervisor = Supervisor(arguments)
    signal.signal(signal.SIGTERM, supervisor.stop)
    signal.signal(signal.SIGINT, supervisor.stop)
    return supervisor.run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
