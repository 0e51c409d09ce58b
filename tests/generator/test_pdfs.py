"""Every value of the truth is found back in the text of the PDFs, in its order and nowhere else."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from pypdf import PdfReader

from tests.generate import Layout, Month, Recipe, build, expected
from tests.generate.ink import BOLD
from tests.generate.pdf_car import render_car
from tests.generate.pdf_receipts import render_receipts
from tests.generate.strategies import months

if TYPE_CHECKING:
    from collections.abc import Iterable

FOOTER = ("Amounts are in U.S. dollars.", "Confidential -", "Page ", "Report covers all")
PROPERTY = settings(max_examples=25, deadline=None)


def pages(document: bytes) -> list[list[str]]:
    """Return the lines of each page in plain mode, footers left out."""
    return [
        [line.rstrip() for line in page.extract_text().splitlines() if line.strip()]
        for page in PdfReader(io.BytesIO(document)).pages
    ]


def body(page: list[str]) -> list[str]:
    """Return the cells under the column heads of a report page."""
    cells = page[page.index("Net Cost") + 1 :]
    return [cell for cell in cells if not cell.startswith(FOOTER)]


def money(row: dict[str, Any], layout: Layout) -> list[str]:
    """Write gross, discount and net as printed."""
    sign = "$-" if layout.sign_inside else "-$"
    amounts = (row[column] for column in ("gross", "discount", "net"))
    return [
        f"{sign}{float(a[1:]):,.2f}" if a.startswith("-") else f"${float(a):,.2f}" for a in amounts
    ]


def us(day: str) -> str:
    """Write an ISO date as printed."""
    return f"{day[5:7]}/{day[8:]}/{day[:4]}"


def card_cells(person: dict[str, Any], card: dict[str, Any], layout: Layout) -> Iterable[str]:
    """Yield all cells of a card as the report must print them."""
    for charge in person["transactions"]:
        if charge["card"] != card["number"]:
            continue
        yield from (us(charge["trans_date"]), us(charge["posted_date"]))
        yield from (charge["level"], charge["number"], charge["merchant"])
        yield from (f"{charge['city']}, {charge['state']}", charge["group"])
        for line in charge["lines"]:
            if line["product"]:
                yield from [line["product"]] * (2 if layout.drawn_twice else 1)
            yield f"{float(line['ppu']):,.5f}"
            yield f"{float(line['quantity']):,.2f}"
            yield from money(line, layout)
        yield "Transaction Totals:"
        yield from money(charge, layout)
    if card["total_line_printed"]:
        yield f"Totals For Card Nbr: {card['number']}"
        yield from money(card.get("printed", card), layout)


def check_car(month: Month) -> None:
    """Compare all cells and header blocks of the report with the truth."""
    truth = expected(month)
    printed = pages(render_car(month))
    assert len(printed) == truth["report"]["car_pages"]
    for person in truth["employees"]:
        for card in person["cards"]:
            texts = [printed[number - 1] for number in card["pages"]]
            cells = [cell for text in texts for cell in body(text)]
            assert cells == list(card_cells(person, card, month.layout))
            for text in texts:
                start = text.index("Cardholder Name:")
                block = " ".join(text[start : text.index(card["number"]) + 1])
                assert block == (
                    f"Cardholder Name: Employee ID: {person['employee_id']} "
                    f"{person['name_key']} {card['number']}"
                )
    summary = next(page for page in printed if page[1] == "Description")
    assert summary[:3] == ["Product Description", "Description", "Count"]
    session = truth["session"]
    start = summary.index("Report Totals:") + 3
    discount = f"{float(session['car_gross']) - float(session['car_total']):.2f}"
    total = {"gross": session["car_gross"], "discount": discount, "net": session["car_total"]}
    assert summary[start : start + 3] == money(total, month.layout)


def receipt_lines(receipt: dict[str, Any]) -> list[str]:
    """Return the texts of a receipt page in the order of formats 2.2, wrapped ones joined."""
    amount = receipt["amount"]
    shown = receipt.get("amount_text") if amount is None else f"{float(amount):,.2f}"
    kind = {"job_coding": ["Job Coding"], "gl_coding": ["GL Coding"], None: []}
    codes: list[str] = []
    if receipt["job"]:
        codes += ["Job", f"{receipt['job']} {receipt['job_description']}"]
    if receipt["phase"]:
        codes.append("Phase")
    if receipt["cost_type"]:
        codes.append("Cost Type")
    if receipt["gl_account"]:
        codes += ["GL Account", f"{receipt['gl_account']} ({receipt['gl_description']})"]
    return [
        receipt["request_number"],
        receipt["printed_name"],
        receipt["expense_type"],
        *([receipt["title"]] if receipt["title"] else []),
        "Expense Title:",
        "Transaction ID:",
        receipt["transaction_id"],
        "Amount :",
        "Address:",
        *receipt["address"].split(" "),
        *([shown] if shown else []),
        "Purpose:",
        f"Receipts Notes ({receipt['notes']}): {receipt['purpose'] or ''}".rstrip(),
        "Merchant Name:",
        receipt["merchant_name"],
        "Merchant Address:",
        *receipt["merchant_address"].split(" "),
        *kind[receipt["coding_type"]],
        "Accounts Coding Type :",
        *codes,
        "Attachment Name:",
        *receipt["attachments"],
        "Request Type:",
        receipt["request_type"],
        us(receipt["date"]),
    ]


def check_receipts(month: Month) -> None:
    """Find the texts of each receipt on its page, one after the other."""
    printed = pages(render_receipts(month))
    truth = [receipt for person in expected(month)["employees"] for receipt in person["receipts"]]
    assert len(printed) == len(truth)
    for receipt in truth:
        lines = printed[receipt["page"] - 1]
        assert lines[-1].startswith("Expense")
        assert "Transaction" in lines[-1]
        text, place = "\n".join(lines), 0
        for wanted in receipt_lines(receipt):
            found = text.find(wanted, place)
            assert found >= 0, f"{wanted!r} is not on page {receipt['page']} after {place}"
            place = found + len(wanted)


@PROPERTY
@given(months())
def test_the_report_reads_back(month: Month) -> None:
    """Any month in any layout gives the truth, cell by cell."""
    check_car(month)


@PROPERTY
@given(months())
def test_the_receipts_read_back(month: Month) -> None:
    """Any month in any layout gives the truth, page by page."""
    check_receipts(month)


def test_a_report_without_cards_is_its_summary() -> None:
    """When nobody has a card the report is one page that adds up to nothing."""
    month = build(3, 10, 1, recipe=Recipe(receipts_only=1.0))
    assert month.car_pages == 1
    check_car(month)
    check_receipts(month)


def test_letters_beyond_every_font_read_back() -> None:
    """Merchants outside ASCII keep their letters in each font."""
    for font in BOLD:
        month = build(4, 25, 9, recipe=Recipe(foreign_letters=1.0), layout=Layout(font=font))
        check_car(month)
        check_receipts(month)


def test_equal_months_give_equal_bytes() -> None:
    """A PDF carries no time and no random id."""
    first, second = (build(4, 20, 6, layout=Layout(font="Vera")) for _ in range(2))
    assert render_car(first) == render_car(second)
    assert render_receipts(first) == render_receipts(second)
