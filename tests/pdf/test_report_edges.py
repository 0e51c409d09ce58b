"""Single pages that do not fit: what is kept, what is said, and which page stops acceptance."""

from svc.pdf.cells import Rows
from svc.pdf.documents import build_document
from svc.pdf.model import ReportDocument
from svc.pdf.pages import read_page
from svc.pdf.report_page import SUMMARY_HEADING, SUMMARY_HEADS
from tests.pdf import paper
from tests.pdf.layouts import SUMMARY_PLACES
from tests.pdf.paper import COLUMNS, Placed, columns

CARD = "9999998196525155"
MASK = "999999XXXXXX5155"
OTHER = "999999XXXXXX0001"
KEYS = {
    "trans_date": "03/28/2025",
    "posted_date": "03/29/2025",
    "level": "L",
    "number": "000537472",
}
TEXTS = {"merchant": "GANTRY DOOR", "city": "HOLLOW, WA", "group": "MISC"}
AMOUNTS = {"gross": "$37.72", "discount": "$0.00", "net": "$37.72"}
NUMBERS = {"ppu": "3.62022", "quantity": "10.42", **AMOUNTS}
ROW = columns(**KEYS, **TEXTS, **NUMBERS)
TOTALS = columns(product="Transaction Totals:", **AMOUNTS)
SUMMARY: list[Placed] = [(0, SUMMARY_HEADING)]
SUMMARY_ROW: list[Placed] = list(zip(SUMMARY_PLACES, SUMMARY_HEADS, strict=True))
LABELS = ("Account Code:", "Customer ID:", "Card Number:", "Cardholder Name:", "Employee ID:")


def header(employee: str = "588982", name: str = "NOBODY", card: str = CARD) -> list[list[Placed]]:
    """Return the rows of a header block."""
    values = ("Z-00Z - Pinecrest, LLC", "QQ1ZZ", card, name, employee)
    rows: list[list[Placed]] = [
        [(5, label), (100, value)] for label, value in zip(LABELS, values, strict=True)
    ]
    for row, line in zip(rows, ("Pinecrest, LLC", "77 OLD KILN HWY", "HOLLOW, MS"), strict=False):
        row.append((500, line))
    return rows


def page(
    *rows: list[Placed], employee: str = "588982", name: str = "NOBODY", card: str = CARD
) -> Rows:
    """Return a page of a card with these rows."""
    heads: list[Placed] = [(x, head) for head, x in COLUMNS.items()]
    return paper.page([*header(employee, name, card), heads, *rows])


def total(card: str, **amounts: str) -> list[Placed]:
    """Return a card's total line."""
    return columns(city=f"Totals For Card Nbr: {card}", **amounts)


def report(*pages: Rows) -> ReportDocument:
    """Return the report of these pages."""
    results = [read_page(number, rows) for number, rows in enumerate(pages, 1)]
    document = build_document(results, "car")
    assert isinstance(document, ReportDocument)
    return document


def codes(document: ReportDocument) -> list[str]:
    """Return the codes of a document's notices."""
    return [notice.code for notice in document.notices]


def test_a_product_line_without_a_transaction_keeps_its_money() -> None:
    """It becomes a charge of its own whose number is missing, not part of the closed one."""
    document = report(page(ROW, TOTALS, columns(product="D2 LS", **NUMBERS)))
    first, second = document.cards[0].charges
    assert len(first.lines) == 1
    assert second.number is None
    assert second.lines[0].net == "37.72"
    assert [(each.field, each.reason) for each in second.problems] == [
        ("number", "a product line without a transaction")
    ]


def test_a_totals_line_without_a_transaction_refuses_the_page() -> None:
    """Its amounts belong to nobody: a row that cannot be placed."""
    document = report(page(TOTALS), page(ROW, TOTALS, TOTALS))
    assert [each.status for each in document.pages] == ["unread", "unread"]
    assert {each.reason for each in document.pages} == {
        "a totals line stands where no transaction is open"
    }


def test_a_total_of_another_card_is_named_and_not_used() -> None:
    """The line says whose it is."""
    other = total(OTHER, gross="$1.00", discount="$0.00", net="$1.00")
    document = report(page(ROW, TOTALS, other))
    assert document.cards[0].totals == ()
    assert codes(document) == ["total_of_other_card"]
    assert [each.field for each in document.cards[0].problems] == ["total"]


