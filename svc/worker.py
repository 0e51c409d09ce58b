"""The worker: takes jobs from the database, has the PDFs read in limited children, hands in rows.

`python -m svc.worker` works until it is told to stop, `python -m svc.worker --until-idle` until
nothing waits. Any number of workers may run; a job is one worker's until its lease ends. Nothing
is kept here: whatever is killed, the database gives the job to the next one, and what was read is
accepted whole, as the person who queued it, or not at all.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import logging
import logging.config
import os
import signal
import socket
import sys
import tempfile
import threading
import time
from typing import IO, TYPE_CHECKING, Any, Final, cast

import psycopg
import psycopg_pool

from svc import errors, logs, queries
from svc.auth import Actor
from svc.config import ConfigurationError, Settings
from svc.db import Call, Database, Row
from svc.errors import Problem
from svc.exports.handing import render
from svc.exports.workbook import write_workbook
from svc.mail import MailServer, send_due
from svc.pdf import Limits, PdfRefusedError, parse_pdf, plain

if TYPE_CHECKING:
    from types import FrameType

    from svc.pdf import Document, Kind

log = logging.getLogger("ccp.worker")

WORKER: Final = Actor(user_name="worker", role=None)
WORKER_ROLE: Final = "ccp_worker"
IDLE_SECONDS: Final = 0.5
AWAY_SECONDS: Final = 2.0
PROGRESS_SECONDS: Final = 0.5
RETENTION_SECONDS: Final = 3600.0
MAIL_SECONDS: Final = 10.0
FILES_SECONDS: Final = 10.0
TICK_SECONDS: Final = 15.0
SEAL_SECONDS: Final = 300.0
KINDS: Final[dict[str, Kind]] = {"car_pdf": "car", "receipt_pdf": "receipts"}
PHASES: Final = {"car_pdf": "reading_car", "receipt_pdf": "reading_receipts"}
LOST_JOB: Final = "ST030"
NOT_PERMITTED: Final = ("PM001", "PM002", "42501")


class LostJobError(Exception):
    """The job is another worker's by now, or ended."""


class StoppedError(Exception):
    """This worker was told to stop while it worked."""


