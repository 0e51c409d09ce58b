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
from svc.pdf.report_cells import (
    CARD_TOTALS,
    CITY,
    HEADS,
    KEYS,
    NUMBERS,
    TRANSACTION_TOTALS,
    Cells,
    find_first_numbers,
    find_keys,
    heads_end,
    numbers_at,
    starts_row,
    texts_end,
)
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

MISSING: Final = "missing"
NOT_A_DATE: Final = "not a date"
NOT_AN_AMOUNT: Final = "not an amount"
NOT_A_NUMBER: Final = "not a number"

_KEY_FIELDS: Final = ("trans_date", "posted_date", "level", "number")
_NUMBER_FIELDS: Final = ("ppu", "quantity", "gross", "discount", "net")
_AMOUNT_FIELDS: Final = ("gross", "discount", "net")

Item = Charge | ChargeLine | Amounts | CardTotal


class _Place(NamedTuple):
    """The texts of a transaction row, in the order of the columns."""

    merchant: str | None
    city: str | None
    state: str | None
    group: str | None


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
    keys = find_keys(lines, index, stop)
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
    while start < stop and len(printed) < 3 and not starts_row(lines, start):
        text = lines.texts[start]
        if not (AMOUNT.fullmatch(text) or _next_is_amount(lines, start, stop) or printed):
            break
        printed.append(text)
        start += 1
    return read_amounts(lines, label, printed), start


def _next_is_amount(lines: PageLines, index: int, stop: int) -> bool:
    """Tell whether the line after `index` is money: then an unreadable cell stands at `index`."""
    return index + 1 < stop and MONEY.fullmatch(lines.texts[index + 1]) is not None


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


def _read_charge(lines: PageLines, keys: Cells, stop: int) -> tuple[Charge, int]:
    """Return the charge whose key cells are given, with its first product line."""
    problems: list[Problem] = []
    values: list[str | None] = []
    for offset, (field, raw, shape) in enumerate(zip(_KEY_FIELDS, keys.printed, KEYS, strict=True)):
        value = None
        if raw is not None:
            value = iso_date(raw) if shape is DATE else raw if shape.fullmatch(raw) else None
        if value is None:
            reason = MISSING if raw is None else NOT_A_DATE if shape is DATE else "not as expected"
            where = min(keys.start + offset, keys.stop - 1)
            problems.append(lines.problem(field, raw, reason, where))
        values.append(value)
    numbers = find_first_numbers(lines, keys.stop, stop)
    limit = numbers.start if numbers else texts_end(lines, keys.stop, stop)
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
        if at < len(texts) and CITY.fullmatch(texts[at]):
            return at
    return None


def _split_city(printed: str) -> tuple[str, str | None]:
    """Return city and state, the state None when the text has another form."""
    match = CITY.fullmatch(printed)
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
        (offset, numbers_at(lines, index + offset, stop, has_product=offset > 0))
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
    if offset and (_NOT_A_PRODUCT(texts[index]) or starts_row(lines, index)):
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
        zip(_NUMBER_FIELDS, numbers.printed, NUMBERS, strict=True)
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
