"""Recorded DDL, where a superuser installed the event trigger."""

from pathlib import Path

import psycopg
import pytest

from svc.embedded.cluster import Cluster
from svc.verify_audit import Verifier
from tests.audit.content import superuser_of

SCRIPT = Path(__file__).parents[2] / "db" / "bootstrap_audit.sql"
RECORDED = """
SELECT login_name::text, command, object_name, statement FROM audit.ddl_events
WHERE object_name LIKE 'app.%' ORDER BY event_number"""
OFF = "ALTER TABLE app.users DISABLE TRIGGER t90_capture_update"
ON = "ALTER TABLE app.users ENABLE ALWAYS TRIGGER t90_capture_update"


def test_a_trigger_switched_off_and_on_again_leaves_a_record(
    cluster: Cluster, database: str
) -> None:
    """Between two seals nothing else would tell; the record is sealed and cannot be changed."""
    for _ in range(2):
        cluster.login(database=database).psql("-f", str(SCRIPT))
    with psycopg.connect(cluster.login("ccp_owner", database).conninfo) as owner:
        owner.execute(OFF)
        owner.execute(ON)
        owner.execute("CREATE TEMP TABLE passing (n integer)")
        owner.commit()
        assert owner.execute(RECORDED).fetchall() == [
            ("ccp_owner", "ALTER TABLE", "app.users", statement) for statement in (OFF, ON)
        ]
        owner.execute("SELECT audit.seal()")
        owner.commit()
        assert owner.execute("SELECT * FROM audit.verify()").fetchall() == []
        with pytest.raises(psycopg.Error) as refused:
            owner.execute("DELETE FROM audit.ddl_events")
        assert refused.value.sqlstate == "RL002"
    with superuser_of(cluster, database) as superuser:
        superuser.execute("ALTER EVENT TRIGGER ccp_ddl_end DISABLE")
        found = superuser.execute(
            "SELECT finding, relation_name FROM audit.verify() WHERE relation_name ~ '^event'"
        ).fetchall()
        seen = {(one.kind, one.relation) for one in Verifier(superuser).verify({})}
        superuser.rollback()
    assert found == [("catalog_altered", "event trigger ccp_ddl_end")]
    assert seen == set(found)