def test_a_total_line_that_cannot_be_read_is_a_problem() -> None:
    """Each amount that is not there or no amount is named; the others stand."""
    document = report(page(ROW, TOTALS, total(CARD, gross="$37.72", net="37,72")))
    (found,) = document.cards[0].totals
    assert (found.gross, found.discount, found.net) == ("37.72", None, None)
    assert [(each.field, each.raw, each.reason) for each in found.problems] == [
        ("discount", None, "missing"),
        ("net", "37,72", "not an amount"),
    ]


def test_amounts_without_price_and_quantity_are_nobody_knows_what() -> None:
    """A totals line whose label is lost looks like a product line: its amounts are unknown."""
    document = report(page(ROW, columns(**AMOUNTS), total(CARD, **AMOUNTS)))
    (charge,) = document.cards[0].charges
    assert [line.net for line in charge.lines] == ["37.72", None]
    assert charge.lines[1].problems


def test_a_card_without_rows_is_a_known_zero_or_unknown() -> None:
    """With a total of 0.00 it is known; without a total that can be read it is not."""
    nothing = {"gross": "$0.00", "discount": "$0.00", "net": "$0.00"}
    known, unknown, unread = (
        report(each).cards[0]
        for each in (page(total(CARD, **nothing)), page(), page(total(CARD, net="?")))
    )
    assert (known.totals[0].net, known.problems) == ("0.00", ())
    assert [each.field for each in unknown.problems] == ["charges"]
    assert [each.field for each in unread.problems] == ["charges"]


def test_a_missing_transaction_total_leaves_the_charge_whole() -> None:
    """The next transaction ends the one before."""
    document = report(page(ROW, ROW, TOTALS))
    assert [charge.totals is not None for charge in document.cards[0].charges] == [False, True]


def test_one_employee_under_two_names_is_named() -> None:
    """The id decides, the first name stays."""
    document = report(page(), page(name="SOMEBODY"))
    (card,) = document.cards
    assert (card.cardholder_name, card.pages) == ("NOBODY", (1, 2))
    assert codes(document) == ["name_differs"]
    assert (card.problems[0].field, card.problems[0].raw) == ("cardholder_name", "SOMEBODY")


def test_one_name_with_two_employee_ids_is_two_people() -> None:
    """Even with cards that look alike when masked."""
    document = report(page(), page(employee="7"))
    assert [card.employee_id for card in document.cards] == ["588982", "7"]


def test_cards_of_one_employee_stay_apart_and_remember_their_mask() -> None:
    """Masked and full in one report; numbers printed whole are told apart from the cards."""
    document = report(page(), page(card=OTHER))
    assert [(card.card_number, card.printed_masked) for card in document.cards] == [
        (MASK, False),
        (OTHER, True),
    ]
    assert CARD not in repr(document.cards)
    assert document.full_numbers == (CARD,)


def test_nothing_behind_the_summary_counts() -> None:
    """A card's page there is skipped and named; one with transactions refuses the document."""
    summary = paper.page([SUMMARY, SUMMARY_ROW])
    document = report(page(ROW, TOTALS), summary, page(), paper.page([[(0, "More words")]]))
    assert [each.status for each in document.pages] == ["used", "skipped", "skipped", "skipped"]
    assert document.cards[0].pages == (1,)
    assert codes(document) == ["card_after_summary"]
    late = report(page(ROW, TOTALS), summary, page(ROW, TOTALS))
    assert [each.status for each in late.pages] == ["used", "skipped", "unread"]


def test_a_summary_may_start_on_a_card_page() -> None:
    """The rows before it count, those behind it do not."""
    texts = ("Report Totals:", "1", "10.42", "$37.72", "$0.00", "$37.72")
    totals = list(zip(SUMMARY_PLACES, texts, strict=True))
    first = page(ROW, TOTALS, SUMMARY, SUMMARY_ROW, totals)
    document = report(first, paper.page([[(0, "FUEL")]]))
    assert len(document.cards[0].charges) == 1
    assert document.report_totals[0].net == "37.72"
    assert [each.status for each in document.pages] == ["used", "skipped"]


def test_report_totals_that_cannot_be_read_are_a_problem() -> None:
    """Under their heads, in the row of the heads or not; two amounts are none."""
    for heads in ([SUMMARY, SUMMARY_ROW], [[(-200.0, SUMMARY_HEADING), *SUMMARY_ROW]]):
        totals: list[Placed] = [(0, "Report Totals:"), (500, "$37.72"), (800, "$37.7")]
        document = report(page(ROW, TOTALS), paper.page([*heads, totals]))
        (found,) = document.report_totals
        assert (found.gross, found.discount, found.net) == ("37.72", None, None)
        assert [each.field for each in found.problems] == ["discount", "net"]


