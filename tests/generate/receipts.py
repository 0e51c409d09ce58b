"""Pages of the receipt report: what an employee handed in for a charge."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tests.generate.model import Coding, Receipt
from tests.generate.vocabulary import (
    ACCOUNTS,
    ADDRESS_NUMBERS,
    ATTACHMENT_KINDS,
    CITIES,
    COST_TYPES,
    JOBS,
    OFFICES,
    PHASES,
    REQUEST_TYPES,
    STREETS,
)

if TYPE_CHECKING:
    from tests.generate.charges import Till
    from tests.generate.luck import Luck
    from tests.generate.model import Charge
    from tests.generate.people import Member
    from tests.generate.recipe import Recipe
    from tests.generate.vocabulary import Trade


@dataclass(slots=True)
class Desk:
    """Draws receipts; transaction and request numbers rise through the month."""

    luck: Luck
    recipe: Recipe
    transaction_id: int = 40_000_000
    request_number: int = 4_100_000

    def receipt(self, member: Member, trade: Trade, charge: Charge) -> Receipt:
        """Draw the page for a charge, with what people forget on it."""
        luck, recipe = self.luck, self.recipe
        self.transaction_id += luck.between(40, 400)
        self.request_number += luck.pick((0, 0, 1, 4))
        number = str(self.transaction_id)
        amount: int | None = charge.net
        amount_text = None
        if luck.chance(recipe.zero_amount):
            amount = 0
        elif luck.chance(recipe.unreadable_amount):
            amount, amount_text = None, luck.pick((None, "n/a", "#####"))
        city = charge.city
        return Receipt(
            request_number=str(self.request_number),
            printed_name=luck.pick(member.names),
            expense_type=luck.pick(trade.expense_types),
            title=None if luck.chance(recipe.no_title) else luck.pick(trade.titles),
            transaction_id=number,
            date=charge.posted_date,
            amount=amount,
            amount_text=amount_text,
            address=self._address(member.person.office),
            purpose=None if luck.chance(recipe.no_purpose) else luck.pick(trade.purposes),
            notes=luck.pick((0, 0, 1, 1, 2)),
            merchant=charge.merchant,
            merchant_address=f"{luck.between(100, 9999)} {luck.pick(STREETS)}, , "
            f"{city}, {charge.state}, {luck.digits(5)}-0000",
            coding=self._coding(careless=member.careless),
            attachments=self._attachments(number, careless=member.careless),
            request_type=luck.pick(REQUEST_TYPES),
            charge=charge if amount is None or amount == charge.net else None,
        )

    def lone(self, member: Member, till: Till, *, taken: set[int]) -> Receipt:
        """Draw a page without a charge, of an amount that is not in ``taken``."""
        trade = till.trade()
        charge = till.charge(trade, refund=False)
        receipt = self.receipt(member, trade, charge)
        receipt.charge = None
        city, state = self.luck.pick(CITIES)
        receipt.merchant_address = (
            f"1 {self.luck.pick(STREETS)}, SUITE 2, {city}, {state}, 70000-0000"
        )
        while receipt.amount in taken:
            receipt.amount = (receipt.amount or 0) + 1
        return receipt

    def duplicate(self, receipt: Receipt, member: Member) -> Receipt:
        """Return the same page once more, perhaps coded anew, under any name of the member."""
        again = replace(receipt, charge=None, duplicate_of=receipt)
        if self.recipe.other_duplicate and self.luck.chance(self.recipe.other_duplicate):
            again.coding = self._coding(careless=member.careless)
            again.printed_name = self.luck.pick(member.names)
        return again

    def _address(self, office: int) -> tuple[str, ...]:
        street, city, state, code = OFFICES[office]
        if not self.luck.chance(self.recipe.two_line_address):
            return (f"{street.title()}, {city.title()}, {state} {code}",)
        second = f"Building {self.luck.pick('ABCD')}, {city.title()}"
        if self.luck.chance(0.1):
            second = self.luck.pick(ADDRESS_NUMBERS)
        return (f"{street.title()},", f"{second}, {state} {code}")

    def _attachments(self, number: str, *, careless: bool) -> tuple[str, ...]:
        luck, recipe = self.luck, self.recipe
        if careless and luck.chance(recipe.no_attachment):
            return ()
        first = f"receipt_{number}.{luck.pick(ATTACHMENT_KINDS)}"
        return (first, f"folio_{number}.pdf") if luck.chance(recipe.two_attachments) else (first,)

    def _coding(self, *, careless: bool) -> Coding:
        luck, recipe = self.luck, self.recipe
        if luck.chance(recipe.no_coding_type):
            return Coding(None)
        kind = "Job Coding" if luck.chance(0.7) else "GL Coding"
        if careless and luck.chance(recipe.uncoded):
            coding = Coding(kind)
            if kind == "Job Coding" and luck.chance(recipe.partly_coded):
                coding.job, coding.job_description = luck.pick(JOBS)
                if luck.chance(0.5):
                    coding.phase, coding.phase_description = luck.pick(PHASES)
            return coding
        if kind == "GL Coding":
            account, description = luck.pick(ACCOUNTS)
            return Coding(kind, account=account, account_description=description)
        return Coding(kind, *luck.pick(JOBS), *luck.pick(PHASES), *luck.pick(COST_TYPES))
