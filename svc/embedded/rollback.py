"""The way back: ./run rollback --rehearse [FOLDER], ./run rollback --reason WHY [FOLDER].

Every open month is written as the program used before wants it: its activity.json, the file for
accounting, the workbook and the packets. What was written is read back and compared with the
database. A rehearsal changes no state, no batch and no month; both can be repeated.
"""

from __future__ import annotations

import csv
import datetime
import hashlib
import io
import json
import os
import secrets
import socket
import time
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, LiteralString

import psycopg

from svc import queries
from svc.auth import Actor
from svc.config import Settings
from svc.db import Call, Database
from svc.embedded.machine import SetupError, say, tell
from svc.embedded.people import user_name
from svc.errors import Problem
from svc.exports import kinds
from svc.exports.handing import handed_out, pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from svc.db import Row

USAGE: Final = (
    "./run rollback --rehearse [FOLDER], or ./run rollback --reason WHY [FOLDER]; a FOLDER is new"
    " or empty"
)
LOOK_SECONDS: Final = 0.5
WRONG: Final = 1
OPEN_MONTHS: LiteralString = """
SELECT m.month_id, m.month_name, m.programme, m.period_start, m.period_end,
    m.latest_session_id AS session_id
FROM report.months AS m
WHERE m.state = 'open' AND m.latest_session_id IS NOT NULL
ORDER BY m.period_start, m.month_id
"""
LEFT_OUT: LiteralString = """
SELECT concat_ws(' ', 'session', s.session_id, s.session_name) AS name,
    CASE s.status WHEN 'completed' THEN 'it has no month'
        ELSE 'it waits: ' || s.status END AS reason
FROM report.sessions AS s
WHERE (s.is_latest AND s.month_id IS NULL) OR s.status IN ('processing', 'awaiting_decision')
UNION ALL
SELECT m.month_name, 'closed' FROM report.months AS m WHERE m.state = 'closed'
ORDER BY 2, 1
"""
STATE: LiteralString = "SELECT v.state, v.since FROM report.cutover_verdict AS v"
BOUND: LiteralString = """
SELECT s.setting_name, s.value::double precision AS value FROM report.settings AS s
WHERE s.setting_name IN ('rollback_minutes', 'rollback_drain_seconds', 'job_lease_seconds')
"""
ROLL_BACK: LiteralString = "SELECT v.state FROM api.roll_back_cutover(p_reason => %(reason)s) AS v"
MARK: LiteralString = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS mark"
STILL_BUSY: LiteralString = """
SELECT (pg_snapshot_xmin(pg_current_snapshot()) < %(mark)s::xid8) AS has_writers,
    (SELECT count(*) FROM report.jobs AS j WHERE j.state = 'running'
        AND j.updated_at > clock_timestamp() - %(lease)s * interval '1 second') AS jobs
"""
JUDGE: LiteralString = """
SELECT j.*
FROM report.judge_old_file(p_session_id => %(session_id)s, p_file => %(file)s::jsonb) AS j
"""
RECORD: LiteralString = """
SELECT d.drill_id
FROM api.record_drill(p_kind => %(kind)s, p_started_at => %(started_at)s,
    p_ended_at => %(ended_at)s, p_passed => %(passed)s, p_figures => %(figures)s::jsonb,
    p_server => %(server)s, p_note => %(note)s) AS d
"""


@dataclass
class Said:
    """What the command line asks for."""

    rehearse: bool = False
    reason: str | None = None
    folder: Path | None = None


@dataclass
class Tally:
    """What came of it so far."""

    figures: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(
            (
                *("months", "files", "bytes", "people", "receipts"),
                *("not_available", "left_out", "faults"),
            ),
            0,
        )
    )
    faults: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def fault(self, what: str) -> None:
        """Note and tell something that is not as it has to be."""
        self.figures["faults"] += 1
        self.faults.append(what)
        say(f"  WRONG: {what}")

    def not_available(self, what: str) -> None:
        """Note and tell a file that cannot be made any more."""
        self.figures["not_available"] += 1
        self.missing.append(what)
        say(f"  not available: {what}")

    def leave_out(self, what: str) -> None:
        """Note and tell something that is in no file of the folder."""
        self.figures["left_out"] += 1
        self.left_out.append(what)
        say(f"  not in the folder: {what}")


