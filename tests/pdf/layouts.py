"""Invented reports as rows of a page, from the layout of docs/formats.md 1, with their truth."""

import string
from dataclasses import dataclass, field
from decimal import Decimal

from hypothesis import strategies as st

from svc.pdf.report_page import SUMMARY_HEADING, SUMMARY_HEADS
from tests.pdf.paper import COLUMNS, Placed, columns

LETTERS = st.text(string.ascii_uppercase, min_size=1, max_size=12)
MERCHANTS = st.from_regex(r"[A-ZÉÑ*#'&][A-Z0-9 *#'&-]{0,15}[A-Z]", fullmatch=True)
CITIES = st.one_of(
    st.from_regex(r"[A-Z]{2,9}( [A-Z]{2,6})?", fullmatch=True),
    st.sampled_from(["800-555-0143", "WWW.SHOP.EXAMPLE", "ST. JOHN'S"]),
)
PRODUCTS = st.one_of(
    st.none(),
    st.from_regex(r"[A-Z][A-Z0-9 /]{0,20}[A-Z]", fullmatch=True),
    st.sampled_from(["FUEL", "Discount", "Net Cost", "UNL REG 86/87 OC", "D2 LS"]),
)
CENTS = st.integers(-(10**7), 10**7)


def money(cents: int, sign_inside: bool = False) -> str:
    """Return cents as the report prints them."""
    magnitude = f"{abs(cents) / Decimal(100):,.2f}"
    if cents < 0:
        return f"$-{magnitude}" if sign_inside else f"-${magnitude}"
    return f"${magnitude}"


def decimal(cents: int) -> str:
    """Return cents as the reader gives them."""
    return f"{cents / Decimal(100):.2f}"


@dataclass
class Line:
    """A product line: what is printed and how."""

    product: str | None
    ppu: int
    quantity: int
    gross: int
    discount: int
    twice: bool
    sign_inside: bool

    def printed(self) -> list[Placed]:
        """Return its cells."""
        amounts = [
            money(each, self.sign_inside)
            for each in (self.gross, self.discount, self.gross - self.discount)
        ]
        cells = columns(
            product=self.product,
            ppu=f"{self.ppu / Decimal(100000):,.5f}",
            quantity=f"{self.quantity / Decimal(100):,.2f}",
            gross=amounts[0],
            discount=amounts[1],
            net=amounts[2],
        )
        again = [(x + BOLD, text) for x, text in cells if text == self.product]
        return [*cells, *again] if self.twice else cells


@dataclass
class Charge:
    """A transaction."""

    dates: tuple[str, str]
    level: str
    number: str
    merchant: str
    city: str
    state: str
    group: str
    lines: list[Line]

    def rows(self) -> list[list[Placed]]:
        """Return its rows; a page may break between any two."""
        head = columns(
            trans_date=self.dates[0],
            posted_date=self.dates[1],
            level=self.level,
            number=self.number,
            merchant=self.merchant,
            city=f"{self.city}, {self.state}",
            group=self.group,
        )
        rows = [each.printed() for each in self.lines]
        return [[*head, *rows[0]], *rows[1:], totals("product", "Transaction Totals:", self.lines)]


def totals(column: str, label: str, lines: list[Line]) -> list[Placed]:
    """Return a row with a label and the sums of some lines."""
    gross = sum(each.gross for each in lines)
    discount = sum(each.discount for each in lines)
    printed = [money(each) for each in (gross, discount, gross - discount)]
    amounts = dict(zip(("gross", "discount", "net"), printed, strict=True))
    return columns(**{column: label}, **amounts)


