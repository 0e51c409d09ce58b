"""Recorded DDL, where a superuser installed the event trigger."""

from pathlib import Path

import psycopg
import pytest

from svc.embedded.cluster import Cluster
from svc.embedded.deploy import record_schema_changes
from svc.verify_audit import Verifier
from tests.audit.content import fill, superuser_of

SCRIPT = Path(__file__).parents[2] / "db" / "bootstrap_audit.sql"
RECORDED = """
SELECT login_name::text, command, object_name, statement FROM audit.ddl_events
WHERE object_name LIKE 'app.%' ORDER BY event_number"""
WAS_OFF = ("trigger_was_off", "t90_capture_update")
DEFINITIONS = """
SELECT pg_get_triggerdef(t.oid),
    format('COMMENT ON TRIGGER %I ON app.users IS %L', t.tgname,
        obj_description(t.oid, 'pg_trigger')),
    t.tgenabled
FROM pg_trigger AS t
WHERE t.tgrelid = 'app.users'::regclass AND NOT t.tgisinternal
ORDER BY t.tgname <> 't90_capture_update', t.tgname"""
ALL_OFF = """
SELECT t.tgname FROM pg_trigger AS t
WHERE t.tgrelid = 'app.users'::regclass AND NOT t.tgisinternal AND t.tgenabled <> 'A'"""
INSTALLED = """
SELECT e.evtname, e.evtenabled, e.oid FROM pg_event_trigger AS e
WHERE e.evtname LIKE 'ccp%' ORDER BY 1"""
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
        assert owner.execute("SELECT finding, row_key FROM audit.verify()").fetchall() == [WAS_OFF]
        assert owner.execute("SELECT * FROM audit.verify(2)").fetchall() == []
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
    assert seen == {*found, ("trigger_was_off", "app.users")}


CHANGE = "UPDATE app.users SET role = %s WHERE user_name = 'rob'"


@pytest.mark.parametrize(
    ("off", "back"),
    [
        (OFF, ON),
        ("ALTER TABLE app.users DISABLE TRIGGER USER", ON),
        (f"DO $x$ BEGIN EXECUTE '{OFF}'; END $x$", ON),
        ("DROP TRIGGER t90_capture_update ON app.users", None),
    ],
    ids=["off", "all off", "hidden in a block", "dropped"],
)
def test_a_row_changed_and_changed_back_while_the_trigger_was_off_is_seen(
    cluster: Cluster, database: str, off: str, back: str | None
) -> None:
    """Everything is as it was and every hash fits, and still both verifiers name the trigger."""
    fill(cluster, database)
    cluster.login(database=database).psql("-f", str(SCRIPT))
    with psycopg.connect(cluster.login("ccp_owner", database).conninfo) as owner:
        owner.execute("SELECT audit.seal()")
        owner.commit()
        defined = owner.execute(DEFINITIONS).fetchall()
        owner.execute(off.encode())
        owner.execute(CHANGE, ("admin",))
        owner.execute(CHANGE, ("reviewer",))
        if back is None:
            owner.execute(defined[0][0])
            owner.execute(ON)
            owner.execute(defined[0][1])
        else:
            for (name,) in owner.execute(ALL_OFF).fetchall():
                owner.execute(f"ALTER TABLE app.users ENABLE ALWAYS TRIGGER {name}".encode())
        owner.commit()
        assert owner.execute(DEFINITIONS).fetchall() == defined
        owner.execute("SELECT audit.seal()")
        owner.commit()
        found = owner.execute("SELECT finding, relation_name, row_key FROM audit.verify()")
        findings = set(found.fetchall())
    with superuser_of(cluster, database) as superuser:
        outside = {(one.kind, one.relation, one.row) for one in Verifier(superuser).verify({})}
        superuser.rollback()
    assert ("trigger_was_off", "app.users", "t90_capture_update") in findings
    # The version of the row tells, too, unless the trigger that raises it was off as well.
    told = {"live_row_changed", "live_row_differs"}
    assert {kind for kind, _, _ in findings} - told == {"trigger_was_off"}
    assert {one for one in outside if one[0] not in told} == {
        one for one in findings if one[0] not in told
    }


def test_run_installs_the_recorder_once(cluster: Cluster, database: str) -> None:
    """Missing, off or of an older version, it is put in place; otherwise nothing is touched."""
    with superuser_of(cluster, database) as superuser:
        for spoil in (
            "SELECT",
            "ALTER EVENT TRIGGER ccp_ddl_drop DISABLE",
            "DROP EVENT TRIGGER ccp_ddl_end",
            "CREATE OR REPLACE FUNCTION public.ccp_record_ddl() RETURNS event_trigger"
            " LANGUAGE plpgsql AS 'BEGIN END'",
        ):
            superuser.execute(spoil)
            superuser.commit()
            record_schema_changes(cluster, database)
            first = superuser.execute(INSTALLED).fetchall()
            superuser.commit()
            record_schema_changes(cluster, database)
            assert superuser.execute(INSTALLED).fetchall() == first
            superuser.commit()
            assert [row[0] for row in first] == ["ccp_ddl_drop", "ccp_ddl_end"]
            assert {row[1] for row in first} == {"A"}
