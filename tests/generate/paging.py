"""Which page everything is printed on; the JSON needs it as much as the PDFs do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.generate.luck import Luck
    from tests.generate.model import Card, Charge, Line, Month, Person, Receipt

PARAMETER_ROWS = 7
"""Rows that the block of report parameters takes on page 1."""


@dataclass(slots=True)
class Row:
    """One printed row of a card: a product line, the totals of a charge, or those of the card."""

    charge: Charge | None
    line: Line | None


@dataclass(slots=True)
class CarPage:
    """One page of the activity report before the summary."""

    number: int
    person: Person
    card: Card
    rows: list[Row]


def rows(card: Card) -> Iterator[Row]:
    """Yield the rows of a card from the top."""
    for charge in card.charges:
        for line in charge.lines:
            yield Row(charge, line)
        yield Row(charge, None)
    if card.total_line_printed:
        yield Row(None, None)


def car_pages(month: Month) -> Iterator[CarPage]:
    """Yield the pages of all cards; a break comes wherever a page is full."""
    number = 0
    for person in month.people:
        for card in person.cards:
            pending = list(rows(card))
            while True:
                number += 1
                room = month.layout.rows_per_page
                if number == 1 and month.layout.parameters:
                    room = max(1, room - PARAMETER_ROWS)
                yield CarPage(number, person, card, pending[:room])
                pending = pending[room:]
                if not pending:
                    break


def number_car_pages(month: Month) -> None:
    """Set the pages of cards and charges, and how many there are with the summary."""
    number = 0
    for page in car_pages(month):
        number = page.number
        page.card.pages.append(number)
        for row in page.rows:
            if row.charge is None:
                continue
            if row.line is None:
                row.charge.totals_page = number
            elif row.line is row.charge.lines[0]:
                row.charge.page = number
    month.car_pages = number + (2 if month.layout.group_summary else 1)


def number_receipt_pages(month: Month, luck: Luck, *, late_hard_names: bool = False) -> None:
    """Give each receipt its page: people in any order, in the scattered layout in several parts.

    Each person's receipts keep their order, so that a duplicate is always the later page. People
    with a name that ends the old program's reading may be kept for the second half.
    """
    parts: list[Iterator[Receipt]] = []
    takes: list[tuple[int, int]] = []
    for person in month.people:
        parts.append(iter(person.receipts))
        left = len(person.receipts)
        while left:
            take = min(left, luck.between(1, 4)) if month.layout.scattered else left
            takes.append((len(parts) - 1, take))
            left -= take
    luck.random.shuffle(takes)
    if late_hard_names:
        hard = [any(receipt.has_hard_name for receipt in p.receipts) for p in month.people]
        half = len(takes) // 2
        early = [take for take in takes[:half] if not hard[take[0]]]
        takes = early + takes[half:] + [take for take in takes[:half] if hard[take[0]]]
    for index, take in takes:
        for _ in range(take):
            receipt = next(parts[index])
            month.receipt_pages.append(receipt)
            receipt.page = len(month.receipt_pages)
