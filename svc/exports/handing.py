"""Handing files out: made whole on disk or sent as they are made, and noted with their checksum."""

from __future__ import annotations

import contextlib
import hashlib
import logging
from collections.abc import Callable
from typing import IO, TYPE_CHECKING, Final, TypeAlias

from svc import queries
from svc.db import Call

if TYPE_CHECKING:
    import uuid
    from collections.abc import Generator, Iterator

    from svc.auth import Actor
    from svc.db import Database, Look, Row

log = logging.getLogger("ccp.exports")

PIECE_BYTES: Final = 256 * 1024
Writer: TypeAlias = "Callable[[Look, uuid.UUID, IO[bytes]], None]"
"""Writes a file of a session."""


def render(  # noqa: PLR0913, PLR0917 - all of it says what is made for whom
    database: Database,
    actor: Actor,
    session_id: uuid.UUID,
    write: Writer,
    target: IO[bytes],
    role: str | None = None,
) -> None:
    """Write a file of a session, of one state of the database, and stand at its beginning.

    Raises as `Database.look` does, and what `write` raises.
    """

    def work(look: Look) -> None:
        """Write it, from the beginning should it be the second attempt."""
        target.seek(0)
        target.truncate()
        write(look, session_id, target)

    database.look(actor, work, role=role)
    target.seek(0)


def pieces(file: IO[bytes]) -> Iterator[bytes]:
    """Yield a file from where it stands, piece by piece, and close it."""
    with file:
        while piece := file.read(PIECE_BYTES):
            yield piece


def handed_out(
    database: Database, actor: Actor, about: Row, content: Iterator[bytes]
) -> Iterator[bytes]:
    """Yield a file, and note before its last piece that the actor was given it.

    `about` has kind, session_id and about of `api.record_hand_out`. Whoever goes away before the
    end is noted without a checksum; also of a small file one half goes before. A server that takes
    no writes has a line in the log instead. Raises as `Database.note` does: then the file is not
    whole.
    """
    checksum, size = hashlib.sha256(), 0
    said: Row = {**about, "sha256": None, "size": 0}
    is_noted = False

    def note() -> None:
        """Note what is said."""
        if not database.note(actor, Call(queries.RECORD_HAND_OUT, said)):
            told = {name: str(value) for name, value in said.items() if value is not None}
            fields = {**told, "user_name": actor.user_name}
            log.warning("a file was handed out and could not be noted", extra={"fields": fields})

    with contextlib.closing(_passed(content)) as source:
        try:
            last = b""
            for piece in source:
                if last:
                    yield last
                checksum.update(piece)
                size += len(piece)
                last = piece
            if len(last) == size > 1:
                whole, size = size, size // 2
                yield last[:size]
                last, size = last[size:], whole
            is_noted = True
            said |= {"sha256": checksum.hexdigest(), "size": size}
            note()
            yield last
        finally:
            if not is_noted:
                said |= {"size": size}
                note()


def _passed(content: Iterator[bytes]) -> Generator[bytes, None, None]:
    """Yield what an iterator gives; closing it closes the iterator where that can be."""
    try:
        yield from content
    finally:
        close = getattr(content, "close", None)
        if close is not None:
            close()
