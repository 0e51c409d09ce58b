"""Hard situations of matching with their truth, drawn at random: what belongs together is known."""

import random
import string
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from tests.matching.month import Charge, Person, Receipt

FIRST = date(2025, 4, 1)
BANK_WIDTH = 18
PLACES = ("ASPEN", "BRIAR", "CINDER", "DOVETAIL", "ELMWOOD", "FOXGLOVE", "GRANITE", "HICKORY")
TRADES = ("TOOLS", "GARAGE", "BAKERY", "PAPER", "LUMBER", "MARKET", "TAXI", "COURIER")
CITIES = ("SALEM", "OGDEN", "LAREDO", "TACOMA", "DAYTON")
PREFIXES = ("SQ *", "TST* ", "PY *", "SP ", "PAYPAL *")
SHORTER = {"HARDWARE": "HDW", "CENTER": "CTR", "SERVICE": "SVC", "INTERNATIONAL": "INTL"}

Pair = tuple[tuple[object, ...], tuple[object, ...]]


@dataclass
class Situation:
    """One person's month: a hard situation among plain rows, and which rows belong together."""

    kind: str
    rng: random.Random
    number: int
    habit: str = "posted"
    charges: list[Charge] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    links: list[tuple[Charge, Receipt]] = field(default_factory=list)
    is_unknowable: bool = False

    @property
    def name(self) -> str:
        """Return the person's name key."""
        return "SITUATION" + "".join(string.ascii_uppercase[int(d)] for d in str(self.number))

    @property
    def person(self) -> Person:
        """Return the rows as a person, in an order that tells nothing."""
        rng = random.Random(self.number)  # noqa: S311 - an order, not a secret
        return Person(
            self.name,
            tuple(rng.sample(self.charges, len(self.charges))),
            tuple(rng.sample(self.receipts, len(self.receipts))),
            str(20000 + self.number),
        )

    def money(self, low: int = 900, high: int = 30000) -> Decimal:
        """Return an amount that is no whole number of dollars and stands nowhere else."""
        rows: list[Charge | Receipt] = [*self.charges, *self.receipts]
        taken = {abs(row.amount) for row in rows if row.amount is not None}
        while True:
            cents = self.rng.randrange(low, high)
            amount = Decimal(cents) / 100
            if cents % 5 and all(abs(amount - other) > 2 for other in taken):
                return amount.quantize(Decimal("0.01"))

    def merchant(self) -> str:
        """Return the whole name of a merchant."""
        rng = self.rng
        return f"{rng.choice(PLACES)} {rng.choice(TRADES)} {rng.randrange(100, 999)}"

    def charge(
        self, amount: Decimal, bought: int, lag: int = 1, merchant: str = "", kind: str = "MISC"
    ) -> Charge:
        """Add a charge bought on a day of the month and posted some days later."""
        day = FIRST + timedelta(bought)
        row = Charge(
            f"c{len(self.charges):03}",
            amount,
            day + timedelta(lag),
            day,
            merchant[:BANK_WIDTH],
            kind,
        )
        self.charges.append(row)
        return row

    def receipt(  # noqa: PLR0913, PLR0917 - the parts of a receipt
        self,
        amount: Decimal,
        day: date,
        merchant: str,
        of: Iterable[Charge] = (),
        kind: str = "Supplies",
        key: str = "",
    ) -> Receipt:
        """Add a receipt, and that it belongs to these charges."""
        row = Receipt(key or f"{40000 + len(self.receipts)}", amount, day, merchant, kind)
        self.receipts.append(row)
        self.links += [(charge, row) for charge in of]
        return row

    def proof(self, charge: Charge, merchant: str, days: int = 0) -> Receipt:
        """Add the receipt of a charge, dated as this person does it, or so many days later."""
        assert charge.other_day is not None
        day = charge.day if self.habit == "posted" else charge.other_day
        return self.receipt(charge.amount, day + timedelta(days), merchant, [charge])

    def add_plain_rows(self, count: int = 6) -> None:
        """Add pairs that tell which date this person's receipts follow."""
        for _ in range(count):
            merchant = self.merchant()
            charge = self.charge(self.money(), self.rng.randrange(28), 1, merchant)
            self.proof(charge, merchant)

    def pairs(self) -> Counter[Pair]:
        """Return what belongs together; rows alike are one."""
        return Counter((alike(c), alike(r)) for c, r in self.links)


def alike(row: Charge | Receipt) -> tuple[object, ...]:
    """Return what makes rows interchangeable."""
    if isinstance(row, Charge):
        return ("charge", row.amount, row.day, row.other_day, row.merchant)
    return ("receipt", row.amount, row.day, row.merchant)


