"""What the old program would have made of a month (formats 4.1 and 4.4).

With all quirks an entry says what the old program said; without any, what it should have said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from tests.generate import quirks as q
from tests.generate.findings import FLAGS, flags
from tests.generate.text import decimal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Set

    from tests.generate.model import Card, Month, Person, Receipt

ID_DIGITS = range(4, 7)
"""Lengths of employee ids that the old program sees."""

_NUMBER = re.compile(r"[0-9][0-9,]*(?:\.[0-9]+)?")


@dataclass(slots=True)
class Reading:
    """A total that was recognised, in cents, and whose card it is."""

    card: Card
    person: Person
    cents: int


@dataclass(slots=True)
class OldEntry:
    """One employee as the old file has it; a ``card`` of None marks one only in the receipts."""

    name: str
    employee_id: str | None = None
    card: str | None = None
    car_cents: int = 0
    car_pages: list[int] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    flags: dict[str, bool] = field(default_factory=dict)


def old_entries(month: Month, quirks: Set[str] = q.QUIRKS) -> Iterable[OldEntry]:
    """Return the entries in order of first sight, two people with one name key as one."""
    entries: dict[str, OldEntry] = {}
    before: OldEntry | None = None
    for person in month.people:
        if person.in_report:
            seen = is_seen(person, quirks)
            if seen:
                before = entries.setdefault(person.name_key, OldEntry(person.name_key))
                _take_cards(before, person)
            if before:
                before.readings.extend(_readings(person, quirks))
    for entry in entries.values():
        cents = [reading.cents for reading in entry.readings]
        entry.car_cents = sum(cents[-1:] if q.LAST_CARD in quirks else cents)
    for person, receipt in read_pages(month, quirks):
        entry = entries.setdefault(person.name_key, OldEntry(person.name_key))
        entry.receipts.append(receipt)
    people: dict[str, list[Person]] = {}
    for person in month.people:
        people.setdefault(person.name_key, []).append(person)
    for key, entry in entries.items():
        entry.flags = _old_flags(entry, people[key], quirks)
    return entries.values()


def is_seen(person: Person, quirks: Set[str]) -> bool:
    """Whether the pages of a person of the report are seen."""
    return q.ODD_ID not in quirks or len(person.employee_id or "") in ID_DIGITS


def unread(card: Card, quirks: Set[str]) -> list[str]:
    """Return why the total of a card is not recognised, the plainest reason first."""
    gross = card.gross + card.misprint
    reasons = (
        (q.NO_TOTAL_LINE, not card.total_line_printed),
        (q.MASKED_CARD, card.masked),
        (q.NEGATIVE_TOTAL, gross < 0),
    )
    return [quirk for quirk, holds in reasons if holds and quirk in quirks]


def read_pages(month: Month, quirks: Set[str]) -> list[tuple[Person, Receipt]]:
    """Return the receipts that the old program reads, in the order of their pages, with whose."""
    owners = {id(receipt): person for person in month.people for receipt in person.receipts}
    found: list[tuple[Person, Receipt]] = []
    for receipt in month.receipt_pages:
        if q.HARD_NAME in quirks and receipt.has_hard_name:
            break
        if q.NO_CODING_TYPE in quirks and receipt.coding.kind is None:
            return []
        found.append((owners[id(receipt)], receipt))
    return found


def old_amount(receipt: Receipt, quirks: Set[str] = q.QUIRKS) -> int | None:
    """Return the cents that the old program read, None where it stored the number 0.

    Of an address on two lines it takes the number that the second line starts with, if any.
    """
    if q.ADDRESS_AS_AMOUNT not in quirks or len(receipt.address) == 1:
        return receipt.amount
    number = _first_number(receipt)
    return int(Decimal(number) * 100) if number else None


def old_amount_value(receipt: Receipt, quirks: Set[str] = q.QUIRKS) -> str | int | None:
    """Return the amount as the old file has it: a text, or the number 0 where it found none."""
    cents = old_amount(receipt, quirks)
    misread = q.ADDRESS_AS_AMOUNT in quirks and len(receipt.address) > 1
    if cents is None:
        return 0 if misread or q.AMOUNT_NOT_FOUND in quirks else None
    return _first_number(receipt) if misread else decimal(cents)


def _first_number(receipt: Receipt) -> str:
    """Return the number that the second line of an address starts with, without commas."""
    found = _NUMBER.match(receipt.address[1])
    return found[0].replace(",", "") if found else ""


def has_attachment(receipt: Receipt, quirks: Set[str] = q.QUIRKS) -> bool:
    """Whether the receipt has an attachment; to the old program two are none."""
    if q.TWO_ATTACHMENTS in quirks:
        return len(receipt.attachments) == 1
    return bool(receipt.attachments)


def old_total(receipts: list[Receipt], quirks: Set[str]) -> float:
    """Add up as the old program does, in floats; without that quirk the cents are exact."""
    cents = [old_amount(receipt, quirks) or 0 for receipt in receipts]
    if q.FLOAT_SUM not in quirks:
        return sum(cents) / 100
    total = 0.0
    for amount in cents:
        total += amount / 100
    return total


def _take_cards(entry: OldEntry, person: Person) -> None:
    entry.employee_id = entry.employee_id or person.employee_id
    entry.card = entry.card or person.cards[0].number
    for card in person.cards:
        entry.car_pages.extend(card.pages)


def _readings(person: Person, quirks: Set[str]) -> Iterator[Reading]:
    """Yield what is recognised of a person's cards, in the order of the report."""
    for card in person.cards:
        if not unread(card, quirks):
            cents = card.gross if q.GROSS_NOT_NET in quirks else card.net
            if q.PRINTED_TOTAL in quirks and card.total_line_printed:
                cents += card.misprint
            yield Reading(card, person, cents)


def _old_flags(entry: OldEntry, people: list[Person], quirks: Set[str]) -> dict[str, bool]:
    """Return the flags as the old program sets them; it never sets the last one."""
    found = dict.fromkeys(FLAGS, False)
    found["missing_coding_info"] = any(not r.coding.complete for r in entry.receipts)
    found["missing_receipt"] = any(not has_attachment(r, quirks) for r in entry.receipts)
    found["missing_all_receipts"] = not entry.receipts
    if q.NEVER_MISMATCH not in quirks:
        found["total_mismatch"] = any(flags(person)["total_mismatch"] for person in people)
    return found
