"""The trail: who changed what, when and why, found by object, person, session and user."""

from collections.abc import Iterable

import psycopg
import pytest

from svc.embedded.cluster import Cluster
from tests.audit.content import act_as, fill

CORRECT = """
UPDATE api.current_transactions SET purpose = 'Corrected'
WHERE transaction_id = (SELECT t.transaction_id FROM report.transactions AS t ORDER BY 1 LIMIT 1)
RETURNING transaction_id, session_id"""
PERSON = """
SELECT e.revision_id, e.cardholder_id FROM report.employee_revisions AS e ORDER BY 1 LIMIT 1"""
COPY = """
COPY api.current_transactions (employee_revision_id, transaction_date, amount, merchant_name)
FROM STDIN"""
RESOLVE = """
SELECT (api.resolve_issue(i.issue_id, i.version, 'explained', 'seen the bill', 'r-9')).issue_id
FROM report.validation_issues AS i WHERE i.is_open ORDER BY i.issue_id LIMIT 1"""


@pytest.fixture
def auditor(cluster: Cluster, database: str) -> psycopg.Connection:
    """Return the auditor's connection to a filled database."""
    fill(cluster, database)
    login = cluster.login("ccp_local", database).conninfo
    return psycopg.connect(login, autocommit=True)


def test_a_correction_shows_old_and_new_value(
    cluster: Cluster, database: str, auditor: psycopg.Connection
) -> None:
    """A plain UPDATE is in the trail with person, login, role and reason."""
    with psycopg.connect(cluster.login("ccp_service", database).conninfo) as service:
        act_as(service, "pat", "processor")
        service.execute("SELECT set_config('app.reason', 'asked for by mail', true)")
        corrected = service.execute(CORRECT).fetchone()
    assert corrected is not None
    trail = auditor.execute(
        "SELECT operation, user_name, login_name, role_name, reason, session_id,"
        " changes - 'position' FROM report.object_history(%s) WHERE operation = 'update'",
        (corrected[0],),
    ).fetchall()
    old = auditor.execute(
        "SELECT changes #> '{purpose,new}' FROM report.object_history(%s)"
        " WHERE operation = 'insert'",
        (corrected[0],),
    ).fetchone()
    assert old is not None
    changes = {"purpose": {"old": old[0], "new": "Corrected"}}
    wanted = ("update", "pat", "ccp_service", "ccp_processor", "asked for by mail", corrected[1])
    assert trail == [(*wanted, changes)]
    auditor.close()


def test_rows_that_were_copied_in_say_why(
    cluster: Cluster, database: str, auditor: psycopg.Connection
) -> None:
    """COPY is a statement like others: one revision, and its reason in every row it wrote."""
    with psycopg.connect(cluster.login("ccp_service", database).conninfo) as service:
        act_as(service, "pat", "processor")
        before = service.execute(PERSON).fetchone()
        assert before is not None
        rows = [(before[0], "2025-03-05", amount, "Ledger Cafe") for amount in ("4.10", "5.20")]
        with pytest.raises(psycopg.Error) as refused, service.transaction():
            copy_in(service, rows)
        assert (refused.value.sqlstate, refused.value.diag.column_name) == ("IV008", "app.reason")
        service.execute("SELECT set_config('app.reason', 'came by mail', true)")
        copy_in(service, rows)
    trail = auditor.execute(
        "SELECT t.table_name, t.operation, t.reason, count(*) FROM report.audit_trail AS t"
        " WHERE t.cardholder_id = %s AND t.tx = (SELECT max(x.tx) FROM report.audit_trail AS x"
        " WHERE x.cardholder_id = %s) AND t.table_name <> 'validation_issues'"
        " GROUP BY 1, 2, 3 ORDER BY 1, 2",
        (before[1], before[1]),
    ).fetchall()
    why = "came by mail"
    assert trail == [
        ("employee_revisions", "insert", why, 1),
        ("session_employees", "update", why, 1),
        ("transactions", "insert", why, 2),
    ]
    auditor.close()


def copy_in(service: psycopg.Connection, rows: Iterable[tuple[object, ...]]) -> None:
    """Copy new receipts into the view."""
    with service.cursor() as cursor, cursor.copy(COPY) as copy:
        for row in rows:
            copy.write_row(row)


def test_a_decision_is_found_by_issue_session_person_and_user(
    cluster: Cluster, database: str, auditor: psycopg.Connection
) -> None:
    """One change, found by everything one may know of it."""
    with psycopg.connect(cluster.login("ccp_service", database).conninfo) as service:
        act_as(service, "rob", "reviewer")
        resolved = service.execute(RESOLVE).fetchone()
    assert resolved is not None
    found = auditor.execute(
        "SELECT changes #>> '{state,old}', changes #>> '{state,new}', request_id, session_id,"
        " cardholder_id, user_id FROM report.object_history(%s) WHERE operation = 'update'",
        resolved,
    ).fetchall()
    assert [row[:3] for row in found] == [("open", "resolved", "r-9")]
    session, person, user = found[0][3:]
    for column, value in (("session_id", session), ("cardholder_id", person), ("user_id", user)):
        query = (
            f"SELECT count(*) FROM report.audit_trail WHERE {column} = %s"  # noqa: S608
            " AND object_id = %s AND operation = 'update'"
            " AND changed_at > now() - interval '1 hour'"
        )
        assert auditor.execute(query.encode(), (value, resolved[0])).fetchone() == (1,), column
    auditor.close()
