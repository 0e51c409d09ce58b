"""Single pages that do not fit: what is kept, what is said, and which page stops acceptance."""

from svc.pdf.documents import build_document
from svc.pdf.model import ReportDocument
from svc.pdf.pages import read_page
from svc.pdf.report_cells import HEADS
from svc.pdf.report_page import SUMMARY_HEADS

CARD = "9999998196525155"
MASK = "999999XXXXXX5155"
OTHER = "999999XXXXXX0001"
ROW = ["03/28/2025", "03/29/2025", "L", "000537472", "GANTRY DOOR", "HOLLOW, WA", "MISC"]
NUMBERS = ["3.62022", "10.42", "$37.72", "$0.00", "$37.72"]
TOTALS = ["Transaction Totals:", "$37.72", "$0.00", "$37.72"]


def page(*rows: list[str], employee: str = "588982", name: str = "NOBODY", card: str = CARD) -> str:
    """Return the text of a page of a card with these rows."""
    labels = ["Account Code:", "Customer ID:", "Card Number:", "Cardholder Name:", "Employee ID:"]
    office = ["QQ1ZZ", "Z-00Z - Pinecrest, LLC", "Pinecrest, LLC", "77 OLD KILN HWY", "HOLLOW, MS"]
    cells = [cell for row in rows for cell in row]
    return "\n".join([*labels, employee, name, card, *office, *HEADS, *cells])


def report(*texts: str) -> ReportDocument:
    """Return the report of these page texts."""
    results = [read_page(number, text) for number, text in enumerate(texts, 1)]
    document = build_document(results, "car")
    assert isinstance(document, ReportDocument)
    return document


def codes(document: ReportDocument) -> list[str]:
    """Return the codes of a document's notices."""
    return [notice.code for notice in document.notices]


def test_a_product_line_without_a_transaction_keeps_its_money() -> None:
    """It becomes a charge of its own whose number is missing, not part of the closed one."""
    document = report(page([*ROW, *NUMBERS], TOTALS, ["D2 LS", *NUMBERS]))
    first, second = document.cards[0].charges
    assert len(first.lines) == 1
    assert second.number is None
    assert second.lines[0].net == "37.72"
    assert [(each.field, each.reason) for each in second.problems] == [
        ("number", "a product line without a transaction")
    ]


def test_a_totals_line_without_a_transaction_is_named() -> None:
    """Its amounts belong to nobody."""
    document = report(page(TOTALS))
    assert document.cards[0].charges == ()
    assert codes(document) == ["totals_without_transaction"]


def test_a_total_of_another_card_is_named_and_not_used() -> None:
    """The line says whose it is."""
    total = [f"Totals For Card Nbr: {OTHER}", "$1.00", "$0.00", "$1.00"]
    document = report(page([*ROW, *NUMBERS], TOTALS, total))
    assert document.cards[0].totals == ()
    assert codes(document) == ["total_of_other_card"]


def test_a_total_line_that_cannot_be_read_is_a_problem() -> None:
    """Fewer than three amounts: none is guessed."""
    document = report(page([*ROW, *NUMBERS], TOTALS, [f"Totals For Card Nbr: {CARD}", "$37.72"]))
    (total,) = document.cards[0].totals
    assert (total.gross, total.discount, total.net) == (None, None, None)
    assert {problem.reason for problem in total.problems} == {"1 of 3 amounts"}


def test_a_missing_transaction_total_leaves_the_charge_whole() -> None:
    """The next transaction ends the one before."""
    document = report(page([*ROW, *NUMBERS], [*ROW, *NUMBERS], TOTALS))
    assert [charge.totals is not None for charge in document.cards[0].charges] == [False, True]


def test_one_employee_under_two_names_is_named() -> None:
    """The id decides, the first name stays."""
    document = report(page(), page(name="SOMEBODY"))
    (card,) = document.cards
    assert (card.cardholder_name, card.pages) == ("NOBODY", (1, 2))
    assert codes(document) == ["name_differs"]


def test_one_name_with_two_employee_ids_is_two_people() -> None:
    """Even with cards that look alike when masked."""
    document = report(page(), page(employee="7"))
    assert [card.employee_id for card in document.cards] == ["588982", "7"]


