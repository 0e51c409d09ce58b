"""Put a month together: people, charges, receipts, pages."""

from __future__ import annotations

import copy
from datetime import date, timedelta
from typing import TYPE_CHECKING

from tests.generate import vocabulary
from tests.generate.charges import Till
from tests.generate.layout import Layout
from tests.generate.luck import Luck
from tests.generate.model import Month, Person
from tests.generate.paging import number_car_pages, number_receipt_pages
from tests.generate.people import Crowd
from tests.generate.receipts import Desk
from tests.generate.recipe import Recipe
from tests.generate.text import name_key

if TYPE_CHECKING:
    from collections.abc import Set

    from tests.generate.model import Charge, Receipt
    from tests.generate.people import Member

FIRST = date(2025, 3, 1)
LAST = date(2025, 3, 31)

_SEEDS_APART = 500


def build(  # noqa: PLR0913 - one argument for each thing a caller may fix
    employees: int,
    receipts: int,
    seed: int,
    *,
    recipe: Recipe | None = None,
    layout: Layout | None = None,
    first: date = FIRST,
    last: date = LAST,
) -> Month:
    """Invent a month of ``employees`` people and exactly ``receipts`` receipt pages.

    Fewer people come out only when there are too few receipts for those who have nothing else. The
    same arguments give the same month. ``first`` and ``last`` bound the posted dates.
    Raises ValueError when a count is out of range.
    """
    recipe = recipe or Recipe()
    luck = Luck(seed)
    crowd = _gather(luck, recipe, employees, receipts)
    till, desk = Till(luck, recipe, first, last), Desk(luck, recipe)
    return _fill_month(crowd.members, receipts, till, desk, crowd.aliases, layout or Layout())


def build_months(  # noqa: PLR0913 - one argument for each thing a caller may fix
    months: int,
    employees: int,
    receipts: int,
    seed: int,
    *,
    recipe: Recipe | None = None,
    layout: Layout | None = None,
    first: date = FIRST,
) -> list[Month]:
    """Invent consecutive calendar months of the same people, cards and aliases.

    Each has exactly ``receipts`` receipt pages; receipt ids rise through all of them, and seeds
    that are near share none. The month of ``first`` is the first one. Raises ValueError when a
    count is out of range.
    """
    recipe = recipe or Recipe()
    crowd = _gather(Luck(seed), recipe, employees, receipts)
    desk = Desk(Luck(seed), recipe, 40_000_000 + seed % _SEEDS_APART * 100_000)
    found: list[Month] = []
    day = first.replace(day=1)
    for turn in range(months):
        desk.luck = luck = Luck(f"{seed}, {turn}")
        following = (day + timedelta(31)).replace(day=1)
        till = Till(luck, recipe, day, following - timedelta(1))
        members = copy.deepcopy(crowd.members)
        found.append(_fill_month(members, receipts, till, desk, crowd.aliases, layout or Layout()))
        day = following
    return found


def without_aliases(month: Month, known: Set[str] = frozenset()) -> Month:
    """Return a month as somebody has it who knows no alias but these: each name is a person."""
    found = copy.deepcopy(month)
    unknown = month.aliases.keys() - known
    others: dict[str, Person] = {}
    for person in found.people:
        kept, office = [], person.office
        for receipt in person.receipts:
            key = name_key(receipt.printed_name)
            if key in unknown:
                others.setdefault(key, Person(key, None, office)).receipts.append(receipt)
            else:
                kept.append(receipt)
        person.receipts = kept
    found.people += others.values()
    for person in found.people:
        # A page that came twice, once under each name, is none of either.
        seen: dict[str, Receipt] = {}
        for receipt in person.receipts:
            receipt.duplicate_of = seen.get(receipt.transaction_id)
            seen.setdefault(receipt.transaction_id, receipt)
    found.aliases = {key: month.aliases[key] for key in month.aliases.keys() & known}
    return found


