"""What a reader could not read, or was not sure of, from the upload to the person: never finished.

Each report is drawn with one text changed; the month around it would be finished.
"""

from __future__ import annotations

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
    only_receipts=0.0, no_receipts=0.0, credits=0.0, unreceipted=0.0, no_charge=0.0, duplicate=0.0,
    uncoded=0.0, partly_coded=0.0, no_attachment=0.0,
)  # fmt: skip


def month_of(seed: int = 11) -> Month:
    """Return a month of one person with three receipts that cover all charges."""
    return build(1, 3, seed, recipe=SOUND)


def hand_in(
    office: Office, month: Month, car: Change | None = None, receipts: Change | None = None
) -> tuple[list[dict[str, Any]], set[str], str]:
    """Hand in the reports of a month; return its people, blocking issues and session."""
    session = office.open_session()
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
