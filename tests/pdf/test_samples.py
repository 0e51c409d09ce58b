"""Every value of the samples' truth that a page can hold, compared with what the reader returns."""

import re
import unicodedata
from decimal import Decimal
from typing import Any

import pytest

from svc.pdf.model import Card, Charge, ChargeLine, Receipt
from tests.pdf.samples import receipts_of, report_of, truth

SAMPLES = pytest.mark.parametrize("sample", ["small", "medium"])

RECEIPT_FIELDS = (
    "page",
    "request_number",
    "expense_type",
    "title",
    "transaction_id",
    "date",
    "amount",
    "address",
    "purpose",
    "notes",
    "merchant_name",
    "merchant_address",
    "coding_type",
    "job",
    "job_description",
    "phase",
    "cost_type",
    "gl_account",
    "gl_description",
    "coded",
    "has_attachment",
    "request_type",
)


def name_key(name: str) -> str:
    """Return the name key of docs/formats.md 3."""
    plain = unicodedata.normalize("NFD", name).upper()
    return re.sub("[^A-Z]", "", plain)


def mask(number: str) -> str:
    """Return a card number as it may leave the reader."""
    return f"{number[:6]}XXXXXX{number[-4:]}"


def total(lines: tuple[ChargeLine, ...], field: str) -> str:
    """Return the sum of a field over product lines, as a decimal string."""
    return str(sum((Decimal(getattr(line, field)) for line in lines), Decimal("0.00")))


def all_lines(card: Card) -> tuple[ChargeLine, ...]:
    """Return the product lines of all charges of a card."""
    return tuple(line for charge in card.charges for line in charge.lines)


def card_as_truth(card: Card) -> dict[str, Any]:
    """Return a card as `expected.json` words it, the number masked."""
    lines = all_lines(card)
    return {
        "number": card.card_number,
        "last4": card.last_four,
        "masked": card.printed_masked,
        "total_line_printed": bool(card.totals),
        "gross": total(lines, "gross"),
        "discount": total(lines, "discount"),
        "net": total(lines, "net"),
        "pages": list(card.pages),
    }


def charge_as_truth(card: Card, charge: Charge) -> dict[str, Any]:
    """Return a charge as `expected.json` words it."""
    assert charge.totals is not None
    names = ("trans_date", "posted_date", "level", "number", "merchant", "city", "state", "group")
    return {
        "card": card.card_number,
        **{name: getattr(charge, name) for name in names},
        **{name: total(charge.lines, name) for name in ("gross", "discount", "net")},
        "page": charge.page,
        "totals_page": charge.totals.page,
        "lines": [
            {
                name: getattr(line, name) or "" if name == "product" else getattr(line, name)
                for name in ("product", "ppu", "quantity", "gross", "discount", "net")
            }
            for line in charge.lines
        ],
    }


def receipt_as_truth(receipt: Receipt) -> dict[str, Any]:
    """Return a receipt as `expected.json` words it, as far as one page can know."""
    return {
        **{name: getattr(receipt, name) for name in RECEIPT_FIELDS},
        "attachments": list(receipt.attachments),
        "printed_name": receipt.employee,
    }


@SAMPLES
def test_report_parameters_and_totals_are_the_truth(sample: str) -> None:
    """Period, account, company, page count and the row of report totals."""
    document = report_of(f"{sample}/car.pdf")
    report, session = truth(sample)["report"], truth(sample)["session"]
    assert document.parameters.posted_from == report["posted_from"]
    assert document.parameters.posted_to == report["posted_to"]
    assert document.parameters.produced_at == "2025-04-16T09:25:36"
    assert {card.account_code for card in document.cards} == {report["account_code"]}
    assert {card.company for card in document.cards} == {report["company"]}
    assert document.page_count == report["car_pages"]
    (totals,) = document.report_totals
    assert (totals.gross, totals.net) == (session["car_gross"], session["car_total"])
    assert document.notices == ()


