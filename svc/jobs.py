"""One job of a worker: the documents are fetched, read in limited children, and handed in.

Nothing is kept here: whatever is killed, the database gives the job to the next worker, and what
was read is accepted whole, as the person who queued it, or not at all.
"""

from __future__ import annotations

import hashlib
import json
import logging
import tempfile
import time
from typing import IO, TYPE_CHECKING, Any, Final, Protocol, cast

import psycopg

from svc import errors, queries
from svc.errors import NoConnectionError, Problem
from svc.pdf import Limits, PdfRefusedError, parse_pdf, plain

if TYPE_CHECKING:
    import threading

    from svc.db import Row
    from svc.pdf import Document, Kind

log = logging.getLogger("ccp.worker")

PROGRESS_SECONDS: Final = 0.5
KINDS: Final[dict[str, Kind]] = {"car_pdf": "car", "receipt_pdf": "receipts"}
PHASES: Final = {"car_pdf": "reading_car", "receipt_pdf": "reading_receipts"}
LOST_JOB: Final = "ST030"
NOT_PERMITTED: Final = ("PM001", "PM002", "42501")


class LostJobError(Exception):
    """The job is another worker's by now, or ended."""


class StoppedError(Exception):
    """This worker was told to stop while it worked."""


class Line(Protocol):
    """What a job needs of the database."""

    def call(self, statement: Any, parameters: Row) -> Row:  # noqa: ANN401 - a literal text
        """Make one call as the worker, committed."""

    def accept(self, user_name: str, parameters: Row) -> Row:
        """Hand in what was read, as the person who queued it."""


class Jobs:
    """Takes jobs, one at a time, and ends each."""

    def __init__(self, line: Line, worker_name: str, stop: threading.Event) -> None:
        """Remember the way to the database; `stop` ends a job at its next sign of life."""
        self.line = line
        self.stop = stop
        self._worker_name = worker_name

    def work(self) -> bool:
        """Take one job and end it; return whether there was one.

        Raises psycopg.OperationalError or PoolTimeout when the database goes away; the job's
        lease ends then, and it is taken up again.
        """
        job = self.line.call(queries.CLAIM_JOB, {"worker_name": self._worker_name})["job"]
        if job is None:
            return False
        fields = {"job_id": job["job_id"], "outcome": job["outcome"]}
        log.info("job", extra={"fields": fields})
        if job["outcome"] == "claimed":
            self._end(_Run(self, job))
        return True

    def _end(self, run: _Run) -> None:
        """Do a claimed job; whatever goes wrong is told to the database."""
        try:
            answer = run.carry_out()
        except LostJobError:
            log.warning("job lost", extra={"fields": run.ids})
        except StoppedError:
            run.fail("gave_up", "The worker was stopped.", None, may_retry=True)
        except PdfRefusedError as error:
            run.fail(error.code, error.message, run.kind, may_retry=error.may_pass)
        except (psycopg.OperationalError, NoConnectionError):
            raise
        except (psycopg.Error, Problem) as error:
            _tell_failure(run, error)
        except Exception:
            log.exception("job failed", extra={"fields": run.ids})
            run.fail(
                "gave_up", "Reading the files failed inside the program.", None, may_retry=True
            )
        else:
            log.info("job ended", extra={"fields": {**run.ids, "outcome": answer["outcome"]}})


def _tell_failure(run: _Run, error: psycopg.Error | Problem) -> None:
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


class _Run:
    """One attempt at one job."""

    def __init__(self, jobs: Jobs, job: Row) -> None:
        """Remember the job; `kind` is the document in work, for who asks what failed."""
        self._jobs = jobs
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
        return self._jobs.line.accept(self._job["user_name"], parameters)

    def fail(self, code: str, message: str, kind: str | None, *, may_retry: bool) -> None:
        """Tell the database that the attempt failed; a job that is lost is nobody's business."""
        parameters = {"code": code, "message": message, "kind": kind, "may_retry": may_retry}
        try:
            answer = self._call(queries.FAIL_JOB, parameters)
        except LostJobError:
            return
        fields = {"job_id": self._job["job_id"], "code": code, "state": answer["state"]}
        log.info("job failed", extra={"fields": fields})

    def _call(self, statement: Any, parameters: Row) -> Row:  # noqa: ANN401 - a literal text
        """Make one call about the job.

        Raises LostJobError when it is not ours any more, StoppedError when told to stop.
        """
        if self._jobs.stop.is_set() and statement is not queries.FAIL_JOB:
            raise StoppedError
        try:
            return self._jobs.line.call(statement, {**self.ids, **parameters})
        except psycopg.Error as error:
            if error.sqlstate == LOST_JOB:
                raise LostJobError from error
            raise

    def _fetch(self, document: Row, file: IO[bytes]) -> None:
        """Write the document's bytes to a file and make sure they are those handed in."""
        self._sign("fetching", self._pages_before, self._pages_before or None)
        checksum = hashlib.sha256()
        for number in range(document["chunks"]):
            place = {"kind": document["kind"], "chunk_number": number}
            piece = self._call(queries.READ_JOB_CHUNK, place)["bytes"]
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
        if self._jobs.stop.is_set():
            raise StoppedError
        if time.monotonic() - self._last_sign >= PROGRESS_SECONDS:
            self._sign(phase, done, pages)

    def _sign(self, phase: str, done: int, pages: int | None) -> None:
        """Give a sign of life. Raises LostJobError, StoppedError."""
        self._last_sign = time.monotonic()
        parameters = {"phase": phase, "pages_done": done, "pages_total": pages}
        self._call(queries.RECORD_PROGRESS, parameters)

    def _note(self, phase: str, started: float) -> float:
        """Add the milliseconds since `started` to a phase; return the time now."""
        now = time.monotonic()
        self._phases[phase] = self._phases.get(phase, 0) + round((now - started) * 1000)
        return now


def _as_json(document: Document) -> bytearray:
    """Return a read document as the database takes it."""
    return bytearray(json.dumps(plain(document), separators=(",", ":")), "ascii")
