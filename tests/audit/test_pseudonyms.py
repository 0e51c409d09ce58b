"""A pseudonym changes nothing that is proved: what was sealed before is sound after it."""

import psycopg
import pytest

from svc.embedded.cluster import Cluster
from svc.verify_audit import Verifier
from tests.audit.content import act_as, fill, superuser_of

NEWEST = """
SELECT m.month_id, m.version, e.cardholder_id, e.employee_name
FROM report.months AS m JOIN report.processing_sessions AS s ON s.month_id = m.month_id
JOIN report.employee_revisions AS e ON e.session_id = s.session_id ORDER BY e.employee_name LIMIT 1
"""
PROPOSE = "SELECT (api.pseudonymise_cardholder(%s, 'Asked for')).proposal_id"
CONFIRM = "SELECT (api.confirm_pseudonym(%s)).employee_name"
SHOWN = "SELECT count(*) FROM report.employee_revisions_history AS r WHERE r.employee_name = %s"
CARD = "INSERT INTO app.cards (cardholder_id, first_six, last_four) VALUES (%s, '999999', '7777')"
KEPT = "SELECT count(*) FROM app.employee_revisions AS r WHERE r.employee_name = %s"


def said(connection: psycopg.Connection, statement: str, *values: object) -> object:
    """Return the first value a statement answers."""
    row = connection.execute(statement.encode(), values).fetchone()
    return row[0] if row else None


def test_what_was_sealed_before_is_sound_after(cluster: Cluster, database: str) -> None:
    """Sealed, pseudonymised by two people and sealed again: sound from inside and outside."""
    fill(cluster, database)
    with psycopg.connect(cluster.login("ccp_owner", database).conninfo, autocommit=True) as owner:
        owner.execute("SELECT audit.seal()")
    with psycopg.connect(cluster.login("ccp_service", database).conninfo) as service:
        act_as(service, "ann", "admin")
        month, version, person, name = service.execute(NEWEST).fetchone() or ()
        service.execute("SELECT api.close_past_month(%s, %s)", (month, version))
        proposal = said(service, PROPOSE, person)
        service.commit()
        # What somebody else is about to tell of the person is waited for.
        with psycopg.connect(cluster.login("ccp_owner", database).conninfo) as writer:
            writer.execute(CARD, (person,))
            act_as(service, "rob", "reviewer")
            service.execute("SET LOCAL lock_timeout = '100ms'")
            with pytest.raises(psycopg.errors.LockNotAvailable):
                said(service, CONFIRM, proposal)
            service.rollback()
        act_as(service, "rob", "reviewer")
        pseudonym = said(service, CONFIRM, proposal)
        service.commit()
        act_as(service, "rob", "reviewer")
        assert said(service, SHOWN, name) == 0
        assert said(service, SHOWN, pseudonym) == 1
    with superuser_of(cluster, database) as superuser:
        assert said(superuser, KEPT, name) == 1
        assert said(superuser, "SELECT app.shown('of 999999XXXXXX7777')") == f"of {pseudonym}"
        superuser.execute("SELECT audit.seal()")
        superuser.commit()
        assert superuser.execute("SELECT * FROM audit.verify()").fetchall() == []
        assert superuser.execute("SELECT * FROM audit.verify(2)").fetchall() == []
        assert list(Verifier(superuser).verify({})) == []
