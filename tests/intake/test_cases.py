"""What a reader could not read, or was not sure of, from the upload to the person: never finished.

Each report is drawn with one text changed; the month around it would be finished.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.generate import Recipe, build
from tests.generate.pdf_car import render_car
from tests.generate.pdf_receipts import render_receipts
from tests.generate.text import dollars, grouped
from tests.pdf.test_cases import TITLES, once, with_titles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.generate.ink import Change, Drawn
    from tests.generate.model import Month
    from tests.intake.conftest import Office

PERSON = """
SELECT e.car_total::text, e.receipt_total::text, e.status FROM report.employee_revisions AS e
WHERE e.session_id = %s
"""
ISSUES = """
SELECT i.issue_type FROM report.validation_issues AS i
WHERE i.session_id = %s AND i.is_open AND i.blocks
"""
SOUND = Recipe(
    no_receipts=0.0,
    receipts_only=0.0,
    aliased=0.0,
    both_names=0.0,
    several_cards=0.0,
    careless=0.0,
    no_total_line=0.0,
    credits_only=0.0,
    no_receipt=0.0,
    refund=0.0,
    no_charge=0.0,
    duplicate=0.0,
    uncoded=0.0,
    partly_coded=0.0,
    no_attachment=0.0,
)


def month_of(seed: int = 11) -> Month:
    """Return a month of one person with three receipts that cover all charges."""
    return build(1, 3, seed, recipe=SOUND)


def hand_in(
    office: Office, month: Month, car: Change | None = None, receipts: Change | None = None
) -> tuple[list[dict[str, Any]], set[str], str]:
    """Hand in the reports of a month; return its people, blocking issues and session."""
    # Each of a programme of its own: they are of one month and not of one company.
    session = office.open_session(programme=uuid.uuid4().hex[:8])
    answer = office.upload(session, render_car(month, car), render_receipts(month, receipts))
    assert answer.status == 202, answer.body
    found = office.wait(session)
    assert found["status"] == "completed", found
    issues = {row["issue_type"] for row in office.rows(ISSUES, session)}
    return office.rows(PERSON, session), issues, session


def spoiled(drawn: Drawn) -> Iterable[Drawn]:
    """Return a text that is no value any more."""
    return [drawn._replace(text=f"({drawn.text})")]


def lost(_drawn: Drawn) -> Iterable[Drawn]:
    """Return nothing in the place of a text."""
    return []


def test_a_sound_month_is_finished_whatever_its_titles_look_like(shared_office: Office) -> None:
    """Titles that are labels change nothing."""
    month = with_titles(month_of(), TITLES)
    (person,), issues, _ = hand_in(shared_office, month)
    assert (person["status"], issues) == ("finished", set())
    assert person["car_total"] == person["receipt_total"]


_NET_COLUMN = 700.0
"""Points: right of here stands the last column only."""


def _net(month: Month) -> str:
    """Return the net amount of the first product line as printed."""
    line = month.people[0].cards[0].charges[0].lines[0]
    return dollars(line.net)


@pytest.mark.parametrize("change", [spoiled, lost])
def test_a_product_line_that_is_not_read_makes_the_total_unknown(
    shared_office: Office, change: Callable[[Drawn], Iterable[Drawn]]
) -> None:
    """Spoiled or gone: the card total is unknown and the person not finished."""
    month = month_of(12)
    (person,), issues, _ = hand_in(
        shared_office, month, car=once(_net(month), change, beyond=_NET_COLUMN)
    )
    assert (person["car_total"], person["status"]) == (None, "unfinished")
    assert {"invalid_amount", "unread_value"} <= issues


@pytest.mark.parametrize("change", [spoiled, lost])
def test_a_receipt_amount_that_is_not_read_finishes_nobody(
    shared_office: Office, change: Callable[[Drawn], Iterable[Drawn]]
) -> None:
    """The issue of the receipt blocks."""
    month = month_of(13)
    printed = grouped(month.receipt_pages[0].amount or 0)
    (person,), issues, _ = hand_in(shared_office, month, receipts=once(printed, change))
    assert person["status"] == "unfinished"
    assert "invalid_amount" in issues


def test_a_label_twice_on_a_receipt_blocks(shared_office: Office) -> None:
    """The value is that of the label alone in its cell, and somebody looks at it."""
    (person,), issues, _ = hand_in(shared_office, with_titles(month_of(14), ["Transaction ID: 99"]))
    assert (person["status"], issues) == ("unfinished", {"unread_value"})


def test_names_of_other_scripts_stay_apart_and_get_aliases(shared_office: Office) -> None:
    """Two names, two people, two aliases."""
    names = ["Иван Петров", "王小明"]
    # Most names fit the report, so that nobody has to be asked whether the two belong together.
    month = build(4, 12, 15, recipe=SOUND)
    for receipt, name in zip(month.receipt_pages, names, strict=False):
        receipt.printed_name = name
    _, _, session = hand_in(shared_office, month)
    rows = shared_office.rows(
        "SELECT e.employee_name FROM report.employee_revisions AS e"
        " WHERE e.session_id = %s AND NOT e.is_in_report",
        session,
    )
    assert {row["employee_name"] for row in rows} == {"ИВАНПЕТРОВ", "王小明"}
    with psycopg.connect(shared_office.url) as service:
        for name in names:
            service.execute("SELECT set_config('app.actor', 'pat', true)")
            service.execute("SELECT set_config('role', 'ccp_processor', true)")
            answer = service.execute(
                "SELECT a.moved_receipts"
                " FROM api.approve_alias(%s, %s, 'Asked them', p_is_sure => true) AS a",
                (name, month.people[0].name_key),
            ).fetchone()
            assert answer == (1,)
            service.commit()


def test_the_printed_report_lists_what_is_to_be_looked_at(shared_office: Office) -> None:
    """Every notice with its page."""
    month = month_of(16)

    def with_note(drawn: Drawn) -> Iterable[Drawn]:
        return [drawn, drawn._replace(y=30, text="Late fee $12.00")]

    _, _, session = hand_in(shared_office, month, car=once("Trans Date", with_note))
    (row,) = shared_office.rows("SELECT report.import_report(%s) AS report", session)
    assert "* card report, page 1: Late fee $12.00" in row["report"]
