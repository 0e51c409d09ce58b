"""The worker: jobs, mail, ticks, seals, retention, each a duty of its own.

`python -m svc.worker` works until it is told to stop, `python -m svc.worker --until-idle` until
nothing waits. Any number of workers may run; a job is one worker's until its lease ends. An
absent, read-only or altered database is waited for, by each duty for itself.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import logging
import logging.config
import os
import signal
import sys
import tempfile
import threading
from typing import TYPE_CHECKING, Any, Final, cast

from svc import logs, queries, signs
from svc.auth import Actor
from svc.config import ConfigurationError, Settings
from svc.db import Call, Database, Row
from svc.duties import Duty, run_all
from svc.exports.handing import render
from svc.exports.workbook import write_workbook
from svc.jobs import Jobs
from svc.mail import MailServer, send_due
from svc.mirror import Mirror
from svc.signs import SIGN_SECONDS, WORKER, WORKER_ROLE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

log = logging.getLogger("ccp.worker")

# Files are made as those who may only read see them.
READER_ROLE: Final = "ccp_read_only"
MAILS_AT_ONCE: Final = 5
# How often, and after how long a turn counts as hanging, in seconds.
IDLE_SECONDS: Final = 0.5
JOB_LIMIT_SECONDS: Final = 3600.0
MAIL_SECONDS: Final = 10.0
FILES_SECONDS: Final = 10.0
MIRROR_SECONDS: Final = 5.0
TICK_SECONDS: Final = 15.0
SEAL_SECONDS: Final = 300.0
# Some ten seconds of work: far from any limit of time, and from that of a turn.
SLICE_ROWS: Final = 100_000
RETENTION_SECONDS: Final = 3600.0
DAY_SECONDS: Final = 3600.0
LIMIT_SECONDS: Final = 900.0
# One for each duty.
CONNECTIONS: Final = 9


class SealLateError(Exception):
    """Sealing lags behind writing, though all that could be sealed is."""


class Worker:
    """One worker, with its own connections."""

    def __init__(
        self, database: Database, settings: Settings, mail_server: MailServer | None = None
    ) -> None:
        """Remember the way to the database; `stop` ends the work at the next sign of life.

        Without `mail_server` it sends no mail and writes no reminders.
        """
        self._database = database
        self._timeout = settings.import_timeout
        self.stop = threading.Event()
        self._sealed: int | None = None
        self._jobs = Duty(
            "jobs",
            Jobs(self, signs.own_name(), self.stop).work,
            every=IDLE_SECONDS,
            limit=JOB_LIMIT_SECONDS,
        )
        limit = LIMIT_SECONDS
        self.duties = [
            self._jobs,
            Duty("sweep", self._sweep, every=RETENTION_SECONDS, limit=limit),
            Duty("files", self._store_closed_files, every=FILES_SECONDS, limit=limit),
            Duty("ticks", self._tick, every=TICK_SECONDS, limit=limit, at_once=False),
            Duty("seals", self._seal, every=SEAL_SECONDS, limit=limit, at_once=False),
            Duty("days", self._answer_day, every=DAY_SECONDS, limit=limit),
            Duty("signs", self._give_signs, every=SIGN_SECONDS, limit=limit),
        ]
        if mail_server is not None:
            mail = functools.partial(self._send_mail, mail_server)
            self.duties.append(Duty("mail", mail, every=MAIL_SECONDS, limit=limit))
        if settings.mirror_directory is not None:
            mirror = Mirror(settings.mirror_directory, database, WORKER, self._rows)
            self.duties.append(Duty("mirror", mirror.turn, every=MIRROR_SECONDS, limit=limit))

    def run(self) -> int:
        """Work until told to stop; return the exit status, 1 when a new process is needed."""
        return run_all(self.duties, self.stop)

    def run_until_idle(self) -> None:
        """Work until nothing waits, one duty after the other. Raises what ends a job's turn."""
        others = [duty for duty in self.duties if duty is not self._jobs]
        more = True
        while more and not self.stop.is_set():
            more = self._jobs.turn()
            for duty in others:
                if duty.is_due():
                    duty.guarded_turn()

    def _sweep(self) -> bool:
        """Do what is due once an hour: retention, waivers, submissions nobody decided about."""
        self.call(queries.DISCARD_EXPIRED_SUBMISSIONS, {})
        self.call(queries.REMOVE_EXPIRED_DOCUMENTS, {})
        self.call(queries.REMOVE_EXPIRED_ANSWERS, {})
        self.call(queries.EXPIRE_WAIVERS, {})
        return False

    def _answer_day(self) -> bool:
        """Answer the daily checks of the days after going live; other days have none.

        Before, old results that waited are compared, one a turn: answers whether there is more.
        """
        return self.call(queries.RUN_CUTOVER_DAY, {})["answered"] is None

    def _tick(self) -> bool:
        """Give what was committed its instant."""
        self.call(queries.TICK, {})
        return False

    def _seal(self) -> bool:
        """Seal a slice of what was committed, and tell the head of the seals and how far it is.

        Answers whether there is more. Raises SealLateError when sealing lags behind.
        """
        seal = self.call(queries.SEAL, {"rows": SLICE_ROWS})
        head = self.call(queries.PUBLISH_HEAD, {})["head"]
        lag = self.call(queries.SEAL_LAG, {})["lag"]
        log.info("sealed", extra={"fields": {"head": json.dumps(head), **lag}})
        before, self._sealed = self._sealed, seal["seal_number"]
        if self._sealed != before and (seal["row_count"] or 0) >= SLICE_ROWS:
            return True
        if lag["is_late"]:
            raise SealLateError(
                f"{lag['unsealed_commits']} commits are not sealed, the oldest for"
                f" {lag['lag_seconds']} seconds: a transaction stays open"
            )
        return False

    def _send_mail(self, server: MailServer) -> bool:
        """Write the reminders of today, and send the messages that are due."""
        self.call(queries.WRITE_REMINDERS, {})
        send_due(self._rows, server, limit=MAILS_AT_ONCE)
        return False

    def _store_closed_files(self) -> bool:
        """Store the workbooks of months that were closed."""
        wanted = self._database.converse(
            WORKER, lambda call: call(Call(queries.MISSING_WORKBOOKS, {})), role=READER_ROLE
        )
        for row in wanted:
            with tempfile.TemporaryFile() as file:
                render(self._database, WORKER, row["session_id"], write_workbook, file, READER_ROLE)
                stored = self.call(queries.STORE_CLOSED_WORKBOOK, {**row, "content": file.read()})
            fields = {"session_id": str(row["session_id"]), **stored}
            log.info("workbook of a closed month", extra={"fields": fields})
        return bool(wanted)

    def _give_signs(self) -> bool:
        """Tell the database how each duty is."""
        signs.give(self._database, self.duties, self._timeout)
        return False

    def _rows(self, wanted: Call) -> list[Row]:
        """Make one call as the worker, committed, and return its rows."""
        return self._database.converse(
            WORKER, lambda call: call(wanted), role=WORKER_ROLE, timeout=self._timeout
        )

    def call(self, statement: Any, parameters: Row) -> Row:  # noqa: ANN401 - a literal text
        """Make one call as the worker, committed, and return its row."""
        return self._rows(Call(statement, parameters))[0]

    def accept(self, user_name: str, parameters: Row) -> Row:
        """Hand in what was read, as the person who queued it."""
        actor = Actor(user_name=user_name, role=None)
        call = Call(queries.ACCEPT_DOCUMENTS, parameters)
        row = self._database.write(actor, call, request_id="", timeout=self._timeout)
        return cast("Row", row["answer"])


def main(arguments: Sequence[str]) -> int:
    """Run a worker until it is told to stop; return the exit status."""
    logging.config.dictConfig(logs.CONFIGURATION)
    sys.excepthook = lambda _kind, error, _trace: log.critical("ended", exc_info=error)
    try:
        settings = dataclasses.replace(Settings.from_environment(), pool_size=CONNECTIONS)
        mail_server = MailServer.from_environment()
    except ConfigurationError as error:
        log.error("%s", error)
        return 1
    database = Database(settings)
    worker = Worker(database, settings, mail_server)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        """End at the next sign of life."""
        worker.stop.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    if list(arguments) == ["--until-idle"]:
        try:
            database.open()
            worker.run_until_idle()
        finally:
            database.close()
        return 0
    database.open(wait=False)
    status = worker.run()
    if status:
        # A duty that hangs cannot be ended but with the process.
        logging.shutdown()
        os._exit(status)
    database.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
