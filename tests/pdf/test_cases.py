"""PDFs that were once read wrong, each with what is right."""

from svc.pdf import Limits, parse_pdf
from tests.pdf.samples import DATA, receipts_of, report_of

CASES = "cases"


def test_titles_that_look_like_labels() -> None:
    """Titles are titles, amounts and merchants those of the page."""
    receipts = receipts_of(f"{CASES}/title_is_label/receipts.pdf").receipts
    assert [(each.transaction_id, each.title, each.amount) for each in receipts] == [
        ("46000001", "Amount: 45.00", "140.70"),
        ("46000002", "Address: 5 Main", "140.70"),
        ("46000003", "Merchant Name: Bob", "140.70"),
        ("46000004", "Lunch with client:", "140.70"),
    ]
    assert {each.merchant_name for each in receipts} == {"COPPER KETTLE GRILL"}
    assert not [each for receipt in receipts for each in receipt.problems]


def test_a_title_with_a_label_of_its_row_refuses_nothing() -> None:
    """One receipt is doubtful and says so; the document stands."""
    path = f"{CASES}/title_is_label/whole_document_refused/receipts.pdf"
    document = receipts_of(path)
    (receipt,) = document.receipts
    assert (receipt.transaction_id, receipt.title) == ("46000005", "Transaction ID: 99")
    assert [each.field for each in receipt.problems] == ["labels"]
    assert [each.status for each in document.pages] == ["used"]


def test_cells_in_two_operations_are_whole() -> None:
    """An amount before its point, one before its comma, a first name."""
    receipts = receipts_of(f"{CASES}/cell_in_two_operations/receipts.pdf").receipts
    assert [each.amount for each in receipts] == ["140.71", "1299.00", "10.00"]
    assert receipts[2].employee == "Otto Plumridge"


def test_a_page_number_drawn_between_the_cells_of_a_row_changes_nothing() -> None:
    """The order of drawing says nothing."""
    (card,) = report_of(f"{CASES}/page_number_inside_a_row/car.pdf").cards
    nets = [line.net for charge in card.charges for line in charge.lines]
    assert nets == ["12.34", "20.07", "7.00"]
    assert [each.net for each in card.totals] == ["39.41"]


def test_an_unreadable_product_line_is_unknown_and_named() -> None:
    """Its charge keeps both lines; whoever sums up sees that one of them has no amount."""
    (card,) = report_of(f"{CASES}/unreadable_product_line/car.pdf").cards
    (charge,) = card.charges
    assert [line.net for line in charge.lines] == [None, "1.00"]
    assert {(each.field, each.raw) for each in charge.lines[0].problems} == {
        ("gross", "($12.34)"),
        ("net", "($12.34)"),
    }


def test_names_without_latin_letters_are_given_as_printed() -> None:
    """Two people, no notice: no letter is lost."""
    document = receipts_of(f"{CASES}/names_without_latin_letters/receipts.pdf")
    assert [each.employee for each in document.receipts] == ["Иван Петров", "Пётр Сидоров"]
    assert document.notices == ()


def test_the_cases_are_read_the_same_by_children() -> None:
    """With all limits on, and no network."""
    for name in ("title_is_label", "names_without_latin_letters"):
        data = (DATA / CASES / name / "receipts.pdf").read_bytes()
        document = parse_pdf(data, "receipts", Limits(processes=2))
        assert document == receipts_of(f"{CASES}/{name}/receipts.pdf")