def repeated_page(s: Situation) -> None:
    """Add one page twice, with one or two such charges: it covers one of them."""
    merchant, amount = s.merchant(), s.money()
    charges = [s.charge(amount, 4, 1, merchant) for _ in range(s.rng.choice((1, 2)))]
    first = s.proof(charges[0], merchant)
    s.receipts.append(replace(first, key=first.key + "#2"))


def handed_in_twice(s: Situation) -> None:
    """Add the same receipt under two ids, and another charge of the amount days later."""
    merchant, amount = s.merchant(), s.money()
    charge = s.charge(amount, 4, 1, merchant)
    s.charge(amount, 4 + s.rng.randrange(2, 6), 1, merchant)
    first = s.proof(charge, merchant)
    s.receipt(amount, first.day or FIRST, merchant)


def other_merchant(s: Situation) -> None:
    """Add the same amount on the same day at another merchant: nothing belongs together."""
    amount = s.money()
    charge = s.charge(amount, 9, 1, "QUARRY FUEL 77", "FUEL")
    day = s.rng.choice((charge.day, charge.other_day or charge.day))
    s.receipt(amount, day, "The Copper Kettle", kind="Meals")


def chance_sum(s: Situation) -> None:
    """Add parts of one merchant that add up by chance to a row they have nothing to do with."""
    merchant = s.merchant()
    parts = [s.money(500, 4000) for _ in range(s.rng.choice((2, 3, 3, 4)))]
    start = s.rng.randrange(3, 20)
    if s.rng.random() < 0.5:
        for number, part in enumerate(parts):
            s.charge(part, start + number % 3, 1, merchant)
        s.receipt(sum(parts, Decimal(0)), FIRST + timedelta(start + 1), merchant)
    else:
        s.charge(sum(parts, Decimal(0)), start + 1, 1, merchant)
        for number, part in enumerate(parts):
            s.receipt(part, FIRST + timedelta(start + number % 4), merchant)


def habit_and_chance(s: Situation) -> None:
    """Add sums of a day at one merchant, and parts of other days that add up there by chance."""
    merchant = s.merchant()
    for day in (1, 8, 15):
        parts = [s.money(1500, 9000) for _ in range(s.rng.randrange(2, 4))]
        charge = s.charge(sum(parts, Decimal(0)), day, 1, merchant)
        for part in parts:
            s.receipt(part, charge.day, merchant, [charge])
    parts = [s.money(1500, 9000) for _ in range(s.rng.randrange(2, 5))]
    s.charge(sum(parts, Decimal(0)), 23, 1, merchant)
    for number, part in enumerate(parts):
        s.receipt(part, FIRST + timedelta(22 + number % 3), merchant)


def unrelated_rows(s: Situation) -> None:
    """Add many charges and receipts of one merchant of which none belongs to another."""
    merchant = s.merchant()
    for _ in range(s.rng.randrange(5, 12)):
        s.charge(Decimal(s.rng.randrange(300, 9000)) / 100, s.rng.randrange(8), 1, merchant)
    taken = {charge.amount for charge in s.charges}
    for _ in range(s.rng.randrange(5, 12)):
        amount = Decimal(s.rng.randrange(300, 9000)) / 100
        if amount not in taken:
            s.receipt(amount, FIRST + timedelta(s.rng.randrange(9)), merchant)


def several_receipts(s: Situation) -> None:
    """Add a charge with two to four receipts of its day."""
    merchant = s.merchant()
    parts = [s.money(400, 9000) for _ in range(s.rng.randrange(2, 5))]
    charge = s.charge(sum(parts, Decimal(0)), 12, 1, merchant, "HOTELS")
    for part in parts:
        s.receipt(part, charge.day, merchant, [charge])


def several_charges(s: Situation) -> None:
    """Add a receipt of two or three charges of its day."""
    merchant = s.merchant()
    parts = [s.money(400, 9000) for _ in range(s.rng.randrange(2, 4))]
    charges = [s.charge(part, 12, 1, merchant) for part in parts]
    s.receipt(sum(parts, Decimal(0)), charges[0].day, merchant, charges)


def five_parts(s: Situation) -> None:
    """Add a charge with five or six receipts of its day."""
    merchant = s.merchant()
    parts = [s.money(400, 9000) for _ in range(s.rng.randrange(5, 7))]
    charge = s.charge(sum(parts, Decimal(0)), 12, 1, merchant)
    for part in parts:
        s.receipt(part, charge.day, merchant, [charge])