def _gather(luck: Luck, recipe: Recipe, employees: int, receipts: int) -> Crowd:
    """Return the people. Raises ValueError when a count is out of range."""
    if employees < 1 or receipts < 0:
        msg = "a month needs at least one employee and no negative number of receipts"
        raise ValueError(msg)
    crowd = Crowd(luck, recipe)
    crowd.gather(employees)
    return crowd


def _fill_month(  # noqa: PLR0913, PLR0917 - what a month is made of
    members: list[Member],
    receipts: int,
    till: Till,
    desk: Desk,
    aliases: dict[str, str],
    layout: Layout,
) -> Month:
    """Give everybody charges and receipts, and everything its page."""
    for member, share in zip(members, _shares(members, receipts), strict=True):
        _fill(member, share, till, desk)
    month = Month(
        first=till.first,
        last=till.last,
        account_code=vocabulary.ACCOUNT_CODE,
        company=vocabulary.COMPANY,
        customer_ids=vocabulary.CUSTOMER_IDS,
        offices=tuple((s, c, f"{st} {z}-0000") for s, c, st, z in vocabulary.OFFICES),
        people=[m.person for m in members if m.person.in_report or m.person.receipts],
        aliases=dict(sorted(aliases.items())),
        layout=layout,
    )
    number_car_pages(month)
    number_receipt_pages(month, till.luck, late_hard_names=till.recipe.late_hard_names)
    return month


def _shares(members: list[Member], receipts: int) -> list[int]:
    """Divide the receipts by weight; those only in the receipts come first for the remainder."""
    total = sum(member.weight for member in members)
    shares = [receipts * member.weight // total for member in members]
    takers = [index for index, member in enumerate(members) if member.weight]
    takers.sort(key=lambda index: members[index].person.in_report)
    for step in range(receipts - sum(shares)):
        shares[takers[step % len(takers)]] += 1
    return shares


def _fill(member: Member, share: int, till: Till, desk: Desk) -> None:
    """Give a member ``share`` receipts with their charges, and charges nobody handed in."""
    person, luck, recipe = member.person, till.luck, till.recipe
    charges: list[Charge] = []
    lone = 0
    while len(person.receipts) + lone < share:
        if person.receipts and luck.chance(recipe.duplicate):
            person.receipts.append(desk.duplicate(_original(person, luck), member))
        elif not person.in_report or luck.chance(recipe.no_charge):
            lone += 1
        else:
            trade = till.trade()
            refund = member.credits_only or luck.chance(recipe.refund)
            charges.append(till.charge(trade, refund=refund))
            person.receipts.append(desk.receipt(member, trade, charges[-1]))
            if luck.chance(recipe.twins) and len(person.receipts) + lone < share:
                charges.append(till.twin(charges[-1]))
                person.receipts.append(desk.receipt(member, trade, charges[-1]))
    if person.in_report:
        extra = sum(luck.chance(recipe.no_receipt) for _ in range(share))
        for _ in range(extra or (0 if charges else luck.between(1, 6))):
            charges.append(till.charge(till.trade(), refund=member.credits_only))
        _deal(person, charges, till)
        _misprint(person, till)
    taken = {charge.net for charge in charges}
    person.receipts.extend(desk.lone(member, till, taken=taken) for _ in range(lone))


def _original(person: Person, luck: Luck) -> Receipt:
    """Draw a receipt of the person that is not itself a copy."""
    receipt = luck.pick(person.receipts)
    return receipt.duplicate_of or receipt


def _deal(person: Person, charges: list[Charge], till: Till) -> None:
    """Spread the charges over the cards, each sorted by date; few without charges are kept."""
    for charge in charges:
        till.luck.pick(person.cards).charges.append(charge)
    empty = till.recipe.empty_cards
    person.cards = [c for c in person.cards if c.charges or (empty and till.luck.chance(empty))]
    for card in person.cards:
        card.charges.sort(key=lambda charge: (charge.trans_date, charge.posted_date))


def _misprint(person: Person, till: Till) -> None:
    """Let the printed total of a card disagree with its rows now and then."""
    for card in person.cards:
        if card.total_line_printed and till.luck.chance(till.recipe.misprinted_total):
            card.misprint = till.luck.pick((-1, 1, 10_000, -4_050))