def read_said(arguments: Sequence[str], called_from: Path) -> Said:
    """Read the command line. Raises SetupError for what fits nothing."""
    said, rest = Said(), list(arguments)
    while rest:
        word = rest.pop(0)
        if word == "--rehearse":
            said.rehearse = True
        elif word == "--reason" and rest:
            said.reason = rest.pop(0)
        elif not word.startswith("-") and said.folder is None:
            said.folder = called_from / word
        else:
            raise SetupError(f"rollback: {USAGE}")
    if said.rehearse == bool(said.reason and said.reason.strip()):
        raise SetupError(f"rollback: {USAGE}")
    if said.folder is None:
        name = datetime.datetime.now(datetime.UTC).strftime("rollback-%Y%m%d-%H%M%S")
        said.folder = called_from / name
    return said


def roll_back(url: str, arguments: Sequence[str], called_from: Path) -> int:
    """Rehearse the way back or take it; return the status, 1 when something is wrong.

    Raises SetupError for arguments that fit nothing, a folder that is not empty, and what the
    database refuses.
    """
    said = read_said(arguments, called_from)
    folder = _new_folder(said.folder or called_from)
    settings = Settings(database_url=url, token_secret=secrets.token_bytes(32), pool_size=2)
    database, actor = Database(settings), Actor(user_name=user_name("admin"), role=None)
    try:
        database.open()
        return _WayBack(database, actor, folder, said).take()
    except Problem as problem:
        raise SetupError(f"rollback: {problem.title}") from None
    except psycopg.Error as error:
        detail = error.diag.message_detail
        raise SetupError(f"rollback: {error.diag.message_primary or error} ({detail})") from None
    finally:
        database.close()


