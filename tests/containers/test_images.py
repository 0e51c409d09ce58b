"""What the images hold, that they run without rights, end in order, and survive an upgrade."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from svc.embedded.deploy import OWNER, bootstrap
from svc.embedded.machine import ROOT
from svc.embedded.plan import read_plan
from tests.containers.conftest import MIGRATE, PROJECT, SAID, SERVICE, ContainerOffice
from tests.embedded.test_rework import MIXED, REWORKED, copy_project, rework, sqitch_of_plan
from tests.intake.conftest import DATA
from tests.intake.test_worker import JOBS, MEDIUM, stop_in

if TYPE_CHECKING:
    from svc.embedded.cluster import Cluster
    from tests.containers.conftest import Podman

LIMITS = {SERVICE: 250_000_000, MIGRATE: 320_000_000}
ACCOUNT = "10001:10001"
BUSY = """
SELECT count(*) FROM pg_stat_activity WHERE usename = 'ccp_service' AND wait_event_type = 'Lock'"""
SMALL = DATA / "small" / "car.pdf", DATA / "small" / "receipts.pdf"
Deploy = Callable[..., tuple[int, str]]
DONE = "everything is deployed\n"


@pytest.fixture
def deploy(podman: Podman, open_server: Cluster) -> Deploy:
    """Return a function: database, another project's folder -> status and words of a migration."""

    def run(database: str, project: Path | None = None) -> tuple[int, str]:
        volumes = {open_server.host: str(open_server.host)}
        if project:
            volumes[project] = PROJECT
        url = open_server.login(OWNER, database).conninfo
        how = podman.running(MIGRATE, "--rm", volumes=volumes, settings={"DEPLOY_URL": url})
        done = podman.try_to(*how)
        return done.returncode, done.stderr

    return run


def test_the_images_are_small_and_their_users_have_no_rights(podman: Podman) -> None:
    """Both below their limits, with what an orchestrator needs to know."""
    for image, limit in LIMITS.items():
        facts = podman.facts(image)
        SAID.append(f"{image}: {facts['Size'] / 1e6:.0f} MB")
        assert facts["Size"] < limit, image
        assert facts["Config"]["User"] == ACCOUNT
    health = podman.facts(SERVICE)["Healthcheck"]["Test"]
    assert health[0] == "CMD"
    assert "/healthz" in health[-1]
    [packages] = [
        podman(*podman.running(SERVICE, "--rm", volumes={}, settings={}), *command)
        for command in (["sh", "-c", "id -u; touch /opt/ccp/x || touch /tmp/x && echo read-only"],)
    ]
    assert packages.split() == ["10001", "read-only"]


def test_the_migration_can_be_repeated_and_is_one_at_a_time(
    open_server: Cluster, deploy: Deploy
) -> None:
    """Of two at the same time one deploys, each change once, and the other waits or gives up."""
    name = f"migrated_{os.getpid()}"
    bootstrap(open_server, name)
    with ThreadPoolExecutor(2) as both:
        ended = sorted(both.map(deploy, [name, name]))
    assert (ended[0][0], ended[0][1].endswith(DONE)) == (0, True), ended
    assert ended[1][1].endswith((DONE, "canceling statement due to lock timeout\n")), ended
    assert deploy(name) == (0, DONE)
    with psycopg.connect(open_server.login(OWNER, name).conninfo) as owner:
        events = owner.execute("SELECT count(*) FROM sqitch.events WHERE event = 'deploy'")
        assert events.fetchone() == (len(read_plan(ROOT).changes),)
    with open_server.login().connect() as superuser:
        superuser.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def test_a_month_is_read_and_the_worker_gives_back_what_it_cannot_end(
    office: ContainerOffice, podman: Podman
) -> None:
    """SIGTERM in a job: it is queued at once and the next worker does it, both in containers."""
    session = office.open_session()
    assert office.upload(session, *MEDIUM).status == 202
    stop_in(office, worker := office.start_container_worker("worker"), "reading_receipts")  # type: ignore[arg-type]
    worker.send_signal(signal.SIGTERM)
    worker.send_signal(signal.SIGCONT)
    assert podman.ended("worker", 60) == 0
    [job] = office.rows(JOBS)
    assert (job["state"], job["phase"]) == ("queued", "waiting")
    office.start_container_worker("next")
    assert office.wait(session)["status"] == "completed", office.log()


def test_a_request_is_answered_before_the_service_ends(
    office: ContainerOffice, podman: Podman
) -> None:
    """SIGTERM: what was begun is answered, nothing new is taken, the status is 0."""
    assert podman("healthcheck", "run", "service") in ("", "healthy")
    body = json.dumps({"session_name": "Begun"}).encode()
    with ThreadPoolExecutor(1) as client, psycopg.connect(office.superuser.info.dsn) as holder:
        holder.execute("LOCK TABLE app.processing_sessions IN EXCLUSIVE MODE")
        kind = {"Content-Type": "application/json"}
        answer = client.submit(office.call, "POST", "/sessions", body, **kind)
        while office.rows(BUSY) == [{"count": 0}]:
            assert not answer.done(), answer.result()
            time.sleep(0.02)
        podman("kill", "--signal=TERM", "service")
        while "Handling signal: term" not in office.log():
            time.sleep(0.02)
        assert not answer.done(), answer.result()
        holder.rollback()
        assert answer.result().status == 201
    assert podman.ended("service", 60) == 0
    assert office.server.status("/healthz") == 0  # type: ignore[attr-defined]


def test_the_previous_image_runs_on_the_upgraded_database(
    office: ContainerOffice, deploy: Deploy, tmp_path: Path
) -> None:
    """Upgraded under it, and started anew on it: it reads, writes and takes in a month."""
    database = office.superuser.info.dbname
    old = copy_project(tmp_path / "old")
    sqitch_of_plan(old, "tag", "v1", "--note", "What is in use")
    assert deploy(database, old) == (0, DONE)
    before = office.open_session(session_name="Before", programme="Before")
    for change in (*REWORKED, MIXED):
        rework(old, change)
    status, words = deploy(database, old)
    assert (status, words) == (0, f"deploying {len(REWORKED) + 1} changes\n{DONE}")
    assert office.call("GET", f"/sessions/{before}").status == 200
    assert office.upload(before, *SMALL).status == 202
    office.server.stop()
    office.start_service("undone")
    office.start_container_worker("worker")
    assert office.wait(before)["status"] == "completed", office.log()
    with psycopg.connect(office.superuser.info.dsn) as superuser:
        superuser.execute("SELECT audit.seal()")
        assert superuser.execute("SELECT * FROM audit.verify()").fetchall() == []
