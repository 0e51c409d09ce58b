"""Who takes part in a month: names, numbers, cards, aliases; not yet what they spent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.generate.model import Card, Person
from tests.generate.text import name_key, plain_name
from tests.generate.vocabulary import (
    CUSTOMER_IDS,
    FIRST_NAMES,
    HARD_NAMES,
    LAST_ENDS,
    LAST_STARTS,
    OFFICES,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.generate.luck import Luck
    from tests.generate.recipe import Recipe

USUAL_ID_LENGTHS = (4, 5, 6)
ODD_ID_LENGTHS = (1, 2, 3, 7, 10)
NAMESAKE_ENTRIES = 3
"""Entries of one group: two employees of one name key, and the receipts that fit both."""


@dataclass(slots=True)
class Member:
    """A person to be filled with charges and receipts.

    ``names`` are the ways the receipts print the name. ``weight`` is the share of the month's
    receipts, 0 for none.
    """

    person: Person
    names: tuple[str, ...]
    weight: int
    careless: bool
    credits_only: bool


@dataclass(slots=True)
class Crowd:
    """Draws members; keeps keys, numbers and cards unique."""

    luck: Luck
    recipe: Recipe
    keys: set[str] = field(default_factory=set)
    employee_ids: set[str] = field(default_factory=set)
    card_numbers: set[str] = field(default_factory=set)
    aliases: dict[str, str] = field(default_factory=dict)
    members: list[Member] = field(default_factory=list)

    def gather(self, count: int) -> None:
        """Draw ``count`` members, those only in the receipts last; one at least has receipts."""
        groups = min(self.recipe.namesake_groups, count // (2 * NAMESAKE_ENTRIES))
        members = [member for _ in range(groups) for member in self._namesakes()]
        while len(members) < count:
            members.append(self._member())
        if not any(member.weight for member in members):
            members[0].weight = 1
        self.luck.random.shuffle(members)
        members.sort(key=lambda member: not member.person.in_report)
        self.members = members

    def _member(self) -> Member:
        luck, recipe = self.luck, self.recipe
        only_receipts = luck.chance(recipe.receipts_only)
        hard = luck.chance(recipe.hard_names)
        name = self._name(hard=hard)
        person = self._person(name_key(name), only_receipts=only_receipts)
        names: tuple[str, ...] = (name,)
        if not only_receipts and luck.chance(recipe.aliased):
            names = (self._other_name(name),)
            self.aliases[name_key(names[0])] = person.name_key
        elif not only_receipts and luck.chance(recipe.both_names):
            names = (name, self._other_name(name))
            self.aliases[name_key(names[1])] = person.name_key
        elif hard and recipe.plain_names and luck.chance(recipe.plain_names):
            # Without accents and signs now and then: the reading ends within the person.
            names = (name, plain_name(name))
        missing = not only_receipts and luck.chance(recipe.no_receipts)
        return Member(
            person,
            names,
            0 if missing else luck.pick((1, 2, 2, 4, 6, 12)),
            careless=luck.chance(recipe.careless),
            credits_only=luck.chance(recipe.credits_only),
        )

    def _namesakes(self) -> list[Member]:
        """Two employees with one name key, and the receipts of that name, which are nobody's."""
        name = self._name(hard=False)
        people = [self._person(name_key(name), only_receipts=False) for _ in range(2)]
        holder = Person(name_key(name), None, people[0].office, ambiguous=True)
        members = [Member(p, (name,), 0, careless=False, credits_only=False) for p in people]
        return [*members, Member(holder, (name,), 2, careless=False, credits_only=False)]

    def _person(self, key: str, *, only_receipts: bool) -> Person:
        luck = self.luck
        office = luck.between(0, len(OFFICES) - 1)
        if only_receipts:
            return Person(key, None, office)
        lengths = ODD_ID_LENGTHS if luck.chance(self.recipe.odd_ids) else USUAL_ID_LENGTHS
        employee_id = _unique(self.employee_ids, lambda: self._number(luck.pick(lengths)))
        person = Person(key, employee_id, office)
        customer = luck.pick(CUSTOMER_IDS)
        for _ in range(luck.between(2, 3) if luck.chance(self.recipe.several_cards) else 1):
            person.cards.append(self._card(customer))
        return person

    def _number(self, length: int) -> str:
        """Draw a number of ``length`` digits, longer when the short ones are few."""
        if len(self.employee_ids) > 100_000:
            length = max(length, 7)
        return str(self.luck.between(10 ** (length - 1), 10**length - 1))

    def _card(self, customer: str) -> Card:
        luck = self.luck
        full = _unique(self.card_numbers, lambda: "999999" + luck.digits(10))
        masked = luck.chance(self.recipe.masked)
        number = f"999999XXXXXX{full[-4:]}" if masked else full
        return Card(number, customer, not luck.chance(self.recipe.no_total_line))

    def _name(self, *, hard: bool) -> str:
        """Draw a full name whose key is new, and kept from now on."""
        while True:
            last = self.luck.pick(LAST_STARTS) + self.luck.pick(LAST_ENDS)
            if hard:
                first, pattern = self.luck.pick(HARD_NAMES)
                name = f"{first} {pattern.format(last)}"
            else:
                name = f"{self.luck.pick(FIRST_NAMES)} {last}"
            if name_key(name) not in self.keys:
                self.keys.add(name_key(name))
                return name

    def _other_name(self, name: str) -> str:
        """Draw the same person as the receipts may say it: an initial, a nickname, another name."""
        first, last = name.split(" ", 1)
        while True:
            way = self.luck.between(0, 3)
            if way == 0:
                other = f"{first} {self.luck.pick('ABCDEFGHJKLMNPRSTVW')}. {last}"
            elif way == 1:
                other = f"{first} {self.luck.pick(FIRST_NAMES)} {last}"
            elif way == 2:
                other = f"{self.luck.pick(FIRST_NAMES)} {last}"
            else:
                other = f"{first} {self.luck.pick(LAST_STARTS)}{self.luck.pick(LAST_ENDS)}"
            if name_key(other) not in self.keys:
                self.keys.add(name_key(other))
                return other


def _unique(taken: set[str], draw: Callable[[], str]) -> str:
    """Draw until the value is new, and keep it."""
    value = draw()
    while value in taken:
        value = draw()
    taken.add(value)
    return value