def test_a_page_nobody_can_place_is_unread() -> None:
    """A header without a card number, a receipt, a letter: each stops acceptance with a reason."""
    labels = ("Transaction ID:", "Amount :", "Address:", "Purpose:")
    receipt = paper.page([[(0, label)] for label in labels])
    letter = paper.page([[(0, "Dear Sir,")]])
    document = report(page(), page(card=""), receipt, letter)
    assert [each.status for each in document.pages] == ["used", "unread", "unread", "unread"]
    assert [each.reason for each in document.pages[1:]] == [
        "the page has a header block without a card number",
        "a receipt in the activity report",
        "neither a card's page nor a summary page",
    ]


def test_data_without_a_place_makes_the_page_unread() -> None:
    """Without heads, in the table outside any row, two header blocks, a block without values."""
    heads: list[Placed] = [(x, head) for head, x in COLUMNS.items()]
    spoiled = [(x, head) for x, head in heads if head != "Lvl"]
    empty = paper.page([[(5, label)] for label in LABELS])
    for unread in (
        paper.page([*header(), spoiled, ROW, TOTALS]),
        page(ROW, columns(city="$5.00 fee on 03/01/2025"), TOTALS),
        page(ROW, columns(merchant="ref 123456789"), TOTALS),
        paper.page([*header(), *header(name="OTHER"), heads, ROW, TOTALS]),
        empty,
    ):
        (found,) = report(page(), unread).pages[1:]
        assert (found.status, found.row) == ("unread", None)
        assert found.reason


def test_data_outside_the_table_is_a_notice() -> None:
    """Above the heads and below the last row; page numbers and words are not worth one."""
    heads: list[Placed] = [(x, head) for head, x in COLUMNS.items()]
    above: list[Placed] = [(700, "Limit $900.00")]
    below: list[list[Placed]] = [[(0, "Printed 04/16/2025"), (500, "Page 1 of 9")], [(0, "Thanks")]]
    document = report(paper.page([above, *header(), heads, ROW, TOTALS, *below]))
    assert [each.status for each in document.pages] == ["used"]
    assert [each.message for each in document.notices] == ["Limit $900.00", "Printed 04/16/2025"]


def test_pages_without_content_are_skipped_with_a_reason() -> None:
    """Blank, footers alone, parameters alone."""
    period: list[Placed] = [(0, "Posted Date between"), (100, "3/1/2025 and 3/31/2025")]
    parameters = paper.page([[(0, "Cardholder Activity Report")], period])
    footer: list[list[Placed]] = [[(0, "Confidential")], [(0, "Page 1 of 4")]]
    document = report(parameters, page(ROW, TOTALS, *footer), [], paper.page(footer))
    assert [each.reason for each in document.pages] == [
        "report parameters only",
        None,
        "blank",
        "footer only",
    ]
    assert document.parameters.posted_from == "2025-03-01"
    assert codes(document) == ["blank_page"]


def test_an_employee_id_that_is_no_number_is_given_as_printed() -> None:
    """The page is used: its person is the printed name."""
    document = report(
        page(ROW, TOTALS, employee="N/A"), page(ROW, TOTALS, employee="N/A", name="SOMEBODY")
    )
    assert [card.cardholder_name for card in document.cards] == ["NOBODY", "SOMEBODY"]
    (problem,) = document.cards[0].problems
    assert (problem.field, problem.raw, problem.page) == ("employee_id", "N/A", 1)


def test_key_cells_that_cannot_be_read_do_not_hide_the_row() -> None:
    """A spoiled or missing date, level or number costs only itself."""
    for field in KEYS:
        for spoiled in ("13/45/2025" if field.endswith("date") else "??", None):
            row = columns(**{**KEYS, field: spoiled}, **TEXTS, **NUMBERS)
            document = report(page(ROW, TOTALS, row, TOTALS))
            first, second = document.cards[0].charges
            assert len(first.lines) == 1
            assert second.merchant == "GANTRY DOOR"
            assert second.lines[0].net == "37.72"
            assert getattr(second, field) is None
            assert [(each.field, each.raw) for each in second.problems] == [(field, spoiled)]


