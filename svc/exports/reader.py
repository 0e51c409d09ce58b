"""The limited child that reads a workbook: bytes of anybody in, plain rows out.

Started by `asking.py` as `python -m svc.exports.reader '{...}'`, the file on standard input;
answers one JSON object, `{"rows": ...}` or `{"refused": [code, message]}`: the filled rows of our
coding sheet, or all cells of another workbook as texts by sheet. Knows neither HTTP nor SQL.
"""

from __future__ import annotations

import json
import os
import re
import sys
import zipfile
from decimal import Decimal
from typing import IO, Any, Final
from uuid import UUID

import openpyxl
from openpyxl.cell.read_only import EmptyCell

from svc.pdf.limits import apply_limits

MAXIMUM_PARTS: Final = 200
MAXIMUM_BYTES: Final = 100 * 2**20
"""Of all parts, unpacked."""
MAXIMUM_ROWS: Final = 100_000
MAXIMUM_PLACES: Final = 64
"""Columns that are looked at."""
MAXIMUM_TEXT: Final = 32_767
# How a workbook writes what XML cannot hold, or what looks like this; nul and halves are none.
_ESCAPES: Final = re.compile(r"_x(?!0000|[Dd][89A-Fa-f])([0-9A-Fa-f]{4})_")
MAXIMUM_CHARACTERS: Final = 16 * 2**20
"""Of all cells together: one long text may stand in the file once and in every row."""
PIECE: Final = 2**18
FOREIGN: Final = re.compile(
    r"vbaProject|macrosheets|activeX|embeddings|externalLinks|customUI|\.bin$", re.IGNORECASE
)
"""Parts that a workbook of ours has no use for: macros, embedded objects, links to other files."""
MACROS: Final = b"macroEnabled"
DECLARATIONS: Final = (b"<!DOCTYPE", b"<!ENTITY")
WIDE: Final = (b"\xff\xfe", b"\xfe\xff", b"\x00")
IDS: Final = ("transaction_id", "employee_revision_id")


class RefusedError(Exception):
    """The file is not read: code and message."""


def refuse(code: str, message: str) -> RefusedError:
    """Make a refusal."""
    return RefusedError(code, message)


def check_parts(file: IO[bytes]) -> None:
    """Refuse what unpacks to too much, holds more than cells, or declares things in its XML."""
    try:
        archive = zipfile.ZipFile(file)
    except zipfile.BadZipFile as error:
        raise refuse("not_a_workbook", "The file is no .xlsx workbook.") from error
    with archive:
        parts = archive.infolist()
        size = sum(part.file_size for part in parts)
        if len(parts) > MAXIMUM_PARTS or size > MAXIMUM_BYTES:
            message = f"It unpacks to {len(parts)} parts and {size} bytes: {MAXIMUM_PARTS} and"
            raise refuse("too_large", f"{message} {MAXIMUM_BYTES} are allowed.")
        for part in parts:
            if FOREIGN.search(part.filename):
                what = "macros, embedded objects or links to other files"
                raise refuse("foreign_content", f"It holds {what}: {part.filename[:100]!r}.")
            _check_part(archive, part)


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Refuse a part with a declaration; a part never gives more than it says of itself."""
    before = b""
    with archive.open(part) as content:
        while piece := content.read(PIECE):
            if not before and any(mark in piece[:4] for mark in WIDE):
                raise refuse("foreign_content", f"{part.filename[:100]!r} is not written in UTF-8.")
            text = before + piece
            if any(mark in text for mark in DECLARATIONS):
                raise refuse("foreign_content", f"{part.filename[:100]!r} declares entities.")
            if MACROS in text:
                raise refuse("foreign_content", "It is a workbook for macros.")
            before = piece[-16:]


def read_rows(file: IO[bytes], order: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the filled rows of the sheet; raise RefusedError when it has not our columns."""
    check_parts(file)
    file.seek(0)
    book = openpyxl.load_workbook(file, read_only=True, keep_links=False)
    if order["sheet"] not in book.sheetnames:
        raise refuse("not_a_workbook", f"There is no sheet {order['sheet']!r}.")
    sheet = book[order["sheet"]]
    sheet.reset_dimensions()
    places: dict[str, int] = {}
    result: list[dict[str, Any]] = []
    characters = 0
    for number, cells in enumerate(sheet.iter_rows(max_col=MAXIMUM_PLACES), start=1):
        if number == 1:
            places = _places(cells, order["columns"])
            continue
        found = {name: cells[place] for name, place in places.items() if place < len(cells)}
        if all(cell.value is None for cell in found.values()):
            continue
        characters += sum(len(str(cell.value)) for cell in found.values())
        if len(result) == MAXIMUM_ROWS or characters > MAXIMUM_CHARACTERS:
            message = f"It has more than {MAXIMUM_ROWS} rows or {MAXIMUM_CHARACTERS} characters."
            raise refuse("too_large", message)
        result.append(_row(number, found, order))
    if not places:
        raise refuse("not_a_workbook", "The sheet is empty.")
    return result


