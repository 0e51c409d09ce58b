"""What only shows after a commit: nothing joins, changes or goes back later."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import psycopg
import pytest

from svc.embedded.cluster import SUPERUSER
from tests.database.conftest import small_month
from tests.matching.month import Charge, Person, Receipt, submit

if TYPE_CHECKING:
    from tests.conftest import Connect
    from tests.database.conftest import Office

JOIN = """
INSERT INTO app.receipt_links
    (employee_revision_id, transaction_id, content_id, natural_key, position)
SELECT l.employee_revision_id, app.new_id(), l.content_id, 'late', 1
FROM app.receipt_links AS l LIMIT 1
"""
JOIN_FORGED = """
INSERT INTO app.receipt_links (employee_revision_id, transaction_id, content_id, created_tx,
    natural_key, position)
SELECT l.employee_revision_id, app.new_id(), l.content_id, l.created_tx, 'late', 1
FROM app.receipt_links AS l LIMIT 1
"""
LATE_CHARGE = """
INSERT INTO app.charges (session_id, cardholder_id, charge_id, card_id, natural_key, position,
    page_number, net_amount)
SELECT c.session_id, c.cardholder_id, app.new_id(), c.card_id, 'late', 9, 1, 1.00
FROM app.charges AS c LIMIT 1
"""
LATE_LINE = """
INSERT INTO app.charge_lines (session_id, cardholder_id, charge_id, line_number, page_number)
SELECT c.session_id, c.cardholder_id, c.charge_id, 99, 1 FROM app.charges AS c LIMIT 1
"""
LATE_CARD = """
INSERT INTO app.card_totals (session_id, cardholder_id, card_id, card_number, page_range)
SELECT b.session_id, b.cardholder_id, k.card_id, '999999XXXXXX0000', '{1}'
FROM app.bank_sides AS b JOIN app.cards AS k ON k.cardholder_id <> b.cardholder_id LIMIT 1
"""
LATE_SIDE = """
INSERT INTO app.bank_sides (session_id, cardholder_id, charge_count, charge_total, digest)
SELECT e.session_id, e.cardholder_id, 0, 0.00, sha256('')
FROM app.session_employees AS e LEFT JOIN app.bank_sides AS b USING (session_id, cardholder_id)
WHERE b.digest IS NULL LIMIT 1
"""
ORPHAN = """
INSERT INTO app.receipt_contents (transaction_type, amount, has_attachment)
VALUES ('expense', 1, true)
"""
LATE_MATCHING = """
INSERT INTO app.found_open_items (matching_id, side, transaction_id, failed_gate, is_sum_untried)
SELECT m.matching_id, 'receipt', app.new_id(), 'no_counterpart', false
FROM app.matchings AS m LIMIT 1
"""
FINISH = "UPDATE app.session_employees SET status = 'finished' WHERE status = 'unfinished'"
TRICK = "SET CONSTRAINTS ALL IMMEDIATE"


@pytest.fixture(scope="module")
def month(quiet_office: Office) -> Office:
    """Import the small month; return the people of its database."""
    quiet_office.bring(small_month())
    return quiet_office


@pytest.fixture(scope="module")
def bank(month: Office) -> Office:
    """Submit a month of two people and a charge beside it; return the people of its database."""
    charge = Charge("c", Decimal("12.50"), date(2025, 3, 11))
    rows = [
        Person("WADEWINDFALLOW", (charge,), (Receipt("r", Decimal("12.50"), charge.day),)),
        Person("JOANWESTERLY", (), (Receipt("s", Decimal("1.00"), charge.day),), "1002", "1002"),
    ]
    with month.connect("ccp_owner") as owner:
        submit(owner, rows)
    assert month.ask("pat", "SELECT count(*) FROM report.bridge") == len(rows)
    return month


def commit(connection: psycopg.Connection, *statements: str) -> None:
    """Execute the statements in one transaction.

    Raises psycopg.Error when one of them or the commit is refused.
    """
    with connection.transaction():
        for statement in statements:
            connection.execute(statement.encode())


@pytest.mark.parametrize(
    ("statement", "sqlstate"), [(JOIN, "RL001"), (JOIN_FORGED, "23514"), (FINISH, "RL001")]
)
@pytest.mark.parametrize("trick", ["SELECT 1", TRICK])
def test_the_owner_cannot_commit_it(
    month: Office, statement: str, sqlstate: str, trick: str
) -> None:
    """A receipt that joins an old revision, or a status by hand, fails at commit at the latest."""
    with month.connect("ccp_owner") as owner, pytest.raises(psycopg.Error) as caught:
        commit(owner, trick, statement)
    assert caught.value.sqlstate == sqlstate


@pytest.mark.parametrize(
    "statement",
    [LATE_CHARGE, LATE_LINE, LATE_CARD, LATE_SIDE, ORPHAN, LATE_MATCHING],
    ids=["charge", "line", "card", "bank_side", "content", "open_row"],
)
@pytest.mark.parametrize("trick", ["SELECT 1", TRICK])
def test_no_row_joins_later(bank: Office, statement: str, trick: str) -> None:
    """What the bank says and what was matched is of the transaction that brought the person."""
    with bank.connect("ccp_owner") as owner, pytest.raises(psycopg.Error) as caught:
        commit(owner, trick, statement)
    assert caught.value.sqlstate == "RL001"


def test_a_login_that_is_nobody_writes_nothing(month: Office) -> None:
    """Even a superuser's write needs somebody who acts."""
    with month.connect(SUPERUSER) as superuser, pytest.raises(psycopg.Error) as caught:
        superuser.execute("UPDATE app.cardholders SET employee_id = '1'")
    assert caught.value.sqlstate == "PM001"


def test_every_writing_transaction_has_its_row(
    office: Office, small: str, superuser: psycopg.Connection
) -> None:
    """The row says who and as what, and is proved: nothing is left dirty."""
    office.bring(small)
    rows = superuser.execute("""
        SELECT u.user_name, c.login_name, c.role_name, c.is_dirty
        FROM audit.commits AS c JOIN app.users AS u USING (user_id) ORDER BY c.tx DESC LIMIT 1
    """).fetchall()
    assert rows == [("pat", "ccp_service", "ccp_processor", False)]


def test_the_acting_user_is_looked_up_by_key(connect: Connect) -> None:
    """Where scans are off, as in audit.mark(), one would be priced so that it is compiled."""
    owner = connect("ccp_owner")
    owner.execute("SET enable_seqscan = off")
    plan = owner.execute("EXPLAIN SELECT a.user_id FROM app.find_actor() AS a").fetchall()
    assert [line for (line,) in plan if "Seq Scan" in line] == []
