"""Compares a file of the program used before with a session: ./run compare SESSION FILE."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, LiteralString, NoReturn

from psycopg.rows import dict_row

from svc import queries
from svc.embedded.machine import SetupError, tell
from svc.errors import Problem
from svc.exports.asking import read_sheets
from svc.payloads import why_not_text

if TYPE_CHECKING:
    from svc.embedded.login import Login

NOT_CLEAN = 1
ABOUT = """\
Compares an activity.json of the program used before with a session, named by id or name, and
prints the report. The status is 0 when the month is clean, 1 when it is not."""
REPORT: LiteralString = "SELECT report.parallel_report(%(run_id)s) AS report"


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, as everything `./run` says."""

    def error(self, message: str) -> NoReturn:
        """Raise SetupError."""
        raise SetupError(f"compare: {message}; see ./run compare --help")


def compare(way_in: Login, arguments: list[str]) -> int:
    """Compare a file, print the report, and tell by the status whether it is clean.

    Raises SetupError for arguments and files that fit nothing; psycopg.Error.
    """
    said = _parser().parse_args(arguments)
    parameters = {
        "file": _text(said.file),
        "file_name": said.file.name,
        "shape_in_use": said.in_use and said.in_use.replace("-", "_"),
        "same_files": said.same_files,
        "car_sha256": said.car_sha256,
        "receipt_sha256": said.receipt_sha256,
        "csv": said.csv and _text(said.csv),
        "csv_name": said.csv and said.csv.name,
        **_workbook(said.workbook),
        "request_id": None,
    }
    with way_in.connect() as connection, connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(queries.SESSIONS_CALLED, {"session": said.session}).fetchall()
        if len(found) != 1:
            raise SetupError(f"compare: {len(found) or 'no'} sessions are called {said.session!r}")
        parameters["session_id"] = found[0]["session_id"]
        run: dict[str, Any] = (
            cursor.execute(queries.COMPARE_OLD_RESULT, parameters).fetchone() or {}
        )
        if run["run_id"] is None:
            tell("kept: it is compared when the session is read, after the return")
            return NOT_CLEAN
        report = cursor.execute(REPORT, {"run_id": run["run_id"]}).fetchone() or {}
    tell(str(report["report"]).rstrip())
    return 0 if run["is_clean"] else NOT_CLEAN


def _parser() -> _Parser:
    """Return what the command takes."""
    parser = _Parser("./run compare", description=ABOUT, allow_abbrev=False)
    parser.add_argument("--csv", type=_file, help="the accounting import that came with it")
    parser.add_argument("--workbook", type=_file, help="the workbook that came with it")
    parser.add_argument(
        "--in-use",
        choices=("by-code", "by-id", "mixed"),
        help="the shape the company works with: its result must be clean",
    )
    parser.add_argument(
        "--same-files",
        action="store_true",
        help="you sign that it was made of the PDFs of the session",
    )
    parser.add_argument("--car-sha256", metavar="HEX", help="of the card report it read")
    parser.add_argument("--receipt-sha256", metavar="HEX", help="of the receipts it read")
    parser.add_argument("session", metavar="SESSION")
    parser.add_argument("file", type=_file, metavar="FILE")
    return parser


def _file(name: str) -> Path:
    """Return a file as it is meant from where ./run was called."""
    return Path(os.environ.get("CCP_CALLED_FROM", ""), name)


def _workbook(file: Path | None) -> dict[str, str | None]:
    """Return what is said of a workbook. Raises SetupError when it cannot be read."""
    names = ("workbook", "workbook_name", "workbook_sha256")
    if file is None:
        return dict.fromkeys(names)
    try:
        with file.open("rb") as content:
            sheets = read_sheets(content, "workbook")
            content.seek(0)
            checksum = hashlib.file_digest(content, "sha256").hexdigest()
    except OSError as error:
        raise SetupError(f"{file}: {error.strerror}") from None
    except Problem as problem:
        raise SetupError(f"{file}: {problem.detail}") from None
    return dict(zip(names, (json.dumps(sheets), file.name, checksum), strict=True))


def _text(file: Path) -> str:
    """Return the text of a file. Raises SetupError when it cannot be read or is no text."""
    try:
        body = bytearray(file.read_bytes())
    except OSError as error:
        raise SetupError(f"{file}: {error.strerror}") from None
    reason = why_not_text(body)
    if reason is not None:
        raise SetupError(f"{file}: {reason}")
    return body.decode()
