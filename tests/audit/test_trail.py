"""The trail: who changed what, when and why, found by object, person, session and user."""

import psycopg
import pytest

from svc.embedded.cluster import Cluster
from tests.audit.content import act_as, fill

CORRECT = """
UPDATE api.current_transactions SET purpose = 'Corrected'
WHERE transaction_id = (SELECT t.transaction_id FROM report.transactions AS t ORDER BY 1 LIMIT 1)
RETURNING transaction_id, session_id"""
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
