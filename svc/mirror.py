"""The mirror: the activity.json of each open month as a file beside the database.

The database comes first, the file follows it and can always be made again. It is written beside
and renamed into place, read back, and compared with what the database made of the same state.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import logging
import os
import stat
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from svc import queries
from svc.db import Call
from svc.exports.activity import write_activity
from svc.exports.handing import render

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Iterator
    from typing import IO

    from svc.auth import Actor
    from svc.db import Database, Look, Row

log = logging.getLogger("ccp.mirror")

MARK: Final = ".ccp-mirror"
"""A folder with this file is the mirror's; whoever holds its lock writes."""
PARTS: Final = (".activity-", ".part")
"""How the names of files begin and end that are not whole yet."""
MODE: Final = 0o640
CHECK_SECONDS: Final = 300.0
READER_ROLE: Final = "ccp_read_only"
NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT)


class ForeignFolderError(Exception):
    """The folder holds something that the mirror has not written."""


class BusyError(Exception):
    """Another worker writes into the folder."""


class Mirror:
    """Keeps one folder as the database says."""

    def __init__(
        self,
        folder: Path,
        database: Database,
        actor: Actor,
        rows: Callable[[Call], list[Row]],
    ) -> None:
        """Remember the folder and the way to the database; `rows` makes a call that commits."""
        self._folder = folder
        self._database = database
        self._actor = actor
        self._rows = rows
        self._next_check = time.monotonic()

    def turn(self) -> bool:
        """Write what is another by now; now and then compare every file. Never more at once.

        What the folder does not allow is noted with the month. Raises as the database does.
        """
        is_check = time.monotonic() >= self._next_check
        orders = self._rows(Call(queries.MIRROR_ORDERS, {"is_check": is_check}))
        if is_check:
            self._next_check = time.monotonic() + CHECK_SECONDS
        if not (orders or is_check):
            return False
        try:
            # Whatever there is to write, a look takes away what was left unfinished.
            with self._held():
                for order in orders:
                    self._follow(order)
        except BusyError:
            log.info("another worker writes the mirror")
        except ForeignFolderError as error:
            for order in orders:
                self._note(order, "foreign_folder", str(error), {})
        except OSError as error:
            for order in orders:
                self._note(order, *_fault(error), {})
        return False

    @contextlib.contextmanager
    def _held(self) -> Iterator[None]:
        """Hold the folder. Raises ForeignFolderError, BusyError, OSError."""
        mark = self._folder / MARK
        if not mark.is_file():
            found = sorted(path.name for path in self._folder.iterdir())
            if found:
                raise ForeignFolderError(
                    f"the folder is neither empty nor the mirror's: it holds {found[0][:100]}"
                )
        handle = os.open(mark, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, MODE)
        with os.fdopen(handle, "wb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise BusyError from error
            if (self._folder / "activity.json").exists():
                raise ForeignFolderError("the folder holds activity.json: the old program's")
            self._sweep()
            yield

    def _sweep(self) -> None:
        """Take away what a turn left that was killed: only the names, whatever they are."""
        begin, end = PARTS
        for path in self._folder.glob(f"{begin}*{end}"):
            with contextlib.suppress(OSError):
                path.unlink()

    def _follow(self, order: Row) -> None:
        """Write the file of one month, read it back and note how it is; or look at it."""
        path = self._folder / order["file_name"]
        if order["sha256"] is not None:
            self._look_at(order, path)
            return
        try:
            _refuse_other_kinds(path)
            with self._part() as (part, handle):
                facts = self._written(order, handle)
                part.replace(path)
            self._keep_name()
            found = _checksum(path)
        except ForeignFolderError as error:
            self._note(order, "foreign_folder", str(error), {})
            return
        except OSError as error:
            self._note(order, *_fault(error), {})
            return
        if found == facts["sha256"]:
            self._note(order, "written", None, facts)
        else:
            self._note(order, "differs", _difference(found, facts["sha256"]), facts)

    def _look_at(self, order: Row, path: Path) -> None:
        """Note a file that is not what was written; it is written anew at the next turn."""
        try:
            found = _checksum(path)
        except FileNotFoundError:
            self._note(order, "differs", "the file is gone", {})
        except ForeignFolderError as error:
            self._note(order, "foreign_folder", str(error), {})
        else:
            if found != order["sha256"]:
                self._note(order, "differs", _difference(found, order["sha256"]), {})

    @contextlib.contextmanager
    def _part(self) -> Iterator[tuple[Path, int]]:
        """Make a file of a name that nobody has, for this turn only. Raises OSError."""
        begin, end = PARTS
        # Made anew, never followed: nobody can lay a link or a pipe there beforehand.
        handle, name = tempfile.mkstemp(end, begin, self._folder)
        part = Path(name)
        try:
            yield part, handle
        finally:
            part.unlink(missing_ok=True)

    def _written(self, order: Row, handle: int) -> Row:
        """Write a file beside its place and close it; return what it has to be. Raises OSError."""
        facts: Row = {}

        def write(look: Look, session_id: uuid.UUID, target: IO[bytes]) -> None:
            """Ask what the file has to be, and write it, in one state of the database."""
            said = {"session_id": session_id, "shape": None, "merge_names": True}
            facts.update(next(look(Call(queries.MIRROR_FACTS, said))))
            facts["changes"] = write_activity(look(Call(queries.ACTIVITY_ENTRIES, said)), target)

        with os.fdopen(handle, "wb") as target:
            os.fchmod(target.fileno(), MODE)
            render(self._database, self._actor, order["session_id"], write, target, READER_ROLE)
            target.flush()
            os.fsync(target.fileno())
        return {**facts, "file_name": order["file_name"]}

    def _keep_name(self) -> None:
        """Make sure that the new name outlives a power cut."""
        handle = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def _note(self, order: Row, state: str, difference: str | None, facts: Row) -> None:
        """Store how a file is; log what is new of it."""
        said = {
            "month_id": order["month_id"],
            "session_id": order["session_id"],
            "state": state,
            "difference": difference,
            "facts": json.dumps(facts),
        }
        self._rows(Call(queries.RECORD_MIRROR, said))
        fields = {"month_id": str(order["month_id"]), "state": state, "difference": difference}
        if state == "written":
            log.info("mirror written", extra={"fields": fields})
        elif (state, difference) != (order["last_state"], order["last_difference"]):
            log.error("mirror not as the database", extra={"fields": fields})


def _fault(error: OSError) -> tuple[str, str]:
    """Return state and words of what the folder does not allow."""
    state = "disk_full" if error.errno in NO_ROOM else "unwritable"
    return state, error.strerror or type(error).__name__


def _difference(found: str, wanted: str) -> str:
    """Say how a file differs."""
    return f"the checksum of the file begins {found[:12]}, that of the database {wanted[:12]}"


def _refuse_other_kinds(path: Path) -> None:
    """Raise ForeignFolderError when a link, pipe, folder or device has the name of a file."""
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISREG(path.lstat().st_mode):
            raise ForeignFolderError(f"{path.name} is not a file that the mirror wrote")


def _checksum(path: Path) -> str:
    """Return the SHA-256 of a file, in hex. Raises ForeignFolderError for none, OSError."""
    _refuse_other_kinds(path)
    # What became a pipe or a link since then neither holds the turn up nor is followed.
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(handle, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
