"""Aliases approved after the import: suggestions, new revisions, the same truth as before it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.intake.accepted import people_of, people_of_truth
from tests.intake.conftest import DATA
from tests.pdf.samples import truth

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.intake.conftest import Office

UNMATCHED = "SELECT * FROM report.unmatched_names WHERE session_id = %s"


def test_late_aliases_give_the_same_truth(office: Office, in_session: Callable[[str], str]) -> None:
    """Suggestions name the right people and change nothing; approving moves receipts at once."""
    session = in_session("medium")
    aliases = json.loads((DATA / "medium" / "aliases.json").read_text())
    names = office.rows(UNMATCHED, session)
    assert {row["receipt_key"] for row in names} == {*aliases, "NICOUMBERLINE", "PERCYSORRELHURST"}
    suggested = {(row["receipt_key"], row["suggested_key"]) for row in names}
    # A nickname with another last name is nothing a machine can see.
    seen = {pair for pair in aliases.items() if pair[0] != "JABEZWRENBURY"}
    assert seen <= suggested
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
    assert shown["employees_completed"] == truth("medium")["session"]["finished"]
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
