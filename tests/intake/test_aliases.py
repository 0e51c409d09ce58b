"""Aliases approved after the import: suggestions, new revisions, the same truth as before it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.generate.build import build
from tests.generate.pdf_car import render_car
from tests.generate.pdf_receipts import render_receipts
from tests.generate.recipe import Recipe
from tests.intake.accepted import people_of, people_of_truth
from tests.intake.conftest import DATA
from tests.pdf.samples import truth

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.intake.conftest import Office

UNMATCHED = "SELECT * FROM report.unmatched_names WHERE session_id = %s"


@pytest.mark.parametrize("seed", [1, 2])
def test_the_first_suggestion_is_the_person(office: Office, tmp_path: Path, seed: int) -> None:
    """Generated months with many names of receipts only: the money finds nine of ten at least."""
    month = build(60, 240, seed, recipe=Recipe(aliased=0.3, both_names=0.0))
    (tmp_path / "car.pdf").write_bytes(render_car(month))
    (tmp_path / "receipts.pdf").write_bytes(render_receipts(month))
    office.start_worker()
    session = office.open_session()
    answer = office.upload(session, tmp_path / "car.pdf", tmp_path / "receipts.pdf")
    assert answer.status == 202, answer.body
    assert office.wait(session)["status"] == "completed"
    first = {
        row["receipt_key"]: row["suggested_key"]
        for row in office.rows(UNMATCHED, session)
        if row["suggestion_number"] == 1
    }
    asked = {key: name for key, name in month.aliases.items() if key in first}
    assert len(asked) >= 10
    right = {key for key, name in asked.items() if first[key] == name}
    assert len(right) >= 0.9 * len(asked), {key: first[key] for key in asked.keys() - right}


def test_late_aliases_give_the_same_truth(office: Office, in_session: Callable[[str], str]) -> None:
    """Suggestions name the right people and change nothing; approving moves receipts at once."""
    session = in_session("medium")
    aliases = json.loads((DATA / "medium" / "aliases.json").read_text())
    names = office.rows(UNMATCHED, session)
    assert {row["receipt_key"] for row in names} == {*aliases, "NICOUMBERLINE", "PERCYSORRELHURST"}
    first = {
        row["receipt_key"]: row["suggested_key"] for row in names if row["suggestion_number"] == 1
    }
    assert aliases.items() <= first.items()
    shown = office.call("GET", f"/sessions/{session}").json
    assert shown["total_employees"] == 64

    office.approve_aliases("medium")
    wanted = people_of_truth(truth("medium"))
    found = people_of(office, session)
    assert [person["name_key"] for person in found] == [person["name_key"] for person in wanted]
    for person, true in zip(found, wanted, strict=True):
        assert person == {name: true[name] for name in person}
    shown = office.call("GET", f"/sessions/{session}").json
    assert shown["total_employees"] == truth("medium")["session"]["employees"]
    # Two whose totals differ by a repeated page only are finished.
    assert shown["employees_completed"] == sum(person["status"] == "finished" for person in wanted)
    revisions = office.rows(
        "SELECT employee_name, revision_number, predecessor_id IS NOT NULL AS follows"
        " FROM report.employee_revisions_history WHERE session_id = %s AND origin = 'identity'",
        session,
    )
    assert len(revisions) == 2 * len(aliases)
    assert all(row["revision_number"] == 2 and row["follows"] for row in revisions)
    left = {row["receipt_key"] for row in office.rows(UNMATCHED, session)}
    assert left == {"NICOUMBERLINE", "PERCYSORRELHURST"}
    pages = office.rows(
        "SELECT count(*) AS n FROM report.document_pages"
        " WHERE session_id = %s AND kind = 'receipt_pdf' AND employee_name = ANY (%s)",
        session,
        list(aliases),
    )
    assert pages == [{"n": 0}]
