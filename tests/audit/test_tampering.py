"""A superuser with the triggers off changes what was sealed: each change is named, from both sides.

Every case runs in a transaction that is taken back, on one database.
"""

# ruff: noqa: E501, S608 - one attack a line reads best; no text comes from outside
from collections.abc import Iterator
from dataclasses import dataclass, field

import psycopg
import pytest

from svc.embedded.cluster import Cluster
from svc.verify_audit import Verifier
from tests.audit.content import act_as, fill, superuser_of

# Keeps its number, so that the forged row pretends to have been there.
FORGED_RECEIPT = """
INSERT INTO app.receipt_contents (content_id, created_tx, purpose, transaction_type, amount, has_attachment)
SELECT app.new_id(), t.created_tx, 'forged', 'expense', 5, true
FROM app.receipt_contents AS t LIMIT 1"""
FORGED_HISTORY = """
INSERT INTO audit.settings_history
SELECT (jsonb_populate_record(h, jsonb_build_object('value', h.value + 1,
    'audit_seq', nextval('audit.change_number'), 'audit_operation', 'update'))).*
FROM audit.settings_history AS h WHERE h.setting_name = 'json_max_depth'"""
ONE = "ctid = (SELECT min(o.ctid) FROM app.receipt_contents AS o)"
OTHER = "ctid = (SELECT max(o.ctid) FROM app.receipt_contents AS o)"
SWAP = f"""
CREATE TEMP TABLE pair ON COMMIT DROP AS
SELECT a.ctid AS one, b.ctid AS other, a.purpose, b.purpose AS other_purpose
FROM app.receipt_contents AS a CROSS JOIN app.receipt_contents AS b WHERE a.{ONE} AND b.{OTHER};
UPDATE app.receipt_contents AS t SET purpose = p.other_purpose || ' ' FROM pair AS p WHERE t.ctid = p.one;
UPDATE app.receipt_contents AS t SET purpose = p.purpose || ' ' FROM pair AS p WHERE t.ctid = p.other"""
OTHER_CONTENT = """
UPDATE app.receipt_links AS l SET content_id = o.content_id
FROM app.receipt_links AS o WHERE l.ctid = (SELECT min(x.ctid) FROM app.receipt_links AS x)
    AND o.ctid = (SELECT max(x.ctid) FROM app.receipt_links AS x)"""
LAST = "(SELECT max(s.seal_number) FROM audit.seals AS s)"
DROP_LAST = f"""
DELETE FROM audit.sealed_leaves WHERE seal_number = {LAST};
DELETE FROM audit.sealed_catalog WHERE seal_number = {LAST};
DELETE FROM audit.seals WHERE seal_number = {LAST}"""
RESEAL = """
DELETE FROM audit.sealed_leaves; DELETE FROM audit.sealed_catalog; DELETE FROM audit.seals;
UPDATE app.receipt_contents SET amount = amount + 1;
SELECT audit.seal()"""


@dataclass(frozen=True)
class Attack:
    """What is done with which guards off, and what must be said about it."""

    name: str
    does: str
    says: set[str]
    tables: list[str] = field(default_factory=list)
    outside_says: set[str] | None = None


