"""The pages of a Cardholder Activity Report put together: cards, open charges, summary, ledger.

A page names its card, so pages of one card need not be neighbours: a charge that is open at the end
of a page goes on at the start of the next page of the same card.
"""

from collections.abc import Sequence
from dataclasses import replace

from svc.pdf.model import (
    PARSER_VERSION,
    Amounts,
    Card,
    CardPage,
    CardTotal,
    Charge,
    ChargeLine,
    Notice,
    Page,
    PageResult,
    Parameters,
    Problem,
    ReportDocument,
)
from svc.pdf.report_table import Item, is_open, joined

_CardKey = tuple[str | None, str | None, str | None]


class _CardSheet:
    """One card while its pages come in."""

    def __init__(self, page: CardPage) -> None:
        """Start with what the first page says of the card."""
        self.header = page.header
        self.pages: list[int] = []
        self.charges: list[Charge] = []
        self.totals: list[Amounts] = []
        self.problems: list[Problem] = []

    def add(self, number: int, page: CardPage, notices: list[Notice]) -> str | None:
        """Add the items of page `number`; return why the page cannot be used (usually None).

        What does not fit is noted; a totals line whose charge is nowhere cannot be placed.
        """
        self.pages.append(number)
        if not self.pages[1:] or page.header.problems:
            self.problems += page.header.problems
        if page.header.cardholder_name != self.header.cardholder_name:
            message = (
                f"employee {self.header.employee_id} is {self.header.cardholder_name} on page "
                f"{self.pages[0]} and {page.header.cardholder_name} here"
            )
            notices.append(Notice("name_differs", number, None, message))
            raw = page.header.cardholder_name
            reason = "another name of this employee on another page"
            self.problems.append(Problem("cardholder_name", raw, reason, number, None))
        unplaced = [item for item in page.items if not self._add_item(item, notices)]
        return "a totals line stands where no transaction is open" if unplaced else None

    def _add_item(self, item: Item, notices: list[Notice]) -> bool:
        """Add one item: a charge, a continuation of the open one, or a card total.

        Return whether there was a place for it.
        """
        if isinstance(item, Charge):
            self.charges.append(item)
        elif isinstance(item, CardTotal):
            self._add_total(item, notices)
        elif self.charges and not self.totals and is_open(self.charges[-1], item):
            self.charges[-1] = joined(self.charges[-1], item)
        elif isinstance(item, ChargeLine):
            self.charges.append(_without_row(item))
        else:
            return False
        return True

    def _add_total(self, total: CardTotal, notices: list[Notice]) -> None:
        """Add a card's total line; one that names another card is not used."""
        number = total.card_number
        if number is not None and number != self.header.card_number:
            message = f"a total of card {number} stands on a page of {self.header.card_number}"
            amounts = total.amounts
            notices.append(Notice("total_of_other_card", amounts.page, amounts.line, message))
            reason = "a total line of another card"
            self.problems.append(Problem("total", number, reason, amounts.page, amounts.line))
            return
        self.totals.append(total.amounts)

    def card(self) -> Card:
        """Return the card with all its pages."""
        header = self.header
        number = header.card_number
        problems = list(self.problems)
        if not self.charges and not any(each.net for each in self.totals):
            reason = "no charge and no total of this card can be read"
            problems.append(Problem("charges", None, reason, self.pages[0], None))
        return Card(
            employee_id=header.employee_id,
            cardholder_name=header.cardholder_name,
            card_number=number,
            first_six=number[:6] if number else None,
            last_four=number[-4:] if number else None,
            printed_masked=header.full_number is None,
            customer_id=header.customer_id,
            account_code=header.account_code,
            company=header.company,
            office_address=header.office_address,
            pages=tuple(self.pages),
            charges=tuple(self.charges),
            totals=tuple(self.totals),
            problems=tuple(problems),
        )


def _without_row(line: ChargeLine) -> Charge:
    """Return a charge for a product line whose transaction row is nowhere: its money counts."""
    missing = Problem("number", None, "a product line without a transaction", line.page, line.line)
    nothing = (None,) * 8
    return Charge(line.page, line.line, *nothing, lines=(line,), problems=(missing,))


