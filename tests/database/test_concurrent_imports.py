"""Several clients hand in files at once: the chain of submissions neither forks nor repeats."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING, Any

import psycopg

from tests.database.conftest import IMPORT, changed

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.database.conftest import Office

CREATE = "SELECT (api.create_session(%s, %s)).session_id::text"
SESSIONS = "SELECT count(*) FROM report.sessions"
ANSWERED = "SELECT count(*) FROM report.import_attempts WHERE outcome = %s"


ALIAS = """
SELECT (api.approve_alias('CYD', 'ANN', 'Called so', p_is_sure => true)).moved_receipts"""
WITHDRAW = "SELECT (api.withdraw_alias('CYD', 1, 'Another one')).moved_receipts"
MONTH = """{"ANN": {"employee_id": "1", "car_page_range": [1], "car_total": 1}, "CYD": {"receipts":
    {"null": [{"rec_id": "7", "amt": "10.00", "date": "2025-03-20", "merch_name": "TOLL"}]}}}"""
WAITS = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
SHOWN = "SELECT string_agg(t.employee_name, ' ') FROM report.transactions AS t"


def beside(
    superuser: psycopg.Connection, first: psycopg.Connection, later: Callable[[], Any]
) -> Any:  # noqa: ANN401 - whatever the call answers
    """Return what a call answers that waits for an open transaction, which then commits."""
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(later)
        while not superuser.execute(WAITS).fetchone():
            assert not waiting.done(), waiting.result()
        first.commit()
        return waiting.result(timeout=120)


def test_an_alias_moves_what_comes_beside_it(office: Office, superuser: psycopg.Connection) -> None:
    """It waits for the submission that is read without it, which nobody else saw yet."""
    with office.acting("pat") as first:
        first.execute(IMPORT, (MONTH, None, None))
        assert beside(superuser, first, lambda: office.ask("ada", ALIAS)) == 1
    assert office.ask("ada", SHOWN) == "ANN"


def test_a_submission_beside_an_alias_is_read_with_it(
    office: Office, superuser: psycopg.Connection
) -> None:
    """It waits before it looks whose receipts they are; the same when the alias is withdrawn."""
    with office.acting("ada") as first:
        first.execute(ALIAS)
        answer = beside(superuser, first, lambda: office.bring(MONTH))
    assert office.ask("ada", SHOWN) == "ANN"
    with office.acting("ada") as first:
        first.execute(WITHDRAW)
        again = MONTH.replace("TOLL", "FERRY")
        beside(superuser, first, lambda: office.bring(again, answer["session_id"]))
    latest = SHOWN + " JOIN report.sessions AS s USING (session_id) WHERE s.is_latest"
    assert office.ask("ada", latest) == "CYD"


def at_once(count: int) -> Barrier:
    """Return a barrier that lets so many threads start together."""
    return Barrier(count, timeout=120)


def test_of_two_next_revisions_one_is_taken(office: Office, small: str) -> None:
    """The second submission waits for the first one's commit and is then told of it."""
    parent = office.bring(small)["session_id"]
    with ThreadPoolExecutor(1) as pool, office.acting("pat") as first:
        row = first.execute(IMPORT, (changed(small, 1), parent, None)).fetchone()
        second = pool.submit(office.bring, changed(small, 2), parent)
        first.commit()
        late = second.result(timeout=120)
    assert row is not None
    assert row[0]["outcome"] == "accepted"
    assert (late["outcome"], late["sqlstate"], late["code"]) == (
        "refused",
        "ST005",
        "parent_has_child",
    )
    assert office.ask("ada", SESSIONS) == 2
    assert office.ask("ada", ANSWERED, "refused") == 1


def test_the_next_revision_is_free_again_after_a_rollback(office: Office, small: str) -> None:
    """A first submission that comes to nothing does not keep out the second."""
    parent = office.bring(small)["session_id"]
    with ThreadPoolExecutor(1) as pool, office.acting("pat") as first:
        first.execute(IMPORT, (changed(small, 1), parent, None))
        second = pool.submit(office.bring, changed(small, 2), parent)
        first.rollback()
        assert second.result(timeout=120)["outcome"] == "accepted"
    assert office.ask("ada", SESSIONS) == 2


def test_of_many_empty_children_one_is_opened(office: Office, small: str) -> None:
    """Eight clients open the next session of one parent: one succeeds, seven get ST005."""
    parent = office.bring(small)["session_id"]
    start = at_once(8)

    def open_child(number: int) -> str:
        start.wait()
        try:
            office.ask("pat", CREATE, f"Child {number}", parent)
        except psycopg.Error as error:
            return str(error.sqlstate)
        return "opened"

    with ThreadPoolExecutor(8) as pool:
        outcomes = sorted(pool.map(open_child, range(8)))
    assert outcomes == ["ST005"] * 7 + ["opened"]
    assert office.ask("ada", SESSIONS) == 2


def test_the_same_file_at_once_is_one_session(office: Office, small: str) -> None:
    """Four clients hand in the same bytes: one import, three are told that nothing changes."""
    start = at_once(4)

    def bring(_: int) -> dict[str, Any]:
        start.wait()
        return office.bring(small)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(bring, range(4)))
    assert sorted(answer["outcome"] for answer in answers) == ["accepted"] + ["unchanged"] * 3
    assert len({answer["session_id"] for answer in answers}) == 1
    assert office.ask("ada", SESSIONS) == 1


def test_the_same_request_at_once_has_one_answer(office: Office, small: str) -> None:
    """Four clients repeat one request: all get the first one's answer, word for word."""
    start = at_once(4)

    def bring(_: int) -> dict[str, Any]:
        start.wait()
        return office.bring(small, request_id="once")

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(bring, range(4)))
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["outcome"] == "accepted"
    assert office.ask("ada", SESSIONS) == 1
    assert office.ask("ada", "SELECT count(*) FROM report.import_attempts") == 1


def test_other_months_do_not_wait(office: Office, small: str) -> None:
    """A month of other people is imported while another import has not ended."""
    other = small.replace('JUNIPOLD"', 'ELSEWHERE"').replace('"5', '"9')
    with ThreadPoolExecutor(1) as pool, office.acting("pat") as first:
        row = first.execute(
            IMPORT, ('{"ANN": {"employee_id": "1", "car_total": 1}}', None, None)
        ).fetchone()
        answer = pool.submit(office.bring, other).result(timeout=120)
        first.commit()
    assert row is not None
    assert (row[0]["outcome"], answer["outcome"]) == ("accepted", "accepted")
