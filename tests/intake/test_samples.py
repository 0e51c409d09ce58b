"""The two PDFs of a month by HTTP, through a real worker: every value of `expected.json`."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.intake.accepted import PARAMETERS, RULES, people_of, people_of_truth
from tests.intake.conftest import DATA
from tests.pdf.samples import truth

if TYPE_CHECKING:
    from tests.intake.conftest import Office

COUNTS = """
SELECT i.issue_type, count(*) FROM report.validation_issues AS i
WHERE i.session_id = %s AND i.is_open AND i.issue_type = ANY (%s) GROUP BY i.issue_type
"""


PERIOD = """
SELECT p.period_start::text AS posted_from, p.period_end::text AS posted_to, p.period_source
FROM report.sessions AS p WHERE p.session_id = %s
"""


@pytest.fixture(scope="module", params=["small", "medium"])
def sample(request: pytest.FixtureRequest) -> str:
    """Name one sample after the other."""
    return str(request.param)


@pytest.fixture(scope="module")
def session(shared_office: Office, sample: str) -> str:
    """Return a session of the sample, its aliases approved before."""
    shared_office.approve_aliases(sample)
    return shared_office.import_sample(sample)


def test_every_value_is_the_truth(shared_office: Office, session: str, sample: str) -> None:
    """People, cards, charges, lines, receipts, pages, totals, flags, status, issues."""
    found, wanted = people_of(shared_office, session), people_of_truth(truth(sample))
    assert [person["name_key"] for person in found] == [person["name_key"] for person in wanted]
    for person, true in zip(found, wanted, strict=True):
        assert person == {name: true[name] for name in person}
        assert person.keys() == true.keys()


def test_session_adds_up(shared_office: Office, session: str, sample: str) -> None:
    """Counts and totals over all people, and what the report says of itself."""
    wanted, report = truth(sample)["session"], truth(sample)["report"]
    shown = shared_office.call("GET", f"/sessions/{session}").json
    assert shown["total_employees"] == wanted["employees"]
    people = people_of_truth(truth(sample))
    assert shown["employees_completed"] == sum(p["status"] == "finished" for p in people)
    assert shown["total_amount"] == wanted["car_total"]
    assert shown["receipt_total"] == wanted["receipt_total"]
    issues = shared_office.rows(COUNTS, session, RULES)
    assert {row["issue_type"]: row["count"] for row in issues} == Counter(
        issue["type"] for person in people for issue in person["issues"]
    )
    documents = {row["kind"]: row for row in shared_office.rows(PARAMETERS, session)}
    assert documents["car_pdf"]["page_count"] == report["car_pages"]
    assert documents["receipt_pdf"]["page_count"] == report["receipt_pages"]
    assert documents["car_pdf"]["parameters"]["posted_from"] == report["posted_from"]
    assert documents["car_pdf"]["parameters"]["posted_to"] == report["posted_to"]
    (period,) = shared_office.rows(PERIOD, session)
    printed = {name: report[name] for name in ("posted_from", "posted_to")}
    assert period == {**printed, "period_source": "printed"}


def test_every_page_is_accounted_for(shared_office: Office, session: str, sample: str) -> None:
    """Each page of both documents is used by its person or skipped with a reason."""
    wanted: dict[tuple[str, int], tuple[str | None, str | None]] = {}
    for person in truth(sample)["employees"]:
        who = (person["name_key"], person["employee_id"])
        wanted |= {("car_pdf", page): who for page in person["car_pages"]}
        wanted |= {("receipt_pdf", page): who for page in person["receipt_pages"]}
    rows = shared_office.rows("SELECT * FROM report.document_pages WHERE session_id = %s", session)
    used = [row for row in rows if row["status"] == "used"]
    assert {
        (row["kind"], row["page_number"]): (row["employee_name"], row["employee_id"])
        for row in used
    } == wanted
    report = truth(sample)["report"]
    assert len(rows) == report["car_pages"] + report["receipt_pages"]
    assert {row["reason"] for row in rows if row["status"] == "skipped"} == {"summary"}
    texts = shared_office.rows("SELECT count(*) FROM app.page_texts AS t JOIN report.documents AS d"
                               " USING (document_id) WHERE d.session_id = %s", session)  # fmt: skip
    assert texts[0]["count"] == len(rows)


def test_sound_documents_have_no_notice(shared_office: Office, session: str) -> None:
    """All control totals of the samples tie."""
    notices = "SELECT * FROM report.document_notices WHERE session_id = %s"
    assert shared_office.rows(notices, session) == []


def test_bytes_are_kept_as_they_came(shared_office: Office, session: str, sample: str) -> None:
    """The stored pieces put together are the file."""
    for kind, name in (("car_pdf", "car.pdf"), ("receipt_pdf", "receipts.pdf")):
        (row,) = shared_office.rows(
            "SELECT sha256(string_agg(c.bytes, '' ORDER BY c.chunk_number)) AS hash"
            " FROM app.document_chunks AS c JOIN report.documents AS d USING (document_id)"
            " WHERE d.session_id = %s AND d.kind = %s",
            session,
            kind,
        )
        assert row["hash"] == hashlib.sha256((DATA / sample / name).read_bytes()).digest()


def test_same_files_again_change_nothing(shared_office: Office, session: str, sample: str) -> None:
    """Into another session or the same: the answer names the session that has them."""
    before = shared_office.rows("SELECT count(*) FROM app.employee_revisions")
    files = (DATA / sample / "car.pdf", DATA / sample / "receipts.pdf")
    other = shared_office.open_session()
    for target in (other, session):
        answer = shared_office.upload(target, *files)
        assert (answer.status, answer.json["outcome"]) == (200, "unchanged"), answer.body
        assert answer.json["session_id"] == session
    assert shared_office.rows("SELECT count(*) FROM app.employee_revisions") == before
    assert shared_office.call("GET", f"/sessions/{other}").json["status"] == "open"


def test_run_leaves_its_times(shared_office: Office, session: str) -> None:
    """One row of metrics, with the phases."""
    (row,) = shared_office.rows(
        "SELECT * FROM report.processing_metrics WHERE session_id = %s", session
    )
    assert {"fetch", "reading_car", "reading_receipts", "stage", "validate"} <= row["phases"].keys()
    assert row["processing_time_ms"] > 0