def daily_series(s: Situation) -> None:
    """Add a charge of the same amount every day, some receipts missing."""
    s.habit = s.rng.choice(("posted", "purchase"))
    s.add_plain_rows()
    merchant, amount = s.merchant(), s.money(900, 2500)
    charges = [s.charge(amount, day, 1, merchant) for day in range(s.rng.randrange(4, 12))]
    missing = s.rng.sample(range(len(charges)), s.rng.choice((0, 0, 1, 2)))
    for number, charge in enumerate(charges):
        if number not in missing:
            s.proof(charge, merchant)


def workdays(s: Situation) -> None:
    """Add a charge every workday; those of Friday are posted on Monday."""
    s.habit = s.rng.choice(("posted", "purchase"))
    s.add_plain_rows()
    merchant, amount = s.merchant(), s.money(900, 2500)
    for day in range(20):
        if (FIRST + timedelta(day)).weekday() < 5:
            friday = (FIRST + timedelta(day)).weekday() == 4
            s.proof(s.charge(amount, day, 3 if friday else 1, merchant), merchant)


def unknown_habit(s: Situation) -> None:
    """Add a series whole on both sides, and nothing else that tells how the receipts are dated."""
    s.habit = s.rng.choice(("posted", "purchase"))
    merchant, amount = s.merchant(), s.money(900, 2500)
    for day in range(s.rng.randrange(3, 10)):
        s.proof(s.charge(amount, day, 1, merchant), merchant)


def weekly_series(s: Situation) -> None:
    """Add a charge every week, one receipt missing."""
    merchant, amount = s.merchant(), s.money(900, 4500)
    charges = [s.charge(amount, 7 * week, 0, merchant) for week in range(4)]
    missing = s.rng.randrange(4)
    for number, charge in enumerate(charges):
        if number != missing:
            s.proof(charge, merchant)


def alike_rows(s: Situation) -> None:
    """Add many charges alike and a few receipts less."""
    merchant, amount = s.merchant(), s.money(900, 2500)
    count = s.rng.randrange(5, 31)
    charges = [s.charge(amount, 4, 1, merchant) for _ in range(count)]
    for charge in charges[: count - s.rng.randrange(3)]:
        s.proof(charge, merchant)


def between_two(s: Situation) -> None:
    """Add a receipt between two charges of its amount: it belongs to one, but nobody can know."""
    merchant, amount = s.merchant(), s.money()
    charges = [s.charge(amount, 8, 1, merchant), s.charge(amount, 11, 1, merchant)]
    s.receipt(amount, FIRST + timedelta(10), merchant, [s.rng.choice(charges)])
    s.is_unknowable = True


def prefixed(s: Situation) -> None:
    """Add a processor's prefix before the name on one side, and at most a day off."""
    name = f"{s.rng.choice(PLACES)} {s.rng.choice(('BAKERY', 'DINER', 'CAFE'))}"
    charge = s.charge(s.money(), 10, 1, s.rng.choice(PREFIXES[:3]) + name, "RESTAURANTS")
    s.proof(charge, name.title(), s.rng.choice((-1, 0, 1)))


def renamed(s: Situation) -> None:
    """Add another store number, a city, or a word cut short, and at most a day off."""
    place = s.rng.choice(PLACES)
    bank, paper = s.rng.choice(
        (
            (f"{place} MARKET 0417", f"{place.title()} Market #93"),
            (f"{place} MARKET {s.rng.choice(CITIES)}", f"{place.title()} Market"),
            (f"{place} HDW {s.rng.randrange(99)}", f"{place.title()} Hardware"),
            (f"{place} CAR SVC", f"{place.title()} Car Service, Inc."),
            (f"{place} CTR", f"{place.title()} Center {s.rng.choice(CITIES).title()}"),
        )
    )
    charge = s.charge(s.money(), 10, 1, bank)
    s.proof(charge, paper, s.rng.choice((-1, 0, 1)))


def two_like_merchants(s: Situation) -> None:
    """Add two merchants of like names with one amount on one day: each has its receipt."""
    place, amount = s.rng.choice(PLACES), s.money()
    for trade in ("FUEL STOP", "FUEL DEPOT"):
        merchant = f"{place} {trade} 12"
        s.proof(s.charge(amount, 10, 1, merchant), merchant)


def far_away(s: Situation) -> None:
    """Add the receipt is dated outside of the window."""
    merchant = s.merchant()
    charge = s.charge(s.money(), 3, 1, merchant)
    s.proof(charge, merchant, s.rng.randrange(9, 25))


