"""One page of the Cardholder Activity Report: header block, charges, totals lines.

Layout: docs/formats.md 1.3 to 1.6. A charge that goes over a page break is left open here and
closed by `report.py`.
"""

import datetime
import re
from collections.abc import Sequence
from typing import Final

from svc.pdf.model import CardHeader, CardPage, Parameters, Problem, SummaryPage
from svc.pdf.report_table import (
    HEADS,
    MISSING,
    NOT_A_DATE,
    Head,
    Table,
    amounts_of,
    find_heads,
    nearest,
)
from svc.pdf.sheet import Sheet, after_label, looks_like_data
from svc.pdf.values import LONGEST_TEXT, card_mask, full_number, iso_date

Heads = tuple[Head, ...]

SUMMARY_HEADING: Final = "Product Description"
SUMMARY_HEADS: Final = (
    "Description",
    "Count",
    "Units/Glns",
    "Gross Cost",
    "Discount",
    "Net Cost",
)
HEADER_LABELS: Final = (
    "Account Code:",
    "Customer ID:",
    "Card Number:",
    "Cardholder Name:",
    "Employee ID:",
)
PARAMETER_LABELS: Final = (
    "Produced On:",
    "Posted Date between",
    "Account Code:",
    "Customer ID:",
    "From Date:",
    "To Date:",
    "Card Token:",
    "Employee Number:",
    "Card First Name:",
    "Card Last Name:",
    "Primary Sort:",
    "Secondary Sort:",
)
EMPLOYEE_ID: Final = "Employee ID:"
REPORT_TOTALS: Final = "Report Totals:"
TITLE: Final = "Cardholder Activity Report"

EMPLOYEE_NUMBER: Final = re.compile(r"[0-9]{1,10}")
_PERIOD: Final = re.compile(r"(\S+)\s+and\s+(\S+)")
_PRODUCED: Final = re.compile(r"(\S+)\s+([0-9]{1,2}:[0-9]{2}:[0-9]{2})\s*([AP]M)", re.IGNORECASE)


def find_employee_label(sheet: Sheet) -> int | None:
    """Return the row of the label the header block hangs on, None when the page has none."""
    for index, row in enumerate(sheet.rows):
        if any(sheet.labels[number].startswith(EMPLOYEE_ID) for number in row):
            return index
    return None


def find_row(sheet: Sheet, heads: tuple[str, ...], start: int = 0) -> tuple[int, Heads] | None:
    """Return the first row from `start` on that holds all these heads, and where they stand."""
    for index in range(start, len(sheet.rows)):
        found = find_heads([sheet.cells[number] for number in sheet.rows[index]], heads)
        if found is not None:
            return index, found
    return None


def find_summary(sheet: Sheet, start: int = 0) -> tuple[int, Heads] | None:
    """Return the row where the summary starts, and where the heads of its columns stand.

    Its heading may stand in the row of the heads or in a row of its own above it.
    """
    found = find_row(sheet, SUMMARY_HEADS, start)
    if found is None:
        return None
    row, heads = found
    above = row > 0 and sheet.row_text(sheet.rows[row - 1]) == SUMMARY_HEADING
    return (row - 1 if above else row), heads


def read_card_page(sheet: Sheet) -> tuple[CardPage, str | None]:
    """Return header and items of a page with the label `Employee ID:`, and why it is unread."""
    label = find_employee_label(sheet)
    if label is None:
        raise ValueError("the page has no header block")
    table = find_row(sheet, HEADS)
    summary = find_summary(sheet, label)
    last = summary[0] if summary else len(sheet.rows)
    header = _read_header(sheet, label, table[0] if table else last)
    reason = _unread_header(header)
    labels = [text for text in sheet.labels if text.startswith(EMPLOYEE_ID)]
    if len(labels) > 1:
        reason = "there is more than one header block on the page"
    if table is None:
        rest = [n for row in sheet.rows[label:last] for n in row if not sheet.is_taken(n)]
        if any(looks_like_data(sheet.cells[number].text) for number in rest):
            reason = reason or "the heads of the table were not found, and there is data on it"
        return CardPage(header, ()), reason
    row, heads = table
    sheet.take(*sheet.rows[row])
    reader = Table(sheet, heads)
    items = reader.read(row + 1, last)
    if reader.unplaced is not None:
        text = sheet.cells[reader.unplaced].text[:80]
        reason = reason or f"`{text}` stands in the table and in no row of it"
    return CardPage(header, items), reason