def _new_folder(folder: Path) -> Path:
    """Make the folder, for nobody else. Raises SetupError when there is something in it."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        if not folder.is_dir() or folder.is_symlink() or any(folder.iterdir()):
            raise SetupError(f"rollback: {folder} is not an empty folder") from None
        folder.chmod(0o700)
    except OSError as error:
        raise SetupError(f"rollback: {folder}: {error.strerror}") from None
    return folder


class _WayBack:
    """One way back, rehearsed or taken."""

    def __init__(self, database: Database, actor: Actor, folder: Path, said: Said) -> None:
        """Remember where to."""
        self._database = database
        self._actor = actor
        self._folder = folder
        self._said = said
        self._tally = Tally()

    def take(self) -> int:
        """Go all steps, tell each, and record what came of it; return the status."""
        began, started = datetime.datetime.now(datetime.UTC), time.monotonic()
        bounds = {row["setting_name"]: row["value"] for row in self._rows(BOUND)}
        if self._said.rehearse:
            say("1 of 4: a rehearsal: the state of the cut-over stays as it is")
        else:
            say("1 of 4: setting the state")
            self._set_state(bounds)
        months = self._rows(OPEN_MONTHS)
        say(f"2 of 4: writing {len(months)} open months to {self._folder}")
        for month in months:
            self._write_month(month)
        for one in self._rows(LEFT_OUT):
            self._tally.leave_out(f"{one['name']}: {one['reason']}")
        seconds = time.monotonic() - started
        allowed = bounds["rollback_minutes"] * 60
        say(f"3 of 4: it took {seconds:.1f} of {allowed:.0f} seconds")
        if seconds > allowed:
            self._tally.fault(f"it took longer than rollback_minutes, {allowed:.0f} seconds")
        passed = not self._tally.faults
        drill = self._record(began, passed=passed)
        say(f"4 of 4: recorded as drill {drill}; another person confirms it: api.confirm_drill")
        self._tell(passed=passed)
        return 0 if passed else WRONG

    def _rows(self, statement: LiteralString, parameters: Row | None = None) -> list[Row]:
        """Read."""
        (rows,) = self._database.read(self._actor, Call(statement, parameters or {}))
        return rows

    def _set_state(self, bounds: dict[str, float]) -> None:
        """Roll back, unless that was done, and wait for what was begun before."""
        (now,) = self._rows(STATE)
        if now["state"] == "rolled_back":
            say(f"  it is rolled back since {now['since']:%Y-%m-%d %H:%M UTC}")
        else:
            call = Call(ROLL_BACK, {"reason": self._said.reason})
            self._database.write(self._actor, call, request_id="")
            say("  rolled back: uploads are kept and wait, nothing of a month changes here")
        (mark,) = self._rows(MARK)
        asked = {"mark": mark["mark"], "lease": bounds["job_lease_seconds"]}
        until = time.monotonic() + bounds["rollback_drain_seconds"]
        while True:
            (busy,) = self._rows(STILL_BUSY, asked)
            if not busy["has_writers"] and busy["jobs"] == 0:
                break
            if time.monotonic() >= until:
                say("  what was begun before did not end in time: a job has lost its right")
                if busy["has_writers"]:
                    self._tally.fault("a change begun before goes on: the files may lack it")
                break
            time.sleep(LOOK_SECONDS)

    def _write_month(self, month: Row) -> None:
        """Write the files of a month, and compare them."""
        self._tally.figures["months"] += 1
        name = f"{month['period_start']}-{month['period_end']}"
        if month["programme"]:
            # A programme may be no name of a folder.
            name += f"-{str(month['month_id'])[-12:]}"
        folder = self._folder / name
        folder.mkdir(mode=0o700)
        say(f"  {month['month_name']}: {folder.name}")
        self._write(month, folder, "activity.json", self._activity, self._judge_activity)
        self._write(month, folder, "import.csv", self._csv, self._judge_csv)
        self._write(month, folder, "report.xlsx", kinds.KINDS["report.xlsx"], self._judge_zip)
        missing = self._why_no_packets(month)
        if missing is None:
            self._write(month, folder, "packets.zip", kinds.KINDS["packets.zip"], self._judge_zip)
        else:
            self._tally.not_available(f"{month['month_name']}, packets.zip: {missing}")

    def _write(
        self,
        month: Row,
        folder: Path,
        kind: str,
        make: Callable[[Database, Actor, Any], kinds.Made],
        judge: Callable[[Row, IO[bytes]], str | None],
    ) -> None:
        """Write a file and compare it; one that cannot be made is a fault, and the others go on."""
        try:
            wrong = self._write_file(month, folder / kind, make, judge)
        except Problem as problem:
            wrong = problem.title
        except psycopg.Error as error:
            wrong = error.diag.message_primary or type(error).__name__
        except OSError as error:
            wrong = error.strerror or type(error).__name__
        if wrong is not None:
            self._tally.fault(f"{month['month_name']}, {kind}: {wrong}")

    def _write_file(
        self,
        month: Row,
        path: Path,
        make: Callable[[Database, Actor, Any], kinds.Made],
        judge: Callable[[Row, IO[bytes]], str | None],
    ) -> str | None:
        """Write a file, note who was given it, read it back and say how it is wrong."""
        session = month["session_id"]
        about, content = make(self._database, self._actor, session)
        noted = {"kind": path.name, "session_id": session, "about": about}
        checksum = hashlib.sha256()
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "wb") as target:
            for piece in handed_out(self._database, self._actor, noted, content):
                checksum.update(piece)
                target.write(piece)
            size = target.tell()
            target.flush()
            os.fsync(target.fileno())
        self._tally.figures["files"] += 1
        self._tally.figures["bytes"] += size
        with path.open("rb") as written:
            found = hashlib.file_digest(written, "sha256").hexdigest()
            written.seek(0)
            wrong = (
                judge(month, written) if found == checksum.hexdigest() else "read back otherwise"
            )
        if wrong is None:
            say(f"    {path.name}: {size} bytes, SHA-256 {found[:16]}")
        return wrong

    def _activity(self, database: Database, actor: Actor, session: Any) -> kinds.Made:  # noqa: ANN401
        """Make the file of the program used before; people of one name are one, as there."""
        about, file, _ = kinds.activity(database, actor, session, None, merge_names=True)
        return about, pieces(file)

    def _csv(self, database: Database, actor: Actor, session: Any) -> kinds.Made:  # noqa: ANN401
        """Make the file for accounting."""
        return kinds.accounting_file(database, actor, session)

    def _judge_activity(self, month: Row, written: IO[bytes]) -> str | None:
        """Say how an activity.json is not what the old program reads, or not the month."""
        asked = {"session_id": month["session_id"], "file": bytearray(written.read())}
        (verdict,) = self._rows(JUDGE, asked)
        self._tally.figures["people"] += verdict["people_in_file"]
        self._tally.figures["receipts"] += verdict["receipts_in_file"]
        if verdict["is_right"]:
            return None
        if verdict["unfit"]:
            return f"the old program would not read {verdict['first_unfit']}"
        names = ("people", "receipts", "car_total", "receipt_total")
        return ", ".join(
            f"{name} {verdict[f'{name}_in_file']} instead of {verdict[name]}"
            for name in names
            if verdict[f"{name}_in_file"] != verdict[name]
        )

    def _judge_csv(self, month: Row, written: IO[bytes]) -> str | None:
        """Say how a file for accounting is not what the database says now."""
        about = {
            "session_id": month["session_id"],
            "profile_name": kinds.PROFILE,
            "invoice_month": None,
        }
        wanted = [row["record"] for row in self._rows(queries.ACCOUNTING_RECORDS, about)]
        text = written.read().decode()
        rows = list(csv.reader(io.StringIO(text, newline="")))
        again = list(csv.reader(io.StringIO("\r\n".join(wanted), newline="")))
        if rows != again:
            return f"{len(rows)} records that are not the {len(again)} of the database"
        return None

    def _judge_zip(self, _: Row, written: IO[bytes]) -> str | None:
        """Say what of a workbook or of packets cannot be read."""
        try:
            with zipfile.ZipFile(written) as archive:
                broken = archive.testzip()
                return f"{broken} is damaged" if broken else None
        except zipfile.BadZipFile:
            return "it is damaged"

    def _why_no_packets(self, month: Row) -> str | None:
        """Say why packets cannot be made; None when they can."""
        documents = self._rows(queries.SESSION_DOCUMENTS, {"session_id": month["session_id"]})
        if not documents:
            return "it came as an activity.json, without pages"
        gone = [row["kind"] for row in documents if not row["has_bytes"]]
        if gone:
            return f"retention removed {' and '.join(gone)}"
        return None

    def _record(self, began: datetime.datetime, *, passed: bool) -> object:
        """Record it as a drill, evidence for the check; return its id."""
        said = {
            "kind": "rehearsal" if self._said.rehearse else "rollback",
            "started_at": began,
            "ended_at": max(began, datetime.datetime.now(datetime.UTC)),
            "passed": passed,
            "figures": json.dumps(self._tally.figures),
            "server": socket.gethostname() or "unknown",
            "note": "; ".join((*self._tally.faults, *self._tally.missing, *self._tally.left_out))[
                :4000
            ]
            or None,
        }
        return self._database.write(self._actor, Call(RECORD, said), request_id="")["drill_id"]

    def _tell(self, *, passed: bool) -> None:
        """Print what came of it."""
        figures = self._tally.figures
        tell(
            f"{'passed' if passed else 'FAILED'}: {figures['months']} months, {figures['files']}"
            f" files, {figures['people']} people, {figures['receipts']} receipts,"
            f" {figures['not_available']} not available, {figures['left_out']} not in the folder,"
            f" {figures['faults']} wrong"
        )
        tell(f"files: {self._folder}")
        tell("The next run of the old program overwrites its activity.json: hand the files for")
        tell("accounting over first, and keep a copy of each activity.json.")
