"""Duties of a worker: each comes back by itself, none stops another, all give signs of life."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from svc import duties, worker
from svc.config import Settings
from svc.db import Database
from svc.duties import Duty, run_all
from tests.service.conftest import SECRET
from tests.service.pooler import PGBOUNCER, Pooler

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from svc.embedded.cluster import Cluster
    from tests.intake.conftest import Office

# Without a folder for the mirror, which has a duty of its own.
DUTIES = worker.CONNECTIONS - 2  # without mail server and mirror
# The service beside it gives signs of its serving, too.
SIGNS = "SELECT * FROM report.workers AS w WHERE w.duty <> 'serving' ORDER BY w.duty"
ENDED = """
SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity AS a
WHERE a.usename = 'ccp_service' AND a.datname = %s
"""

# As an upgrade does with what is called.
REPLACED = """
DO $$
DECLARE
    v_function regprocedure;
BEGIN
    FOR v_function IN
        SELECT p.oid FROM pg_proc AS p
        WHERE p.pronamespace = 'api'::regnamespace
            AND has_function_privilege('ccp_worker', p.oid, 'EXECUTE')
    LOOP
        EXECUTE pg_get_functiondef(v_function);
    END LOOP;
END
$$
"""


def until(condition: Callable[[], bool], what: str, seconds: float = 60) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let duties be done, and tried again, at once."""
    for name in (
        "FILES_SECONDS",
        "TICK_SECONDS",
        "SEAL_SECONDS",
        "SIGN_SECONDS",
        "DAY_SECONDS",
    ):
        monkeypatch.setattr(worker, name, 0.1)
    monkeypatch.setattr(worker, "RETENTION_SECONDS", 0.3)
    monkeypatch.setattr(duties, "LONGEST_PAUSE_SECONDS", 0.2)
    monkeypatch.setattr(duties, "FIRST_PAUSE_SECONDS", 0.1)


@contextlib.contextmanager
def working(url: str) -> Iterator[worker.Worker]:
    """Run a worker in threads."""
    settings = Settings(
        database_url=url, token_secret=SECRET, pool_size=DUTIES, pool_timeout_seconds=1
    )
    database = Database(settings)
    database.open(wait=False)
    one = worker.Worker(database, settings)
    thread = threading.Thread(target=one.run)
    thread.start()
    try:
        yield one
    finally:
        one.stop.set()
        thread.join(60)
        database.close()
    assert not thread.is_alive()


def all_work(office: Office) -> bool:
    """Whether each duty has been done and told of."""
    found = signs(office)
    return len(found) == DUTIES and all(sign["last_success_at"] for sign in found.values())


def signs(office: Office) -> dict[str, dict[str, Any]]:
    """Return the newest sign of each duty."""
    return {row["duty"]: row for row in office.rows(SIGNS)}


@pytest.mark.usefixtures("quick")
def test_a_duty_that_fails_stops_no_other_and_comes_back(office: Office) -> None:
    """Ticks are forbidden for a while: jobs, seals and files go on; then ticks work again."""
    owner = psycopg.connect(office.superuser.info.dsn, user="ccp_owner", autocommit=True)
    with owner, working(office.url):
        until(lambda: all_work(office), "all duties gave a sign")
        owner.execute("REVOKE EXECUTE ON FUNCTION audit.tick FROM ccp_worker")
        until(lambda: signs(office)["ticks"]["is_failing"], "ticks fail")
        before = signs(office)
        assert "42501" in before["ticks"]["last_error"]
        for duty in ("jobs", "seals", "files"):
            then = before[duty]["last_success_at"]
            until(lambda: signs(office)[duty]["last_success_at"] > then, duty)  # noqa: B023
            assert not signs(office)[duty]["is_failing"]
        owner.execute("GRANT EXECUTE ON FUNCTION audit.tick TO ccp_worker")
        until(lambda: not signs(office)["ticks"]["is_failing"], "ticks work again")
        assert "42501" in signs(office)["ticks"]["last_error"]


@pytest.mark.usefixtures("quick")
def test_a_database_that_goes_away_is_waited_for(office: Office) -> None:
    """Its connections are ended and no new one is let in; afterwards every duty works again."""
    database = str(conninfo_to_dict(office.url)["dbname"])
    admitting = "ALTER ROLE ccp_service CONNECTION LIMIT {}"
    superuser = psycopg.connect(office.superuser.info.dsn, autocommit=True)
    with superuser, working(office.url):
        until(lambda: all_work(office), "all duties gave a sign")
        try:
            superuser.execute(sql.SQL(admitting).format(0))
            superuser.execute(ENDED, (database,))
            away = signs(office)["jobs"]["last_success_at"]
            time.sleep(2.5)
            assert signs(office)["jobs"]["last_success_at"] == away
        finally:
            superuser.execute(sql.SQL(admitting).format(-1))
        for duty in signs(office):
            until(
                lambda: signs(office)[duty]["last_success_at"] > away,  # noqa: B023
                f"{duty} works again",
            )