RECEIPTS = ["app.receipt_contents"]
SETTINGS = ["app.settings"]
SETTINGS_HISTORY = ["audit.settings_history"]
SEALS = ["audit.seals", "audit.sealed_leaves", "audit.sealed_catalog"]
ATTACKS = [
    Attack("edit", f"UPDATE app.receipt_contents SET amount = amount + 1 WHERE {ONE}",
           {"row_changed app.receipt_contents"}, RECEIPTS),
    Attack("edit_of_a_tail", f"UPDATE app.receipt_contents SET merchant_name = merchant_name || ' ' WHERE {OTHER}",
           {"row_changed app.receipt_contents"}, RECEIPTS),
    Attack("delete", f"DELETE FROM app.receipt_contents WHERE {ONE}",
           {"row_removed app.receipt_contents"}, ["app.receipt_contents", "app.validation_issues"]),
    Attack("insert", FORGED_RECEIPT, {"row_inserted app.receipt_contents"}, RECEIPTS),
    Attack("another_content", OTHER_CONTENT, {"row_changed app.receipt_links"}, ["app.receipt_links"]),
    Attack("swap", SWAP, {"row_changed app.receipt_contents"}, RECEIPTS),
    Attack("edit_history", "UPDATE audit.users_history SET email = 'x@example.org'",
           {"row_changed audit.users_history", "live_row_changed app.users"},
           ["audit.users_history"],
           outside_says={"row_changed audit.users_history", "live_row_differs app.users"}),
    Attack("delete_history", "DELETE FROM audit.settings_history WHERE setting_name = 'json_max_depth'",
           {"row_removed audit.settings_history", "live_row_inserted app.settings"}, SETTINGS_HISTORY,
           outside_says={"row_removed audit.settings_history", "live_row_differs app.settings"}),
    Attack("insert_history", FORGED_HISTORY,
           {"row_inserted audit.settings_history", "live_row_changed app.settings"}, SETTINGS_HISTORY,
           outside_says={"row_inserted audit.settings_history", "live_row_differs app.settings"}),
    Attack("edit_author", "UPDATE audit.commits SET reason = 'another'",
           {"row_changed audit.commits"}, ["audit.commits"]),
    Attack("edit_live", "UPDATE app.settings SET value = 31 WHERE setting_name = 'json_max_depth'",
           {"live_row_changed app.settings"}, SETTINGS, outside_says={"live_row_differs app.settings"}),
    Attack("delete_live", "DELETE FROM app.settings WHERE setting_name = 'json_max_depth'",
           {"live_row_removed app.settings"}, SETTINGS, outside_says={"live_row_differs app.settings"}),
    Attack("insert_live", "INSERT INTO app.settings SELECT 'forged', 1, 1, 2, unit, '' FROM app.settings LIMIT 1",
           {"live_row_inserted app.settings"}, SETTINGS, outside_says={"live_row_differs app.settings"}),
    Attack("move_tick", "UPDATE audit.ticks SET floor_tx = 1, ceiling_tx = 1 WHERE tick_number = 1",
           {"row_changed audit.ticks"}, ["audit.ticks"]),
    Attack("drop_tick", "DELETE FROM audit.ticks WHERE tick_number = 1",
           {"row_removed audit.ticks"}, ["audit.ticks"]),
    Attack("grant_table", "GRANT SELECT ON app.receipt_contents TO PUBLIC",
           {"catalog_altered grants relation app.receipt_contents"}),
    Attack("grant_column", "GRANT UPDATE (role) ON app.users TO ccp_read_only",
           {"catalog_altered grants column app.users.role"}),
    Attack("grant_function", "GRANT EXECUTE ON FUNCTION audit.start_epoch() TO ccp_read_only",
           {"catalog_altered grants function audit.start_epoch()"}),
    Attack("revoke_view", "REVOKE SELECT ON report.audit_trail FROM ccp_auditor",
           {"catalog_altered grants relation report.audit_trail"}),
    Attack("grant_schema", "GRANT USAGE ON SCHEMA app TO PUBLIC", {"catalog_altered grants schema app"}),
    Attack("default_grants", "ALTER DEFAULT PRIVILEGES FOR ROLE ccp_owner IN SCHEMA app GRANT SELECT ON TABLES TO PUBLIC",
           {"catalog_altered default grants of ccp_owner in app on r"}),
    Attack("drop_last_seal", DROP_LAST, {"head_missing None"},
           SEALS),
    Attack("drop_first_seal", "DELETE FROM audit.sealed_leaves WHERE seal_number = 1;"
           "DELETE FROM audit.seals WHERE seal_number = 1",
           {"seal_missing None"}, [*SEALS]),
    Attack("rewrite_seal", f"UPDATE audit.seals SET row_count = row_count + 1 WHERE seal_number = {LAST}",
           {"seal_rewritten None"}, SEALS),
    Attack("rewrite_seal_and_hash", f"""UPDATE audit.seals SET row_count = row_count + 1 WHERE seal_number = {LAST};
           UPDATE audit.seals AS s SET seal_hash = audit.hash_seal(s) WHERE seal_number = {LAST}""",
           {"head_differs None"}, SEALS),
    Attack("rewrite_leaves", "UPDATE audit.sealed_leaves SET leaves = overlay(leaves PLACING '\\x00' FROM 1)"
           " WHERE relation_name = 'app.receipt_contents'",
           {"leaves_rewritten audit.sealed_leaves", "row_changed app.receipt_contents"}, SEALS,
           outside_says={"leaves_rewritten", "row_changed app.receipt_contents"}),
    Attack("reseal_everything", RESEAL, {"head_missing None"}, [*SEALS, "app.receipt_contents"]),
    Attack("trigger_off", "ALTER TABLE app.users DISABLE TRIGGER t90_capture_update",
           {"trigger_off app.users", "catalog_altered trigger app.users.t90_capture_update"}),
    Attack("trigger_dropped", "DROP TRIGGER t10_immutable ON app.receipt_contents",
           {"trigger_off app.receipt_contents", "catalog_altered trigger app.receipt_contents.t10_immutable"}),
    Attack("history_open", "DROP TRIGGER t10_immutable ON audit.users_history",
           {"trigger_off audit.users_history", "catalog_altered trigger audit.users_history.t10_immutable"}),
    Attack("check_dropped", "ALTER TABLE app.charges DROP CONSTRAINT charges_created_tx_check",
           {"catalog_altered constraint app.charges.charges_created_tx_check"}),
    Attack("type_altered", "ALTER TABLE app.cards ALTER COLUMN created_at TYPE timestamp",
           {"catalog_altered column app.cards.created_at", "history_behind app.cards"},
           outside_says={"catalog_altered column app.cards.created_at"}),
    Attack("column_added", "ALTER TABLE app.users ADD COLUMN shadow text",
           {"catalog_altered column app.users.shadow", "history_behind app.users"},
           outside_says={"catalog_altered column app.users.shadow"}),
    Attack("rule_made", "CREATE RULE nothing AS ON INSERT TO app.issue_events DO INSTEAD NOTHING",
           {"catalog_altered rule app.issue_events.nothing"}),
    Attack("capture_replaced", """CREATE OR REPLACE FUNCTION audit.capture_users() RETURNS trigger
           LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN RETURN NULL; END'""",
           {"catalog_altered function audit.capture_users()"}),
    Attack("view_replaced", """CREATE OR REPLACE VIEW app.rules_in_force AS
           SELECT r.* FROM app.validation_rules AS r WHERE r.enabled""",
           {"catalog_altered view app.rules_in_force"}),
    Attack("kept_catalog_fitted", f"""ALTER TABLE app.charges DROP CONSTRAINT charges_created_tx_check;
           INSERT INTO audit.sealed_catalog SELECT {LAST}, 'constraint app.charges.charges_created_tx_check', NULL""",
           {"catalog_rewritten audit.sealed_catalog"}, SEALS),
    Attack("table_dropped", "DROP TABLE app.issue_events CASCADE",
           {"relation_altered app.issue_events", "catalog_altered table app.issue_events"}),
]  # fmt: skip


