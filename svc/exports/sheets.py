"""Sheets of a workbook, written row by row: text is text, money has two decimals, days are days."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Final, Literal, TypeAlias

import xlsxwriter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from svc.db import Row

Kind: TypeAlias = Literal["text", "money", "number", "day"]
Place: TypeAlias = tuple[int, int]
"""Row and column of a cell, from 0."""

LONGEST: Final = 32_767
"""Characters of a cell; a longer text says at its end that it was cut."""
CUT: Final = " [cut]"
UNMADE: Final = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
"""When a workbook was made of which nobody knows: never the clock, so that files can be alike."""
FORMATS: Final[dict[Kind, dict[str, Any]]] = {
    "text": {"num_format": "@"},
    "money": {"num_format": "#,##0.00"},
    "number": {"num_format": "0"},
    "day": {"num_format": "mm/dd/yyyy"},
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, the column of the row it shows, what that is, and its width.

    `otherwise` names the column with the text as printed, for a value that could not be read.
    """

    heading: str
    name: str
    kind: Kind = "text"
    width: int = 14
    otherwise: str | None = None
    is_unlocked: bool = False
    is_hidden: bool = False


class Book:
    """A workbook in a file, open until `with` ends."""

    def __init__(self, target: IO[bytes], made_at: datetime.datetime | None) -> None:
        """Begin; the same rows and `made_at` give the same bytes."""
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
        }
        self._book = xlsxwriter.Workbook(target, options)
        created = (made_at or UNMADE).astimezone(datetime.UTC).replace(tzinfo=None, microsecond=0)
        self._book.set_properties({"created": created, "author": "", "comments": ""})
        self._heading = self._book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        self._formats = {
            (kind, free): self._book.add_format({**wanted, "locked": not free})
            for kind, wanted in FORMATS.items()
            for free in (False, True)
        }

    def __enter__(self) -> Book:
        """Return it."""
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        """Write the end of the file, unless something went wrong."""
        if kind is None:
            self._book.close()

    def define(self, name: str, formula: str) -> None:
        """Give a range a name."""
        self._book.define_name(name, formula)

    def sheet(self, title: str, *, is_hidden: bool = False) -> Worksheet:
        """Add an empty sheet."""
        sheet = self._book.add_worksheet(title)
        if is_hidden:
            sheet.very_hidden()
        return sheet

    def table(
        self,
        title: str,
        columns: Sequence[Column],
        rows: Iterable[Row],
        change: Callable[[Row], Row] = lambda row: row,
    ) -> tuple[Worksheet, int]:
        """Add a sheet with a heading and these rows; return it and the number of its last row."""
        sheet = self.sheet(title)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        last = self.rows(sheet, 0, columns, map(change, rows))
        sheet.freeze_panes(1, 1)
        sheet.repeat_rows(0)
        sheet.autofilter(0, 0, last, len(columns) - 1)
        sheet.print_area(0, 0, last, len(columns) - 1)
        return sheet, last

    def rows(
        self, sheet: Worksheet, first: int, columns: Sequence[Column], rows: Iterable[Row]
    ) -> int:
        """Write a heading at a row, from 0, and what follows below; return the last row."""
        formats = [self._formats[column.kind, column.is_unlocked] for column in columns]
        if first == 0:
            for place, column in enumerate(columns):
                options = {"hidden": True} if column.is_hidden else {}
                sheet.set_column(place, place, column.width, None, options)
        for place, column in enumerate(columns):
            put_text(sheet, (first, place), column.heading, self._heading)
        number = first
        for number, row in enumerate(rows, start=first + 1):
            for place, column in enumerate(columns):
                _put(sheet, (number, place), column, row, formats[place])
        if number > first:
            sheet.ignore_errors({"number_stored_as_text": _range(first + 1, number, len(columns))})
        return number


def put_text(sheet: Worksheet, at: Place, value: str, form: Format | None) -> None:
    """Write a text as text, whatever it begins with."""
    if len(value) > LONGEST:
        value = value[: LONGEST - len(CUT)] + CUT
    _check(sheet.write_string(*at, value, form))


def _put(sheet: Worksheet, at: Place, column: Column, row: Row, form: Format) -> None:
    """Write one value, or nothing when there is none."""
    value = row[column.name]
    if value is None and column.otherwise is not None:
        value = row[column.otherwise]
    if value is None:
        if column.is_unlocked:
            _check(sheet.write_blank(*at, None, form))
    elif column.kind == "text" or isinstance(value, str):
        put_text(sheet, at, str(value), form)
    elif column.kind == "day":
        day = datetime.datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a day is nowhere
        _check(sheet.write_datetime(*at, day, form))
    else:
        _check(sheet.write_number(*at, float(value), form))


def _range(first: int, last: int, columns: int) -> str:
    """Return a range from the first column on."""
    end = xlsxwriter.utility.xl_col_to_name(columns - 1)
    return f"A{first + 1}:{end}{last + 1}"


def _check(outcome: int) -> None:
    """Refuse a cell that the library left out. Raises RuntimeError."""
    if outcome != 0:
        raise RuntimeError(f"a cell was not written: {outcome}")
