"""Exports a file of a session as the person at this machine: ./run export SESSION KIND [FILE]."""

from __future__ import annotations

import hashlib
import secrets
import sys
import time
import uuid
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from svc import queries
from svc.auth import Actor
from svc.config import Settings
from svc.db import Call, Database
from svc.embedded.machine import SetupError, say
from svc.embedded.people import user_name
from svc.errors import Problem
from svc.exports.handing import handed_out
from svc.exports.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

USAGE: Final = "./run export SESSION KIND [FILE]"
STANDARD_OUTPUT: Final = "-"
PROGRESS_SECONDS: Final = 1.0
MEBIBYTE: Final = 2**20


def export(url: str, arguments: list[str], folder: Path) -> int:
    """Write a file of a session, named by id or name, to a file below `folder` or standard output.

    Raises SetupError for arguments that fit nothing; psycopg.Error.
    """
    if not 2 <= len(arguments) <= 3 or arguments[1] not in KINDS:
        raise SetupError(f"export: {USAGE}; KIND is {', '.join(KINDS)}; FILE may be -")
    session, kind = arguments[:2]
    target = folder / (arguments[2] if len(arguments) == 3 else kind)
    if not target.parent.is_dir():
        raise SetupError(f"export: there is no folder {target.parent}")
    settings = Settings(database_url=url, token_secret=secrets.token_bytes(32), pool_size=2)
    database, actor = Database(settings), Actor(user_name=user_name("admin"), role=None)
    try:
        database.open()
        session_id = _find(database, actor, session)
        about, content = KINDS[kind](database, actor, session_id)
        said = {"kind": kind, "session_id": session_id, "about": about}
        pieces = handed_out(database, actor, said, content)
        if arguments[2:] == [STANDARD_OUTPUT]:
            _write(pieces, sys.stdout.buffer, kind)
        else:
            _write_file(pieces, target, kind)
    except Problem as problem:
        raise SetupError(f"export: {problem.title}") from None
    finally:
        database.close()
    return 0


def _find(database: Database, actor: Actor, session: str) -> uuid.UUID:
    """Return the one session of this id or name. Raises SetupError."""
    (rows,) = database.read(actor, Call(queries.SESSIONS_CALLED, {"session": session}))
    if not rows:
        raise SetupError(f"export: there is no session {session!r}")
    if len(rows) > 1:
        ids = ", ".join(str(row["session_id"]) for row in rows)
        raise SetupError(f"export: {len(rows)} sessions are called {session!r}, say which: {ids}")
    found: uuid.UUID = rows[0]["session_id"]
    return found


def _write_file(pieces: Iterator[bytes], target: Path, kind: str) -> None:
    """Write a file beside its place and put it there when it is whole."""
    part = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            _write(pieces, file, kind)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _write(pieces: Iterator[bytes], target: IO[bytes], kind: str) -> None:
    """Write a file, tell how far it is now and then, and at the end what it is."""
    checksum, size, told = hashlib.sha256(), 0, time.monotonic()
    for piece in pieces:
        target.write(piece)
        checksum.update(piece)
        size += len(piece)
        if time.monotonic() - told >= PROGRESS_SECONDS:
            told = time.monotonic()
            say(f"{kind}: {size / MEBIBYTE:.1f} MiB")
    target.flush()
    say(f"{kind}: {size} bytes, SHA-256 {checksum.hexdigest()}")
