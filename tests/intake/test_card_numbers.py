"""Nobody's card number is kept of PDFs: printed in each field, in many ways, and looked for."""

from __future__ import annotations

import uuid
from itertools import cycle
from typing import TYPE_CHECKING, Any

import pytest

from tests.database.test_card_numbers import SPELLINGS, check_digit, found_in
from tests.generate.build import build
from tests.generate.pdf_car import render_car
from tests.generate.pdf_receipts import render_receipts

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.generate.model import Month
    from tests.intake.conftest import Office

TABLES = """
SELECT c.oid::regclass::text AS name FROM pg_class AS c
WHERE c.relkind = 'r' AND c.relnamespace IN ('app'::regnamespace, 'audit'::regnamespace)
    AND c.oid <> 'app.document_chunks'::regclass
"""
# A PDF of these fonts prints neither other scripts nor signs without width, and one line a value.
PRINTED = [
    spell for spell in SPELLINGS if spell("4").isascii() and not {"\n", "\t"} & set(spell("4" * 16))
]
TEXTS = ("title", "purpose", "merchant", "merchant_address", "expense_type", "request_number")
DESCRIPTIONS = ("job_description", "phase_description", "cost_description")


class Plants:
    """Numbers that stand nowhere else, each in the next spelling."""

    def __init__(self) -> None:
        """Begin with the first."""
        self.numbers: set[str] = set()
        self._spellings = cycle(PRINTED)

    def __call__(self) -> str:
        """Return a number as it is printed."""
        digits = f"411111{len(self.numbers) * 7919 % 10**9:09}"
        number = digits + check_digit(digits)
        self.numbers.add(number)
        return next(self._spellings)(number)


def holdings(office: Office, numbers: set[str]) -> dict[str, set[str]]:
    """Return where numbers stand: columns of tables, logs of service and worker."""
    places = {
        row["name"]: "\nx\n".join(
            each["t"]
            for each in office.rows(f"SELECT t::text AS t FROM {row['name']} AS t")  # noqa: S608 - of the catalog
        )
        for row in office.rows(TABLES)
    }
    places["log of the service"] = office.server.log.read_text()
    places["log of the worker"] = (office.folder / "worker.log").read_text()
    return {place: hits for place, text in places.items() if (hits := found_in(text, numbers))}


def hand_in(office: Office, month: Month) -> dict[str, Any]:
    """Hand in the two reports of a month; return the session when its run has ended."""
    # Each of a programme of its own: they are of one month and not of one company.
    session = office.open_session(programme=uuid.uuid4().hex[:8])
    answer = office.upload(session, render_car(month), render_receipts(month))
    assert answer.status == 202, answer.body
    return office.wait(session)


def test_numbers_in_texts_are_cut(shared_office: Office) -> None:
    """Of rows, pages and notices; and those of card fields without a check digit."""
    plants = Plants()
    month = build(4, 30, 7)
    for receipt in month.receipt_pages:
        for name in TEXTS:
            setattr(receipt, name, plants())
        for name in DESCRIPTIONS:
            if getattr(receipt.coding, name):
                # Behind a word: a code of one digit beside single digits would be one of them.
                setattr(receipt.coding, name, f"of {plants()} each")
        receipt.address = (plants(),)
        receipt.attachments = (f"{plants()}.pdf",)
    cards = {card.number for person in month.people for card in person.cards if not card.masked}
    for person in month.people:
        for charge in person.charges:
            charge.city = plants()[:18]
    assert cards
    session = hand_in(shared_office, month)
    assert session["status"] == "completed", session
    assert holdings(shared_office, plants.numbers | cards) == {}


@pytest.mark.parametrize("field", ["transaction_id", "job", "phase", "cost_type", "account"])
def test_a_number_in_an_id_or_code_is_refused_by_its_page(
    shared_office: Office, field: str
) -> None:
    """Never shortened: the document is refused, and the reason names page and field."""
    month = build(2, 6, 11)
    number = "4111111111111111"
    receipt = next(
        each
        for each in month.receipt_pages
        if field == "transaction_id" or getattr(each.coding, field)
    )
    setattr(receipt if field == "transaction_id" else receipt.coding, field, number)
    session = hand_in(shared_office, month)
    assert session["status"] == "failed", session
    named = {"account": "gl_account"}.get(field, field)
    assert f"page {receipt.page}, {named}: 411111XXXXXX1111" in session["failure_reason"]
    assert holdings(shared_office, {number}) == {}


# Each text a report may print, where it is, and whether it is an id: then the document goes back.
PLACES: dict[str, tuple[Callable[[Month], object], str, bool]] = {
    "company": (lambda month: month, "company", False),
    "account code": (lambda month: month, "account_code", False),
    "customer": (lambda month: month.people[0].cards[0], "customer_id", False),
    "employee": (lambda month: month.people[0], "employee_id", True),
    "merchant of the bank": (lambda month: month.people[0].charges[0], "merchant", False),
    "state": (lambda month: month.people[0].charges[0], "state", False),
    "group": (lambda month: month.people[0].charges[0], "group", False),
    "level": (lambda month: month.people[0].charges[0], "level", True),
    "number": (lambda month: month.people[0].charges[0], "number", True),
    "product": (lambda month: month.people[0].charges[0].lines[0], "product", False),
    "type of request": (lambda month: month.receipt_pages[0], "request_type", False),
    "number of request": (lambda month: month.receipt_pages[0], "request_number", False),
    "name on a receipt": (lambda month: month.receipt_pages[0], "printed_name", True),
    "kind of coding": (lambda month: month.receipt_pages[0].coding, "kind", False),
}


@pytest.mark.parametrize("place", PLACES)
def test_no_field_of_a_report_brings_a_number_in(shared_office: Office, place: str) -> None:
    """Taken and cut, or refused: of the number nothing stays, also not in the reason."""
    find, name, is_id = PLACES[place]
    month = build(2, 6, 11)
    number = f"42424{len(place) * 7919 % 10**10:010}"
    number += check_digit(number)
    spelling = PRINTED[list(PLACES).index(place) % 2]
    setattr(find(month), name, spelling(number))
    session = hand_in(shared_office, month)
    assert session["status"] == "failed" or not is_id, session
    assert holdings(shared_office, {number}) == {}
    told = shared_office.call("GET", f"/sessions/{session['session_id']}").body.decode()
    assert found_in(told, {number}) == set()
