"""Cells of a report page found by their shape alone: where a row starts, and where its numbers are.

One cell of a row may be unreadable or missing; the others then tell where it should be.
"""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from svc.pdf.lines import PageLines
from svc.pdf.values import DATE, MONEY, PRICE, QUANTITY

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
_LEVEL: Final = re.compile(r"[A-Z]")
_NUMBER: Final = re.compile(r"[0-9]{9}")
CITY: Final = re.compile(r"(.*\S)\s*,\s*([A-Z]{2})")
KEYS: Final = (DATE, DATE, _LEVEL, _NUMBER)
NUMBERS: Final = (PRICE, QUANTITY, MONEY, MONEY, MONEY)
_LONGEST_TEXTS: Final = 8
"""Merchant, city, group and product, each drawn twice."""


class Cells(NamedTuple):
    """Cells found by shape: where they start and stop, what each prints (None: not there)."""

    start: int
    stop: int
    printed: tuple[str | None, ...]
    hits: int


def heads_end(lines: PageLines, index: int, heads: Sequence[str]) -> int | None:
    """Return one past a complete run of heads that starts at `index`; a head may be drawn twice.

    The last one only when the one before is: else it is a product of that name.
    """
    texts = lines.texts
    size = len(texts)
    twice = False
    for head in heads:
        if index >= size or texts[index] != head:
            return None
        index += 1
        before, twice = twice, index < size and texts[index] == head
        if twice and (before or head != heads[-1]):
            index += 1
    return index


def starts_row(lines: PageLines, index: int) -> bool:
    """Tell whether another row begins at `index`."""
    text = lines.labels[index]
    return (
        text.startswith((TRANSACTION_TOTALS, CARD_TOTALS, "Totals"))
        or text == HEADS[0]
        or DATE.fullmatch(text) is not None
    )


def _shape(
    lines: PageLines, start: int, stop: int, shapes: Sequence[re.Pattern[str]]
) -> Cells | None:
    """Return as many cells as there are shapes, with how many of them fit, None at the end."""
    end = start + len(shapes)
    if end > stop:
        return None
    texts = lines.texts
    hits = sum(shapes[n].fullmatch(texts[start + n]) is not None for n in range(len(shapes)))
    return Cells(start, end, tuple(texts[start:end]), hits)


def _short(
    lines: PageLines, start: int, stop: int, shapes: Sequence[re.Pattern[str]]
) -> Cells | None:
    """Return the cells when exactly one of them is missing and all others fit."""
    size = len(shapes)
    for gap in range(size):
        rest = [shapes[n] for n in range(size) if n != gap]
        cells = _shape(lines, start, stop, rest)
        if cells is not None and cells.hits == size - 1:
            printed = (*cells.printed[:gap], None, *cells.printed[gap:])
            return cells._replace(printed=printed)
    return None


def find_keys(lines: PageLines, index: int, stop: int) -> Cells | None:
    """Return dates, level and number when a charge starts at `index`.

    One of the four may be unreadable or missing.
    """
    cells = _shape(lines, index, stop, KEYS)
    if cells is not None and cells.hits == 4:
        return cells
    texts = lines.texts
    anchored = DATE.fullmatch(texts[index]) or (
        index + 3 < stop and _NUMBER.fullmatch(texts[index + 3])
    )
    if not anchored:
        return None
    whole = cells if cells is not None and cells.hits == 3 else None
    short = _short(lines, index, stop, KEYS)
    if short is not None and whole is not None:  # the last cell: merchant, or number unreadable
        city_follows = whole.stop < stop and CITY.fullmatch(texts[whole.stop])
        return short if city_follows else whole
    return short or whole


def find_first_numbers(lines: PageLines, start: int, stop: int) -> Cells | None:
    """Return the numbers of the first product line: after at most eight texts.

    The best fit wins, the earlier of two equal ones.
    """
    best: Cells | None = None
    end = min(texts_end(lines, start, stop), start + _LONGEST_TEXTS)
    for index in range(start, end + 1):
        cells = numbers_at(lines, index, stop, has_product=index - start > 3)
        if cells is not None and (best is None or cells.hits > best.hits):
            best = cells
            if cells.hits == 5:
                break
    return best


def texts_end(lines: PageLines, start: int, stop: int) -> int:
    """Return the index of the next row or of the first money, where the texts end at the latest."""
    index = start
    while index < stop and not starts_row(lines, index) and not MONEY.fullmatch(lines.texts[index]):
        index += 1
    return index


def numbers_at(lines: PageLines, index: int, stop: int, *, has_product: bool) -> Cells | None:
    """Return the five numbers that start at `index`: all, one unreadable, or one missing.

    Where the product may still be to come, a first cell that is no number is rather the product
    and the price missing; it counts as a worse fit.
    """
    cells = _shape(lines, index, stop, NUMBERS)
    if cells is not None and cells.hits == 5:
        return cells
    if cells is not None and cells.hits == 4:
        if any(starts_row(lines, each) for each in range(index, cells.stop)):
            cells = None
        elif has_product or PRICE.fullmatch(lines.texts[index]):
            return cells
    return _short(lines, index, stop, NUMBERS) or (
        cells._replace(hits=3) if cells is not None and cells.hits == 4 else None
    )