@pytest.fixture(scope="module")
def sealed(cluster: Cluster, shared_database: str) -> Iterator[psycopg.Connection]:
    """Yield a superuser's connection to a database with two seals."""
    fill(cluster, shared_database)
    with superuser_of(cluster, shared_database) as superuser:
        superuser.execute("SELECT audit.seal()")
        superuser.commit()
        with psycopg.connect(cluster.login("ccp_owner", shared_database).conninfo) as owner:
            owner.execute(
                "UPDATE app.settings SET value = 33 WHERE setting_name = 'json_max_depth'"
            )
        superuser.execute("SELECT audit.seal()")
        superuser.commit()
        yield superuser


def head(connection: psycopg.Connection) -> tuple[int, str]:
    """Return number and hash of the newest seal."""
    row = connection.execute(
        "SELECT seal_number, encode(seal_hash, 'hex') FROM audit.seals ORDER BY 1 DESC LIMIT 1"
    ).fetchone()
    assert row is not None
    return row[0], row[1]


def tamper(connection: psycopg.Connection, attack: Attack) -> None:
    """Carry an attack out with triggers and checks off, and put them back as they were."""
    connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    was = connection.execute(
        "SELECT t.tgrelid::regclass::text, quote_ident(t.tgname) FROM pg_trigger AS t"
        " WHERE t.tgrelid = ANY (%s::regclass[]) AND t.tgenabled = 'A'",
        (attack.tables,),
    ).fetchall()
    checks = connection.execute(
        "SELECT k.conrelid::regclass::text, quote_ident(k.conname), pg_get_constraintdef(k.oid)"
        " FROM pg_constraint AS k"
        " WHERE k.conrelid = ANY (%s::regclass[]) AND k.conname ~ '_tx_check$'",
        (attack.tables,),
    ).fetchall()
    for table in attack.tables:
        connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL".encode())
    for table, check, _ in checks:
        connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {check}".encode())
    connection.execute(attack.does.encode())
    for table, check, definition in checks:
        connection.execute(f"ALTER TABLE {table} ADD CONSTRAINT {check} {definition}".encode())
    for table in attack.tables:
        connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL".encode())
    for table, trigger in was:
        connection.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}".encode())