def _unread_header(header: CardHeader) -> str | None:
    """Return why a page with this header block belongs to nobody, None when it does."""
    if header.card_number is None:
        return "the page has a header block without a card number"
    if header.employee_id is None and header.cardholder_name is None:
        return "the page has a header block without a person"
    return None


def read_summary(sheet: Sheet) -> SummaryPage:
    """Return what a summary page is good for: whether it has the heading, and the report totals.

    Amounts stand under their heads; where these are on another page, they are the last three.
    """
    found = find_summary(sheet)
    heads = found[1] if found else None
    heading = found is not None and SUMMARY_HEADING in sheet.row_text(sheet.rows[found[0]])
    for row in sheet.rows:
        for number in row:
            rest = after_label(sheet.labels[number], REPORT_TOTALS)
            if rest is None:
                continue
            following = [n for n in row if n > number]
            sheet.take(number, *following)
            cells = [sheet.cells[n] for n in following]
            printed: list[str | None] = [None, None, None]
            if heads is not None:
                for cell in cells:
                    column = nearest(cell, heads) - len(SUMMARY_HEADS) + 3
                    if column >= 0:
                        printed[column] = f"{printed[column] or ''} {cell.text}".strip()
            elif len(cells) >= 3:
                printed = [cell.text for cell in cells[-3:]]
            return SummaryPage(heading, amounts_of(sheet, number, printed))
    return SummaryPage(heading)


# --- parameters and header block -----------------------------------------------------------------


def header_start(sheet: Sheet, label: int) -> int:
    """Return the first row of the header block whose last row is `label`."""
    start = label
    for row in range(label - 1, -1, -1):
        labels = [_label_of(sheet, number) for number in sheet.rows[row]]
        if any(labels):
            start = row
        if HEADER_LABELS[0] in labels or start - row > 1:
            break
    return start


def _label_of(sheet: Sheet, number: int) -> str | None:
    """Return the label of the header block a cell begins with, None when with none."""
    text = sheet.labels[number]
    return next((label for label in HEADER_LABELS if text.startswith(label)), None)


def read_parameters(sheet: Sheet, stop: int) -> Parameters | None:
    """Return the parameters in the rows before `stop`, None when there are none."""
    printed: list[tuple[str, str]] = []
    for row in sheet.rows[:stop]:
        if sheet.row_text(row).startswith(TITLE):
            sheet.take(*row)
            continue
        index = 0
        while index < len(row):
            label, rest = _parameter_at(sheet.labels[row[index]])
            end = index + 1
            if label is not None:
                while end < len(row) and not _is_label(sheet, row[end]):
                    end += 1
                value = sheet.text_of(row[index + 1 : end])
                printed.append((label, " ".join(filter(None, [rest, value]))))
                sheet.take(*row[index:end])
            index = end
    return _parameters(sheet.page, printed) if printed else None


def _is_label(sheet: Sheet, number: int) -> bool:
    """Tell whether a cell is a label of a parameter, known or not."""
    text = sheet.labels[number]
    return text.endswith(":") or _parameter_at(text)[0] is not None


def _parameter_at(line: str) -> tuple[str | None, str]:
    """Return the parameter label a line starts with and the text after it."""
    for label in PARAMETER_LABELS:
        rest = after_label(line, label)
        if rest is not None:
            return label, rest
    return None, ""


def _parameters(page: int, printed: list[tuple[str, str]]) -> Parameters:
    """Return the parameters with the period and the time of production made out."""
    values = dict(reversed(printed))
    between = _PERIOD.fullmatch(values.get("Posted Date between", ""))
    first, last = between.groups() if between else ("", "")
    first = first or values.get("From Date:", "")
    last = last or values.get("To Date:", "")
    dates = {"posted_from": (first, iso_date(first)), "posted_to": (last, iso_date(last))}
    produced = values.get("Produced On:", "")
    stamps = dates | {"produced_at": (produced, _iso_time(produced))}
    problems = tuple(
        Problem(field, raw, NOT_A_DATE, page, None)
        for field, (raw, value) in stamps.items()
        if raw and value is None
    )
    return Parameters(
        dates["posted_from"][1],
        dates["posted_to"][1],
        stamps["produced_at"][1],
        tuple(printed),
        problems,
    )


