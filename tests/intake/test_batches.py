"""Batches over HTTP and by two at once: each line is in one, every dollar is accounted for."""

from __future__ import annotations

import hashlib
import threading
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from svc.config import Settings
from tests.service.conftest import SECRET, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.intake.conftest import Office
    from tests.service.conftest import Api

ALL = {"people": "all", "invoice_month": "2025-04-01"}
WAITS = "SELECT 1 FROM pg_stat_activity WHERE pid = %s AND wait_event_type = 'Lock'"
LOOK = "SELECT (api.export_lines(%s, p_people => 'all')).sha256"
FREEZE = """
SELECT (api.export_lines(%s, p_people => 'all', p_reason => 'Now',
    p_expected_sha256 => %s)).line_count
"""


@pytest.fixture(scope="module")
def api(shared_office: Office) -> Iterator[Api]:
    """Yield a caller of a service on the office's database."""
    settings = Settings(database_url=shared_office.url, token_secret=SECRET, pool_size=2)
    with running(settings) as caller:
        yield caller


@pytest.fixture(scope="module")
def medium(shared_office: Office) -> str:
    """Return a session of the medium sample, its aliases approved."""
    shared_office.approve_aliases("medium")
    return shared_office.import_sample("medium")


def must(answer: Any) -> dict[str, Any]:  # noqa: ANN401 - what the test client answers
    """Return the answer of a call that has to succeed."""
    assert answer.status_code == 200, answer.get_json()
    found: dict[str, Any] = answer.get_json()
    return found


def begin(connection: psycopg.Connection[Any]) -> None:
    """Become the processor for a transaction."""
    connection.execute("SELECT set_config('app.actor', 'pat', true)")
    connection.execute("SELECT set_config('role', 'ccp_processor', true)")


def test_a_batch_is_shown_frozen_and_given_for_ever(api: Api, medium: str) -> None:
    """The same bytes each time; with what is left out they are the receipt total to the cent."""
    path = f"/sessions/{medium}/accounting-batches"
    seen = must(api.post(path, **ALL))
    assert (seen["outcome"], seen["batch_number"]) == ("dry_run", None)
    assert seen["invoice_month"] == "2025-04-01"
    frozen = {**ALL, "reason": "The books close", "expected_sha256": seen["sha256"]}
    made = must(api.post(path, **frozen))
    assert made == {**seen, "outcome": "exported", "batch_number": 1}
    left = sum((Decimal(reason["total"]) for reason in made["left_out"]), Decimal(0))
    assert Decimal(made["line_total"]) + left == Decimal("139773.85")
    totals = {reason["reason"]: reason["total"] for reason in made["left_out"]}
    assert totals["duplicate"] == "1410.91"
    for _ in range(2):
        answer = api.get("/accounting-batches/old_program/1/import.csv", user="ron")
        assert hashlib.sha256(answer.data).hexdigest() == made["sha256"]
    lines = answer.data.decode().splitlines()
    assert len(lines) == 1 + made["line_count"]
    again = api.post(path, **frozen)
    assert (again.status_code, again.get_json()["code"]) == (422, "nothing_to_export")
    for number in (2, 10**12):
        answer = api.get(f"/accounting-batches/old_program/{number}/import.csv")
        assert (answer.status_code, answer.get_json()["code"]) == (404, "no_such_accounting_batch")


def test_a_profile_keeps_its_target(api: Api) -> None:
    """What one target has cannot be had a second time by giving it another name."""
    path = "/accounting-profiles/renamed"
    must(api.post(path, "ada", profile={"target": "ledger"}))
    refused = api.post(path, "ada", profile={"target": "other"}, expected_version=1)
    assert (refused.status_code, refused.get_json()["code"]) == (400, "invalid_argument")
    same = must(api.post(path, "ada", profile={"target": "ledger"}, expected_version=1))
    assert (same["target"], same["profile_version"]) == ("ledger", 2)


def test_an_old_snapshot_freezes_nothing(shared_office: Office) -> None:
    """Who would not see what others hand over meanwhile is refused."""
    session = shared_office.import_sample("small", programme="snapshots")
    with psycopg.connect(shared_office.url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        begin(connection)
        (sha256,) = connection.execute(LOOK, (session,)).fetchone() or ()
        with pytest.raises(psycopg.Error) as refused:
            connection.execute(FREEZE, (session, sha256))
    assert refused.value.sqlstate == "IV008"


def test_two_at_once_make_one_batch(shared_office: Office) -> None:
    """Whoever comes second waits, and finds that nothing is left."""
    session = shared_office.import_sample("small")

    with (
        psycopg.connect(shared_office.url) as first,
        psycopg.connect(shared_office.url) as second,
    ):
        begin(first)
        begin(second)
        (sha256,) = first.execute(LOOK, (session,)).fetchone() or ()
        (count,) = first.execute(FREEZE, (session, sha256)).fetchone() or ()
        assert count > 0
        refused: list[str | None] = []

        def late() -> None:
            """Freeze what the first one is freezing."""
            try:
                second.execute(FREEZE, (session, sha256))
            except psycopg.Error as error:
                refused.append(error.sqlstate)

        thread = threading.Thread(target=late)
        thread.start()
        while not shared_office.rows(WAITS, second.info.backend_pid):
            assert thread.is_alive(), refused
        first.commit()
        thread.join()
    assert refused == ["RL090"]
    (held,) = shared_office.rows(
        "SELECT count(*) AS lines, count(DISTINCT l.transaction_id) AS receipts"
        " FROM report.accounting_batch_lines AS l JOIN report.accounting_batches AS b"
        " ON b.target = l.target AND b.batch_number = l.batch_number WHERE b.session_id = %s",
        session,
    )
    assert held == {"lines": count, "receipts": count}
