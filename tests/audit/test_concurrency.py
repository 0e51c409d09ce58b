"""Eight writers and a sealer at once: every committed row is sealed exactly once, in order."""

import itertools
import random
import threading
import time

import psycopg
import pytest
from psycopg import sql

from svc.embedded.cluster import Cluster
from svc.verify_audit import Verifier
from tests.audit.content import act_as, fill, superuser_of

WRITERS = 8
STEPS = 25
ENOUGH = 4
FEW = 3
"""Rows of a slice: a change of a setting has more of them than one, with its commit."""
SEED = 20250401
SETTING = "UPDATE app.settings SET value = %s WHERE setting_name = 'pdf_max_pages'"
SEEN_USERS = """
CREATE VIEW report.seen_users AS
SELECT u.user_id, u.email, s.value FROM app.users AS u CROSS JOIN app.settings AS s
WHERE s.setting_name = 'pdf_max_pages'"""
STATE = """
SELECT count(*), md5(string_agg(ROW(u.user_id, u.email, u.value)::text, ',' ORDER BY u.user_id))
FROM report.seen_users_as_of(%s) AS u"""
COUNTS = """
SELECT r.relation_name, coalesce(s.kept, 0), coalesce(s.distinct_keys, 0)
FROM audit.sealed_relations AS r
LEFT JOIN (
    SELECT l.relation_name, count(*) AS kept, count(DISTINCT k.row_key) AS distinct_keys
    FROM audit.sealed_leaves AS l CROSS JOIN LATERAL unnest(l.row_keys) AS k (row_key) GROUP BY 1
) AS s USING (relation_name)"""


SAVE_USER = """
SELECT api.save_user(%(name)s, %(email)s, p_expected_version => (
    SELECT u.version FROM report.users AS u WHERE u.user_name = %(name)s))"""
SAVE_SETTING = """
SELECT api.save_setting(s.setting_name, %s, s.version)
FROM report.settings AS s WHERE s.setting_name = 'pdf_max_pages'"""


def write(conninfo: str, number: int, failures: list[str], seen: threading.Event) -> None:
    """Change users and settings in transactions of all kinds, some taken back, some slow.

    Go on until the other side has seen enough, however seldom it has its turn.
    """
    luck = random.Random(SEED + number)  # noqa: S311 - repeatable on purpose
    with psycopg.connect(conninfo) as connection:
        for step in itertools.count():
            if step >= STEPS and (seen.is_set() or failures):
                break
            try:
                act_as(connection, "ann", "admin")
                name = f"user {number} {luck.randrange(5)}"
                connection.execute(SAVE_USER, {"name": name, "email": f"{step}@example.org"})
                if luck.random() < 0.3:
                    time.sleep(luck.random() / 20)
                connection.execute("SAVEPOINT s")
                connection.execute(SAVE_SETTING, (luck.randrange(1, 9999),))
                if luck.random() < 0.4:
                    connection.execute("ROLLBACK TO SAVEPOINT s")
                if luck.random() < 0.2:
                    connection.rollback()
                else:
                    connection.commit()
            except psycopg.Error as error:
                # Who saw an older version is told; that is no failure.
                if error.sqlstate != "ST001":
                    failures.append(f"writer {number} step {step}: {error}")
                connection.rollback()


