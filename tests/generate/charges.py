"""Charges of the activity report: what was bought, where, for how much."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.generate.model import Charge, Line
from tests.generate.vocabulary import CITIES, FUEL_PRODUCTS, FURTHER_PRODUCTS, OTHER_PRODUCT, TRADES

if TYPE_CHECKING:
    from datetime import date

    from tests.generate.luck import Luck
    from tests.generate.recipe import Recipe
    from tests.generate.vocabulary import Trade

_UNITS_PER_CENT = 100_000
"""A price in 1e-5 dollars times a quantity in 1e-2 is in 1e-7 dollars."""
_PRICE_PER_CENT = 1_000
_ONE = 100
_LARGE = (1_000_000, 4_000_000)
_DAYS_TO_POST = (0, 1, 1, 1, 2, 3)

_TRADE_BAG = tuple(trade for trade in TRADES for _ in range(trade.weight))


@dataclass(slots=True)
class Till:
    """Draws charges posted between two days."""

    luck: Luck
    recipe: Recipe
    first: date
    last: date

    def trade(self) -> Trade:
        """Draw a kind of merchant."""
        return self.luck.pick(_TRADE_BAG)

    def merchant(self, trade: Trade) -> str:
        """Draw a full merchant name."""
        foreign = self.luck.chance(self.recipe.foreign_letters)
        return self.luck.pick(trade.foreign if foreign else trade.merchants)

    def day(self) -> date:
        """Draw a posted date."""
        return self.first + timedelta(self.luck.between(0, (self.last - self.first).days))

    def charge(self, trade: Trade, *, refund: bool) -> Charge:
        """Draw one charge; a refund has a negative quantity and amount."""
        luck = self.luck
        posted = self.day()
        city, state = luck.pick(CITIES)
        return Charge(
            trans_date=posted - timedelta(luck.pick(_DAYS_TO_POST)),
            posted_date=posted,
            level=luck.pick(trade.level),
            number=luck.digits(9),
            merchant=self.merchant(trade),
            city=city,
            state=state,
            group=trade.group,
            lines=self._lines(trade, refund=refund),
        )

    def twin(self, charge: Charge) -> Charge:
        """Return the same charge once more under another transaction number."""
        return replace(charge, number=self.luck.digits(9), lines=list(charge.lines))

    def _lines(self, trade: Trade, *, refund: bool) -> list[Line]:
        luck, recipe = self.luck, self.recipe
        sign = -1 if refund else 1
        if trade.group != "FUEL":
            low, high = trade.low * _ONE, trade.high * _ONE
            if trade.group == "MISC" and luck.chance(recipe.large):
                low, high = _LARGE
            gross = luck.between(low, high)
            product = "" if luck.chance(recipe.no_product) else OTHER_PRODUCT
            lines = [Line(product, gross * _PRICE_PER_CENT, sign * _ONE, sign * gross, 0)]
        else:
            lines = [self._units(luck.pick(FUEL_PRODUCTS), sign, discounts=True)]
        if luck.chance(recipe.several_lines):
            for _ in range(luck.between(1, 3)):
                lines.append(self._units(luck.pick(FURTHER_PRODUCTS), sign, discounts=False))
        return lines

    def _units(self, product: str, sign: int, *, discounts: bool) -> Line:
        """Draw a line sold by the unit; the gross is price times quantity, rounded half up."""
        luck = self.luck
        price = luck.between(260_000, 420_000)
        quantity = luck.between(150, 3_000)
        gross = (price * quantity + _UNITS_PER_CENT // 2) // _UNITS_PER_CENT
        discount = 0
        if discounts and sign > 0 and luck.chance(self.recipe.fuel_discount):
            discount = luck.between(1, 45)
        return Line(product, price, sign * quantity, sign * gross, discount)