def late_lodging(s: Situation) -> None:
    """Add a hotel's receipt weeks after the deposit was charged."""
    merchant = f"{s.rng.choice(PLACES)} LODGE"
    charge = s.charge(s.money(9000, 90000), 2, 1, merchant, "HOTELS")
    s.receipt(charge.amount, charge.day + timedelta(s.rng.randrange(8, 28)), merchant, [charge])


def net_of_refund(s: Situation) -> None:
    """Add one receipt for a purchase and its partial refund."""
    merchant, amount = s.merchant(), s.money(5000, 20000)
    back = s.money(900, 4000)
    bought = s.charge(amount, 5, 1, merchant)
    returned = s.charge(-back, 8, 1, merchant)
    s.receipt(amount - back, bought.day, merchant, [bought, returned])


def swapped_digits(s: Situation) -> None:
    """Add two digits of the receipt are swapped."""
    merchant = s.merchant()
    charge = s.charge(s.money(2000, 30000), 9, 1, merchant)
    digits = list(str(charge.amount))
    places = [i for i in range(len(digits) - 1) if "." not in digits[i : i + 2]]
    places = [i for i in places if digits[i] != digits[i + 1] and (i or digits[1] != "0")]
    if not places:
        digits[0], digits[1] = "4", "2"
        places = [0]
        s.charges[-1] = charge = replace(charge, amount=Decimal("".join(digits)))
    at = s.rng.choice(places)
    digits[at], digits[at + 1] = digits[at + 1], digits[at]
    s.receipt(Decimal("".join(digits)), charge.day, merchant, [charge])


def tip(s: Situation) -> None:
    """Add a tip is in the charge of a meal and not in its receipt."""
    merchant = f"{s.rng.choice(PLACES)} DINER"
    amount = s.money(1500, 9000)
    share = Decimal(s.rng.randrange(12, 29)) / 100
    with_tip = (amount * (1 + share)).quantize(Decimal("0.01"))
    charge = s.charge(with_tip, 9, 1, merchant, "RESTAURANTS")
    s.receipt(amount, charge.day, merchant, [charge], "Meals")


def near(s: Situation) -> None:
    """Add a few cents are missing."""
    merchant = s.merchant()
    charge = s.charge(s.money(), 9, 1, merchant)
    s.receipt(charge.amount - Decimal(s.rng.randrange(1, 99)) / 100, charge.day, merchant, [charge])


def conversion(s: Situation) -> None:
    """Add the receipt is in dollars of another day's rate."""
    merchant = s.merchant()
    charge = s.charge(s.money(5000, 30000), 9, 1, merchant)
    rate = 1 + Decimal(s.rng.choice((-1, 1)) * s.rng.randrange(15, 45)) / 1000
    s.receipt((charge.amount * rate).quantize(Decimal("0.01")), charge.day, merchant, [charge])


def refund(s: Situation) -> None:
    """Add a purchase and its whole refund, each with its receipt."""
    merchant, amount = s.merchant(), s.money()
    s.proof(s.charge(amount, 5, 1, merchant), merchant)
    s.proof(s.charge(-amount, 9, 1, merchant), merchant)


def same_amount_elsewhere(s: Situation) -> None:
    """Add one amount at two merchants on neighbouring days: the merchant tells."""
    amount = s.money()
    for day in (9, 10):
        merchant = f"{PLACES[day - 9]} {s.rng.choice(TRADES)}"
        s.proof(s.charge(amount, day, 1, merchant), merchant, s.rng.choice((0, 0, 1)))


KINDS: dict[str, Callable[[Situation], None]] = {
    maker.__name__: maker
    for maker in (
        repeated_page,
        handed_in_twice,
        other_merchant,
        chance_sum,
        habit_and_chance,
        unrelated_rows,
        several_receipts,
        several_charges,
        five_parts,
        daily_series,
        workdays,
        unknown_habit,
        weekly_series,
        alike_rows,
        between_two,
        prefixed,
        renamed,
        two_like_merchants,
        far_away,
        late_lodging,
        net_of_refund,
        swapped_digits,
        tip,
        near,
        conversion,
        refund,
        same_amount_elsewhere,
    )
}


def draw(seed: int, each: int) -> list[Situation]:
    """Return so many situations of every kind."""
    situations: list[Situation] = []
    for name, maker in KINDS.items():
        for number in range(each):
            rng = random.Random(f"{seed} {name} {number}")  # noqa: S311 - figures, not secrets
            situation = Situation(name, rng, len(situations))
            situation.habit = rng.choice(("posted", "purchase"))
            if rng.random() < 0.5:
                situation.add_plain_rows()
            maker(situation)
            situations.append(situation)
    return situations
