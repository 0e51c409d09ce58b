"""What the old program would have made of a month (formats 4.1 and 4.4).

With quirks an entry says what the old program said; without, what it should have said. The two
quirks that make it lose pages without notice (a receipt name outside A-Z and dots, a page without
coding type) are left out: such pages come as if they had been read, ``code_type`` null.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.generate.findings import FLAGS, flags

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.generate.model import Month, Person, Receipt

ID_DIGITS = range(4, 7)
"""Lengths of employee ids that the old program sees."""


@dataclass(slots=True)
class OldEntry:
    """One employee as the old file has it; a ``card`` of None marks one only in the receipts."""

    name: str
    employee_id: str | None = None
    card: str | None = None
    car_total: float = 0.0
    car_pages: list[int] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    flags: dict[str, bool] = field(default_factory=dict)


def old_entries(month: Month, *, quirks: bool = True) -> Iterable[OldEntry]:
    """Return the entries in order of first sight, two people with one name key as one."""
    entries: dict[str, OldEntry] = {}
    net: dict[str, int] = {}
    before: OldEntry | None = None
    for person in month.people:
        if person.in_report:
            seen = not quirks or len(person.employee_id or "") in ID_DIGITS
            if seen:
                before = entries.setdefault(person.name_key, OldEntry(person.name_key))
                net[before.name] = net.get(before.name, 0) + person.car_total
                _take_cards(before, person)
            if quirks and before:
                _take_old_totals(before, person)
    if not quirks:
        for key, entry in entries.items():
            entry.car_total = net[key] / 100
    for person in month.people:
        if person.receipts:
            entry = entries.setdefault(person.name_key, OldEntry(person.name_key))
            entry.receipts.extend(person.receipts)
    truth = {person.name_key: person for person in month.people}
    for key, entry in entries.items():
        entry.receipts.sort(key=lambda receipt: receipt.page)
        entry.flags = _old_flags(entry) if quirks else flags(truth[key])
    return entries.values()


def old_amount(receipt: Receipt, *, quirks: bool) -> int | None:
    """Return the cents that the old program read, None where it stored the number 0.

    Of an address on two lines it takes the first word of the second line when that is a number,
    in whole dollars, else it finds none.
    """
    if not quirks or len(receipt.address) == 1:
        return receipt.amount
    word = receipt.address[1].split(" ", 1)[0]
    return int(word) * 100 if word.isdigit() else None


def old_amount_text(receipt: Receipt, *, quirks: bool) -> str | None:
    """Return the amount as the old file writes it, None for the number 0."""
    cents = old_amount(receipt, quirks=quirks)
    if cents is None:
        return None
    if quirks and len(receipt.address) > 1:
        return str(cents // 100)
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02}"


def has_attachment(receipt: Receipt, *, quirks: bool) -> bool:
    """Whether the receipt has an attachment; to the old program two are none."""
    return len(receipt.attachments) == 1 if quirks else bool(receipt.attachments)


def _take_cards(entry: OldEntry, person: Person) -> None:
    entry.employee_id = entry.employee_id or person.employee_id
    entry.card = entry.card or person.cards[0].number
    for card in person.cards:
        entry.car_pages.extend(card.pages)


def _take_old_totals(entry: OldEntry, person: Person) -> None:
    """Each printed total of a full card number overwrites the one before: gross, never negative."""
    for card in person.cards:
        gross = card.gross + card.misprint
        if card.total_line_printed and not card.masked and gross >= 0:
            entry.car_total = gross / 100


def _old_flags(entry: OldEntry) -> dict[str, bool]:
    """Return the flags as the old program sets them; it never sets the last one."""
    found = dict.fromkeys(FLAGS, False)
    found["missing_coding_info"] = any(not r.coding.complete for r in entry.receipts)
    found["missing_receipt"] = any(not has_attachment(r, quirks=True) for r in entry.receipts)
    found["missing_all_receipts"] = not entry.receipts
    return found
