"""Print the Receipt report, one receipt a page (formats 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.generate.ink import Ink
from tests.generate.text import grouped, us_date, wrap

if TYPE_CHECKING:
    from tests.generate.ink import Change
    from tests.generate.model import Coding, Month, Receipt

_LEFT = 40.0
_MIDDLE = 150.0
_RIGHT = 320.0
_VALUE_SIZE = 9
_LABEL_SIZE = 8.5


class ReceiptPrinter:
    """Prints one month; the order of the calls is the content order of formats 2.2."""

    def __init__(self, month: Month, change: Change | None = None) -> None:
        """Prepare an empty portrait document in the month's layout."""
        self._month = month
        self._layout = layout = month.layout
        self._ink = Ink(
            "Receipt Report",
            "Expense Reporting",
            layout.page_size,
            layout.font,
            change or layout.change(),
            reverse=layout.drawing == "reversed",
        )

    def print(self) -> bytes:
        """Return the whole report."""
        for receipt in self._month.receipt_pages:
            self._page(receipt)
            self._ink.turn()
        return self._ink.finish()

    def _label(self, x: float, y: float, text: str) -> None:
        self._ink.text(x, y, text, _LABEL_SIZE, bold=True)

    def _value(self, x: float, y: float, text: str) -> None:
        self._ink.text(x, y, text, _VALUE_SIZE)

    def _page(self, receipt: Receipt) -> None:
        top = self._ink.height
        self._ink.text(_LEFT, top - 44, "Receipt Report", 14, bold=True)
        self._ink.rule(top - 66, _LEFT, self._ink.width - _LEFT)
        if self._layout.unknown_labels:
            self._label(_RIGHT, top - 84, "Cost Center:")
            self._value(_RIGHT + 70, top - 84, "0042-7")
        for row, label in enumerate(("Request Number", "Employee", "Expense Type")):
            self._label(_LEFT, top - 84 - 13 * row, label)
        for row, value in enumerate(
            (receipt.request_number, receipt.printed_name, receipt.expense_type)
        ):
            self._value(_MIDDLE, top - 84 - 13 * row, value)
        if receipt.title:
            self._value(_LEFT, top - 136, receipt.title)
        self._label(_LEFT, top - 147, "Expense Title:")
        self._label(_RIGHT, top - 136, "Transaction ID:")
        self._value(_RIGHT, top - 147, receipt.transaction_id)
        if self._layout.inner_label:
            self._label(_RIGHT, top - 160, "Approval Policy: standard")
        self._amount(top - 172, receipt)
        self._merchant(top - 220, receipt)
        self._coding(top - 310, receipt.coding)
        self._attachments(top - 380, receipt)
        if self._layout.pictures:
            self._picture(receipt)
        if self._layout.unknown_labels:
            self._label(_RIGHT, 36, "Entered By:")
            self._value(_RIGHT + 70, 36, "Card feed")
        if self._layout.footer:
            pages = len(self._month.receipt_pages)
            self._ink.text(_LEFT, 36, f"Page {receipt.page} of {pages}", 7)
        self._value(_LEFT, top - 59, self._layout.detail_words + us_date(receipt.date))

    def _amount(self, y: float, receipt: Receipt) -> None:
        """Both labels, the address on its lines, then the amount."""
        self._label(_LEFT, y, "Amount :")
        self._label(_LEFT, y - 13, "Address:")
        for row, line in enumerate(receipt.address):
            self._value(_MIDDLE, y - 13 - 11 * row, line)
        amount = receipt.amount_text if receipt.amount is None else grouped(receipt.amount)
        if amount:
            self._value(_MIDDLE, y, amount)

    def _merchant(self, y: float, receipt: Receipt) -> None:
        self._label(_LEFT, y, "Purpose:")
        notes = f"Receipts Notes ({receipt.notes}):"
        self._value(_LEFT, y - 12, f"{notes} {receipt.purpose}" if receipt.purpose else notes)
        self._label(_LEFT, y - 38, "Merchant Name:")
        self._value(_LEFT, y - 50, receipt.merchant)
        self._label(_RIGHT, y - 38, "Merchant Address:")
        for row, line in enumerate(wrap(receipt.merchant_address)):
            self._value(_RIGHT, y - 50 - 11 * row, line)

    def _coding(self, y: float, coding: Coding) -> None:
        """Print the kind before its label, then whatever codes there are."""
        if coding.kind:
            self._value(_LEFT, y, coding.kind)
        self._label(_LEFT, y - 11, "Accounts Coding Type :")
        codes = (
            ("Job", coding.job, coding.job_description),
            ("Phase", coding.phase, coding.phase_description),
            ("Cost Type", coding.cost_type, coding.cost_description),
            ("GL Account", coding.account, f"({coding.account_description})"),
        )
        for column, (label, code, description) in enumerate(codes):
            if code:
                x = _LEFT + 190 * (column % 3)
                self._label(x, y - 32, label)
                self._value(x, y - 44, f"{code} {description}")

    def _attachments(self, y: float, receipt: Receipt) -> None:
        self._label(_LEFT, y, "Attachment Name:")
        for row, name in enumerate(receipt.attachments):
            self._value(_LEFT, y - 12 - 11 * row, name)
        self._label(_RIGHT, y, "Request Type:")
        self._value(_RIGHT, y - 12, receipt.request_type)

    def _picture(self, receipt: Receipt) -> None:
        """Something that looks like a receipt and holds no text."""
        self._ink.shade(180, 60, 220, 240, 0.96)
        for row in range(12):
            width = 40 + (int(receipt.transaction_id) * (row + 3)) % 110
            self._ink.shade(200, 275 - 17 * row, width, 4, 0.7)


def render_receipts(month: Month, change: Change | None = None) -> bytes:
    """Return the receipt report of a month as a PDF, its texts changed as told."""
    return ReceiptPrinter(month, change).print()
