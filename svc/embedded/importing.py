"""What `./run import` takes: files, and what is said of the submission they are."""

import argparse
import datetime
import re
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from svc.embedded.machine import SetupError

PDF = ".pdf"
MONTH = re.compile(r"([0-9]{4}-[0-9]{2})(?:-([0-9]{2})\.\.([0-9]{4}-[0-9]{2}-[0-9]{2}))?")
NOT_CLOSED = (
    "--closed takes activity.json files; import the two PDFs of a month without it, then close the"
    " month by api.close_month or api.close_past_month"
)
ABOUT = """\
Imports activity.json files, or pairs of PDFs (card activity report, then receipts), and prints the
report of each. The status is 0 when all were taken, 1 when one was refused, 2 when one awaits a
decision."""


@dataclass(frozen=True)
class Said:
    """What is said of a submission; None where nothing is."""

    name: str | None = None
    parent: uuid.UUID | None = None
    programme: str | None = None
    first_day: datetime.date | None = None
    last_day: datetime.date | None = None
    dry_run: bool = False
    closed: bool = False
    sure: bool = False

    @property
    def month(self) -> dict[str, Any]:
        """Return the month as the calls of the database take it."""
        return {
            "programme": self.programme,
            "period_start": self.first_day,
            "period_end": self.last_day,
        }


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, as everything `./run` says."""

    def error(self, message: str) -> NoReturn:
        """Raise SetupError."""
        raise SetupError(f"import: {message}; see ./run import --help")


def read_arguments(arguments: list[str]) -> tuple[Said, list[Path]]:
    """Return what is said, and the files.

    Raises SetupError for arguments that are unknown or do not go together, SystemExit after
    printing the help.
    """
    parser = _Parser("./run import", description=ABOUT, allow_abbrev=False)
    parser.add_argument("--name", help="name of the session; PDFs are else named after their month")
    parser.add_argument(
        "--parent",
        type=uuid.UUID,
        metavar="SESSION",
        help="id of the session whose month is submitted again",
    )
    parser.add_argument(
        "--month",
        type=_period,
        default=(None, None),
        metavar="YYYY-MM",
        help="the month it is of, or its first and last day: 2025-02-26..2025-03-25",
    )
    parser.add_argument("--programme", help="card programme, where there are several")
    parser.add_argument(
        "--dry-run", action="store_true", help="tell what would become of it and change nothing"
    )
    parser.add_argument(
        "--closed",
        action="store_true",
        help="months from before: files or folders of activity.json files, sorted by month, shown"
        " as a table, imported, and each month closed as history",
    )
    parser.add_argument("--yes", action="store_true", help="do not ask whether the table is right")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    found = parser.parse_args(arguments)
    pdfs = [file for file in found.files if is_pdf(file)]
    if found.closed and pdfs:
        raise SetupError(f"import: {NOT_CLOSED}")
    if len(pdfs) % 2:
        raise SetupError("PDFs come in pairs: ./run import REPORT.pdf RECEIPTS.pdf")
    submissions = len(found.files) - len(pdfs) // 2
    if submissions > 1 and (found.name or found.parent):
        raise SetupError("import: --name and --parent go with one submission at a time")
    first, last = found.month
    if found.closed and (found.name or found.parent or first or found.programme):
        raise SetupError("import: --closed finds names, months and what follows what itself")
    if found.yes and not found.closed:
        raise SetupError("import: --yes goes with --closed")
    said = Said(
        found.name,
        found.parent,
        found.programme,
        first,
        last,
        found.dry_run,
        found.closed,
        found.yes,
    )
    return said, found.files


def is_pdf(file: Path) -> bool:
    """Tell whether the name is that of a PDF."""
    return file.suffix.lower() == PDF


def _period(text: str) -> tuple[datetime.date, datetime.date | None]:
    """Read a calendar month, or a first and a last day. Raises ArgumentTypeError."""
    try:
        if match := MONTH.fullmatch(text):
            month, day, last = match.groups()
            first = datetime.date.fromisoformat(f"{month}-{day or '01'}")
            return first, datetime.date.fromisoformat(last) if last else None
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"{text!r} is neither YYYY-MM nor YYYY-MM-DD..YYYY-MM-DD")
