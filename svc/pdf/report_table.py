"""The table of a report page: columns from where the heads stand, rows from their cells.

Layout: docs/formats.md 1.5. A cell that cannot be read costs itself and nothing beside it; a row
nobody can place makes the page unread.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final, NamedTuple

from svc.pdf.cells import LOST, Cell, together, with_losses
from svc.pdf.model import Amounts, CardTotal, Charge, ChargeLine, Problem
from svc.pdf.sheet import Sheet, looks_like_data
from svc.pdf.values import (
    DATE,
    LONGEST_TEXT,
    MONEY,
    PRICE,
    QUANTITY,
    amount,
    card_mask,
    decimal_text,
    full_number,
    iso_date,
)

HEADS: Final = (
    "Trans Date",
    "Posted Date",
    "Lvl",
    "Transaction #",
    "Merchant Name",
    "City, State",
    "Merchant Group",
    "Product Description",
    "PPU/G",
    "Quantity",
    "Gross Cost",
    "Discount",
    "Net Cost",
)
TRANSACTION_TOTALS: Final = "Transaction Totals:"
CARD_TOTALS: Final = "Totals For Card Nbr:"
MISSING: Final = "missing"
NOT_A_DATE: Final = "not a date"
NOT_AN_AMOUNT: Final = "not an amount"
NOT_A_NUMBER: Final = "not a number"
LOST_LETTERS: Final = "letters are lost"
TWO_TEXTS: Final = "more than one text in the column"
RUNS_ON: Final = "runs into the next column, which is empty"
LINE_OR_TOTAL: Final = "amounts without price and quantity: a product line or a total"

MERCHANT: Final = 4
CITY: Final = 5
GROUP: Final = 6
PRODUCT: Final = 7
FIRST_NUMBER: Final = 8
FIRST_AMOUNT: Final = 10
KEYS: Final = (DATE, DATE, re.compile(r"[A-Z]"), re.compile(r"[0-9]{9}"))
NUMBERS: Final = (PRICE, QUANTITY, MONEY, MONEY, MONEY)
_KEY_FIELDS: Final = ("trans_date", "posted_date", "level", "number")
_NUMBER_FIELDS: Final = ("ppu", "quantity", "gross", "discount", "net")
_AMOUNT_FIELDS: Final = ("gross", "discount", "net")
_PLACE: Final = re.compile(r"(.*\S)\s*,\s*([A-Z]{2})")
_SHAPES: Final = {**dict(enumerate(KEYS)), CITY: _PLACE}
_NUMBER_TEXT: Final = re.compile(rf"{PRICE.pattern}|{QUANTITY.pattern}|{MONEY.pattern}")
_AT_HEAD: Final = 0.6
"""Ems by which a text may begin beside the left edge of its head."""
_ON_HEAD: Final = 0.03
"""Ems by which a letter within a word may do so, to be the first of the next column."""
_APART: Final = 1.5
"""Ems between two texts of one column that are hardly one text."""

Item = Charge | ChargeLine | Amounts | CardTotal


class Head(NamedTuple):
    """Where a head of a column begins and ends."""

    x: float
    right: float


class _Row(NamedTuple):
    """A row by columns, and the numbers of its cells on the sheet."""

    columns: dict[int, list[Cell]]
    numbers: Sequence[int]

    def text(self, column: int) -> str | None:
        """Return the text in a column, None when it is empty."""
        cells = self.columns.get(column)
        return together(cells).text if cells else None


def find_heads(cells: Sequence[Cell], heads: Sequence[str]) -> tuple[Head, ...] | None:
    """Return where each of these heads stands in a row that holds all of them in order."""
    wanted = "".join(heads).replace(" ", "")
    printed = "".join([cell.text for cell in cells]).replace(" ", "")
    start = printed.find(wanted)
    if start < 0:
        return None
    letters: list[Head] = []
    for cell in cells:
        ends = (*cell.starts[1:], cell.right)
        letters += [
            Head(x, right)
            for letter, x, right in zip(cell.text, cell.starts, ends, strict=True)
            if letter != " "
        ]
    found = []
    for head in heads:
        size = len(head.replace(" ", ""))
        found.append(Head(letters[start].x, letters[start + size - 1].right))
        start += size
    return tuple(found)


def nearest(cell: Cell, heads: Sequence[Head]) -> int:
    """Return the head a cell stands under: most of it, else the nearest."""
    return max(range(len(heads)), key=lambda n: _overlap(cell, heads[n]))


def _overlap(cell: Cell, head: Head) -> float:
    """Return the width that a cell and a head share; negative: how far they are apart."""
    return min(cell.right, head.right) - max(cell.x, head.x)


class Table:
    """The table of one page: reads its rows, and says what in it could not be placed."""

    def __init__(self, sheet: Sheet, heads: tuple[Head, ...]) -> None:
        """Remember the page and its columns."""
        self._sheet = sheet
        self._heads = heads
        self.unplaced: int | None = None
        """The first cell inside the table that looks like data and is in no row."""

    def read(self, first: int, last: int) -> tuple[Item, ...]:
        """Return the items of the rows `first` to `last` (exclusive) in printed order.

        A charge holds the lines and the totals that follow it on this page. What follows no charge
        of this page (its charge began on an earlier one) stands alone.
        """
        items: list[Item] = []
        end = first
        for index in range(first, last):
            row = self._row(self._sheet.rows[index])
            item = self._item(row)
            if item is None:
                shapes = sum(_NUMBER_TEXT.fullmatch(c.text) is not None for c in _all_cells(row))
                end = index + 1 if shapes > 1 else end
                continue
            end = index + 1
            if items and isinstance(items[-1], Charge) and is_open(items[-1], item):
                items[-1] = joined(items[-1], item)
            else:
                items.append(item)
        inside = [number for index in range(first, end) for number in self._sheet.rows[index]]
        self.unplaced = next((each for each in inside if self._is_unplaced(each)), None)
        return tuple(items)

    def _is_unplaced(self, number: int) -> bool:
        """Tell whether a cell within the columns looks like data and was not taken."""
        cell = self._sheet.cells[number]
        within = cell.right > self._heads[0].x - cell.size
        within = within and cell.x < self._heads[-1].right + cell.size
        return within and not self._sheet.is_taken(number) and looks_like_data(cell.text)

    # --- cells to columns ------------------------------------------------------------------------

    def _row(self, numbers: Sequence[int]) -> _Row:
        """Return a row with its cells cut at the heads and put in their columns."""
        columns: dict[int, list[Cell]] = {}
        whole = with_losses([self._sheet.cells[number] for number in numbers])
        for cell in whole:
            for part in self._cut(cell, whole):
                columns.setdefault(self._column(part), []).append(part)
        return _Row(columns, numbers)

    def _column(self, cell: Cell) -> int:
        """Return the column of a cell: texts begin at their head, numbers stand under theirs."""
        near = _AT_HEAD * cell.size
        for column in range(PRODUCT, -1, -1):
            if abs(cell.x - self._heads[column].x) <= near:
                return column
        numbers = self._heads[FIRST_NUMBER:]
        best = nearest(cell, numbers)
        if _overlap(cell, numbers[best]) > 0 or cell.x >= numbers[0].x:
            return FIRST_NUMBER + best
        starts = [n for n in range(FIRST_NUMBER) if self._heads[n].x <= cell.x + near]
        return starts[-1] if starts else 0

    def _cut(self, cell: Cell, row: Sequence[Cell]) -> list[Cell]:
        """Return the parts of a cell that belong to different columns.

        A text is cut where a word begins at the head of an empty column, or a letter exactly there.
        Numbers are cut apart at blanks.
        """
        places = {0, len(cell.text)}
        for column in range(1, FIRST_NUMBER):
            x, near = self._heads[column].x, _AT_HEAD * cell.size
            if cell.x + near < x < cell.right and not any(
                abs(other.x - x) <= near for other in row
            ):
                places.add(_letter_at(cell, x, _SHAPES.get(column)))
        if cell.right > self._heads[FIRST_NUMBER].x and " " in cell.text:
            tokens = [(match.start(), match[0]) for match in re.finditer(r"\S+", cell.text)]
            places |= {at for at, token in tokens if _NUMBER_TEXT.fullmatch(token)}
        if len(places) == 2:
            return [cell]
        return [cell.part(start, stop) for start, stop in pairwise(sorted(places))]

    # --- rows to items ---------------------------------------------------------------------------

    def _item(self, row: _Row) -> Item | None:
        """Return the charge, product line or total a row is, None when it is none of them."""
        sheet = self._sheet
        label = sheet.labels[row.numbers[0]]
        if label.startswith(TRANSACTION_TOTALS):
            return self._totals(row, label[len(TRANSACTION_TOTALS) :])
        if label.startswith(CARD_TOTALS):
            return self._card_total(row, label[len(CARD_TOTALS) :])
        words = sheet.row_text(row.numbers)
        if TRANSACTION_TOTALS in words or CARD_TOTALS in words:
            return None  # a total with something before it: unplaced
        keys = [row.text(column) for column in range(len(KEYS))]
        fits = sum(
            shape.fullmatch(text or "") is not None for shape, text in zip(KEYS, keys, strict=True)
        )
        numbers = [row.text(FIRST_NUMBER + n) for n in range(len(NUMBERS))]
        hits = sum(
            shape.fullmatch(text or "") is not None
            for shape, text in zip(NUMBERS, numbers, strict=True)
        )
        has_texts = any(column < PRODUCT for column in row.columns)
        if has_texts and (fits > 1 or (fits and hits) or hits > 1):
            sheet.take(*row.numbers)
            return self._charge(row, keys, numbers)
        if not has_texts and hits:
            sheet.take(*row.numbers)
            problems: list[Problem] = []
            product = self._text(row, PRODUCT, "product", problems)
            return self._line(row, product, numbers, problems)
        return None

    def _charge(
        self, row: _Row, keys: Sequence[str | None], numbers: Sequence[str | None]
    ) -> Charge:
        """Return the charge of a row, with its first product line."""
        problems: list[Problem] = []
        values: list[str | None] = []
        for field, raw, shape in zip(_KEY_FIELDS, keys, KEYS, strict=True):
            value = None
            if raw is not None and shape.fullmatch(raw):
                value = iso_date(raw) if shape is DATE else raw
            if value is None:
                reason = NOT_A_DATE if shape is DATE else "not as expected"
                problems.append(self._problem(row, field, raw, MISSING if raw is None else reason))
            values.append(value)
        merchant = self._text(row, MERCHANT, "merchant", problems)
        if merchant is None and MERCHANT not in row.columns:
            problems.append(self._problem(row, "merchant", None, MISSING))
        city, state = self._city(row, problems)
        group = self._text(row, GROUP, "group", problems)
        line_problems: list[Problem] = []
        product = self._text(row, PRODUCT, "product", line_problems)
        place = (merchant, city, state, group)
        head = (self._sheet.page, self._sheet.line(row.numbers[0]))
        trans_date, posted_date, level, number = values
        charge = Charge(*head, trans_date, posted_date, level, number, *place)
        if not any(numbers):
            problems.append(self._problem(row, "lines", None, "no amounts in this row"))
            return replace(charge, problems=tuple(problems))
        first = self._line(row, product, numbers, line_problems)
        return replace(charge, lines=(first,), problems=tuple(problems))

    def _text(self, row: _Row, column: int, field: str, problems: list[Problem]) -> str | None:
        """Return the text of a column, None with a problem when it is doubtful."""
        cells = row.columns.get(column)
        if not cells:
            return None
        cell = together(cells)
        reason = None
        gaps = [after.x - before.right for before, after in pairwise(cells)]
        following = self._heads[column + 1].x
        if LOST in cell.text:
            reason = LOST_LETTERS
        elif any(gap > _APART * cell.size for gap in gaps):
            reason = TWO_TEXTS
        elif column + 1 not in row.columns and cell.right > following + _AT_HEAD * cell.size:
            reason = RUNS_ON
        elif len(cell.text) > LONGEST_TEXT:
            reason = "too long"
        if reason is None:
            return cell.text
        problems.append(self._problem(row, field, cell.text, reason))
        return None

    def _city(self, row: _Row, problems: list[Problem]) -> tuple[str | None, str | None]:
        """Return city and state; a text of another form is the city, with a problem."""
        before = len(problems)
        printed = self._text(row, CITY, "city", problems)
        match = _PLACE.fullmatch(printed or "")
        if match:
            return match[1], match[2]
        if len(problems) == before:
            reason = MISSING if printed is None else "not `city, state`"
            problems.append(self._problem(row, "city", printed, reason))
        return printed, None

    def _line(
        self, row: _Row, product: str | None, numbers: Sequence[str | None], problems: list[Problem]
    ) -> ChargeLine:
        """Return the product line of a row with its numbers as decimal strings."""
        values: list[str | None] = []
        for field, raw, shape in zip(_NUMBER_FIELDS, numbers, NUMBERS, strict=True):
            value = decimal_text(raw) if raw is not None and shape.fullmatch(raw) else None
            if value is None:
                reason = NOT_AN_AMOUNT if shape is MONEY else NOT_A_NUMBER
                problems.append(self._problem(row, field, raw, MISSING if raw is None else reason))
            values.append(value)
        if numbers[0] is None and numbers[1] is None:
            raw = " ".join(each for each in numbers if each)
            problems += [self._problem(row, each, raw, LINE_OR_TOTAL) for each in _AMOUNT_FIELDS]
            values[2:] = [None, None, None]
        ppu, quantity, gross, discount, net = values
        place = (self._sheet.page, self._sheet.line(row.numbers[0]))
        return ChargeLine(*place, product, ppu, quantity, gross, discount, net, tuple(problems))

    def _totals(self, row: _Row, rest: str) -> Amounts:
        """Return the three amounts of a totals row; what else stands in the row stays loose."""
        sheet = self._sheet
        printed: list[list[str]] = [[], [], []]
        sheet.take(row.numbers[0])
        if rest.strip():
            printed[0].append(rest.strip())
        cells = with_losses([sheet.cells[number] for number in row.numbers])
        for number, cell in zip(row.numbers[1:], cells[1:], strict=True):
            column = self._column(cell)
            if column >= FIRST_AMOUNT:
                printed[column - FIRST_AMOUNT].append(cell.text)
                sheet.take(number)
        texts = [" ".join(each) or None for each in printed]
        return amounts_of(sheet, row.numbers[0], texts)

    def _card_total(self, row: _Row, rest: str) -> CardTotal:
        """Return a card's total line; the number stands behind the label or in the next cell."""
        sheet = self._sheet
        number = rest.strip()
        following = row.numbers[1] if len(row.numbers) > 1 else None
        if not number and following is not None and card_mask(sheet.cells[following].text):
            number = sheet.cells[following].text
            sheet.take(following)
            row = row._replace(numbers=[row.numbers[0], *row.numbers[2:]])
        amounts = self._totals(row, "")
        mask = card_mask(number)
        if mask is None:
            problem = self._problem(row, "card_number", number or None, "not a card number")
            amounts = replace(amounts, problems=(problem, *amounts.problems))
        return CardTotal(mask, full_number(number), amounts)

    def _problem(self, row: _Row, field: str, raw: str | None, reason: str) -> Problem:
        """Return a problem of a row, at the cell it is about where that is known."""
        cells = self._sheet.cells
        at = next((n for n in row.numbers if raw and cells[n].text == raw), row.numbers[0])
        return self._sheet.problem(field, raw, reason, at)


