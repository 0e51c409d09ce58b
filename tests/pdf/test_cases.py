"""Reports that were once read wrong, drawn here, each with what is right."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import pytest

from svc.pdf import Limits, ReceiptsDocument, ReportDocument, parse_here, parse_pdf
from tests.generate import build
from tests.generate.ink import Change, Drawn
from tests.generate.layout import DRAWINGS, FONTS, Layout
from tests.generate.model import Month, Receipt
from tests.generate.pdf_car import render_car
from tests.generate.pdf_receipts import render_receipts
from tests.generate.text import dollars, grouped

TITLES = [
    "Amount: 45.00",
    "Address: 5 Main",
    "Merchant Name: Bob",
    "Lunch with client:",
    "Attachment Name: none",
    "Page 1",
    "4711007",
]
FILES = ["Expense Detail - Card Transaction.pdf", "Page 1", "scan:", "Amount: 45.00.pdf"]


def month_of(employees: int = 1, receipts: int = 4, seed: int = 3) -> Month:
    """Return a small month in the usual layout."""
    return build(employees, receipts, seed)


def receipts_of(month: Month, change: Change | None = None) -> ReceiptsDocument:
    """Return the receipts of a month as the reader has them."""
    document = parse_here(render_receipts(month, change), "receipts")
    assert isinstance(document, ReceiptsDocument)
    return document


def report_of(month: Month, change: Change | None = None) -> ReportDocument:
    """Return the report of a month as the reader has it."""
    document = parse_here(render_car(month, change), "car")
    assert isinstance(document, ReportDocument)
    return document


def with_titles(month: Month, titles: list[str]) -> Month:
    """Put these titles on the receipts of a month."""
    for receipt, title in zip(month.receipt_pages, titles, strict=False):
        receipt.title = title
    return month


def once(text: str, instead: Callable[[Drawn], Iterable[Drawn]], beyond: float = 0.0) -> Change:
    """Return a change of the first text that is this one and begins beyond a place."""
    seen: list[str] = []

    def change(drawn: Drawn) -> Iterator[Drawn]:
        if drawn.text == text and drawn.x > beyond and not seen:
            seen.append(text)
            yield from instead(drawn)
        else:
            yield drawn

    return change


def amounts(document: ReceiptsDocument) -> list[str | None]:
    """Return the amounts of all receipts, page by page."""
    return [receipt.amount for receipt in document.receipts]


def nets(document: ReportDocument) -> list[str | None]:
    """Return the net amounts of all product lines."""
    return [line.net for card in document.cards for charge in card.charges for line in charge.lines]


@pytest.mark.parametrize("seed", range(3))
def test_titles_and_files_that_look_like_labels(seed: int) -> None:
    """Titles are titles, files files; nothing else on the page changes."""
    month = month_of(receipts=len(TITLES), seed=seed)
    for receipt, name in zip(month.receipt_pages, FILES, strict=False):
        receipt.attachments = (name,)
    before = receipts_of(month)
    after = receipts_of(with_titles(month, TITLES))
    assert [receipt.title for receipt in after.receipts] == TITLES
    assert not [problem for receipt in after.receipts for problem in receipt.problems]
    for old, new in zip(before.receipts, after.receipts, strict=True):
        assert replace(new, title=old.title) == old
    found = [receipt.attachments for receipt in after.receipts][: len(FILES)]
    assert found == [(name,) for name in FILES]


def test_a_title_with_a_label_of_its_row_refuses_nothing() -> None:
    """One receipt is doubtful and says so; the document stands."""
    month = month_of(receipts=2)
    (first, second) = receipts_of(with_titles(month, ["Transaction ID: 99"])).receipts
    assert first.transaction_id == month.receipt_pages[0].transaction_id
    assert first.title == "Transaction ID: 99"
    assert [problem.field for problem in first.problems] == ["labels"]
    assert second.problems == ()


def test_cells_in_two_operations_are_whole() -> None:
    """An amount cut before its point, behind its comma; a name between its words."""
    month = month_of(receipts=3)
    one, two, three = month.receipt_pages
    one.amount, two.amount = 14071, 129900

    def change(drawn: Drawn) -> Iterator[Drawn]:
        cuts = {grouped(14071): 3, grouped(129900): 2, three.printed_name: 4}
        at = cuts.get(drawn.text)
        yield from (drawn,) if at is None else drawn.cut(at)

    document = receipts_of(month, change)
    assert amounts(document) == ["140.71", "1299.00", receipts_of(month).receipts[2].amount]
    assert document.receipts[2].employee == three.printed_name


def test_a_page_number_drawn_between_the_cells_of_a_row_changes_nothing() -> None:
    """The order of drawing says nothing."""
    month = month_of(employees=2)
    net = dollars(month.people[0].cards[0].charges[0].lines[0].gross)

    def with_number(drawn: Drawn) -> Iterator[Drawn]:
        yield drawn._replace(x=300, y=20, text="Page 1 of 2")
        yield drawn

    assert nets(report_of(month, once(net, with_number))) == nets(report_of(month))


def test_an_unreadable_product_line_is_unknown_and_named() -> None:
    """Its charge keeps all lines; whoever sums up sees that one of them has no amount."""
    month = month_of()
    line = month.people[0].cards[0].charges[0].lines[0]
    printed = dollars(line.gross)
    document = report_of(
        month, once(printed, lambda drawn: [drawn._replace(text=f"({drawn.text})")])
    )
    (found, *_) = (line for card in document.cards for line in card.charges[0].lines)
    assert found.gross is None
    assert [(each.field, each.raw) for each in found.problems] == [("gross", f"({printed})")]
    assert len(nets(document)) == len(nets(report_of(month)))


def test_names_without_latin_letters_are_given_as_printed() -> None:
    """Two people, no notice: no letter is lost."""
    names = ["Иван Петров", "Пётр Сидоров", "Νίκος Αγγελίδης", "王小明"]
    month = month_of(receipts=len(names))
    for receipt, name in zip(month.receipt_pages, names, strict=True):
        receipt.printed_name = name
    document = receipts_of(month)
    assert [receipt.employee for receipt in document.receipts] == names
    assert document.notices == ()


@pytest.mark.parametrize("font", FONTS)
@pytest.mark.parametrize("drawing", DRAWINGS[1:])
def test_every_way_of_drawing_says_the_same(font: str, drawing: str) -> None:
    """In halves, letter by letter with a kerning array, blanks skipped, from the last text on."""
    documents = []
    for way in (DRAWINGS[0], drawing):
        month = build(5, 20, 7, layout=Layout(font=font, drawing=way))
        report, receipts = report_of(month), receipts_of(month)
        documents.append(([card.charges for card in report.cards], receipts.receipts))
        assert (report.notices, receipts.notices) == ((), ())
    assert values(documents[0]) == values(documents[1])


def values(document: object) -> str:
    """Return all that rows say but the line where it stands."""
    return "\n".join(line for line in repr(document).split(", ") if not line.startswith("line="))


def test_the_cases_are_read_the_same_by_children() -> None:
    """With all limits on, and no network."""
    data = render_receipts(with_titles(month_of(), TITLES))
    assert parse_pdf(data, "receipts", Limits(processes=2)) == parse_here(data, "receipts")


def test_no_receipt_of_these_months_is_like_another() -> None:
    """What the tests above compare tells pages apart."""
    pages: list[Receipt] = month_of(receipts=7).receipt_pages
    assert len({page.transaction_id for page in pages}) == 7
