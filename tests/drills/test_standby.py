"""A primary dies under load: the standby takes over, and what was answered is there."""

from __future__ import annotations

import itertools
import os
import signal
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from svc.config import Settings
from svc.embedded.cluster import Cluster
from svc.embedded.machine import call
from svc.verify_audit import main as verify_from_outside
from tests.audit.content import MONTH
from tests.drills.conftest import DATABASE, connected, import_month
from tests.service.conftest import SECRET, Api, running

if TYPE_CHECKING:
    from pathlib import Path

    from tests.drills.conftest import MakeServer, Tell

CLIENTS = 4
RECONNECTED_SECONDS = 30
STANDBY = "ccp_standby"


def standby_of(primary: Cluster, folder: Path) -> Cluster:
    """Return a started standby, made by pg_basebackup."""
    standby = replace(primary, folder=folder / "t", settings={**primary.settings})
    standby.own(standby.data)
    source = f"host={primary.host} user=postgres application_name={STANDBY}"
    call(
        [
            *(primary.machine.program("pg_basebackup"), "-d", source, "-D", str(standby.data)),
            *("-R", "-X", "stream", "--checkpoint=fast", "--no-sync"),
        ],
        account=primary.machine.account,
    )
    standby.start()
    return standby


class Load:
    """Clients that open sessions as fast as they can, each under a key of its own."""

    def __init__(self, api: Api) -> None:
        """Begin."""
        self.answered: list[tuple[float, str]] = []
        self.refused: set[int] = set()
        self._api, self._ends = api, threading.Event()
        self._numbers = itertools.count()
        self._threads = [threading.Thread(target=self._work) for _ in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def _work(self) -> None:
        caller = Api(self._api.app)
        while not self._ends.is_set():
            name = f"S{next(self._numbers)}"
            while True:
                answer = caller.post("/sessions", "pat", f"key {name}", session_name=name)
                if answer.status_code == 201:
                    self.answered.append((time.monotonic(), name))
                    break
                self.refused.add(answer.status_code)
                if self._ends.wait(0.1):
                    return

    def stop(self) -> None:
        """End."""
        self._ends.set()
        for thread in self._threads:
            thread.join()

    def until(self, instant: float) -> list[str]:
        """Return what had been answered then."""
        return [name for answered, name in self.answered if answered <= instant]


@pytest.mark.parametrize("commit", ["remote_apply", "local"])
def test_a_standby_takes_over(make_server: MakeServer, tell: Tell, commit: str) -> None:
    """Answered writes are there, by a synchronous standby all; the service follows by itself."""
    primary = make_server(wal_level="replica", max_wal_senders="4", hot_standby="on")
    primary.start()
    standby = standby_of(primary, primary.folder.parent)
    if commit == "remote_apply":
        primary = replace(
            primary,
            settings={
                **primary.settings,
                "synchronous_standby_names": STANDBY,
                "synchronous_commit": commit,
            },
        )
        primary.write("ccp.conf", "")
        primary.configure()
        primary.control("reload")
    import_month(primary, MONTH, "Small")
    url = (
        f"host={primary.host},{standby.host} port=5432,5432 dbname={DATABASE} user=ccp_service"
        " target_session_attrs=read-write"
    )
    try:
        with running(Settings(database_url=url, token_secret=SECRET, pool_size=CLIENTS)) as api:
            load = Load(api)
            while len(load.answered) < 200:
                time.sleep(0.01)
            postmaster = int((primary.data / "postmaster.pid").read_text().split()[0])
            os.kill(postmaster, signal.SIGKILL)
            killed = time.monotonic()
            standby.control("promote", "-w")
            promoted = time.monotonic()
            while load.answered[-1][0] < promoted + 0.5:
                assert time.monotonic() < killed + RECONNECTED_SECONDS
                time.sleep(0.01)
            load.stop()
            first = min(at for at, _ in load.answered if at > killed + 0.05)
            page = api.pages("/sessions")
        found = [item["session_name"] for items in page for item in items]
        lost = set(load.until(killed)) - set(found)
        tell("promoted after", promoted - killed)
        tell("first answer after", first - killed)
        tell("answered before the kill", len(load.until(killed)))
        tell("of these lost", len(lost))
        assert len(found) == len(set(found)), "each once"
        assert set(found) >= {name for at, name in load.answered if at > promoted}
        assert load.refused <= {503}
        assert not lost or commit == "local"
        with connected(standby, "ccp_owner") as owner:
            owner.execute("SELECT audit.seal()")
            assert owner.execute("SELECT * FROM audit.verify()").fetchall() == []
    finally:
        standby.stop("immediate")


def test_a_standby_serves_readers(make_server: MakeServer, tmp_path: Path) -> None:
    """A second service on it reads lists, files and the past; it refuses writes with one code."""
    primary = make_server(wal_level="replica", max_wal_senders="4", hot_standby="on")
    primary.start()
    standby = standby_of(primary, primary.folder.parent)
    import_month(primary, MONTH, "Small")
    with connected(primary, "ccp_owner") as owner:
        owner.execute("SELECT audit.tick()")
        owner.execute("SELECT audit.seal()")
        [written] = owner.execute("SELECT pg_current_wal_insert_lsn()").fetchone() or ("",)
    with connected(standby) as superuser:
        shown = "SELECT pg_last_wal_replay_lsn() >= %s"
        while superuser.execute(shown, (written,)).fetchone() != (True,):
            time.sleep(0.05)
    url = standby.login("ccp_service", DATABASE).conninfo
    try:
        with running(Settings(database_url=url, token_secret=SECRET, pool_size=2)) as api:
            [[session]] = api.pages("/sessions")
            place = f"/sessions/{session['session_id']}"
            for path in ("/months", f"{place}/issues", f"{place}/employees"):
                assert api.get(path).status_code == 200, path
            for file in ("report.xlsx", "activity.json", "import.csv", "coding.xlsx"):
                answer = api.get(f"{place}/exports/{file}")
                assert answer.status_code == 200, (file, answer.get_json())
            answer = api.post("/sessions", session_name="New")
            assert (answer.status_code, answer.get_json()["code"]) == (503, "read_only_server")
            assert api.app.test_client().get("/readyz").status_code == 200
            assert api.app.test_client().get("/readyz?writable=true").status_code == 503
            metrics = api.app.test_client().get("/metrics").get_data(as_text=True)
            assert "\nccp_standby_replay_seconds " in metrics
        with connected(standby, "ccp_owner") as owner:
            assert owner.execute("SELECT * FROM audit.verify()").fetchall() == []
        heads = ["--anchor", str(tmp_path / "heads"), "--append"]
        assert verify_from_outside([standby.login("ccp_local", DATABASE).conninfo, *heads]) == 0
        with connected(standby, "ccp_local") as local:
            [instant] = (
                local.execute("SELECT max(t.instant) FROM report.ticks AS t").fetchone() or ()
            )
            as_of = local.execute(
                "SELECT format('SELECT count(*) FROM report.%I(%%s)', p.proname) FROM pg_proc AS p"
                " WHERE p.pronamespace = 'report'::regnamespace AND p.proname LIKE '%\\_as\\_of'"
                " AND p.pronargs = 1"
            ).fetchall()
            assert len(as_of) > 3
            for (function,) in as_of:
                assert local.execute(function, (instant,)).fetchone()
            views = local.execute(
                "SELECT format('SELECT count(*) FROM report.%I', c.relname) FROM pg_class AS c"
                " WHERE c.relnamespace = 'report'::regnamespace AND c.relkind = 'v'"
            ).fetchall()
            for (view,) in views:
                local.execute(view)
    finally:
        standby.stop("immediate")