class Worker:
    """One worker, with its own connections."""

    def __init__(
        self, database: Database, settings: Settings, mail_server: MailServer | None = None
    ) -> None:
        """Remember the way to the database; `stop` ends the work at the next sign of life.

        Without `mail_server` messages wait.
        """
        self._mail_server = mail_server
        self._next_mail = 0.0
        self._next_files = 0.0
        self._database = database
        self._timeout = settings.import_timeout
        self._name = f"{socket.gethostname()}:{os.getpid()}"
        self._next_sweep = 0.0
        self._next_tick = time.monotonic() + TICK_SECONDS
        self._next_seal = time.monotonic() + SEAL_SECONDS
        self.stop = threading.Event()

    def run(self, *, until_idle: bool) -> None:
        """Work until stopped, or until nothing waits; an absent database is waited for.

        Raises psycopg.Error or PoolTimeout for that only when `until_idle`.
        """
        while not self.stop.is_set():
            try:
                worked = self.work_once()
                self._sweep()
                self._send_mail()
                self._store_closed_files()
                self._keep_proof()
            except (psycopg.OperationalError, psycopg_pool.PoolTimeout):
                if until_idle:
                    raise
                log.warning("the database is away", exc_info=True)
                self.stop.wait(AWAY_SECONDS)
                continue
            if not worked:
                if until_idle:
                    return
                self.stop.wait(IDLE_SECONDS)

    def work_once(self) -> bool:
        """Take one job and end it; return whether there was one.

        Raises psycopg.OperationalError or PoolTimeout when the database goes away; the job's
        lease ends then, and it is taken up again.
        """
        job = self._call(queries.CLAIM_JOB, {"worker_name": self._name})["job"]
        if job is None:
            return False
        fields = {"job_id": job["job_id"], "outcome": job["outcome"]}
        log.info("job", extra={"fields": fields})
        if job["outcome"] == "claimed":
            self._work(job)
        return True

    def _work(self, job: Row) -> None:
        """Do a claimed job; whatever goes wrong is told to the database."""
        run = _Run(self, job)
        try:
            answer = run.carry_out()
        except LostJobError:
            log.warning("job lost", extra={"fields": {"job_id": job["job_id"]}})
        except StoppedError:
            run.fail("gave_up", "The worker was stopped.", None, may_retry=True)
        except PdfRefusedError as error:
            run.fail(error.code, error.message, run.kind, may_retry=error.may_pass)
        except (psycopg.OperationalError, psycopg_pool.PoolTimeout):
            raise
        except (psycopg.Error, Problem) as error:
            self._tell_failure(run, error)
        except Exception:
            log.exception("job failed", extra={"fields": {"job_id": job["job_id"]}})
            run.fail(
                "gave_up", "Reading the files failed inside the program.", None, may_retry=True
            )
        else:
            log.info("job ended", extra={"fields": {**run.ids, "outcome": answer["outcome"]}})

    def _tell_failure(self, run: _Run, error: psycopg.Error | Problem) -> None:
        """Tell the database that it did not take what was read."""
        state = error.sqlstate
        if state == LOST_JOB:
            log.warning("job lost", extra={"fields": run.ids})
        elif state in NOT_PERMITTED:
            message = "The person who handed in the files may not import any more."
            run.fail("unknown_actor", message, None, may_retry=False)
        else:
            log.error("rows not accepted", exc_info=error, extra={"fields": run.ids})
            cause = errors.origin(error) if isinstance(error, psycopg.Error) else error.code
            message = f"What was read could not be stored: ended by {cause}."
            run.fail("gave_up", message, None, may_retry=True)

    def _sweep(self) -> None:
        """Do what is due once an hour: retention, waivers, submissions nobody decided about."""
        if time.monotonic() >= self._next_sweep:
            self._next_sweep = time.monotonic() + RETENTION_SECONDS
            self._call(queries.DISCARD_EXPIRED_SUBMISSIONS, {})
            self._call(queries.REMOVE_EXPIRED_DOCUMENTS, {})
            self._call(queries.REMOVE_EXPIRED_ANSWERS, {})
            self._call(queries.EXPIRE_WAIVERS, {})

    def _keep_proof(self) -> None:
        """Write ticks and seals when they are due; what forbids them is logged, not fatal.

        Raises psycopg.OperationalError or PoolTimeout when the database is away.
        """
        now = time.monotonic()
        try:
            if now >= self._next_tick:
                self._next_tick = now + TICK_SECONDS
                self._call(queries.TICK, {})
            if now >= self._next_seal:
                self._next_seal = now + SEAL_SECONDS
                self._call(queries.SEAL, {})
                head = self._call(queries.PUBLISH_HEAD, {})["head"]
                log.info("sealed", extra={"fields": {"head": json.dumps(head)}})
        except (psycopg.OperationalError, psycopg_pool.PoolTimeout):
            raise
        except (psycopg.Error, Problem) as error:
            log.error("not sealed", exc_info=error)

    def _send_mail(self) -> None:
        """Send, every few seconds, the messages that are due."""
        if time.monotonic() >= self._next_mail:
            self._next_mail = time.monotonic() + MAIL_SECONDS
            send_due(self._rows, self._mail_server, limit=5)

    def _store_closed_files(self) -> None:
        """Store, every few seconds, the files of months that were closed."""
        if time.monotonic() < self._next_files:
            return
        self._next_files = time.monotonic() + FILES_SECONDS
        for row in self._rows(Call(queries.STORE_CLOSED_TEXTS, {})):
            with tempfile.TemporaryFile() as file:
                render(self._database, WORKER, row["session_id"], write_workbook, file, WORKER_ROLE)
                content = file.read()
            stored = self._call(queries.STORE_CLOSED_WORKBOOK, {**row, "content": content})
            fields = {"session_id": str(row["session_id"]), **stored}
            log.info("workbook of a closed month", extra={"fields": fields})

    def _rows(self, wanted: Call) -> list[Row]:
        """Make one call as the worker, committed, and return its rows."""
        return self._database.converse(
            WORKER, lambda call: call(wanted), role=WORKER_ROLE, timeout=self._timeout
        )

    def _call(self, statement: Any, parameters: Row) -> Row:  # noqa: ANN401 - a literal text
        """Make one call as the worker, committed."""
        wanted = Call(statement, parameters)
        return self._database.converse(
            WORKER, lambda call: call(wanted)[0], role=WORKER_ROLE, timeout=self._timeout
        )

    def call_for(self, ids: Row, statement: Any, parameters: Row) -> Row:  # noqa: ANN401
        """Make one call about a job.

        Raises LostJobError when the job is not ours any more, StoppedError when told to stop.
        """
        if self.stop.is_set() and statement is not queries.FAIL_JOB:
            raise StoppedError
        try:
            return self._call(statement, {**ids, **parameters})
        except psycopg.Error as error:
            if error.sqlstate == LOST_JOB:
                raise LostJobError from error
            raise

    def accept(self, user_name: str, parameters: Row) -> Row:
        """Hand in what was read, as the person who queued it."""
        actor = Actor(user_name=user_name, role=None)
        call = Call(queries.ACCEPT_DOCUMENTS, parameters)
        row = self._database.write(actor, call, request_id="", timeout=self._timeout)
        return cast("Row", row["answer"])