def _letter_at(cell: Cell, x: float, shape: re.Pattern[str] | None) -> int:
    """Return which letter of a cell begins at a place, 0 when it cannot be told.

    The nearest first letter of a word; or a letter within one that stands just there, when what
    begins with it has the shape of the column.
    """
    text, starts = cell.text, cell.starts
    words = [n for n in range(1, len(text)) if text[n - 1] == " " != text[n]]
    best = min(words, key=lambda n: abs(starts[n] - x), default=0)
    if best and abs(starts[best] - x) <= _AT_HEAD * cell.size:
        return best
    near = _ON_HEAD * cell.size
    place = next((n for n, start in enumerate(starts) if abs(start - x) <= near), 0)
    return place if shape is not None and shape.match(text[place:]) else 0


def _all_cells(row: _Row) -> list[Cell]:
    """Return all cells of a row."""
    return [cell for cells in row.columns.values() for cell in cells]


def is_open(charge: Charge, item: Item) -> bool:
    """Tell whether `item` continues `charge`: a product line or totals line before its totals."""
    return charge.totals is None and isinstance(item, ChargeLine | Amounts)


def joined(charge: Charge, item: Item) -> Charge:
    """Return the charge with one more product line, or with its totals line."""
    if isinstance(item, ChargeLine):
        return replace(charge, lines=(*charge.lines, item))
    return replace(charge, totals=item) if isinstance(item, Amounts) else charge


def amounts_of(sheet: Sheet, number: int, printed: Sequence[str | None]) -> Amounts:
    """Return gross, discount and net of a totals row as printed, each None when it is no amount."""
    problems: list[Problem] = []
    values: list[str | None] = []
    for field, raw in zip(_AMOUNT_FIELDS, printed, strict=True):
        value = amount(raw) if raw is not None else None
        if value is None:
            reason = MISSING if raw is None else NOT_AN_AMOUNT
            problems.append(sheet.problem(field, raw, reason, number))
        values.append(value)
    gross, discount, net = values
    return Amounts(sheet.page, sheet.line(number), gross, discount, net, tuple(problems))
