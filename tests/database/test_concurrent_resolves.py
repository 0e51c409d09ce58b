"""Many clients decide issues at once: each decision counts once and nobody's is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from tests.database.conftest import Office

CLIENTS = 12
# What is least at stake comes first: each role may decide that alone.
ISSUES = """
SELECT array_agg(i.issue_id::text ORDER BY i.amount_impact NULLS LAST, i.issue_id)
FROM report.validation_issues AS i"""
RESOLVE = "SELECT (api.resolve_issue(%s, 1, 'other', %s, %s)).version"
EVENTS = "SELECT count(*) FROM report.issue_events"


def test_of_many_who_resolve_one_issue_one_does(office: Office, small: str) -> None:
    """Twelve clients with the same version: one resolves, the others learn who did."""
    office.bring(small)
    issue = office.ask("ada", ISSUES)[0]
    start = Barrier(CLIENTS, timeout=120)

    def resolve(number: int) -> str:
        user = ("ada", "pat", "rae")[number % 3]
        start.wait()
        try:
            office.ask(user, RESOLVE, issue, f"note {number}", None)
        except psycopg.Error as error:
            told = "open -> resolved other" in str(error.diag.message_detail)
            return f"{error.sqlstate} {told}"
        return "resolved"

    with ThreadPoolExecutor(CLIENTS) as pool:
        outcomes = sorted(pool.map(resolve, range(CLIENTS)))
    assert outcomes == ["ST001 True"] * (CLIENTS - 1) + ["resolved"]
    assert office.ask("ada", EVENTS) == 1


def test_of_one_request_repeated_at_once_all_get_the_answer(office: Office, small: str) -> None:
    """Eight times the same request id: one event, eight equal answers."""
    office.bring(small)
    issue = office.ask("ada", ISSUES)[0]
    start = Barrier(8, timeout=120)

    def resolve(_: int) -> int:
        start.wait()
        version: int = office.ask("pat", RESOLVE, issue, "note", "once")
        return version

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(resolve, range(8))) == [2] * 8
    assert office.ask("ada", EVENTS) == 1


def test_all_issues_resolved_at_once_finish_everybody(office: Office, small: str) -> None:
    """Every issue by a client of its own, people with several among them: all are finished."""
    session = office.bring(small)["session_id"]
    issues = office.ask("ada", ISSUES)
    start = Barrier(len(issues), timeout=120)

    def resolve(issue: str) -> int:
        start.wait()
        version: int = office.ask("rae", RESOLVE, issue, "Known", None)
        return version

    with ThreadPoolExecutor(len(issues)) as pool:
        assert list(pool.map(resolve, issues)) == [2] * len(issues)
    finished = "SELECT employees_completed = total_employees FROM report.sessions"
    assert office.ask("ada", finished) is True
    summary = office.ask("ada", "SELECT report.session_summary(%s::uuid)", session)
    assert summary["open_issues"] == 0