def from_inside(connection: psycopg.Connection, anchor: tuple[int, str]) -> set[str]:
    """Return what audit.verify() says, as kind and relation."""
    found = connection.execute("SELECT f.* FROM audit.verify(1, %s, %s) AS f", anchor).fetchall()
    return {f"{kind} {relation}" for kind, _, relation, _, _ in found}


def from_outside(connection: psycopg.Connection, anchor: tuple[int, str]) -> set[str]:
    """Return what the stand-alone verifier says, as kind and relation."""
    found = Verifier(connection).verify(dict([anchor]))
    return {f"{finding.kind} {finding.relation or None}" for finding in found}


def test_nothing_is_said_about_an_untouched_database(sealed: psycopg.Connection) -> None:
    """The control: no finding without an attack, whoever looks."""
    anchor = head(sealed)
    assert from_inside(sealed, anchor) == set()
    assert from_outside(sealed, anchor) == set()
    sealed.rollback()


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_is_named(sealed: psycopg.Connection, attack: Attack) -> None:
    """Both verifications name what was done, and nothing is found once it is taken back."""
    anchor = head(sealed)
    try:
        tamper(sealed, attack)
        said = from_inside(sealed, anchor)
        assert attack.says <= said
        wanted = attack.outside_says or attack.says
        heard = from_outside(sealed, anchor)
        assert {w if " " in w else f"{w} None" for w in wanted} <= heard
    finally:
        sealed.rollback()
    assert from_inside(sealed, anchor) == set()
    sealed.rollback()


OLD = "setting_name = 'seal_lag_alarm_minutes'"
FORGED_SETTING = (
    "INSERT INTO app.settings SELECT 'forged', 1, 1, 2, unit, '' FROM app.settings LIMIT 1"
)


@pytest.mark.parametrize(
    ("does", "says"),
    [
        (f"UPDATE app.settings SET value = 16 WHERE {OLD}", {"live_row_changed"}),
        (f"DELETE FROM app.settings WHERE {OLD}", {"live_row_removed"}),
        (FORGED_SETTING, {"live_row_inserted"}),
        (
            f"DELETE FROM app.settings WHERE {OLD}; {FORGED_SETTING}",
            {"live_row_removed", "live_row_inserted"},
        ),
    ],
    ids=["changed", "removed", "put_in", "exchanged"],
)
def test_an_old_live_row_is_named_from_the_newest_seal_on(
    sealed: psycopg.Connection, does: str, says: set[str]
) -> None:
    """A pass over the newest seal reads no old history, and misses no row written behind its back."""
    newest = f"SELECT finding, relation_name FROM audit.verify({LAST})".encode()
    assert sealed.execute(newest).fetchall() == []
    try:
        tamper(sealed, Attack("live", does, set(), SETTINGS))
        assert set(sealed.execute(newest).fetchall()) == {(one, "app.settings") for one in says}
    finally:
        sealed.rollback()