@dataclass
class Card:
    """A card of an employee and its pages."""

    employee_id: str
    name: str
    number: str
    charges: list[Charge]
    total_line: bool
    joined: bool
    breaks: list[bool] = field(default_factory=list)

    @property
    def mask(self) -> str:
        """Return the number as it leaves the reader."""
        return f"{self.number[:6]}XXXXXX{self.number[-4:]}"

    def header(self, heads_twice: bool) -> list[list[Placed]]:
        """Return header block and column heads."""
        labels = ["Account Code:", "Customer ID:", "Card Number:", "Cardholder Name:"]
        values = ["Z-00Z - Pinecrest Industrial Services, LLC", "QQ1ZZ", self.number, self.name]
        address = ["Pinecrest Industrial Services, LLC", "77 OLD KILN HWY", "HOLLOW, MS 39999-0000"]
        rows: list[list[Placed]] = [
            [(5, label), (100, value)] for label, value in zip(labels, values, strict=True)
        ]
        for row, line in zip(rows, address, strict=False):
            row.append((500, line))
        if self.joined:
            rows.append([(5, f"Employee ID: {self.employee_id}")])
        else:
            rows.append([(5, "Employee ID:"), (100, self.employee_id)])
        shifts = (0, BOLD) if heads_twice else (0,)
        return [*rows, [(x + shift, head) for head, x in COLUMNS.items() for shift in shifts]]

    def pages(self, heads_twice: bool) -> list[list[list[Placed]]]:
        """Return the rows of its pages, broken where `breaks` says."""
        rows = [row for charge in self.charges for row in charge.rows()]
        if self.total_line:
            lines = [line for charge in self.charges for line in charge.lines]
            rows.append(totals("city", f"Totals For Card Nbr: {self.number}", lines))
        pages = [self.header(heads_twice)]
        for place, row in enumerate(rows):
            if place and self.breaks[place % len(self.breaks)]:
                pages.append(self.header(heads_twice))
            pages[-1].append(row)
        return pages


BOLD = 0.4
"""Points by which a text is drawn again to look bold."""

SUMMARY_PLACES: tuple[float, ...] = (0, 250, 400, 500, 650, 800)


def summary_page(first: bool, cards: list[Card]) -> list[list[Placed]]:
    """Return a summary page; only the first has the heading and here also the totals."""
    if not first:
        texts = ["Merchant Group", "FUEL", "3", "$1.00", "$0.00", "$1.00"]
        return [list(zip(SUMMARY_PLACES, texts, strict=True))]
    lines = [each for card in cards for charge in card.charges for each in charge.lines]
    gross, discount = sum(each.gross for each in lines), sum(each.discount for each in lines)
    amounts = [money(each) for each in (gross, discount, gross - discount)]
    texts = ["Report Totals:", str(len(lines)), "12.00", *amounts]
    heads = list(zip(SUMMARY_PLACES, SUMMARY_HEADS, strict=True))
    return [[(0, SUMMARY_HEADING)], heads, list(zip(SUMMARY_PLACES, texts, strict=True))]


DATES = st.dates().map(lambda day: f"{day:%m/%d/}{day.year:04}")
LINES = st.builds(
    Line, PRODUCTS, CENTS, CENTS, CENTS, st.integers(0, 999), st.booleans(), st.booleans()
)
CHARGES = st.builds(
    Charge,
    st.tuples(DATES, DATES),
    st.sampled_from("NFLX"),
    st.integers(0, 10**9 - 1).map("{:09}".format),
    MERCHANTS,
    CITIES,
    st.sampled_from(["TX", "CN"]),
    st.sampled_from(["FUEL", "MISC", "AUTO PARTS"]),
    st.lists(LINES, min_size=1, max_size=3),
)
NUMBERS = st.builds(
    lambda middle, last: f"999999{middle}{last:04}",
    st.one_of(st.just("XXXXXX"), st.integers(0, 999999).map("{:06}".format)),
    st.integers(0, 9999),
)
CARDS = st.builds(
    Card,
    st.from_regex(r"[0-9]{1,10}", fullmatch=True),
    LETTERS,
    NUMBERS,
    st.lists(CHARGES, max_size=4),
    st.booleans(),
    st.booleans(),
    st.lists(st.booleans(), min_size=1, max_size=7),
)
REPORTS = st.lists(
    CARDS, min_size=1, max_size=4, unique_by=lambda card: (card.employee_id, card.mask)
)