class _Run:
    """One attempt at one job."""

    def __init__(self, worker: Worker, job: Row) -> None:
        """Remember the job; `kind` is the document in work, for who asks what failed."""
        self._worker = worker
        self._job = job
        self.ids: Row = {"job_id": job["job_id"], "token": job["token"]}
        self.kind: str | None = None
        self._pages_before = 0
        self._last_sign = time.monotonic()
        self._phases: dict[str, int] = {}

    def carry_out(self) -> Row:
        """Fetch, read and hand in; return the database's answer.

        Raises PdfRefusedError, LostJobError, StoppedError, psycopg.Error.
        """
        rows: Row = {}
        for document in self._job["documents"]:
            self.kind = document["kind"]
            with tempfile.TemporaryFile() as file:
                started = time.monotonic()
                self._fetch(document, file)
                started = self._note("fetch", started)
                rows[self.kind] = _as_json(self._read(file))
                self._note(PHASES[self.kind], started)
        self.kind = None
        self._sign("accepting", self._pages_before, self._pages_before)
        parameters = {
            **self.ids,
            "car": rows["car_pdf"],
            "receipts": rows["receipt_pdf"],
            "phases": json.dumps(self._phases),
        }
        return self._worker.accept(self._job["user_name"], parameters)

    def fail(self, code: str, message: str, kind: str | None, *, may_retry: bool) -> None:
        """Tell the database that the attempt failed; a job that is lost is nobody's business."""
        parameters = {"code": code, "message": message, "kind": kind, "may_retry": may_retry}
        try:
            answer = self._worker.call_for(self.ids, queries.FAIL_JOB, parameters)
        except LostJobError:
            return
        fields = {"job_id": self._job["job_id"], "code": code, "state": answer["state"]}
        log.info("job failed", extra={"fields": fields})

    def _fetch(self, document: Row, file: IO[bytes]) -> None:
        """Write the document's bytes to a file and make sure they are those handed in."""
        self._sign("fetching", self._pages_before, self._pages_before or None)
        checksum = hashlib.sha256()
        for number in range(document["chunks"]):
            place = {"kind": document["kind"], "chunk_number": number}
            piece = self._worker.call_for(self.ids, queries.READ_JOB_CHUNK, place)["bytes"]
            checksum.update(piece)
            file.write(piece)
            self._sign_if_due("fetching", self._pages_before, self._pages_before or None)
        if checksum.hexdigest() != document["sha256"]:
            message = "The file arrived damaged: its checksum is another one. Upload it again."
            raise PdfRefusedError("damaged_pdf", message)
        file.flush()

    def _read(self, file: IO[bytes]) -> Document:
        """Have the file read by limited children."""
        kind = cast("str", self.kind)
        limits = Limits(
            maximum_bytes=int(self._job["max_bytes"]), maximum_pages=int(self._job["max_pages"])
        )
        before = self._pages_before

        def progress(done: int, pages: int) -> None:
            """Tell how far the reading is, now and then."""
            self._sign_if_due(PHASES[kind], before + done, (before + pages) or None)

        self._sign(PHASES[kind], before, before or None)
        document = parse_pdf(cast("Any", file), KINDS[kind], limits, progress)
        self._pages_before += document.page_count
        return document

    def _sign_if_due(self, phase: str, done: int, pages: int | None) -> None:
        """Give a sign of life when the last one is some time ago."""
        if self._worker.stop.is_set():
            raise StoppedError
        if time.monotonic() - self._last_sign >= PROGRESS_SECONDS:
            self._sign(phase, done, pages)

    def _sign(self, phase: str, done: int, pages: int | None) -> None:
        """Give a sign of life. Raises LostJobError, StoppedError."""
        self._last_sign = time.monotonic()
        parameters = {"phase": phase, "pages_done": done, "pages_total": pages}
        self._worker.call_for(self.ids, queries.RECORD_PROGRESS, parameters)

    def _note(self, phase: str, started: float) -> float:
        """Add the milliseconds since `started` to a phase; return the time now."""
        now = time.monotonic()
        self._phases[phase] = self._phases.get(phase, 0) + round((now - started) * 1000)
        return now


def _as_json(document: Document) -> bytearray:
    """Return a read document as the database takes it."""
    return bytearray(json.dumps(plain(document), separators=(",", ":")), "ascii")


def main(arguments: list[str]) -> int:
    """Run a worker until it is told to stop; return the exit status."""
    logging.config.dictConfig(logs.CONFIGURATION)
    try:
        settings = dataclasses.replace(Settings.from_environment(), pool_size=2)
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
    until_idle = arguments == ["--until-idle"]
    while not worker.stop.is_set():
        try:
            database.open()
            break
        except (psycopg.Error, psycopg_pool.PoolTimeout):
            if until_idle:
                raise
            log.warning("the database is away", exc_info=True)
            worker.stop.wait(AWAY_SECONDS)
    try:
        worker.run(until_idle=until_idle)
    finally:
        database.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