def test_a_row_is_named_by_its_key(sealed: psycopg.Connection) -> None:
    """The finding holds the key of the first row that was changed, and its seal."""
    try:
        does = f"UPDATE app.receipt_contents SET amount = 1 WHERE {ONE}"
        tamper(sealed, Attack("edit", does, set(), RECEIPTS))
        key = sealed.execute(
            "SELECT ROW(content_id)::text FROM app.receipt_contents WHERE amount = 1"
        ).fetchone()
        found = sealed.execute(
            "SELECT row_key, seal_number FROM audit.verify() WHERE finding = 'row_changed'"
        ).fetchall()
    finally:
        sealed.rollback()
    assert key is not None
    assert found == [(key[0], 1)]


def test_an_unsealed_forgery_without_a_transaction_is_named(sealed: psycopg.Connection) -> None:
    """A row that pretends to be of a transaction nobody marked is found before any seal."""
    forged = FORGED_RECEIPT.replace("t.created_tx, 'forged'", "app.tx() + 1000000, 'forged'")
    try:
        tamper(sealed, Attack("forge", forged, set(), [*RECEIPTS, "app.employee_revisions"]))
        assert "row_unmarked app.receipt_contents" in from_inside(sealed, head(sealed))
    finally:
        sealed.rollback()


def test_a_seal_takes_over_a_migration(cluster: Cluster, shared_database: str) -> None:
    """After DDL the catalog differs until the next seal, which keeps what changed."""
    login = cluster.login("ccp_owner", shared_database).conninfo
    with psycopg.connect(login) as owner:
        owner.execute("ALTER TABLE app.users ADD COLUMN nickname text")
        owner.execute("SELECT audit.follow_table('app.users')")
        owner.execute("SELECT audit.rename_column('app.users', 'email', 'mail')")
        owner.execute("UPDATE app.users SET nickname = 'a' WHERE user_name = 'ann'")
        found = owner.execute("SELECT DISTINCT finding FROM audit.verify()").fetchall()
        assert found == [("catalog_altered",)]
    with psycopg.connect(login) as owner:
        owner.execute("SELECT audit.seal()")
        assert owner.execute("SELECT * FROM audit.verify()").fetchall() == []
        kept = owner.execute(
            "SELECT object_name FROM audit.sealed_catalog WHERE seal_number = (SELECT max(seal_number)"
            " FROM audit.seals) AND object_name LIKE 'column app.users.%' ORDER BY 1"
        ).fetchall()
        assert kept == [
            ("column app.users.email",),
            ("column app.users.mail",),
            ("column app.users.nickname",),
        ]
    with superuser_of(cluster, shared_database) as superuser:
        assert list(Verifier(superuser).verify({})) == []


def test_a_seal_refuses_a_kept_snapshot(cluster: Cluster, shared_database: str) -> None:
    """In repeatable read a seal would not see what is committed now."""
    with superuser_of(cluster, shared_database) as superuser:
        superuser.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        with pytest.raises(psycopg.Error) as refused:
            superuser.execute("SELECT audit.seal()")
    assert refused.value.sqlstate == "IV008"


def test_the_auditor_verifies_and_cannot_write(cluster: Cluster, shared_database: str) -> None:
    """The local login reads seals as auditor; the service's readers do not."""
    with psycopg.connect(cluster.login("ccp_local", shared_database).conninfo) as local:
        local.execute("SET ROLE ccp_auditor")
        assert local.execute("SELECT count(*) FROM audit.seals").fetchone() is not None
        assert local.execute("SELECT count(*) FROM report.audit_trail").fetchone() is not None
        assert local.execute("SELECT * FROM audit.verify()").fetchall() == []
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            local.execute("SELECT audit.seal()")
    with psycopg.connect(cluster.login("ccp_service", shared_database).conninfo) as service:
        act_as(service, "rob", "reviewer")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            service.execute("SELECT count(*) FROM report.audit_trail")
