"""Brings in the months from before: old files in order of their months, each then closed.

Every file is tried first and what would become of all is shown as a table. A month and its closing
are one transaction, so that a run that was stopped goes on where it ended: what is there already is
told and left alone.
"""

import hashlib
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg.rows import scalar_row

from svc import queries
from svc.embedded.importer import AWAITS, REFUSED
from svc.embedded.importing import NOT_CLOSED, is_pdf
from svc.embedded.login import Login
from svc.embedded.machine import SetupError, say, tell
from svc.payloads import why_not_text

# A file that is there, whatever became of it since, but for one that was cancelled.
THERE: LiteralString = """
SELECT s.session_id FROM report.import_attempts AS a
JOIN report.processing_sessions AS s ON s.session_id = a.session_id
WHERE a.sha256 = %s AND a.outcome = 'accepted' AND s.status = 'completed'
ORDER BY s.created_at DESC LIMIT 1
"""
# A month whose PDFs came in, by the days most of which it shares with what the receipts of a file
# are dated in. The old file of such a month is what it is compared with, and never a submission.
OF_PDFS: LiteralString = """
SELECT EXISTS (
    SELECT FROM report.sessions AS s
    CROSS JOIN (SELECT %s::text, %s::date, %s::date) AS f (programme, period_start, period_end)
    WHERE s.programme = f.programme AND s.source_type = 'pdf' AND s.status = 'completed'
        AND 2 * (least(s.period_end, f.period_end) - greatest(s.period_start, f.period_start) + 1)
            > least(s.period_end - s.period_start, f.period_end - f.period_start) + 1)
"""
# The day by which a month has to have ended.
CLOSES: LiteralString = """
SELECT ((now() AT TIME ZONE 'UTC')::date - s.value::integer)::text FROM report.settings AS s
WHERE s.setting_name = 'month_history_days'
"""
CLOSE: LiteralString = """
SELECT (api.close_past_month(m.month_id, m.version)).state
FROM report.sessions AS s JOIN report.months AS m ON m.month_id = s.month_id
WHERE s.session_id = %s AND m.state = 'open'
"""
COLUMNS = ("File", "Month", "People", "Receipts", "Card total", "Becomes")
NEW, NEXT, IS_THERE, LEFT_OUT = "a closed month", "its next submission", "is there", "left out"
CANNOT_CLOSE = "RL051"
OLD_RESULT = f"{LEFT_OUT}: the month has PDFs, this is its old result for ./run compare"


@dataclass
class Old:
    """An old file: what a dry run says of it, and what became of it."""

    file: Path
    answer: dict[str, Any]
    digest: str
    there: str | None = None
    becomes: str = NEW
    parent: str | None = None
    outcome: str = ""

    @property
    def month(self) -> tuple[str, str, str]:
        """Return programme, first and last day, empty where nothing has a date."""
        report = self.answer.get("report") or {}
        keys = ("programme", "period_start", "period_end")
        programme, first, last = (str(report.get(key) or "") for key in keys)
        return programme, first, last

    @property
    def row(self) -> tuple[str, ...]:
        """Return what the table shows."""
        report = self.answer.get("report") or {}
        programme, first, last = self.month
        days = first[:7] if first[:7] == last[:7] else f"{first} to {last}"
        figures = (report.get(key) for key in ("employees", "transactions", "car_total"))
        return (
            self.file.name,
            " ".join(filter(None, (programme, days))) or "-",
            *("-" if figure is None else str(figure) for figure in figures),
            self.becomes,
        )


@dataclass
class Outcomes:
    """What became of the files, counted so that it adds up."""

    files: int
    closed: int = 0
    counted: dict[str, int] = field(default_factory=dict)

    def count(self, outcome: str) -> None:
        """Count a file."""
        self.counted[outcome] = self.counted.get(outcome, 0) + 1

    @property
    def line(self) -> str:
        """Return the last line: every file once."""
        words = ("imported", IS_THERE, "awaits a decision", "refused", LEFT_OUT)
        parts = [f"{self.counted[word]} {word}" for word in words if word in self.counted]
        return f"{self.files} files: {', '.join(parts) or 'none'}; {self.closed} months closed"