def test_cards_of_one_employee_stay_apart_and_remember_their_mask() -> None:
    """Masked and full in one report; the number always leaves masked."""
    document = report(page(), page(card=OTHER))
    assert [(card.card_number, card.printed_masked) for card in document.cards] == [
        (MASK, False),
        (OTHER, True),
    ]
    assert CARD not in repr(document)


def test_nothing_behind_the_summary_counts() -> None:
    """A card's page there is skipped and named."""
    document = report(
        page([*ROW, *NUMBERS], TOTALS), "\n".join(SUMMARY_HEADS), page(), "More words"
    )
    assert [each.status for each in document.pages] == ["used", "skipped", "skipped", "skipped"]
    assert document.cards[0].pages == (1,)
    assert codes(document) == ["card_after_summary"]


def test_a_summary_may_start_on_a_card_page() -> None:
    """The rows before it count, those behind it do not."""
    totals = ["Report Totals:", "1", "10.42", "$37.72", "$0.00", "$37.72"]
    document = report(page([*ROW, *NUMBERS], TOTALS, [*SUMMARY_HEADS, *totals]), "FUEL")
    assert len(document.cards[0].charges) == 1
    assert document.report_totals[0].net == "37.72"
    assert [each.status for each in document.pages] == ["used", "skipped"]


def test_a_page_nobody_can_place_is_unread() -> None:
    """A header without a card number, a receipt, a letter: each stops acceptance with a reason."""
    receipt = "4173429\nA B\nFuel\nTransaction ID:\n1\nAmount :\nAddress:\n1.00\nPurpose:"
    document = report(page(), page().replace(CARD, ""), receipt, "Dear Sir,")
    assert [each.status for each in document.pages] == ["used", "unread", "unread", "unread"]
    assert [each.reason for each in document.pages[1:]] == [
        "the page has a header block without a card number",
        "a receipt in the activity report",
        "neither a card's page nor a summary page",
    ]


def test_pages_without_content_are_skipped_with_a_reason() -> None:
    """Blank, footers alone, parameters alone."""
    parameters = "Cardholder Activity Report\nPosted Date between\n3/1/2025 and 3/31/2025"
    footer = "\nConfidential\nPage 1 of 4"
    document = report(parameters, page([*ROW, *NUMBERS], TOTALS) + footer, " ", footer)
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
    document = report(page(employee="N/A"), page(employee="N/A", name="SOMEBODY"))
    assert [card.cardholder_name for card in document.cards] == ["NOBODY", "SOMEBODY"]
    (problem,) = document.cards[0].problems
    assert (problem.field, problem.raw, problem.page) == ("employee_id", "N/A", 1)


def test_key_cells_that_cannot_be_read_do_not_hide_the_row() -> None:
    """A spoiled or missing date, level or number costs only itself."""
    for place, field in enumerate(("trans_date", "posted_date", "level", "number")):
        for spoiled in ("13/45/2025" if place < 2 else "??", None):
            cells = [*ROW[:place], *([spoiled] if spoiled else []), *ROW[place + 1 :]]
            document = report(page([*ROW, *NUMBERS], TOTALS, [*cells, *NUMBERS], TOTALS))
            first, second = document.cards[0].charges
            assert len(first.lines) == 1
            assert second.merchant == "GANTRY DOOR"
            assert second.lines[0].net == "37.72"
            assert getattr(second, field) is None or (place < 2 and spoiled is None)
            assert second.problems


def test_merchant_cells_drawn_twice_are_read_once() -> None:
    """Any text of a row may be drawn twice to look bold."""
    cells = [*ROW[:4], ROW[4], ROW[4], ROW[5], ROW[5], ROW[6], "D2 LS", "D2 LS", *NUMBERS]
    (charge,) = report(page(cells, TOTALS)).cards[0].charges
    assert (charge.merchant, charge.city, charge.group) == ("GANTRY DOOR", "HOLLOW", "MISC")
    assert charge.lines[0].product == "D2 LS"
    assert charge.problems == ()


def test_an_unknown_line_inside_the_data_is_a_notice() -> None:
    """With its page, its line and its text."""
    document = report(page([*ROW, *NUMBERS], ["Fee reversed?"], TOTALS))
    (notice,) = document.notices
    assert (notice.code, notice.page, notice.message) == ("unknown_line", 1, "Fee reversed?")
    assert document.pages[0].text.split("\n")[(notice.line or 0) - 1] == "Fee reversed?"