def seal_until(
    conninfo: str, stop: threading.Event, failures: list[str], seen: threading.Event
) -> None:
    """Seal without a pause until told to stop; tell when there are enough seals."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        while not stop.is_set():
            try:
                connection.execute("SET ROLE ccp_worker")
                seal = connection.execute("SELECT (audit.seal()).seal_number").fetchone()
            except psycopg.Error as error:
                failures.append(f"sealer: {error}")
                break
            if seal is not None and seal[0] >= ENOUGH:
                seen.set()


def test_every_row_is_sealed_exactly_once(cluster: Cluster, database: str) -> None:
    """Counts of rows, leaves and different keys agree, and both verifications are silent."""
    print(f"seed {SEED}")  # noqa: T201 - a drill prints its seed
    fill(cluster, database)
    service = cluster.login("ccp_service", database).conninfo
    failures: list[str] = []
    stop, seen = threading.Event(), threading.Event()
    sealer = threading.Thread(target=seal_until, args=(service, stop, failures, seen))
    writers = [
        threading.Thread(target=write, args=(service, number, failures, seen))
        for number in range(WRITERS)
    ]
    sealer.start()
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    stop.set()
    sealer.join()
    assert failures == []
    with superuser_of(cluster, database) as superuser:
        superuser.execute("SELECT audit.seal()")
        superuser.commit()
        seals = superuser.execute("SELECT count(*) FROM audit.seals").fetchone()
        assert seals is not None
        assert seals[0] >= ENOUGH
        for relation, kept, distinct in superuser.execute(COUNTS).fetchall():
            name = sql.Identifier(*relation.replace('"', "").split("."))
            rows = superuser.execute(sql.SQL("SELECT count(*) FROM {}").format(name)).fetchone()
            # A tick that the newest seal wrote is sealed by the next one.
            assert rows in ((kept,), (kept + (relation == "audit.ticks"),)), relation
            assert kept == distinct, relation
        assert superuser.execute("SELECT * FROM audit.verify()").fetchall() == []
        lag = superuser.execute("SELECT unsealed_commits FROM report.seal_status").fetchone()
        assert lag == (0,)
        assert list(Verifier(superuser).verify({})) == []


def test_the_past_stays_as_it_was_told(cluster: Cluster, database: str) -> None:
    """What an instant showed while eight writers were at work, it shows afterwards."""
    fill(cluster, database)
    service = cluster.login("ccp_service", database).conninfo
    failures: list[str] = []
    seen = threading.Event()
    told: list[tuple[object, object]] = []
    owner = psycopg.connect(cluster.login("ccp_owner", database).conninfo, autocommit=True)
    with owner:
        # Any view will do; this one shows what the writers change.
        owner.execute(SEEN_USERS)
        owner.execute("SELECT audit.make_as_of('report.seen_users')")
        writers = [
            threading.Thread(target=write, args=(service, number, failures, seen))
            for number in range(WRITERS)
        ]
        for writer in writers:
            writer.start()
        try:
            while any(writer.is_alive() for writer in writers):
                row = owner.execute("SELECT (audit.tick()).instant").fetchone()
                assert row is not None
                told.append((row[0], owner.execute(STATE, row).fetchone()))
                if len({state for _, state in told}) >= ENOUGH:
                    seen.set()
        finally:
            # Writers go on until then: a fault here must end the test, not keep it for ever.
            seen.set()
            for writer in writers:
                writer.join()
        assert failures == []
        assert len({state for _, state in told}) >= ENOUGH
        for instant, state in told:
            assert owner.execute(STATE, (instant,)).fetchone() == state, instant
        owner.execute("SELECT audit.tick()")
        now = owner.execute(STATE.replace("_as_of(%s)", "")).fetchone()
        row = owner.execute("SELECT max(instant) FROM report.ticks").fetchone()
        assert row is not None
        assert owner.execute(STATE, row).fetchone() == now


def test_an_open_transaction_holds_the_seal_back(cluster: Cluster, database: str) -> None:
    """What commits after a seal that it could not see is in the next one."""
    fill(cluster, database)
    with (
        psycopg.connect(cluster.login("ccp_owner", database).conninfo) as slow,
        superuser_of(cluster, database) as superuser,
    ):
        superuser.autocommit = True
        slow.execute(SETTING, (77,))
        superuser.execute("SELECT audit.seal()")
        unsealed = "SELECT unsealed_commits FROM report.seal_status"
        with psycopg.connect(cluster.login("ccp_owner", database).conninfo) as quick:
            quick.execute("UPDATE app.users SET email = 'q@example.org' WHERE user_name = 'ann'")
        superuser.execute("SELECT audit.seal()")
        assert superuser.execute(unsealed).fetchone() == (1,)
        slow.commit()
        superuser.execute("SELECT audit.seal()")
        assert superuser.execute(unsealed).fetchone() == (0,)
        assert superuser.execute("SELECT * FROM audit.verify()").fetchall() == []


def test_another_database_does_not_hold_the_seal_back(cluster: Cluster, database: str) -> None:
    """The server counts transactions of all its databases; only ours are waited for."""
    fill(cluster, database)
    with (
        psycopg.connect(cluster.login("postgres", "postgres").conninfo) as elsewhere,
        psycopg.connect(cluster.login("ccp_owner", database).conninfo) as slow,
        superuser_of(cluster, database) as superuser,
    ):
        superuser.autocommit = True
        elsewhere.execute("SELECT pg_current_xact_id()")
        with psycopg.connect(cluster.login("ccp_owner", database).conninfo) as quick:
            quick.execute("UPDATE app.users SET email = 'q@example.org' WHERE user_name = 'ann'")
        superuser.execute("SELECT audit.seal()")
        unsealed = "SELECT unsealed_commits FROM report.seal_status"
        assert superuser.execute(unsealed).fetchone() == (0,)
        slow.execute(SETTING, (77,))
        with psycopg.connect(cluster.login("ccp_owner", database).conninfo) as quick:
            quick.execute("UPDATE app.users SET email = 'r@example.org' WHERE user_name = 'ann'")
        superuser.execute("SELECT audit.seal()")
        assert superuser.execute(unsealed).fetchone() == (1,)
        elsewhere.rollback()
        superuser.execute("SELECT audit.seal()")
        assert superuser.execute(unsealed).fetchone() == (1,)
        slow.commit()
        superuser.execute("SELECT audit.seal()")
        assert superuser.execute(unsealed).fetchone() == (0,)
        assert superuser.execute("SELECT * FROM audit.verify()").fetchall() == []


def test_a_backlog_is_sealed_in_slices(cluster: Cluster, database: str) -> None:
    """Each takes whole transactions and ends; together they hold every row once."""
    fill(cluster, database)
    with superuser_of(cluster, database) as superuser:
        superuser.autocommit = True
        for number in range(6):
            with psycopg.connect(cluster.login("ccp_owner", database).conninfo) as owner:
                owner.execute(SETTING, (100 + number,))
        with pytest.raises(psycopg.Error) as refused:
            superuser.execute("SELECT audit.seal(0)")
        assert refused.value.sqlstate == "IV008"
        numbers: list[int] = []
        while len(set(numbers)) == len(numbers):
            seal = superuser.execute("SELECT (audit.seal(%s)).seal_number", (FEW,)).fetchone()
            assert seal is not None
            numbers.append(seal[0])
        assert len(numbers) > ENOUGH
        lag = superuser.execute("SELECT audit.seal_lag()").fetchone()
        assert lag == ({"unsealed_commits": 0, "lag_seconds": 0, "is_late": False},)
        for relation, kept, distinct in superuser.execute(COUNTS).fetchall():
            assert kept == distinct, relation
        assert superuser.execute("SELECT * FROM audit.verify()").fetchall() == []
        assert list(Verifier(superuser).verify({})) == []
        before = superuser.execute("SELECT count(*) FROM audit.seals").fetchone()
        superuser.execute("SELECT audit.seal()")
        superuser.execute("SELECT audit.seal()")
        # The tick of a seal makes no seal of its own.
        assert superuser.execute("SELECT count(*) FROM audit.seals").fetchone() == before
