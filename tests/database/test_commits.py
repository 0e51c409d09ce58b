"""What only shows after a commit: nothing joins, changes or goes back later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

if TYPE_CHECKING:
    from tests.conftest import Connect
    from tests.database.conftest import Office

JOIN = """
INSERT INTO app.transactions (employee_revision_id, transaction_id, natural_key, position,
    transaction_type, amount, has_attachment)
SELECT r.revision_id, app.new_id(), 'late', 1, 'expense', 1, true
FROM app.employee_revisions AS r LIMIT 1
"""
JOIN_FORGED = """
INSERT INTO app.transactions (employee_revision_id, transaction_id, created_tx, natural_key,
    position, transaction_type, amount, has_attachment)
SELECT r.revision_id, app.new_id(), r.created_tx, 'late', 1, 'expense', 1, true
FROM app.employee_revisions AS r LIMIT 1
"""
FINISH = "UPDATE app.session_employees SET status = 'finished' WHERE status = 'unfinished'"
TRICK = "SET CONSTRAINTS ALL IMMEDIATE"


@pytest.fixture
def month(office: Office, small: str) -> None:
    """Import the small month."""
    office.bring(small)


def commit(connection: psycopg.Connection, *statements: str) -> None:
    """Execute the statements in one transaction.

    Raises psycopg.Error when one of them or the commit is refused.
    """
    with connection.transaction():
        for statement in statements:
            connection.execute(statement.encode())


@pytest.mark.parametrize(
    ("statement", "sqlstate"), [(JOIN, "23503"), (JOIN_FORGED, "23514"), (FINISH, "RL001")]
)
@pytest.mark.parametrize("trick", ["SELECT 1", TRICK])
@pytest.mark.usefixtures("month")
def test_the_owner_cannot_commit_it(
    connect: Connect, statement: str, sqlstate: str, trick: str
) -> None:
    """A receipt that joins an old revision, or a status by hand, fails at commit at the latest."""
    with pytest.raises(psycopg.Error) as caught:
        commit(connect("ccp_owner"), trick, statement)
    assert caught.value.sqlstate == sqlstate


@pytest.mark.usefixtures("month")
def test_a_login_that_is_nobody_writes_nothing(superuser: psycopg.Connection) -> None:
    """Even a superuser's write needs somebody who acts."""
    with pytest.raises(psycopg.Error) as caught:
        superuser.execute("UPDATE app.cardholders SET employee_id = '1'")
    assert caught.value.sqlstate == "PM001"


@pytest.mark.usefixtures("month")
def test_every_writing_transaction_has_its_row(superuser: psycopg.Connection) -> None:
    """The row says who and as what, and is proved: nothing is left dirty."""
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