def test_cells_drawn_twice_are_read_once() -> None:
    """Any text of a row may be drawn twice to look bold."""
    row = columns(**KEYS, **TEXTS, product="D2 LS", **NUMBERS)
    again = [(x + 0.5, text) for x, text in row]
    (charge,) = report(page([*row, *again], TOTALS)).cards[0].charges
    assert (charge.merchant, charge.city, charge.group) == ("GANTRY DOOR", "HOLLOW", "MISC")
    assert charge.lines[0].product == "D2 LS"
    assert charge.lines[0].net == "37.72"
    assert charge.problems == charge.lines[0].problems == ()


def test_a_text_beside_a_cell_makes_it_unknown() -> None:
    """A page number between the cells of a row never becomes, or moves, an amount."""
    for x in (800.0, 885.0, 985.0):
        (charge,) = report(page([*ROW, (x, "Page 1 of 9")], TOTALS)).cards[0].charges
        spoiled = {"gross": 800.0, "discount": 885.0, "net": 985.0}
        for field, place in spoiled.items():
            wanted = {"gross": "37.72", "discount": "0.00", "net": "37.72"}[field]
            assert getattr(charge.lines[0], field) == (None if place == x else wanted)


def test_a_merchant_that_runs_into_an_empty_column_is_unknown() -> None:
    """It may be merchant and city in one; beside a city it is only a long name."""
    long = "GANTRY DOOR COMPANY OF THE NORTH"
    row = columns(**KEYS, merchant=long, group="MISC", **NUMBERS)
    (charge,) = report(page(row, TOTALS)).cards[0].charges
    assert (charge.merchant, charge.city) == (None, None)
    assert {each.field for each in charge.problems} == {"merchant", "city"}
    row = columns(**KEYS, merchant=long, city="HOLLOW, WA", group="MISC", **NUMBERS)
    # Off the grid, so that no letter stands where another begins or ends.
    row = [(x + 1.5 if text == "HOLLOW, WA" else x, text) for x, text in row]
    (charge,) = report(page(row, TOTALS)).cards[0].charges
    assert (charge.merchant, charge.city) == (long, "HOLLOW")


def test_a_text_joined_with_the_next_column_is_cut_at_its_head() -> None:
    """At the word that begins there, or at the letter that begins just there."""
    room = round((COLUMNS["City, State"] - COLUMNS["Merchant Name"]) / paper.LETTER)
    touching = "GANTRY DOOR COMPANY OF NO"[:room]
    for merchant, blank in ((touching, ""), (touching[:-1].strip(), " "), (touching[:-2], " ")):
        row = columns(**KEYS, merchant=f"{merchant}{blank}HOLLOW, WA", group="MISC", **NUMBERS)
        (charge,) = report(page(row, TOTALS)).cards[0].charges
        assert (charge.merchant, charge.city, charge.state) == (merchant.strip(), "HOLLOW", "WA")


def test_an_unknown_line_inside_the_data_is_a_notice() -> None:
    """With its page, its line and its text."""
    document = report(page(ROW, columns(merchant="Fee reversed?"), TOTALS))
    (notice,) = document.notices
    assert (notice.code, notice.page, notice.message) == ("unknown_line", 1, "Fee reversed?")
    assert document.pages[0].text.split("\n")[(notice.line or 0) - 1] == "Fee reversed?"


def test_letters_that_are_lost_are_a_notice() -> None:
    """A name with U+FFFD makes nobody new in silence."""
    document = report(page(ROW, TOTALS, name="JOS\ufffdWREN"))
    assert [(each.code, each.message) for each in document.notices] == [
        ("lost_letters", "JOS\ufffdWREN")
    ]


def test_texts_upon_each_other_may_lack_a_letter() -> None:
    """PDFium drops a letter that stands upon its like: which text lacks it nobody can tell."""
    long = "ST. CHRISTOPHER OF THE HILLS, CA"
    for shift, group in ((2.0, None), (0.0, "MIS")):
        row = columns(**{**KEYS, **TEXTS, "city": long, "group": "MIS"}, **NUMBERS)
        row = [(x + shift if text == "MIS" else x, text) for x, text in row]
        (charge,) = report(page(row, TOTALS)).cards[0].charges
        assert charge.group == group
        lost = ("group", "letters are lost") in {(p.field, p.reason) for p in charge.problems}
        assert lost == (group is None)
