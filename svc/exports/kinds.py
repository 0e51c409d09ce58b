"""The files of a session by their kind, as downloads and the command line hand them out."""

from __future__ import annotations

import io
import tempfile
import uuid
from collections.abc import Callable, Iterator
from typing import IO, TYPE_CHECKING, Final, TypeAlias

from svc import packets, queries
from svc.auth import Actor
from svc.db import Call, Database
from svc.errors import Problem
from svc.exports.activity import write_activity
from svc.exports.coding import write_coding
from svc.exports.handing import pieces, render
from svc.exports.workbook import write_workbook

if TYPE_CHECKING:
    import datetime

    from svc.db import Look
    from svc.exports.handing import Writer

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
JSON: Final = "application/json"
CSV: Final = "text/csv; charset=utf-8"
ZIP: Final = "application/zip"
PROFILE: Final = "old_program"
Made: TypeAlias = tuple[str | None, Iterator[bytes]]
"""What tells a file beside its kind and session, and its bytes."""


def stored(  # noqa: PLR0913, PLR0917 - all that tells one file from another
    database: Database,
    actor: Actor,
    session_id: uuid.UUID,
    kind: str,
    profile: str | None = None,
    invoice_month: datetime.date | None = None,
    shape: str | None = None,
) -> bytes | None:
    """Return the file that was stored when the month of a session was closed, if this is it.

    Raises Problem 404 when there is no such session; psycopg.Error as `Database.read` does.
    """
    about = {
        "session_id": session_id,
        "kind": kind,
        "profile_name": profile,
        "invoice_month": invoice_month,
        "shape": shape,
    }
    sessions, [row] = database.read(
        actor, Call(queries.SESSION, about), Call(queries.CLOSED_FILE, about)
    )
    if not sessions:
        raise Problem(status=404, code="session_not_found", title="no such session")
    content: bytes | None = row["content"]
    return content


def workbook(
    database: Database, actor: Actor, session_id: uuid.UUID, kind: str, write: Writer
) -> IO[bytes]:
    """Return a workbook of a session, whole; of a closed month as it was stored.

    Raises as `stored` does.
    """
    content = stored(database, actor, session_id, kind)
    if content is not None:
        return io.BytesIO(content)
    return _made(database, actor, session_id, write)


def accounting_file(
    database: Database,
    actor: Actor,
    session_id: uuid.UUID,
    profile: str | None = None,
    invoice_month: datetime.date | None = None,
) -> Made:
    """Return what tells the file for accounting, and the file; of a closed month as it was stored.

    Raises as `stored` does.
    """
    told = f"{profile or PROFILE} {invoice_month or ''}".strip()
    content = stored(database, actor, session_id, "import.csv", profile, invoice_month)
    if content is not None:
        return told, pieces(io.BytesIO(content))
    said = {
        "session_id": session_id,
        "profile_name": profile or PROFILE,
        "invoice_month": invoice_month,
    }

    def write(look: Look, _: uuid.UUID, target: IO[bytes]) -> None:
        """Write the records."""
        for row in look(Call(queries.ACCOUNTING_RECORDS, said)):
            target.write((row["record"] + row["line_end"]).encode())

    return told, pieces(_made(database, actor, session_id, write))


def activity(
    database: Database,
    actor: Actor,
    session_id: uuid.UUID,
    shape: str | None = None,
    merge_names: bool | None = None,
) -> tuple[str | None, IO[bytes], str]:
    """Return what tells the activity.json, the file, and what of it is written otherwise.

    Of a closed month it is as it was stored, unless a shape is asked for. Raises as `stored` does.
    """
    content = stored(database, actor, session_id, "activity.json", shape=shape)
    if content is not None:
        return shape, io.BytesIO(content), "as stored"
    said = {"session_id": session_id, "shape": shape, "merge_names": merge_names}
    changes: list[str] = []

    def write(look: Look, _: uuid.UUID, target: IO[bytes]) -> None:
        """Write the entries and note what is another."""
        changes[:] = [write_activity(look(Call(queries.ACTIVITY_ENTRIES, said)), target)]

    file = _made(database, actor, session_id, write)
    return shape, file, changes[0]


def _activity(database: Database, actor: Actor, session_id: uuid.UUID) -> Made:
    """Return the file of the program used before."""
    about, file, _ = activity(database, actor, session_id)
    return about, pieces(file)


def _made(database: Database, actor: Actor, session_id: uuid.UUID, write: Writer) -> IO[bytes]:
    """Return a file of a session, whole, on disk: rows are written as they come.

    Raises as `render` does.
    """
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by whoever sends it
    try:
        render(database, actor, session_id, write, file)
    except BaseException:
        file.close()
        raise
    return file


def _report(database: Database, actor: Actor, session_id: uuid.UUID) -> Made:
    """Return the workbook."""
    return None, pieces(workbook(database, actor, session_id, "report.xlsx", write_workbook))


def _coding(database: Database, actor: Actor, session_id: uuid.UUID) -> Made:
    """Return the receipts to be coded."""
    return None, pieces(workbook(database, actor, session_id, "coding.xlsx", write_coding))


def _packets(database: Database, actor: Actor, session_id: uuid.UUID) -> Made:
    """Return the pages of every person."""
    return None, packets.packets(database, actor, session_id, None)[1]


KINDS: Final[dict[str, Callable[[Database, Actor, uuid.UUID], Made]]] = {
    "report.xlsx": _report,
    "coding.xlsx": _coding,
    "import.csv": accounting_file,
    "activity.json": _activity,
    "packets.zip": _packets,
}
"""What a session can be exported as; each answers what tells the file, and the file."""
