"""The rows under the column heads of a report page: charges, product lines, totals lines.

Layout: docs/formats.md 1.5. Cells come one a line in column order. A row is found by the shape of
its cells, and one cell that cannot be read does not hide the others.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from svc.pdf.lines import PageLines, after_label
from svc.pdf.model import Amounts, CardTotal, Charge, ChargeLine, Problem
from svc.pdf.values import (
    AMOUNT,
    DATE,
    MONEY,
    PRICE,
    QUANTITY,
    amount,
    card_mask,
    decimal_text,
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

_LEVEL: Final = re.compile(r"[A-Z]")
_NUMBER: Final = re.compile(r"[0-9]{9}")
_CITY: Final = re.compile(r"(.*\S)\s*,\s*([A-Z]{2})")
_KEYS: Final = (DATE, DATE, _LEVEL, _NUMBER)
_KEY_FIELDS: Final = ("trans_date", "posted_date", "level", "number")
_NUMBERS: Final = (PRICE, QUANTITY, MONEY, MONEY, MONEY)
_NUMBER_FIELDS: Final = ("ppu", "quantity", "gross", "discount", "net")
_AMOUNT_FIELDS: Final = ("gross", "discount", "net")
_LONGEST_TEXTS: Final = 8
"""Merchant, city, group and product, each drawn twice."""

Item = Charge | ChargeLine | Amounts | CardTotal


class Cells(NamedTuple):
    """Cells found by shape: where they start and stop, what each prints (None: not there)."""

    start: int
    stop: int
    printed: tuple[str | None, ...]
    hits: int


class _Place(NamedTuple):
    """The texts of a transaction row, in the order of the columns."""

    merchant: str | None
    city: str | None
    state: str | None
    group: str | None


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


def read_items(lines: PageLines, start: int, stop: int) -> tuple[Item, ...]:
    """Return charges, product lines and totals in printed order; other lines stay loose.

    A charge holds the lines and the totals that follow it on this page. What follows no charge of
    this page (its charge began on an earlier one) stands alone.
    """
    items: list[Item] = []
    index = start
    while index < stop:
        end = heads_end(lines, index, HEADS)
        if end is None:
            found = _read_item(lines, index, stop)
            if found is None:
                index += 1
                continue
            item, end = found
            last = items[-1] if items else None
            if isinstance(last, Charge) and is_open(last, item):
                items[-1] = joined(last, item)
            else:
                items.append(item)
        lines.take(index, end)
        index = end
    return tuple(items)


def is_open(charge: Charge, item: Item) -> bool:
    """Tell whether `item` continues `charge`: a product line or totals line before its totals."""
    return charge.totals is None and isinstance(item, ChargeLine | Amounts)


def joined(charge: Charge, item: Item) -> Charge:
    """Return the charge with one more product line, or with its totals line."""
    if isinstance(item, ChargeLine):
        return replace(charge, lines=(*charge.lines, item))
    return replace(charge, totals=item) if isinstance(item, Amounts) else charge


def _read_item(lines: PageLines, index: int, stop: int) -> tuple[Item, int] | None:
    """Return the item that starts at `index` and the index after it, None when none does."""
    label = lines.labels[index]
    rest = after_label(label, TRANSACTION_TOTALS)
    if rest is not None:
        return _read_totals(lines, index, TRANSACTION_TOTALS, stop)
    rest = after_label(label, CARD_TOTALS)
    if rest is not None:
        return _read_card_total(lines, index, rest, stop)
    keys = _find_keys(lines, index, stop)
    if keys is not None:
        return _read_charge(lines, keys, stop)
    return _read_line(lines, index, stop)


# --- totals --------------------------------------------------------------------------------------


def _after_repeats(lines: PageLines, index: int, stop: int) -> int:
    """Return the index after a line and its repetitions: labels may be drawn twice."""
    text = lines.texts[index]
    index += 1
    while index < stop and lines.texts[index] == text:
        index += 1
    return index


def _read_totals(lines: PageLines, label: int, name: str, stop: int) -> tuple[Amounts, int]:
    """Return the three amounts after a totals label, on its own line or joined with the first."""
    start = _after_repeats(lines, label, stop)
    first = after_label(lines.labels[label], name)
    printed: list[str | None] = [first] if first else []
    while start < stop and len(printed) < 3 and not _starts_row(lines, start):
        text = lines.texts[start]
        if not (AMOUNT.fullmatch(text) or _next_is_amount(lines, start, stop) or printed):
            break
        printed.append(text)
        start += 1
    return read_amounts(lines, label, printed), start


def _next_is_amount(lines: PageLines, index: int, stop: int) -> bool:
    """Tell whether the line after `index` is money: then an unreadable cell stands at `index`."""
    return index + 1 < stop and MONEY.fullmatch(lines.texts[index + 1]) is not None


def _starts_row(lines: PageLines, index: int) -> bool:
    """Tell whether another row begins at `index`."""
    text = lines.labels[index]
    return (
        text.startswith((TRANSACTION_TOTALS, CARD_TOTALS, "Totals"))
        or text == HEADS[0]
        or DATE.fullmatch(text) is not None
    )


def read_amounts(lines: PageLines, label: int, printed: Sequence[str | None]) -> Amounts:
    """Return gross, discount, net of a totals row; fewer than three cells make all three unknown.

    Which of the three is missing cannot be told without positions.
    """
    problems: list[Problem] = []
    values: list[str | None] = [None, None, None]
    if len(printed) == 3:
        for place, (field, raw) in enumerate(zip(_AMOUNT_FIELDS, printed, strict=True)):
            values[place] = amount(raw) if raw is not None else None
            if values[place] is None:
                reason = MISSING if raw is None else NOT_AN_AMOUNT
                problems.append(lines.problem(field, raw, reason, label))
    else:
        raw = " ".join(each for each in printed if each) or None
        reason = f"{len(printed)} of 3 amounts"
        problems += [lines.problem(field, raw, reason, label) for field in _AMOUNT_FIELDS]
    return Amounts(lines.page, lines.numbers[label], *_triple(values), tuple(problems))


def _triple(values: Sequence[str | None]) -> tuple[str | None, str | None, str | None]:
    """Return three values as a tuple of three."""
    gross, discount, net = values
    return gross, discount, net


def _read_card_total(lines: PageLines, index: int, number: str, stop: int) -> tuple[CardTotal, int]:
    """Return a card's total line; the number stands on the label's line or on the next."""
    start = _after_repeats(lines, index, stop)
    if not number and start < stop and card_mask(lines.texts[start]):
        number = lines.texts[start]
        start += 1
    printed: list[str | None] = []
    while start < stop and len(printed) < 3 and AMOUNT.fullmatch(lines.texts[start]):
        printed.append(lines.texts[start])
        start += 1
    amounts = read_amounts(lines, index, printed)
    mask = card_mask(number)
    if mask is None:
        problem = lines.problem("card_number", number or None, "not a card number", index)
        amounts = replace(amounts, problems=(problem, *amounts.problems))
    return CardTotal(mask, amounts), start


# --- charges -------------------------------------------------------------------------------------


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


def _find_keys(lines: PageLines, index: int, stop: int) -> Cells | None:
    """Return dates, level and number when a charge starts at `index`.

    One of the four may be unreadable or missing.
    """
    cells = _shape(lines, index, stop, _KEYS)
    if cells is not None and cells.hits == 4:
        return cells
    texts = lines.texts
    anchored = DATE.fullmatch(texts[index]) or (
        index + 3 < stop and _NUMBER.fullmatch(texts[index + 3])
    )
    if not anchored:
        return None
    whole = cells if cells is not None and cells.hits == 3 else None
    short = _short(lines, index, stop, _KEYS)
    if short is not None and whole is not None:  # the last cell: merchant, or number unreadable
        city_follows = whole.stop < stop and _CITY.fullmatch(texts[whole.stop])
        return short if city_follows else whole
    return short or whole


def _read_charge(lines: PageLines, keys: Cells, stop: int) -> tuple[Charge, int]:
    """Return the charge whose key cells are given, with its first product line."""
    problems: list[Problem] = []
    values: list[str | None] = []
    for offset, (field, raw, shape) in enumerate(
        zip(_KEY_FIELDS, keys.printed, _KEYS, strict=True)
    ):
        value = None
        if raw is not None:
            value = iso_date(raw) if shape is DATE else raw if shape.fullmatch(raw) else None
        if value is None:
            reason = MISSING if raw is None else NOT_A_DATE if shape is DATE else "not as expected"
            where = min(keys.start + offset, keys.stop - 1)
            problems.append(lines.problem(field, raw, reason, where))
        values.append(value)
    numbers = _find_first_numbers(lines, keys.stop, stop)
    limit = numbers.start if numbers else _texts_end(lines, keys.stop, stop)
    place, product = _read_texts(lines, keys.stop, limit, problems)
    page, line = lines.page, lines.numbers[keys.start]
    trans_date, posted_date, level, number = values
    charge = Charge(
        page,
        line,
        trans_date,
        posted_date,
        level,
        number,
        *place,
        (),
        None,
        tuple(problems),
    )
    if numbers is None:
        missing = lines.problem("lines", None, "no amounts in this row", keys.start)
        return replace(charge, problems=(*charge.problems, missing)), limit
    first = _product_line(lines, keys.start, product, numbers)
    return replace(charge, lines=(first,)), numbers.stop


def _find_first_numbers(lines: PageLines, start: int, stop: int) -> Cells | None:
    """Return the numbers of the first product line: after at most eight texts.

    The best fit wins, the earlier of two equal ones.
    """
    best: Cells | None = None
    end = min(_texts_end(lines, start, stop), start + _LONGEST_TEXTS)
    for index in range(start, end + 1):
        cells = _numbers_at(lines, index, stop, has_product=index - start > 3)
        if cells is not None and (best is None or cells.hits > best.hits):
            best = cells
            if cells.hits == 5:
                break
    return best


def _texts_end(lines: PageLines, start: int, stop: int) -> int:
    """Return the index of the next row or of the first money, where the texts end at the latest."""
    index = start
    while (
        index < stop and not _starts_row(lines, index) and not MONEY.fullmatch(lines.texts[index])
    ):
        index += 1
    return index


def _numbers_at(lines: PageLines, index: int, stop: int, *, has_product: bool) -> Cells | None:
    """Return the five numbers that start at `index`: all, one unreadable, or one missing.

    Where the product may still be to come, a first cell that is no number is rather the product
    and the price missing; it counts as a worse fit.
    """
    cells = _shape(lines, index, stop, _NUMBERS)
    if cells is not None and cells.hits == 5:
        return cells
    if cells is not None and cells.hits == 4:
        if any(_starts_row(lines, each) for each in range(index, cells.stop)):
            cells = None
        elif has_product or PRICE.fullmatch(lines.texts[index]):
            return cells
    return _short(lines, index, stop, _NUMBERS) or (
        cells._replace(hits=3) if cells is not None and cells.hits == 4 else None
    )


def _read_texts(
    lines: PageLines, start: int, stop: int, problems: list[Problem]
) -> tuple[_Place, str | None]:
    """Return merchant, city, state and group, and the product, of the texts `start` to `stop`."""
    texts = lines.texts[start:stop]
    city_at = _city_index(texts)
    if len(texts) < 3 or city_at is None:
        if city_at is None:
            raw = texts[1] if len(texts) >= 3 else None
            problems.append(lines.problem("city", raw, "not `city, state`", max(start - 1, 0)))
        if len(texts) < 3:
            raw = " / ".join(texts) or None
            problems.append(lines.problem("merchant", raw, "fewer than 3 texts", max(start - 1, 0)))
    at = 1 if city_at is None else city_at
    merchant = texts[0] if texts and at > 0 else None
    city, state = _split_city(texts[at]) if at < len(texts) else (None, None)
    rest = texts[at + 1 :]
    if len(rest) > 1 and at + 1 < len(texts) and rest[0] == texts[at]:
        rest = rest[1:]
    group = rest[0] if rest else None
    products = rest[1:]
    place = _Place(merchant, city, state, group)
    return place, _product(lines, start, group, products, problems)


def _city_index(texts: Sequence[str]) -> int | None:
    """Return where `CITY, ST` stands: second, or further on when texts are drawn twice."""
    for at in (1, 2, 0):
        if at < len(texts) and _CITY.fullmatch(texts[at]):
            return at
    return None


def _split_city(printed: str) -> tuple[str, str | None]:
    """Return city and state, the state None when the text has another form."""
    match = _CITY.fullmatch(printed)
    return (match[1], match[2]) if match else (printed, None)


def _product(
    lines: PageLines,
    start: int,
    group: str | None,
    products: list[str],
    problems: list[Problem],
) -> str | None:
    """Return the product description out of none, one, or the same one drawn twice."""
    if len(products) > 2 and products[0] == group:
        products = products[1:]
    if len(set(products)) > 1:
        raw = " / ".join(products)
        problems.append(lines.problem("product", raw, "more than one text", start))
        return raw
    return products[0] if products else None


# --- product lines -------------------------------------------------------------------------------


def _read_line(lines: PageLines, index: int, stop: int) -> tuple[ChargeLine, int] | None:
    """Return a product line that starts at `index`: numbers after none, one or two equal texts."""
    texts = lines.texts
    twice = index + 1 < stop and texts[index] == texts[index + 1]
    offsets = (2, 1, 0) if twice else (1, 0)
    found = [
        (offset, _numbers_at(lines, index + offset, stop, has_product=offset > 0))
        for offset in offsets
    ]
    best = max(
        ((offset, cells) for offset, cells in found if cells is not None),
        key=lambda each: each[1].hits,
        default=None,
    )
    if best is None:
        return None
    offset, cells = best
    if offset and (_NOT_A_PRODUCT(texts[index]) or _starts_row(lines, index)):
        return None
    product = texts[index] if offset else None
    return _product_line(lines, index, product, cells), cells.stop


_NOT_A_PRODUCT: Final[Callable[[str], object]] = re.compile(
    rf"{PRICE.pattern}|{QUANTITY.pattern}|{MONEY.pattern}"
).fullmatch


def _product_line(lines: PageLines, start: int, product: str | None, numbers: Cells) -> ChargeLine:
    """Return a product line with its numbers as decimal strings."""
    problems: list[Problem] = []
    values: list[str | None] = []
    for place, (field, raw, shape) in enumerate(
        zip(_NUMBER_FIELDS, numbers.printed, _NUMBERS, strict=True)
    ):
        value = decimal_text(raw) if raw is not None and shape.fullmatch(raw) else None
        if value is None:
            reason = NOT_AN_AMOUNT if shape is MONEY else NOT_A_NUMBER
            where = min(numbers.start + place, numbers.stop - 1)
            problems.append(lines.problem(field, raw, MISSING if raw is None else reason, where))
        values.append(value)
    if len(numbers.printed) - numbers.printed.count(None) == 4 and None in numbers.printed[2:]:
        raw = " ".join(each for each in numbers.printed[2:] if each is not None)
        problems = [
            lines.problem(field, raw, "2 of 3 amounts", numbers.stop - 1)
            for field in _AMOUNT_FIELDS
        ]
        values[2:] = [None, None, None]
    page, line = lines.page, lines.numbers[start]
    ppu, quantity = values[:2]
    return ChargeLine(page, line, product, ppu, quantity, *_triple(values[2:]), tuple(problems))