def find_files(names: Iterable[Path]) -> list[Path]:
    """Return the files, of a folder those below it that end in .json, in order of their names.

    Raises SetupError for what is not there and where there is none.
    """
    found: list[Path] = []
    pdfs: list[Path] = []
    for name in names:
        if not name.exists():
            raise SetupError(f"{name}: no such file or folder")
        found += sorted(name.rglob("*.json")) if name.is_dir() else [name]
        pdfs += [file for file in sorted(name.rglob("*")) if is_pdf(file)] if name.is_dir() else []
    if not found:
        raise SetupError(f"import: no .json file there{f'; {NOT_CLOSED}' if pdfs else ''}")
    if pdfs:
        say(f"PDFs are left out ({len(pdfs)}, such as {pdfs[0].name}): {NOT_CLOSED}")
    return found


def bring_in(way_in: Login, names: Iterable[Path], *, dry_run: bool, sure: bool) -> int:
    """Show what the files are, import them and close their months; return the status.

    It is 1 when one was refused, 2 when one awaits a decision. Raises SetupError.
    """
    with way_in.connect() as connection:
        # When this run is killed the server stops what it was at: the next need not wait for it.
        connection.execute("SET client_connection_check_interval = '1s'")
        files = find_files(names)
        olds = []
        for number, file in enumerate(files, 1):
            say(f"looking at {number} of {len(files)}: {file.name}")
            olds.append(look_at(connection, file))
        # By month; of one month in the order of names, each following the one before.
        olds.sort(key=lambda old: (old.month[1] or "9999", old.month, old.file.name))
        plan(olds)
        tell(table([COLUMNS, *(old.row for old in olds)]))
        if dry_run:
            tell("nothing was changed")
            return REFUSED if any("refused" in old.becomes for old in olds) else 0
        if not sure and not agreed():
            raise SetupError("nothing was imported; say --yes when the table is right")
        return import_all(connection, olds)


def look_at(connection: psycopg.Connection, file: Path) -> Old:
    """Try a file and see whether it is there. Raises SetupError when it cannot be read."""
    try:
        body = file.read_bytes()
    except OSError as error:
        raise SetupError(f"{file}: {error.strerror}") from None
    cursor = connection.cursor(row_factory=scalar_row)
    digest = hashlib.sha256(body).hexdigest()
    there = cursor.execute(THERE, (digest,)).fetchone()
    if there is not None:
        summary = cursor.execute("SELECT report.session_summary(%s)", (there,)).fetchone()
        return Old(file, {"report": summary}, digest, there=str(there), becomes=IS_THERE)
    reason = why_not_text(bytearray(body))
    if reason is not None:
        return Old(file, {}, digest, becomes=f"refused: {reason}")
    answer = hand_in(cursor, file, body, parent=None, dry_run=True)
    old = Old(file, answer, digest)
    if answer.get("outcome") == "refused":
        old.becomes = f"refused: {answer.get('code')}: {answer.get('message')}"
    elif not old.month[1]:
        old.becomes = f"{LEFT_OUT}: no receipt has a date, import it with --month"
    elif cursor.execute(OF_PDFS, old.month).fetchone():
        old.becomes = OLD_RESULT
    elif old.month[2] > (last := str(cursor.execute(CLOSES).fetchone())):
        old.becomes = f"{LEFT_OUT}: it ended after {last}, import it without --closed"
    return old


def hand_in(
    cursor: psycopg.Cursor[Any], file: Path, body: bytes, *, parent: str | None, dry_run: bool
) -> dict[str, Any]:
    """Import a file, or try to, and return what the database answers."""
    parameters = {
        "file": body.decode(),
        "session_name": None,
        "parent_session_id": parent,
        "dry_run": dry_run,
        "request_id": None,
        "file_name": file.name,
        "programme": None,
        "period_start": None,
        "period_end": None,
    }
    return cursor.execute(queries.IMPORT_ACTIVITY, parameters).fetchone() or {}


