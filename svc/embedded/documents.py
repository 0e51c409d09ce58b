"""Imports the two PDFs of a month as the person at this machine, with a progress bar."""

import contextlib
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg.rows import dict_row

from svc import queries
from svc.embedded.importer import NOTHING_SAID, REFUSED, REPORT, tell_answer
from svc.embedded.importing import Said
from svc.embedded.login import Login
from svc.embedded.machine import SetupError, say

PIECE_BYTES = 1024 * 1024
POLL_SECONDS = 0.2
BAR_CELLS = 30
KINDS = ("car_pdf", "receipt_pdf")
ENDED = ("done", "failed")
STATE: LiteralString = """
SELECT s.status, j.state, j.failure_code, j.failure_message, j.answer, j.phase, j.pages_done,
    j.pages_total
FROM report.processing_sessions AS s JOIN report.jobs AS j ON j.session_id = s.session_id
WHERE s.session_id = %s ORDER BY j.queued_at DESC LIMIT 1
"""
NO_JOB = {"state": "failed", "status": "cancelled", "failure_message": None}
CANCEL: LiteralString = (
    "SELECT FROM report.processing_sessions AS s, api.cancel_session(s.session_id, s.version)"
    " WHERE s.session_id = %s"
)

Connection = psycopg.Connection[dict[str, Any]]
StartWorker = Callable[[], "subprocess.Popen[bytes]"]


def import_documents(
    way_in: Login, start_worker: StartWorker, car: Path, receipts: Path, said: Said = NOTHING_SAID
) -> int:
    """Hand in the two PDFs, have them read, print what came of it; return the status.

    `start_worker` starts a worker that reads them. Raises SetupError when a file cannot be read or
    the database refuses the call itself.
    """
    with psycopg.connect(way_in.conninfo, autocommit=True, row_factory=dict_row) as connection:
        answer = hand_in(connection, car, receipts, said)
        title, session = f"{car.name}, {receipts.name}", answer["session_id"]
        if answer["outcome"] == "queued":
            state = follow(connection, session, start_worker)
            if said.dry_run:
                # It was opened for this alone.
                connection.execute(CANCEL, (session,))
            if state["state"] != "done":
                say(f"{title}: refused: {state['failure_message'] or state['status']}")
                return REFUSED
            outcome = "accepted" if state["status"] == "completed" else state["status"]
            answer = state["answer"] or {"outcome": outcome, "session_id": session}
        report = connection.execute(REPORT, (answer["session_id"],)).fetchone() or {}
        return tell_answer(title, answer, report.get("import_report") or "")


def hand_in(connection: Connection, car: Path, receipts: Path, said: Said) -> dict[str, Any]:
    """Store both files in a new session and queue their reading; return the database's answer."""
    answer: dict[str, Any] = {}
    with connection.transaction():
        opened = connection.execute(
            queries.CREATE_SESSION,
            {"session_name": said.name, "parent_session_id": said.parent, "request_id": None},
        ).fetchone()
        session = (opened or {})["session_id"]
        parameters = {"session_id": session, "request_id": None, "dry_run": said.dry_run}
        described = {**described_as("car", car), **described_as("receipt", receipts), **said.month}
        row = connection.execute(queries.BEGIN_UPLOAD, {**parameters, **described}).fetchone()
        answer = (row or {})["answer"]
        if answer["outcome"] in {"unchanged", "awaiting_decision"}:
            raise psycopg.Rollback
        if answer["outcome"] == "wanted":
            for kind, file in zip(KINDS, (car, receipts), strict=True):
                if answer[kind]["needs_bytes"]:
                    send(connection, answer[kind]["document_id"], file)
            row = connection.execute(queries.QUEUE_DOCUMENTS, parameters).fetchone()
            answer = (row or {})["answer"]
        if answer["outcome"] == "refused":
            connection.execute(CANCEL, (session,))
    return answer


def described_as(prefix: str, file: Path) -> dict[str, object]:
    """Return name, size and checksum of a file. Raises SetupError when it cannot be read."""
    try:
        with file.open("rb") as content:
            checksum = hashlib.file_digest(content, "sha256").hexdigest()
        size = file.stat().st_size
    except OSError as error:
        raise SetupError(f"{file}: {error.strerror}") from None
    return {f"{prefix}_name": file.name, f"{prefix}_sha256": checksum, f"{prefix}_size": size}


def send(connection: Connection, document: str, file: Path) -> None:
    """Send the bytes of a file in pieces."""
    with file.open("rb") as content:
        number = 0
        while piece := content.read(PIECE_BYTES):
            parameters = {"document_id": document, "chunk_number": number, "bytes": piece}
            connection.execute(queries.STORE_CHUNK, parameters)
            number += 1


def follow(connection: Connection, session: str, start_worker: StartWorker) -> dict[str, Any]:
    """Have a worker read the documents and show how far it is; return how the job ended.

    A worker that runs in the background may be quicker; either way the work is done once.
    """
    worker = start_worker()
    try:
        while True:
            state = connection.execute(STATE, (session,)).fetchone() or NO_JOB
            if state["state"] in ENDED:
                return state
            show(state)
            if worker.poll() is not None:
                worker = start_worker()
            time.sleep(POLL_SECONDS)
    finally:
        worker.terminate()
        worker.wait()
        show(None)


def show(state: dict[str, Any] | None) -> None:
    """Draw the bar on a terminal, over the last one; None wipes it away."""
    if not sys.stderr.isatty():
        return
    line = ""
    if state is not None:
        done, pages = state["pages_done"], state["pages_total"] or 0
        cells = BAR_CELLS * done // pages if pages else 0
        line = f"{state['phase']:<17}[{'#' * cells:<{BAR_CELLS}}] {done}/{pages or '?'} pages"
    with contextlib.suppress(OSError):
        os.write(2, f"\r\x1b[K{line}".encode())