def _iso_time(printed: str) -> str | None:
    """Return `4/16/2025 9:25:36AM` as an ISO date and time, None when it is none."""
    match = _PRODUCED.fullmatch(printed)
    day = iso_date(match[1]) if match else None
    if match is None or day is None:
        return None
    try:
        clock = datetime.datetime.strptime(f"{match[2]}{match[3].upper()}", "%I:%M:%S%p")  # noqa: DTZ007 - a time of day
    except ValueError:
        return None
    return f"{day}T{clock.time().isoformat()}"


class _Block:
    """A header block while it is read: each label with its value, and the address beside them."""

    def __init__(self, sheet: Sheet, first: int, end: int) -> None:
        """Find labels and values in the rows `first` to `end` (exclusive).

        Values stand right of their labels, all in one column; the address in a column of its own.
        """
        self.values: dict[str, str] = {}
        self.at: dict[str, int] = {}
        self.address: list[str] = []
        found: dict[str, Sequence[int]] = {}
        beside: list[int] = []
        for row in sheet.rows[first:end]:
            rest = list(row)
            for number in row:
                label = _label_of(sheet, number)
                if label is None or label in self.at:
                    continue
                self.at[label] = number
                sheet.take(number)
                behind = [n for n in row if n > number]
                size = _cluster(sheet, behind)
                text = sheet.labels[number][len(label) :].strip()
                if text:
                    self.values[label] = text
                elif behind:
                    found[label] = behind[:size]
                rest = behind
                break
            beside += rest
        column = min((sheet.cells[each[0]].x for each in found.values()), default=0.0)
        for label, numbers in found.items():
            cell = sheet.cells[numbers[0]]
            if cell.x - column < _VALUE_COLUMN * cell.size:
                self.values[label] = sheet.text_of(numbers) or ""
                sheet.take(*numbers)
        for number in beside:
            cell = sheet.cells[number]
            if not sheet.is_taken(number) and cell.x - column > _VALUE_COLUMN * cell.size:
                self.address.append(cell.text)
                sheet.take(number)


_VALUE_COLUMN: Final = 3
"""Ems by which the values of a header block may begin apart from each other."""


def _cluster(sheet: Sheet, numbers: Sequence[int]) -> int:
    """Return how many of these cells, from the first, stand side by side as words do."""
    for size in range(1, len(numbers)):
        before, cell = sheet.cells[numbers[size - 1]], sheet.cells[numbers[size]]
        if cell.x - before.right > cell.size:
            return size
    return len(numbers)


def _read_header(sheet: Sheet, label: int, end: int) -> CardHeader:
    """Return the header block whose last label stands in the row `label`; it ends before `end`."""
    block = _Block(sheet, header_start(sheet, label), max(label + 1, min(end, label + 3)))
    problems: list[Problem] = []
    at = block.at.get(EMPLOYEE_ID)
    printed = block.values.get("Card Number:", "")
    number = card_mask(printed)
    if number is None:
        raw = block.values.get("Card Number:")
        problems.append(sheet.problem("card_number", raw, "no card number in the header", at))
    employee_id = block.values.get(EMPLOYEE_ID)
    if employee_id is None:
        problems.append(sheet.problem("employee_id", None, MISSING, at))
    elif not EMPLOYEE_NUMBER.fullmatch(employee_id):
        problems.append(sheet.problem("employee_id", employee_id, "not 1 to 10 digits", at))
        employee_id = None
    name = block.values.get("Cardholder Name:")
    if name is None:
        problems.append(sheet.problem("cardholder_name", None, MISSING, at))
    elif len(name) > LONGEST_TEXT:
        problems.append(sheet.problem("cardholder_name", name, "too long", at))
        name = None
    account, dash, company = block.values.get("Account Code:", "").partition(" - ")
    return CardHeader(
        employee_id,
        name,
        number,
        full_number(printed),
        block.values.get("Customer ID:"),
        account if dash else None,
        company.strip() if dash else None,
        tuple(block.address),
        tuple(problems),
    )
