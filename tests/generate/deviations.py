"""In what the old file of a month differs from the month, and which quirk causes each difference.

Worked out from the truth and from what the old program recognised, without any database. Dollars
are the cents of the file less those of the month, and each cent stands at one root: over all roots
they are the difference of the card totals and that of the receipt totals. What follows from roots
(totals, pages, flags, entries that are gone with all their receipts) has none. A sum of floats
that rounds to the right cent is listed too: it is a matter of writing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from tests.generate import quirks as q
from tests.generate.findings import FLAGS, flags, other_rules
from tests.generate.legacy import (
    has_attachment,
    is_seen,
    old_amount,
    old_amount_value,
    old_entries,
    old_total,
    read_pages,
    unread,
)
from tests.generate.text import decimal, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator, Set

    from tests.generate.activity import Shape
    from tests.generate.legacy import OldEntry
    from tests.generate.model import Card, Month, Person, Receipt


@dataclass(frozen=True, slots=True)
class Deviation:
    """One difference; ``also`` are further quirks that alone would have caused it as well.

    ``field`` is that of the old file, empty for a person or receipt as a whole, ``repeat`` for a
    page that is counted once more; ``card`` tells the parts of a card total apart. ``follows``
    marks what its roots predict.
    """

    code: str
    person: str
    field: str = ""
    receipt: str | None = None
    occurrence: int | None = None
    page: int | None = None
    card: str | None = None
    there: Any = None
    here: Any = None
    cents: int = 0
    also: tuple[str, ...] = ()
    follows: bool = False


def deviations(
    month: Month, shape: Shape = "by-code", quirks: Set[str] = q.QUIRKS
) -> list[Deviation]:
    """Return all differences, person by person in the order of the report."""
    entries = {entry.name: entry for entry in old_entries(month, quirks)}
    people: dict[str, list[Person]] = {}
    for person in month.people:
        people.setdefault(person.name_key, []).append(person)
    read = {id(receipt) for _, receipt in read_pages(month, quirks)}
    stop = _stop(month, quirks)
    found: list[Deviation] = []
    for key, group in people.items():
        entry = entries.get(key)
        cards = [] if entry is None else list(_card_totals(entry, group, quirks))
        receipts = list(_receipts(group, read, stop, shape, quirks))
        heads = _missing(group, stop) if entry is None else _heads(entry, group, quirks)
        totals = [] if entry is None else list(_consequences(entry, group, receipts, stop, quirks))
        found += [*heads, *cards, *receipts, *totals]
    return found


def csv_deviations(month: Month, quirks: Set[str] = q.QUIRKS) -> list[Deviation]:
    """Return what is wrong in the accounting import and not in the file by id it is made of.

    A card is told where the receipt belongs to a charge of another than the first, or to no charge
    while there are several.
    """
    cards = {id(charge): card for p in month.people for card in p.cards for charge in card.charges}
    owners = {id(receipt): person for person in month.people for receipt in person.receipts}
    found: list[Deviation] = []
    for entry in old_entries(month, quirks):
        # Of two pages with one id there is one line.
        lines = {receipt.transaction_id: receipt for receipt in entry.receipts}
        for number, receipt in lines.items():
            place = (entry.name, "Pay Type", number, 1, receipt.page)
            coding = receipt.coding
            right = ("1" if coding.account else "2") if coding.complete else ""
            if right != "2":
                found.append(Deviation(q.CSV_PAY_TYPE, *place, there="2", here=right))
            first = receipt.duplicate_of or receipt
            own = [card.number for card in owners[id(receipt)].cards]
            charged = cards.get(id(first.charge))
            card = charged.number if charged else own[0] if len(own) == 1 else None
            if entry.card is None or card != entry.card:
                place = (entry.name, "Credit Card Number", number, 1, receipt.page)
                there = entry.card or "None"
                found.append(Deviation(q.CSV_FIRST_CARD, *place, there=there, here=card))
    return found


def summary(found: list[Deviation]) -> dict[str, Any]:
    """Return the differences for a file: counts and dollars of the roots by quirk, and the list."""
    roots = [one for one in found if not one.follows]
    cents: Counter[str] = Counter()
    for one in roots:
        cents[one.code] += one.cents
    return {
        "roots": dict(sorted(Counter(one.code for one in roots).items())),
        "dollars": {code: decimal(cents[code]) for code in sorted(cents)},
        "follows": dict(sorted(Counter(one.field for one in found if one.follows).items())),
        "differences": [_row(one) for one in found],
    }


def _row(one: Deviation) -> dict[str, Any]:
    values = asdict(one)
    values["dollars"] = decimal(values.pop("cents"))
    kept = {"there", "here", "follows"}
    return {name: value for name, value in values.items() if name in kept or value}


def _stop(month: Month, quirks: Set[str]) -> str:
    """Return which of the two quirks that lose pages came first, empty for none."""
    for receipt in month.receipt_pages:
        if q.HARD_NAME in quirks and receipt.has_hard_name:
            return q.HARD_NAME
        if q.NO_CODING_TYPE in quirks and receipt.coding.kind is None:
            return q.NO_CODING_TYPE
    return ""


def _missing(group: list[Person], stop: str) -> Iterator[Deviation]:
    """Yield who is not in the file at all: one name, of however many people."""
    known = [person for person in group if person.in_report]
    name = group[0].name_key
    if known:
        # All the dollars of the name stand at that one root, none where its total is not known.
        is_known = all(person.is_known for person in known)
        cents = -sum(person.car_total for person in known) if is_known else 0
        yield Deviation(q.ODD_ID, name, here=_ids(known), cents=cents)
    else:
        yield Deviation(stop, name, follows=True)


def _ids(people: list[Person]) -> str:
    """Return the numbers of people who have one name key."""
    return ", ".join(person.employee_id or "" for person in people)


def _heads(entry: OldEntry, group: list[Person], quirks: Set[str]) -> Iterator[Deviation]:
    """Yield what differs of id, card and pages: people who were merged or not seen."""
    known = [person for person in group if person.in_report]
    if not known:
        return
    # One who was not seen has an entry by the receipts alone, or that of a namesake.
    unseen = any(not is_seen(person, quirks) for person in known)
    code = q.ODD_ID if unseen else q.MERGED_NAMES
    pages = [page for person in known for card in person.cards for page in card.pages]
    for field, there, here in (
        ("employee_id", entry.employee_id, _ids(known)),
        ("card_no", entry.card or "None", known[0].cards[0].number),
        ("car_page_range", entry.car_pages, pages),
    ):
        if there != here:
            yield Deviation(code, entry.name, field, there=there, here=here)


def _card_totals(entry: OldEntry, group: list[Person], quirks: Set[str]) -> Iterator[Deviation]:
    """Yield the parts of a wrong card total: one for each card that counts otherwise."""
    counted = entry.readings[-1:] if q.LAST_CARD in quirks else entry.readings
    own = {id(card): person for person in group for card in person.cards}
    taken = {id(reading.card): reading.cents for reading in counted}
    over = [own.get(id(reading.card)) for reading in counted[-1:]]
    for person in group:
        for card in person.cards:
            there = taken.get(id(card), 0)
            if there == card.net and card.is_known:
                continue
            if not is_seen(person, quirks):
                # Its own total went to another, or nowhere.
                why = [q.ODD_ID, *unread(card, quirks)]
            elif id(card) in taken:
                why = _why_other(card, quirks) or [q.NO_TOTAL_LINE]
            else:
                why = unread(card, quirks) or _why_overwritten(person, over)
            yield _part(group, card.number, there, card.net, why)
    for reading in counted:
        if id(reading.card) not in own and reading.cents:
            yield _part(group, reading.card.number, reading.cents, 0, [q.ODD_ID])


def _why_other(card: Card, quirks: Set[str]) -> list[str]:
    """Return why a total was recognised as another."""
    reasons = ((q.PRINTED_TOTAL, bool(card.misprint)), (q.GROSS_NOT_NET, card.gross != card.net))
    return [quirk for quirk, holds in reasons if holds and quirk in quirks]


def _why_overwritten(person: Person, over: list[Person | None]) -> list[str]:
    """Return why a total that was recognised does not count: whose card came last."""
    if over == [person]:
        return [q.LAST_CARD]
    return [q.ODD_ID if over == [None] else q.MERGED_NAMES, q.LAST_CARD]


def _part(group: list[Person], card: str, there: int, here: int, why: list[str]) -> Deviation:
    return Deviation(
        why[0],
        group[0].name_key,
        "car_total",
        card=card,
        there=decimal(there),
        here=decimal(here),
        cents=there - here,
        also=tuple(why[1:]),
    )


def _receipts(
    group: list[Person], read: set[int], stop: str, shape: Shape, quirks: Set[str]
) -> Iterator[Deviation]:
    """Yield receipts that are missing, and what differs in the others."""
    pages = sorted((r for person in group for r in person.receipts), key=lambda r: r.page)
    last = {receipt.transaction_id: receipt for receipt in pages if id(receipt) in read}
    times: Counter[str] = Counter()
    for receipt in pages:
        times[receipt.transaction_id] += 1
        turn = times[receipt.transaction_id]
        name, number = group[0].name_key, receipt.transaction_id
        if id(receipt) not in read:
            lost = -(receipt.amount or 0)
            yield Deviation(stop, name, "", number, turn, receipt.page, cents=lost)
        elif shape == "by-id" and receipt is not last[number]:
            # It is in the total all the same, with the amount that was read.
            wrong = (old_amount(receipt, quirks) or 0) - (receipt.amount or 0)
            code = q.DUPLICATE_PAGE
            yield Deviation(code, name, "", number, turn, receipt.page, cents=wrong)
        else:
            if turn > 1 and shape != "by-id":
                # As any other page, and nothing tells.
                code = q.DUPLICATE_PAGE
                yield Deviation(code, name, "repeat", number, turn, receipt.page)
            for code, field, there, here, cents in _fields(receipt, quirks):
                yield Deviation(
                    code, name, field, number, turn, receipt.page, None, there, here, cents
                )


def _fields(receipt: Receipt, quirks: Set[str]) -> Iterator[tuple[str, str, Any, Any, int]]:
    """Yield code, field, both values and cents of what a receipt says otherwise."""
    there, here = old_amount(receipt, quirks), receipt.amount
    if there != here:
        value = old_amount_value(receipt, quirks)
        right = None if here is None else decimal(here)
        yield q.ADDRESS_AS_AMOUNT, "amt", value, right, (there or 0) - (here or 0)
    elif here is None and old_amount_value(receipt, quirks) == 0:
        cause = q.AMOUNT_NOT_FOUND if q.AMOUNT_NOT_FOUND in quirks else q.ADDRESS_AS_AMOUNT
        yield cause, "amt", 0, None, 0
    if not receipt.title and q.EMPTY_TITLE in quirks:
        yield q.EMPTY_TITLE, "title", receipt.expense_type, None, 0
    if receipt.purpose is None and q.LABEL_AS_PURPOSE in quirks:
        label = f"Receipts Notes ({receipt.notes}):"
        yield q.LABEL_AS_PURPOSE, "purpose", label, None, 0
    address = receipt.merchant_address
    if q.CUT_ADDRESS in quirks and wrap(address)[0] != address:
        yield q.CUT_ADDRESS, "merch_addy", wrap(address)[0], address, 0
    coding = receipt.coding
    if q.PART_CODE in quirks and not coding.complete:
        codes = (("job", coding.job), ("phase", coding.phase), ("cost_type", coding.cost_type))
        for field, code in codes:
            if code is not None:
                yield q.PART_CODE, field, None, code, 0
    attached = has_attachment(receipt, quirks)
    if attached != bool(receipt.attachments):
        yield q.TWO_ATTACHMENTS, "attachment", attached, bool(receipt.attachments), 0


def _consequences(
    entry: OldEntry,
    group: list[Person],
    receipts: list[Deviation],
    stop: str,
    quirks: Set[str],
) -> Iterator[Deviation]:
    """Yield totals and flags that differ since something else does, and what was never flagged."""
    there = sum(old_amount(receipt, quirks) or 0 for receipt in entry.receipts)
    here = sum(person.receipt_total for person in group)
    if there != here:
        code = next(one.code for one in receipts if one.cents)
        yield Deviation(
            code, entry.name, "rec_total", there=decimal(there), here=decimal(here), follows=True
        )
    total = old_total(entry.receipts, quirks)
    if total != there / 100:
        yield Deviation(
            q.FLOAT_SUM, entry.name, "rec_total", there=repr(total), here=decimal(there)
        )
    pages = sorted(receipt.page for person in group for receipt in person.receipts)
    read = [receipt.page for receipt in entry.receipts]
    if pages != read:
        yield Deviation(stop, entry.name, "rec_page_range", there=read, here=pages, follows=True)
    right = {flag: any(flags(person)[flag] for person in group) for flag in FLAGS}
    if len(group) > 1:
        # Of people who were merged the file speaks as of one.
        right["missing_all_receipts"] = not any(person.receipts for person in group)
    for flag in FLAGS:
        if entry.flags[flag] == right[flag]:
            continue
        if flag == "total_mismatch":
            code, follows = q.NEVER_MISMATCH, False
        elif flag == "missing_receipt" and entry.flags[flag]:
            code, follows = q.TWO_ATTACHMENTS, True
        else:
            code, follows = stop, True
        yield Deviation(
            code,
            entry.name,
            f"flags.{flag}",
            there=entry.flags[flag],
            here=right[flag],
            follows=follows,
        )
    if any(right.values()) or any(entry.flags.values()) or not all(p.is_known for p in group):
        return
    kept = [person for person in group if any(flags(person).values()) or other_rules(person)]
    if kept:
        code = q.OTHER_RULES if any(map(other_rules, group)) else q.MERGED_NAMES
        yield Deviation(code, entry.name, "finished", there=True, here=False)
