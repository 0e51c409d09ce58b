"""What a worker does again and again, each duty with its own guard, pause and sign of life.

A duty that fails is tried again, each time after twice the wait, and stops no other: whatever it
raises is survived but what FATAL lists. A duty that hangs cannot be ended in its process; the
worker ends then, and whoever supervises it starts it again.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Any, Final

from svc import logs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

log = logging.getLogger("ccp.worker")

# After these the process itself is not to be trusted.
FATAL: Final = (MemoryError, SystemError)
FIRST_PAUSE_SECONDS: Final = 1.0
LONGEST_PAUSE_SECONDS: Final = 60.0
LOOK_SECONDS: Final = 1.0
LAST_WORD_SECONDS: Final = 30.0


class Duty:
    """One thing to do, over and over."""

    def __init__(
        self,
        name: str,
        work: Callable[[], bool],
        *,
        every: float,
        limit: float,
        at_once: bool = True,
    ) -> None:
        """Remember what to do and how often.

        `work` answers whether there is more to do at once, else it is done again after `every`
        seconds; a single turn that takes longer than `limit` seconds hangs. The first turn comes
        `at_once`, or after a pause.
        """
        self.name = name
        self.failures = 0
        self.last_error: str | None = None
        self.fatal: BaseException | None = None
        self._work = work
        self._every = every
        self._limit = limit
        self._next = time.monotonic() + (0.0 if at_once else every)
        self._last_success: float | None = None
        self._turn_began: float | None = None

    def turn(self) -> bool:
        """Do it once; return whether there is more at once. Raises what the work raises."""
        self._turn_began = time.monotonic()
        try:
            more = self._work()
        except BaseException as error:
            self.failures += 1
            self.last_error = logs.describe(error)
            pause = min(FIRST_PAUSE_SECONDS * 2 ** (self.failures - 1), LONGEST_PAUSE_SECONDS)
            self._next = time.monotonic() + pause
            raise
        else:
            self._last_success = time.monotonic()
            self._next = self._last_success + (0.0 if more else self._every)
            self.failures = 0
        finally:
            self._turn_began = None
        return more

    def is_due(self) -> bool:
        """Tell whether it is time for the next turn."""
        return time.monotonic() >= self._next

    def hangs(self) -> bool:
        """Tell whether the turn that is going on takes longer than any should."""
        began = self._turn_began
        return began is not None and time.monotonic() - began > self._limit

    def guarded_turn(self) -> None:
        """Do it once; a failure is logged. Raises what FATAL lists, and what ends the process."""
        failed_before = self.failures > 0
        try:
            self.turn()
        except FATAL:
            raise
        except Exception as error:
            log.error("duty failed", exc_info=error, extra={"fields": self._fields()})
        else:
            if failed_before:
                log.info("duty works again", extra={"fields": self._fields()})

    def run(self, stop: threading.Event) -> None:
        """Do it until told to stop, or until something happens that only a new process mends."""
        while not stop.wait(max(0.0, self._next - time.monotonic())):
            try:
                self.guarded_turn()
            except BaseException as error:
                self.fatal = error
                return

    def sign(self) -> dict[str, Any]:
        """Return what the database is told of it, ages in seconds."""
        now, began, succeeded = time.monotonic(), self._turn_began, self._last_success
        return {
            "duty": self.name,
            "every_seconds": self._every,
            "success_age_seconds": None if succeeded is None else now - succeeded,
            "busy_seconds": None if began is None else now - began,
            "failures": self.failures,
            "last_error": self.last_error,
        }

    def _fields(self) -> dict[str, object]:
        """Return what a log line says of it."""
        return {"duty": self.name, "failures": self.failures}


def run_all(duties: Sequence[Duty], stop: threading.Event) -> int:
    """Do all duties, each in a thread of its own, until told to stop; return the exit status.

    1 when a duty hangs, or ended by an error that only a new process mends: then nothing is
    waited for, and the caller ends the process.
    """
    threads = [
        threading.Thread(target=duty.run, args=(stop,), name=duty.name, daemon=True)
        for duty in duties
    ]
    for thread in threads:
        thread.start()
    while not stop.wait(LOOK_SECONDS):
        for duty in duties:
            if duty.fatal is not None:
                log.critical(
                    "duty ended", exc_info=duty.fatal, extra={"fields": {"duty": duty.name}}
                )
                return 1
            if duty.hangs():
                log.critical("duty hangs", extra={"fields": {"duty": duty.name}})
                return 1
    deadline = time.monotonic() + LAST_WORD_SECONDS
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return int(any(thread.is_alive() for thread in threads))