def read_sheets(file: IO[bytes]) -> dict[str, list[list[str | None]]]:
    """Return all cells as texts, by sheet and row; raise RefusedError when there are too many."""
    check_parts(file)
    file.seek(0)
    book = openpyxl.load_workbook(file, read_only=True, keep_links=False)
    result: dict[str, list[list[str | None]]] = {}
    count = characters = 0
    for sheet in book.worksheets:
        sheet.reset_dimensions()
        result[sheet.title] = rows = []
        for cells in sheet.iter_rows(max_col=MAXIMUM_PLACES):
            texts = [_text(cell) for cell in cells]
            count += 1
            characters += sum(len(text) for text in texts if text)
            if count > MAXIMUM_ROWS or characters > MAXIMUM_CHARACTERS:
                message = f"It has more than {MAXIMUM_ROWS} rows or {MAXIMUM_CHARACTERS}"
                raise refuse("too_large", f"{message} characters.")
            rows.append(texts)
    return result


def _places(cells: Any, columns: dict[str, str]) -> dict[str, int]:  # noqa: ANN401 - cells
    """Return where each column stands, by its heading."""
    headings = [cell.value for cell in cells]
    for heading in columns:
        if headings.count(heading) != 1:
            raise refuse("not_a_workbook", f"The first row has no single heading {heading!r}.")
    return {name: headings.index(heading) for heading, name in columns.items()}


def _row(number: int, cells: dict[str, Any], order: dict[str, Any]) -> dict[str, Any]:
    """Return a row as the database takes it, with the first fault that was found."""
    faults: list[str] = []
    headings = {name: heading for heading, name in order["columns"].items()}
    for name, cell in cells.items():
        if isinstance(cell, EmptyCell) or cell.value is None:
            continue
        if cell.data_type == "f":
            faults.append(f"a formula in {headings[name]} ({cell.coordinate}); write the value")
        elif cell.data_type == "e":
            faults.append(f"an error in {headings[name]} ({cell.coordinate}): {cell.value}")
        elif name in order["coding"] and not isinstance(cell.value, str):
            faults.append(
                f"{headings[name]} ({cell.coordinate}) is a {type(cell.value).__name__}, not text:"
                " a number loses zeros; format the cell as text"
            )
        elif len(str(cell.value)) > MAXIMUM_TEXT:
            faults.append(f"the text in {headings[name]} ({cell.coordinate}) is too long")
    said = {name: _text(cells.get(name)) for name in headings}
    ids = {name: _identifier(said[name]) for name in IDS}
    return {
        "row_number": number,
        **ids,
        "stamp": said["stamp"],
        "external_transaction_id": said["external_transaction_id"],
        "amount": said["amount"],
        "fault": faults[0] if faults else None,
        "cells": {} if faults else {name: said[name] for name in order["coding"]},
    }


def _text(cell: Any) -> str | None:  # noqa: ANN401 - a cell
    """Return a value as text, without the escapes of workbooks; an amount with two decimals."""
    value = getattr(cell, "value", None)
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{Decimal(repr(value)):.2f}"
    return _ESCAPES.sub(lambda found: chr(int(found[1], 16)), str(value))[:MAXIMUM_TEXT]


def _identifier(text: str | None) -> str | None:
    """Return an id, or nothing when it is none."""
    try:
        return str(UUID(text or ""))
    except ValueError:
        return None


def main() -> None:
    """Carry out the order in the first argument; never prints anything but the answer."""
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    order = json.loads(sys.argv[1])
    file = os.fdopen(os.dup(0), "rb")
    apply_limits(order["address_space"], order["resident"], order["cpu_seconds"])
    try:
        answer: dict[str, Any] = {
            "rows": read_rows(file, order) if "sheet" in order else read_sheets(file)
        }
    except RefusedError as error:
        answer = {"refused": list(error.args)}
    except MemoryError:
        answer = {"refused": ["too_large", "It takes more memory than is allowed."]}
    except BaseException:  # the border no error of a file may cross
        answer = {"refused": ["damaged_workbook", "The workbook is damaged."]}
    json.dump(answer, answers)
    answers.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