def build_report(results: Sequence[PageResult]) -> ReportDocument:
    """Return the report made of all pages, in page order, each accounted for in the ledger."""
    sheets: dict[_CardKey, _CardSheet] = {}
    rows = {key: row for row, key in enumerate(_card_keys(results))}
    pages: list[Page] = []
    notices: list[Notice] = []
    summary_at: int | None = None
    for result in results:
        notices += result.notices
        page = Page(result.page, "skipped", None, None, result.text, result.loose)
        if summary_at is not None:
            page = _after_summary(page, result, summary_at, notices)
        elif result.card is not None and result.unread_reason is None:
            key = _card_key(result.card)
            sheet = sheets.setdefault(key, _CardSheet(result.card))
            reason = sheet.add(result.page, result.card, notices)
            page = replace(page, status="used", row=rows[key])
            if reason is not None:
                page = replace(page, status="unread", row=None, reason=reason)
        else:
            page = _unused(page, result)
        if result.summary is not None and summary_at is None:
            summary_at = result.page
        pages.append(page)
    return ReportDocument(
        kind="car",
        parser_version=PARSER_VERSION,
        page_count=len(results),
        parameters=next((each.parameters for each in results if each.parameters), Parameters()),
        cards=tuple(sheets[key].card() for key in sheets),
        report_totals=tuple(
            each.summary.totals for each in results if each.summary and each.summary.totals
        ),
        pages=tuple(pages),
        notices=(*notices, *_loose_notices(pages)),
        full_numbers=_full_numbers(results),
    )


def _full_numbers(results: Sequence[PageResult]) -> tuple[str, ...]:
    """Return the numbers that card fields and total lines print whole, on whatever page."""
    cards = [result.card for result in results if result.card is not None]
    numbers = {card.header.full_number for card in cards}
    totals = (item for card in cards for item in card.items if isinstance(item, CardTotal))
    numbers |= {total.full_number for total in totals}
    return tuple(sorted(number for number in numbers if number is not None))


def _card_key(page: CardPage) -> _CardKey:
    """Return what makes two pages pages of one card: the person and the ten known digits.

    The name counts only where the employee id could not be read.
    """
    header = page.header
    name = None if header.employee_id else header.cardholder_name
    return header.employee_id, name, header.card_number


def _card_keys(results: Sequence[PageResult]) -> list[_CardKey]:
    """Return the keys of all usable card pages before the summary, in order of first sight."""
    keys: dict[_CardKey, None] = {}
    for result in results:
        if result.card is not None and result.unread_reason is None:
            keys.setdefault(_card_key(result.card))
        if result.summary is not None:
            break
    return list(keys)


def _unused(page: Page, result: PageResult) -> Page:
    """Return the ledger line of a page that belongs to no card."""
    if result.kind == "blank":
        return replace(page, reason="blank")
    if result.kind == "summary":
        return replace(page, reason="summary")
    if result.kind == "parameters":
        return replace(page, reason="report parameters only")
    if result.kind == "receipt":
        reason = "a receipt in the activity report"
    else:
        reason = result.unread_reason or "neither a card's page nor a summary page"
    return replace(page, status="unread", reason=reason)


def _after_summary(page: Page, result: PageResult, summary_at: int, notices: list[Notice]) -> Page:
    """Return the ledger line of a page behind the first summary page: never used.

    One that looks like a card's page all the same is noted; with transactions on it, it is unread.
    """
    if result.card is not None and result.card.items:
        reason = f"a card's page stands behind the summary on page {summary_at}"
        return replace(page, status="unread", reason=reason)
    if result.card is not None:
        message = f"a card's page stands behind the summary on page {summary_at} and is not used"
        notices.append(Notice("card_after_summary", result.page, None, message))
    reason = "blank" if result.kind == "blank" else "summary"
    return replace(page, reason=reason if result.card is None else "card page after the summary")


def _loose_notices(pages: Sequence[Page]) -> list[Notice]:
    """Return a notice for every doubtful line of a page that is used."""
    return [
        Notice("unknown_line", page.page, loose.line, loose.text)
        for page in pages
        if page.status == "used"
        for loose in page.loose
        if loose.doubtful
    ]