def plan(olds: list[Old]) -> None:
    """Say which file follows another one: of the same month, in the database or before it here.

    A copy of one before it is there by then.
    """
    latest: dict[tuple[str, str, str], str] = {}
    digests: set[str] = set()
    for old in olds:
        if old.becomes == NEW and old.digest in digests:
            old.becomes = IS_THERE
        digests.add(old.digest)
        if old.becomes == IS_THERE:
            latest[old.month] = IS_THERE
        elif old.becomes == NEW:
            control = (old.answer.get("report") or {}).get("control") or {}
            same = [one for one in control.get("same_days") or [] if one.get("is_same_month")]
            if same:
                old.parent = str(same[-1]["session_id"])
            if same or old.month in latest:
                old.becomes = NEXT
            latest[old.month] = old.file.name


def table(rows: list[tuple[str, ...]]) -> str:
    """Lay out rows in columns, wide enough for each."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def agreed() -> bool:
    """Ask whoever sits there whether the table is right; nobody there is no."""
    if not sys.stdin.isatty():
        return False
    say("import these and close their months? [y/N]")
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def import_all(connection: psycopg.Connection, olds: list[Old]) -> int:
    """Import month by month, each closed in the transaction of its last file; return the status."""
    outcomes = Outcomes(len(olds))
    months: dict[tuple[str, str, str], list[Old]] = {}
    for old in olds:
        alone = ("", "", str(old.file)) if not old.month[1] else old.month
        months.setdefault(alone, []).append(old)
    done = 0
    for of_month in months.values():
        closed = import_whole_month(connection, of_month)
        outcomes.closed += closed
        for old in of_month:
            done += 1
            outcomes.count(old.outcome)
            what = f"{old.outcome}{', month closed' if closed and old is of_month[-1] else ''}"
            say(f"{done} of {len(olds)}: {old.row[1]}, {old.file.name}: {what}")
    tell(outcomes.line)
    if "refused" in outcomes.counted:
        return REFUSED
    return AWAITS if "awaits a decision" in outcomes.counted else 0


def import_whole_month(connection: psycopg.Connection, olds: list[Old]) -> bool:
    """Import the files of one month and close it, or leave all of it as it was and say why."""
    try:
        with connection.transaction():
            return import_month(connection, olds)
    except psycopg.Error as error:
        if error.sqlstate != CANNOT_CLOSE:
            raise
        say(f"{olds[-1].row[1]}: {error.diag.message_primary}: {error.diag.message_detail}")
    for old in olds:
        if old.outcome == "imported":
            old.outcome = LEFT_OUT
    return False


def import_month(connection: psycopg.Connection, olds: list[Old]) -> bool:
    """Import the files of one month, each after the one before, and close it where all are in."""
    cursor = connection.cursor(row_factory=scalar_row)
    session: str | None = None
    for old in olds:
        if old.becomes not in {NEW, NEXT}:
            old.outcome = next(w for w in (IS_THERE, "refused", LEFT_OUT) if w in old.becomes)
            session = old.there or session
            continue
        body = old.file.read_bytes()
        parent = session or old.parent
        answer = hand_in(cursor, old.file, body, parent=parent, dry_run=False)
        words = {"accepted": "imported", "unchanged": IS_THERE, "refused": "refused"}
        old.outcome = words.get(str(answer.get("outcome")), "awaits a decision")
        if old.outcome in {"imported", IS_THERE}:
            session = str(answer["session_id"])
        elif old.outcome == "refused":
            say(f"{old.file.name}: {answer.get('code')}: {answer.get('message')}")
    waits = any(old.outcome in {"awaits a decision", "refused", LEFT_OUT} for old in olds)
    # A month of which nothing came in is left alone.
    if session is None or waits or not any(old.outcome == "imported" for old in olds):
        return False
    return cursor.execute(CLOSE, (session,)).fetchone() is not None
