"""Print the Cardholder Activity Report (formats 1)."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from tests.generate.ink import Ink
from tests.generate.model import MERCHANT_WIDTH
from tests.generate.paging import car_pages
from tests.generate.text import dollars, grouped, price, short_date, us_date

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.generate.ink import Change
    from tests.generate.model import Card, Charge, Line, Month
    from tests.generate.paging import CarPage

HEADS = (
    ("Trans Date", 0.023, False),
    ("Posted Date", 0.078, False),
    ("Lvl", 0.135, False),
    ("Transaction #", 0.153, False),
    ("Merchant Name", 0.215, False),
    ("City, State", 0.317, False),
    ("Merchant Group", 0.422, False),
    ("Product Description", 0.495, False),
    ("PPU/G", 0.7, True),
    ("Quantity", 0.75, True),
    ("Gross Cost", 0.82, True),
    ("Discount", 0.885, True),
    ("Net Cost", 0.98, True),
)
"""Column heads with their place as a share of the width, and whether they end there."""

PLACES = {head: (place, right) for head, place, right in HEADS}
MONEY_HEADS = ("Gross Cost", "Discount", "Net Cost")
SUMMARY_HEADS = ("Description", "Count", "Units/Glns", *MONEY_HEADS)
NO_PRODUCT = "NO PRODUCT"
BOLD_OFFSET = 0.18
"""How far apart a text is drawn twice to look bold, in points."""

_TOP = 34
_BOTTOM = 44


class CarPrinter:
    """Prints one month; every page but the summary belongs to one card."""

    def __init__(self, month: Month, change: Change | None = None) -> None:
        """Prepare an empty landscape document in the month's layout."""
        layout = month.layout
        height, width = layout.page_size
        self._month = month
        self._layout = layout
        self._size = layout.font_size
        title = "Cardholder Activity Report General"
        self._ink = Ink(
            title,
            "Card Reporting",
            (width, height),
            layout.font,
            change or layout.change(),
            reverse=layout.drawing == "reversed",
        )

    def print(self) -> bytes:
        """Return the whole report."""
        for page in car_pages(self._month):
            y = self._ink.height - _TOP
            if page.number == 1:
                self._cell(y, 0.023, "Cardholder Activity Report General", bold=True)
                y -= 16
                if self._layout.parameters:
                    y = self._parameters(y)
            y = self._header(y, page)
            self._rows(y, page)
            self._footer(page.number)
        self._summary()
        return self._ink.finish()

    def _cell(
        self, y: float, place: float, text: str, *, bold: bool = False, right: bool = False
    ) -> None:
        self._ink.text(place * self._ink.width, y, text, self._size, bold=bold, right=right)

    def _column(self, y: float, head: str, text: str, *, bold: bool = False) -> None:
        place, right = PLACES[head]
        if right or bold:
            self._cell(y, place, text, bold=bold, right=right)
            return
        # A text that is too wide for its column is set smaller: none lies upon the next.
        following = min(at for at, _ in PLACES.values() if at > place)
        room = (following - place) * self._ink.width - 1.5
        size = self._size * min(1.0, room / max(self._ink.width_of(text, self._size), 0.1))
        self._ink.text(place * self._ink.width, y, text, size)

    def _parameters(self, y: float) -> float:
        """Labels and values in pairs, the left column before the right one in each row."""
        month = self._month
        first, last = short_date(month.first), short_date(month.last)
        left = (
            ("Produced On:", f"{month.last.month % 12 + 1}/16/{month.last.year} 9:25:36AM"),
            ("Posted Date between", f"{first} and {last}"),
            ("Account Code:", month.account_code),
            ("Customer ID:", ",".join(month.customer_ids)),
            ("From Date:", first),
            ("To Date:", last),
        )
        right = [
            ("Card Token:", "ALL"),
            ("Employee Number:", "ALL"),
            ("Card First Name:", "ALL"),
            ("Card Last Name:", "ALL"),
            ("Primary Sort:", "TRANSACTION DATE"),
            ("Secondary Sort:", "-NONE-"),
        ]
        if self._layout.unknown_labels:
            right[2] = ("Statement Group:", "A7 / 0042")
        for pairs in zip(left, right, strict=True):
            for (label, value), place in zip(pairs, (0.023, 0.53), strict=True):
                self._cell(y, place, label, bold=True)
                self._cell(y, place + 0.116, value)
            y -= self._size + 3
        return y - 6

    def _header(self, y: float, page: CarPage) -> float:
        """Print the header block: labels from the top, values from the bottom (formats 1.4)."""
        month, person = self._month, page.person
        step = self._size + 3.5
        left, values_left, right = 0.028, 0.131, 0.593
        self._ink.shade(16, y - 4 * step - 5, self._ink.width - 32, 5 * step + 4)
        bottom = y - 4 * step
        labels = ["Account Code:", "Customer ID:", "Card Number:", "Cardholder Name:"]
        for row, label in enumerate(labels):
            self._cell(y - row * step, left, label, bold=True)
        if self._layout.joined_employee_id:
            self._cell(bottom, left, f"Employee ID: {person.employee_id}", bold=True)
        else:
            self._cell(bottom, left, "Employee ID:", bold=True)
            self._cell(bottom, values_left, person.employee_id or "")
        account = f"{month.account_code} - {month.company}"
        for row, value in enumerate(
            (person.name_key, page.card.number, page.card.customer_id, account), start=1
        ):
            self._cell(bottom + row * step, values_left, value)
        street, city, code = month.offices[person.office]
        for row, value in enumerate((month.company, street, f"{city}, {code}")):
            self._cell(y - row * step, right, value)
        y = bottom - 16
        for head, place, ends in HEADS:
            self._cell(y, place, head, bold=True, right=ends)
        self._ink.rule(y - 3, 16, self._ink.width - 18)
        return y

    def _rows(self, y: float, page: CarPage) -> None:
        step = min(14.0, (y - _BOTTOM) / max(len(page.rows), 1))
        for row in page.rows:
            y -= step
            if row.charge is None:
                self._card_totals(y, page.card)
            elif row.line is None:
                self._column(y, "Product Description", "Transaction Totals:", bold=True)
                charge = row.charge
                self._money(y, charge.gross, charge.discount, charge.net, bold=True)
            else:
                self._line(y, row.charge, row.line)

    def _card_totals(self, y: float, card: Card) -> None:
        self._cell(y, 0.317, f"Totals For Card Nbr: {card.number}", bold=True)
        gross, net = card.gross + card.misprint, card.net + card.misprint
        self._money(y, gross, gross - net, net, bold=True)

    def _line(self, y: float, charge: Charge, line: Line) -> None:
        """Print a product line; the first of a charge has the cells of the charge in front."""
        if line is charge.lines[0]:
            cells = (
                us_date(charge.trans_date),
                us_date(charge.posted_date),
                charge.level,
                charge.number,
                charge.merchant[:MERCHANT_WIDTH].rstrip(),
                f"{charge.city}, {charge.state}",
                charge.group,
            )
            for (head, _, _), text in zip(HEADS, cells, strict=False):
                self._column(y, head, text)
        if line.product:
            place = PLACES["Product Description"][0]
            self._cell(y, place, line.product)
            if self._layout.drawn_twice:
                self._cell(y, place + BOLD_OFFSET / self._ink.width, line.product)
        self._column(y, "PPU/G", price(line.price))
        self._column(y, "Quantity", grouped(line.quantity))
        self._money(y, line.gross, line.discount, line.net)

    def _money(self, y: float, gross: int, discount: int, net: int, *, bold: bool = False) -> None:
        for head, cents in zip(MONEY_HEADS, (gross, discount, net), strict=True):
            self._column(y, head, dollars(cents, sign_inside=self._layout.sign_inside), bold=bold)

    def _footer(self, number: int) -> None:
        if self._layout.footer:
            self._ink.rule(40, 18, self._ink.width - 20)
            self._cell(31, 0.023, "Amounts are in U.S. dollars. Posted transactions only.")
            self._cell(23, 0.023, "Confidential - account holder use only")
            self._cell(31, 0.98, f"Page {number} of {self._month.car_pages}", right=True)
        self._ink.turn()

    def _summary(self) -> None:
        """Print the pages after the last card: by product, and by merchant group if wanted."""
        lines = [
            (charge, line)
            for person in self._month.people
            for charge in person.charges
            for line in charge.lines
        ]
        by_product = ((line.product or NO_PRODUCT, line) for _, line in lines)
        by_group = ((charge.group, line) for charge, line in lines)
        self._summary_page("Product Description", by_product)
        if self._layout.group_summary:
            self._footer(self._month.car_pages - 1)
            self._summary_page("Merchant Group", by_group)
        self._footer(self._month.car_pages)

    def _summary_page(self, heading: str, lines: Iterator[tuple[str, Line]]) -> None:
        rows: dict[str, list[int]] = defaultdict(lambda: [0] * 5, {"~": [0] * 5})
        for name, line in lines:
            for key in (name, "~"):
                row = rows[key]
                for index, value in enumerate(
                    (1, line.quantity, line.gross, line.discount, line.net)
                ):
                    row[index] += value
        y = self._ink.height - _TOP
        self._cell(y, 0.023, heading, bold=True)
        y -= 20
        places = (0.023, 0.4, 0.55, 0.7, 0.85, 0.98)
        for head, place in zip(SUMMARY_HEADS, places, strict=True):
            self._cell(y, place, head, bold=True, right=place > places[0])
        for name, (count, units, *money) in sorted(rows.items()):
            y -= 13
            total = name == "~"
            texts = [
                "Report Totals:" if total else name,
                str(count),
                grouped(units),
                *(dollars(cents, sign_inside=self._layout.sign_inside) for cents in money),
            ]
            for text, place in zip(texts, places, strict=True):
                self._cell(y, place, text, bold=total, right=place > places[0])
        self._cell(y - 20, 0.023, "Report covers all cards of the account listed on page 1.")


def render_car(month: Month, change: Change | None = None) -> bytes:
    """Return the activity report of a month as a PDF, its texts changed as told."""
    return CarPrinter(month, change).print()
