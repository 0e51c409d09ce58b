"""Packets for download: page lists from the database, pages put together by a limited child."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
from typing import IO, TYPE_CHECKING, Any, Final

from svc import queries
from svc.db import Call
from svc.errors import Problem
from svc.pdf.limits import Limits
from svc.pdf.parent import child_environment

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterator, Sequence

    from svc.auth import Actor
    from svc.db import Database, Row

PIECE_BYTES: Final = 256 * 1024
CPU_SECONDS: Final = 600
CHECK_SECONDS: Final = 30


def packets(
    database: Database, actor: Actor, session_id: uuid.UUID, cardholder_id: uuid.UUID | None
) -> tuple[str, Iterator[bytes]]:
    """Return the file name and the bytes, as they are made, of one packet or of all as a ZIP.

    Raises Problem 404 when there is no such session or person, or it has no pages; psycopg.Error
    as `Database.read` does; both before the first byte.
    """
    sessions, documents, attached, pages = database.read(
        actor,
        Call(queries.SESSION, {"session_id": session_id}),
        Call(queries.SESSION_DOCUMENTS, {"session_id": session_id}),
        Call(queries.ATTACHMENTS, {"session_id": session_id}),
        Call(queries.PACKET_PAGES, {"session_id": session_id, "cardholder_id": cardholder_id}),
    )
    places = {("attachment", row["document_id"]): index for index, row in enumerate(attached)}
    places |= {(row["kind"], row["document_id"]): index for index, row in enumerate(documents)}
    people = _people(pages, places, {row["document_id"]: row["sha256"] for row in attached})
    if not sessions or not people:
        raise Problem(
            status=404,
            code="no_pages" if sessions else "no_such_session",
            title="there are no pages for a packet" if sessions else "no such session",
            hint="packets are made of the two PDFs of a session",
        )
    if gone := [row["bytes_removed_at"] for row in documents if row["bytes_removed_at"]]:
        raise Problem(
            status=404,
            code="no_pages",
            title="the pages of this session were removed",
            detail=f"since {min(gone):%Y-%m-%d}: they are kept for a while, and not of a pseudonym",
            hint="take the two PDFs from where they were kept outside",
        )
    single = next(iter(people.values())) if cardholder_id is not None else None
    about = None if single else _about(sessions[0], documents + attached)
    order: Row = {"packets": list(people.values()), "about": about}
    content = _made(database, actor, documents, attached, order)
    # The first piece is awaited here: what goes wrong before it is an answer, not a torn file.
    first = next(content)
    name = single["file_name"] if single else "packets.zip"
    return name, _joined(first, content)


def _people(
    pages: list[Row], places: dict[tuple[str, uuid.UUID], int], attached: dict[uuid.UUID, str]
) -> dict[uuid.UUID, dict[str, Any]]:
    """Return each person's packet, in order, from the rows of pages."""
    people: dict[uuid.UUID, dict[str, Any]] = {}
    for row in pages:
        packet = people.setdefault(
            row["cardholder_id"],
            {
                "folder": row["folder"],
                "file_name": row["file_name"],
                "about": {
                    "employee_name": row["employee_name"],
                    "status": row["status"],
                    "pages": [],
                },
                "pages": [],
            },
        )
        place = places[row["kind"], row["document_id"]]
        packet["pages"].append((row["kind"] == "attachment", place, row["page_number"]))
        told = {"document": row["kind"], "page": row["page_number"]}
        if row["kind"] == "attachment":
            told["sha256"] = attached[row["document_id"]]
        packet["about"]["pages"].append(told)
    return people


def _about(session: Row, documents: list[Row]) -> dict[str, Any]:
    """Return what the manifest says of session and documents."""
    return {
        "session_id": str(session["session_id"]),
        "session_name": session["session_name"],
        "documents": [
            {
                "document": row["kind"],
                "file_name": row["file_name"],
                "sha256": row["sha256"],
                "size": row["size_bytes"],
                "pages": row["page_count"],
            }
            for row in documents
        ],
    }


def _made(
    database: Database,
    actor: Actor,
    documents: list[Row],
    attached: list[Row],
    order: Row,
) -> Iterator[bytes]:
    """Yield what the child makes of the documents; nothing is left on disk."""
    with contextlib.ExitStack() as stack:
        files = [stack.enter_context(tempfile.TemporaryFile()) for _ in documents]
        for row, file in zip(documents, files, strict=True):
            _fetch(database, actor, row, file)
        # All attached files in one, since there may be more than a process may have open.
        scans = stack.enter_context(tempfile.TemporaryFile())
        bounds = []
        for row in attached:
            begin = scans.tell()
            if row["chunk_count"]:
                _fetch(database, actor, row, scans)
            bounds.append((begin, scans.tell()))
        yield from child_output(files, scans, {**order, "attached": bounds}, CPU_SECONDS)


def child_output(
    files: Sequence[IO[bytes]], scans: IO[bytes], order: Row, cpu_seconds: int
) -> Iterator[bytes]:
    """Yield what the limited child answers to an order about these files; nothing is left running.

    Raises RuntimeError when it ends otherwise than well.
    """
    limits = Limits()
    with contextlib.ExitStack() as stack:
        order = {
            "address_space": limits.address_space,
            "resident": limits.resident,
            "cpu_seconds": cpu_seconds,
            "descriptors": [file.fileno() for file in files],
            "scans": scans.fileno(),
            **order,
        }
        said = stack.enter_context(tempfile.TemporaryFile())
        said.write(json.dumps(order).encode())
        said.seek(0)
        child = subprocess.Popen(
            [sys.executable, "-P", "-m", "svc.pdf.packets"],
            stdin=said,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=[*order["descriptors"], order["scans"]],
            env=child_environment(),
        )
        stack.callback(child.wait)
        stack.callback(child.kill)
        if child.stdout is None:
            raise RuntimeError("no pipe")
        with child.stdout as output:
            while piece := output.read(PIECE_BYTES):
                yield piece
        if child.wait() != 0:
            raise RuntimeError("packets could not be made")


def check_attachment(file: IO[bytes]) -> None:
    """Have the limited child show a file that is to be attached.

    Raises Problem 400 with why it cannot be shown.
    """
    end = file.seek(0, 2)
    order: Row = {"packets": [], "about": None, "attached": [(0, end)], "is_check": True}
    try:
        answer = json.loads(b"".join(child_output([], file, order, CHECK_SECONDS)))
    except (RuntimeError, ValueError):
        message = "Showing the file takes more time or memory than is allowed."
        answer = {"code": "gave_up", "message": message}
    if answer["code"] is not None:
        raise Problem(
            status=400,
            code="unreadable_attachment",
            title="the file cannot be attached",
            detail=answer["message"],
            hint="attach a PDF without password, a PNG or a JPEG that a viewer shows",
            field="file",
        )


def _fetch(database: Database, actor: Actor, document: Row, file: IO[bytes]) -> None:
    """Write a document's bytes to a file, piece by piece."""
    for number in range(max(document["chunk_count"], 1)):
        place = {"document_id": document["document_id"], "chunk_number": number}
        (rows,) = database.read(actor, Call(queries.READ_CHUNK, place))
        file.write(rows[0]["bytes"])
    file.flush()


def _joined(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the first piece and then the rest; closing it closes the rest."""
    try:
        yield first
        yield from rest
    finally:
        close = getattr(rest, "close", None)
        if close is not None:
            close()