@pytest.mark.usefixtures("quick")
def test_a_worker_lives_through_an_upgrade_and_on_a_server_that_only_reads(
    office: Office, cluster: Cluster
) -> None:
    """Functions are replaced, then nothing is written for a while; all duties go on.

    By way of PgBouncer where there is one.
    """
    database = str(conninfo_to_dict(office.url)["dbname"])
    url = office.url
    with contextlib.ExitStack() as stack:
        if PGBOUNCER is not None and os.environ.get("NO_APT") != "1":
            pooler = Pooler(cluster.folder / f"pooler-{database}", str(cluster.host))
            pooler.start()
            stack.callback(pooler.kill)
            url = pooler.url(database)
        superuser = stack.enter_context(psycopg.connect(office.superuser.info.dsn, autocommit=True))
        stack.enter_context(working(url))
        until(lambda: all_work(office), "all duties gave a sign")
        reading = sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = {}")
        for change in ("upgrade", "standby"):
            if change == "upgrade":
                superuser.execute(REPLACED)
            else:
                superuser.execute(reading.format(sql.Identifier(database), sql.SQL("on")))
                superuser.execute(ENDED, (database,))
                time.sleep(0.5)
                superuser.execute(reading.format(sql.Identifier(database), sql.SQL("off")))
                superuser.execute(ENDED, (database,))
            [now] = superuser.execute("SELECT clock_timestamp()").fetchone() or ("",)
            for duty in signs(office):
                until(
                    lambda: signs(office)[duty]["last_success_at"] > now,  # noqa: B023
                    f"{duty} works after the {change}",
                )


def test_a_worker_that_starts_before_its_database_comes_to_life(office: Office) -> None:
    """The database is made while the worker waits for it; SIGTERM ends it in order."""
    parts = conninfo_to_dict(office.url)
    late = f"{parts['dbname']}_late"
    url = make_conninfo(office.url, dbname=late)
    environment = {**os.environ, "DATABASE_URL": url, "CCP_TOKEN_SECRET_FILE": __file__}
    waiting = subprocess.Popen(
        [sys.executable, "-m", "svc.worker"], env=environment, stderr=subprocess.PIPE, text=True
    )
    assert waiting.stderr is not None
    superuser = psycopg.connect(office.superuser.info.dsn, dbname="postgres", autocommit=True)
    with superuser:
        try:
            line = waiting.stderr.readline()
            while "duty failed" not in line:
                line = waiting.stderr.readline()
            assert waiting.poll() is None
            copy = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
            office.superuser.close()
            office.server.stop()
            names = sql.Identifier(late), sql.Identifier(str(parts["dbname"]))
            superuser.execute(ENDED, (str(parts["dbname"]),))
            superuser.execute(copy.format(*names))
            there = psycopg.connect(superuser.info.dsn, dbname=late, autocommit=True)
            with there:
                until(lambda: len(there.execute(SIGNS).fetchall()) == DUTIES, "signs", 120)
            waiting.terminate()
            assert waiting.wait(60) == 0
        finally:
            waiting.kill()
            waiting.wait()
            waiting.stderr.close()
            drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            superuser.execute(drop.format(sql.Identifier(late)))


def test_a_duty_that_hangs_ends_the_worker_for_its_supervisor() -> None:
    """Nothing else can end it; others were not kept waiting meanwhile."""
    released, turns = threading.Event(), threading.Semaphore(0)

    def hang() -> bool:
        """Hang until the test is over."""
        released.wait(60)
        return False

    def other() -> bool:
        """Be done."""
        turns.release()
        return False

    try:
        hanging = Duty("hanging", hang, every=0.1, limit=0.5)
        fine = Duty("fine", other, every=0.05, limit=60)
        assert run_all([hanging, fine], threading.Event()) == 1
        assert all(turns.acquire(timeout=5) for _ in range(3))
        assert hanging.sign()["busy_seconds"] > 0.5
    finally:
        released.set()


def test_an_error_that_only_a_new_process_mends_ends_the_worker() -> None:
    """The list is that of fatal errors: everything else is survived."""

    def starve() -> bool:
        """Have no memory left."""
        raise MemoryError

    def fail() -> bool:
        """Fail otherwise."""
        raise LookupError("odd")

    failing = Duty("failing", fail, every=0.1, limit=60)
    stop = threading.Event()
    threading.Timer(1.5, stop.set).start()
    assert run_all([failing], stop) == 0
    assert failing.failures >= 1
    assert run_all([Duty("starving", starve, every=0.1, limit=60)], threading.Event()) == 1
