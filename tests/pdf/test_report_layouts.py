"""Reports of any content and any of the freedoms of docs/formats.md 1 are read back exactly."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from svc.pdf.model import Amounts, ReportDocument
from svc.pdf.pages import read_page
from svc.pdf.report import build_report
from svc.pdf.report_table import FIRST_NUMBER
from tests.pdf import layouts, paper
from tests.pdf.paper import COLUMNS, PLACES, Placed

Page = list[list[Placed]]
TITLE: Page = [
    [(0, "Cardholder Activity Report General")],
    [
        (0, "Posted Date between"),
        (100, "3/1/2025 and 3/31/2025"),
        (400, "Card Token:"),
        (480, "ALL"),
    ],
]
FOOTER: Page = [[(0, "Confidential - account holder use only")]]


def document_of(pages: list[Page]) -> ReportDocument:
    """Return the report these pages make."""
    return build_report([read_page(n, paper.page(rows)) for n, rows in enumerate(pages, 1)])


def woven(draw: st.DrawFn, piles: list[list[Page]]) -> list[Page]:
    """Return the pages of several cards mixed, each card's pages in their order."""
    order = draw(st.permutations([n for n, pile in enumerate(piles) for _ in pile]))
    stacks = [iter(pile) for pile in piles]
    return [next(stacks[n]) for n in order]


def amounts(card_lines: list[layouts.Line]) -> tuple[str, str, str]:
    """Return gross, discount and net of some lines as decimal strings."""
    gross = sum(line.gross for line in card_lines)
    discount = sum(line.discount for line in card_lines)
    return layouts.decimal(gross), layouts.decimal(discount), layouts.decimal(gross - discount)


def plain_amounts(totals: Amounts | None) -> tuple[str | None, str | None, str | None] | None:
    """Return the three amounts of a totals line."""
    return (totals.gross, totals.discount, totals.net) if totals else None


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_report_is_read_back(data: st.DataObject) -> None:
    """Pages of a person apart, breaks anywhere, text twice, joined labels, masks, no totals."""
    cards = data.draw(layouts.REPORTS)
    heads_twice = data.draw(st.booleans())
    pages = data.draw(st.composite(woven)([card.pages(heads_twice) for card in cards]))
    pages[0] = [*TITLE, *pages[0]]
    pages += [layouts.summary_page(n == 0, cards) for n in range(data.draw(st.integers(1, 3)))]
    footer: Page = FOOTER if data.draw(st.booleans()) else []
    total = len(pages)
    pages = [[*page, *footer, [(700, f"Page {n} of {total}")]] for n, page in enumerate(pages, 1)]
    document = document_of(pages)

    assert document.notices == ()
    assert document.parameters.posted_from == "2025-03-01"
    found = {(card.employee_id, card.card_number): card for card in document.cards}
    assert found.keys() == {(card.employee_id, card.mask) for card in cards}
    for card in cards:
        read = found[card.employee_id, card.mask]
        assert read.cardholder_name == card.name
        assert read.printed_masked == ("XXXXXX" in card.number)
        assert read.office_address[1:] == ("77 OLD KILN HWY", "HOLLOW, MS 39999-0000")
        known = bool(card.charges or card.total_line)
        assert [each.field for each in read.problems] == ([] if known else ["charges"])
        lines = [line for charge in card.charges for line in charge.lines]
        wanted = [amounts(lines)] if card.total_line else []
        assert [plain_amounts(each) for each in read.totals] == wanted
        assert len(read.charges) == len(card.charges)
        for charge, row in zip(card.charges, read.charges, strict=True):
            assert not row.problems
            assert (row.level, row.number, row.merchant) == (
                charge.level,
                charge.number,
                charge.merchant,
            )
            assert (row.city, row.state, row.group) == (charge.city, charge.state, charge.group)
            assert plain_amounts(row.totals) == amounts(charge.lines)
            assert [(line.product, line.gross, line.discount, line.net) for line in row.lines] == [
                (line.product, *amounts([line])) for line in charge.lines
            ]
            assert not [problem for line in row.lines for problem in line.problems]
    (totals,) = document.report_totals
    lines = [line for card in cards for charge in card.charges for line in charge.lines]
    assert plain_amounts(totals) == amounts(lines)
    used = [page for page in document.pages if page.status == "used"]
    assert sorted(n for card in document.cards for n in card.pages) == [page.page for page in used]
    assert {page.reason for page in document.pages if page.status != "used"} == {"summary"}


SPOILED = ["n/a", "#####", "12", "see below", "1.2.3"]


@settings(max_examples=60, deadline=None)
@given(layouts.CARDS.filter(lambda card: card.charges), st.data())
def test_one_unreadable_number_costs_only_itself(card: layouts.Card, data: st.DataObject) -> None:
    """The cell is given as printed with a reason; all other values of the report stand."""
    card = replace(card, breaks=[False])
    (page,) = card.pages(heads_twice=False)
    charge = data.draw(st.sampled_from(range(len(card.charges))))
    row = data.draw(st.sampled_from(range(len(card.charges[charge].lines))))
    cell = data.draw(st.sampled_from(range(5)))
    before = sum(len(each.rows()) for each in card.charges[:charge]) + row
    target = page[len(card.header(heads_twice=False)) + before]
    place = next(n for n, (x, _) in enumerate(target) if x == PLACES[FIRST_NUMBER + cell])
    spoiled_text = data.draw(st.sampled_from(SPOILED))
    target[place] = target[place][0], spoiled_text
    document = document_of([page])
    (read,) = document.cards
    assert len(read.charges) == len(card.charges)
    names = ("ppu", "quantity", "gross", "discount", "net")
    for n, (wanted, found) in enumerate(zip(card.charges, read.charges, strict=True)):
        assert len(found.lines) == len(wanted.lines)
        assert found.number == wanted.number
        for m, (line, got) in enumerate(zip(wanted.lines, found.lines, strict=True)):
            values = [got.gross, got.discount, got.net]
            expected: list[str | None] = [*amounts([line])]
            if (n, m) == (charge, row):
                spoiled = names[cell]
                assert getattr(got, spoiled) is None
                assert spoiled in {problem.field for problem in got.problems}
                if cell >= 2:
                    expected[cell - 2] = None
                    (problem,) = got.problems
                    assert problem.raw == spoiled_text
            else:
                assert not got.problems
            assert values == expected


@settings(max_examples=40, deadline=None)
@given(layouts.CARDS.filter(lambda card: card.charges), st.data())
def test_unknown_lines_are_named_and_harm_nothing(card: layouts.Card, data: st.DataObject) -> None:
    """A line between two rows is reported with page, line and text; the rows are read as before."""
    card = replace(card, breaks=[False])
    (page,) = card.pages(heads_twice=False)
    clean = document_of([page])
    starts = [n for n, row in enumerate(page) if row[0][1] == "Transaction Totals:"]
    place = data.draw(st.sampled_from(starts)) + 1
    words: list[Placed] = [(COLUMNS["Merchant Name"], "Some words nobody knows")]
    document = document_of([[*page[:place], words, *page[place:]]])
    loose = document.pages[0].loose
    assert [each.text for each in loose] == ["Some words nobody knows"]
    assert document.pages[0].text.split("\n")[loose[0].line - 1] == loose[0].text
    assert [each.number for each in document.cards[0].charges] == [
        each.number for each in clean.cards[0].charges
    ]
