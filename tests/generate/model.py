"""The truth of one invented month, from which every file is rendered.

Money is an ``int`` of cents, a price per unit an ``int`` of hundred-thousandths of a dollar, a
quantity an ``int`` of hundredths: nothing here is a float, so sums are exact. Pages count from 1
and are 0 until :mod:`tests.generate.paging` has set them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from tests.generate.layout import Layout

_READABLE_NAME = re.compile("[A-Za-z. ]+")

MERCHANT_WIDTH = 18
"""Characters of a merchant name that the activity report keeps (formats 1.5)."""


@dataclass(slots=True)
class Line:
    """One product line of a charge."""

    product: str
    price: int
    quantity: int
    gross: int
    discount: int

    @property
    def net(self) -> int:
        """Cents after the discount."""
        return self.gross - self.discount


@dataclass(slots=True)
class Charge:
    """One transaction of the activity report; ``merchant`` is the full name, before the cut."""

    trans_date: date
    posted_date: date
    level: str
    number: str
    merchant: str
    city: str
    state: str
    group: str
    lines: list[Line]
    page: int = 0
    totals_page: int = 0

    @property
    def gross(self) -> int:
        """Cents of all lines before discounts."""
        return sum(line.gross for line in self.lines)

    @property
    def discount(self) -> int:
        """Cents of all discounts."""
        return sum(line.discount for line in self.lines)

    @property
    def net(self) -> int:
        """Cents of all lines after discounts: what a receipt of this charge carries."""
        return sum(line.gross - line.discount for line in self.lines)


@dataclass(slots=True)
class Card:
    """One card with its charges in printed order.

    ``number`` is as printed, masked or full. ``misprint`` is added to the gross and net of the
    printed total line and is 0 except where the report contradicts itself.
    """

    number: str
    customer_id: str
    total_line_printed: bool
    charges: list[Charge] = field(default_factory=list)
    pages: list[int] = field(default_factory=list)
    misprint: int = 0

    @property
    def masked(self) -> bool:
        """Whether the middle of the number is printed as letters X."""
        return "X" in self.number

    @property
    def is_known(self) -> bool:
        """Whether the report tells the total: without any row only a total line of zero does."""
        return bool(self.charges) or (self.total_line_printed and not self.misprint)

    @property
    def gross(self) -> int:
        """Cents of all charges before discounts."""
        return sum(charge.gross for charge in self.charges)

    @property
    def net(self) -> int:
        """Cents of all charges after discounts."""
        return sum(charge.net for charge in self.charges)


@dataclass(slots=True)
class Coding:
    """What a receipt page says about its account; any part may be missing.

    ``kind`` is ``Job Coding``, ``GL Coding`` or None, as printed.
    """

    kind: str | None
    job: str | None = None
    job_description: str | None = None
    phase: str | None = None
    phase_description: str | None = None
    cost_type: str | None = None
    cost_description: str | None = None
    account: str | None = None
    account_description: str | None = None

    @property
    def complete(self) -> bool:
        """Whether the receipt counts as coded (formats 2.2)."""
        return bool((self.job and self.phase and self.cost_type) or self.account)


@dataclass(slots=True)
class Receipt:
    """One page of the receipt report.

    ``amount`` is None when the page has none that can be read; ``amount_text`` is then what
    stands there, None for nothing. ``charge`` is the charge it belongs to, if any.
    """

    request_number: str
    printed_name: str
    expense_type: str
    title: str | None
    transaction_id: str
    date: date
    amount: int | None
    amount_text: str | None
    address: tuple[str, ...]
    purpose: str | None
    notes: int
    merchant: str
    merchant_address: str
    coding: Coding
    attachments: tuple[str, ...]
    request_type: str
    charge: Charge | None
    duplicate_of: Receipt | None = None
    page: int = 0

    @property
    def has_hard_name(self) -> bool:
        """Whether the printed name has more than letters A to Z, blanks and dots."""
        return _READABLE_NAME.fullmatch(self.printed_name) is None


@dataclass(slots=True)
class Person:
    """One person of the month.

    ``name_key`` is the key of the activity report, or of the receipts for somebody who is only
    there. ``ambiguous`` marks the holder of receipts whose name fits two employees: it stands for
    no one of them.
    """

    name_key: str
    employee_id: str | None
    office: int
    cards: list[Card] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    ambiguous: bool = False

    @property
    def in_report(self) -> bool:
        """Whether the activity report knows the person."""
        return self.employee_id is not None

    @property
    def charges(self) -> list[Charge]:
        """All charges, card by card in printed order."""
        return [charge for card in self.cards for charge in card.charges]

    @property
    def is_known(self) -> bool:
        """Whether the card total is known."""
        return all(card.is_known for card in self.cards)

    @property
    def car_total(self) -> int:
        """Net cents of all cards."""
        return sum(card.net for card in self.cards)

    @property
    def receipt_total(self) -> int:
        """Cents of all readable receipts, duplicate pages included."""
        return sum(receipt.amount or 0 for receipt in self.receipts)

    @property
    def receipt_total_unique(self) -> int:
        """Cents of all readable receipts, duplicate pages left out."""
        return sum(receipt.amount or 0 for receipt in self.receipts if not receipt.duplicate_of)


@dataclass(slots=True, repr=False)
class Month:
    """Everything both reports of a month say; ``people`` in the order of the activity report.

    It has no long form of its own: a failing test would print the whole month.
    """

    first: date
    last: date
    account_code: str
    company: str
    customer_ids: tuple[str, ...]
    offices: tuple[tuple[str, str, str], ...]
    people: list[Person]
    aliases: dict[str, str]
    layout: Layout
    receipt_pages: list[Receipt] = field(default_factory=list)
    car_pages: int = 0