@SAMPLES
def test_every_person_and_card_is_the_truth(sample: str) -> None:
    """People by employee id with their cards, in both directions: none missing, none invented."""
    found: dict[str | None, list[dict[str, Any]]] = {}
    for card in report_of(f"{sample}/car.pdf").cards:
        found.setdefault(card.employee_id, []).append(card_as_truth(card))
    wanted = {
        person["employee_id"]: [each | {"number": mask(each["number"])} for each in person["cards"]]
        for person in truth(sample)["employees"]
        if person["employee_id"]
    }
    assert found == wanted
    names = {
        card.employee_id: card.cardholder_name for card in report_of(f"{sample}/car.pdf").cards
    }
    assert names == {
        person["employee_id"]: person["name_key"]
        for person in truth(sample)["employees"]
        if person["employee_id"]
    }


@SAMPLES
def test_every_transaction_and_line_is_the_truth(sample: str) -> None:
    """All fields of all charges and product lines, in printed order."""
    found: dict[str | None, list[dict[str, Any]]] = {}
    for card in report_of(f"{sample}/car.pdf").cards:
        found.setdefault(card.employee_id, []).extend(
            charge_as_truth(card, charge) for charge in card.charges
        )
    wanted = {
        person["employee_id"]: [
            each | {"card": mask(each["card"])} for each in person["transactions"]
        ]
        for person in truth(sample)["employees"]
        if person["employee_id"]
    }
    assert found == wanted


@SAMPLES
def test_printed_totals_agree_with_their_lines(sample: str) -> None:
    """Transaction and card totals are read as printed; in these samples they all tie."""
    for card in report_of(f"{sample}/car.pdf").cards:
        groups = [(charge.lines, charge.totals) for charge in card.charges]
        groups += [(all_lines(card), totals) for totals in card.totals]
        for lines, totals in groups:
            assert totals is not None
            for field in ("gross", "discount", "net"):
                assert getattr(totals, field) == total(lines, field)


@SAMPLES
def test_every_receipt_is_the_truth(sample: str) -> None:
    """All fields of all receipts, by page, and whose they are."""
    employees = truth(sample)["employees"]
    known = {"duplicate_of_page", "matches_transaction"}
    wanted = {
        receipt["page"]: {name: value for name, value in receipt.items() if name not in known}
        for person in employees
        for receipt in person["receipts"]
    }
    found = {
        receipt.page: receipt_as_truth(receipt)
        for receipt in receipts_of(f"{sample}/receipts.pdf").receipts
    }
    assert found == wanted
    keys = {key for person in employees for key in person["receipt_name_keys"]}
    assert {name_key(each["printed_name"]) for each in found.values()} == keys


@SAMPLES
def test_every_page_is_accounted_for(sample: str) -> None:
    """Each page is used by the row that says so, or skipped as summary; no page text is lost."""
    report, receipts = report_of(f"{sample}/car.pdf"), receipts_of(f"{sample}/receipts.pdf")
    assert [page.page for page in report.pages] == list(range(1, report.page_count + 1))
    for page in report.pages:
        if page.status == "used":
            assert page.row is not None
            assert page.page in report.cards[page.row].pages
        else:
            assert (page.status, page.reason) == ("skipped", "summary")
        assert page.text
    for page in receipts.pages:
        assert page.status == "used"
        assert page.row is not None
        assert receipts.receipts[page.row].page == page.page
    assert not [
        each for page in report.pages + receipts.pages for each in page.loose if each.doubtful
    ]


@SAMPLES
def test_nothing_in_the_samples_is_a_problem(sample: str) -> None:
    """No row of a sound document carries a problem."""
    report, receipts = report_of(f"{sample}/car.pdf"), receipts_of(f"{sample}/receipts.pdf")
    for card in report.cards:
        assert not card.problems
        for charge in card.charges:
            assert not charge.problems
            assert not [each for line in charge.lines for each in line.problems]
    assert not [each for receipt in receipts.receipts for each in receipt.problems]


@SAMPLES
def test_cards_are_read_as_masks(sample: str) -> None:
    """Which numbers are printed whole is told apart from them, for the database to cut."""
    report = report_of(f"{sample}/car.pdf")
    assert not re.search("[0-9]{16}", repr(report.cards))
    whole = {f"{n[:6]}XXXXXX{n[-4:]}" for n in report.full_numbers}
    assert whole == {card.card_number for card in report.cards if not card.printed_masked}
    assert any(not card.printed_masked for card in report.cards)
