"""The wheel is enough to deploy, serve and work, from an environment that holds nothing else."""

import os
import subprocess
from pathlib import Path

import psycopg
import pytest

import svc
from svc.embedded.cluster import Cluster
from svc.embedded.deploy import OWNER
from svc.embedded.machine import ROOT
from svc.embedded.plan import read_plan
from svc.embedded.suite import TEMPLATE
from tests.embedded.conftest import NewLogin, Sqitch
from tests.embedded.record import needs_sqitch, record, schema
from tests.intake.conftest import DATA, Office

FACTS = """
import importlib.metadata, svc, svc.embedded.machine
print(svc.__version__, importlib.metadata.version("ccp"), svc.embedded.machine.PROJECT)
"""


@pytest.fixture
def project(installed: Path, tmp_path: Path) -> Path:
    """Return the folder of what is deployed, as the installed package has it."""
    facts = subprocess.run(
        [installed, "-c", FACTS], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    version, distributed, folder = facts.stdout.split()
    assert version == distributed == svc.__version__
    assert Path(folder).is_relative_to(installed.parents[1])
    return Path(folder)


def deploying(python: Path) -> list[str]:
    """Return the command that deploys from an environment."""
    return [str(python), "-m", "svc.embedded", "deploy"]


def content(root: Path) -> dict[str, bytes]:
    """Return every file that deployment needs, the tests of the database left out."""
    files = [root / "sqitch.plan", root / "sqitch.conf", *(root / "db").rglob("*.sql")]
    found = {str(file.relative_to(root)): file.read_bytes() for file in files}
    return {name: text for name, text in found.items() if not name.startswith("db/tests/")}


def test_the_wheel_holds_what_is_deployed(project: Path) -> None:
    """Plan, configuration and every script of the database are those of the checkout."""
    assert content(project) == content(ROOT)


@needs_sqitch
def test_sqitch_takes_over_what_the_installed_package_deployed(
    cluster: Cluster, new_login: NewLogin, installed: Path, sqitch: Sqitch
) -> None:
    """Record and schema of this project are those of sqitch, which verifies, reverts, redeploys."""
    by_deployer, by_sqitch = new_login(), cluster.login(OWNER, TEMPLATE)
    environment = {**by_deployer.environment, "DEPLOY_URL": by_deployer.conninfo, "NO_APT": "1"}
    subprocess.run(deploying(installed), cwd="/", env=environment, check=True)
    assert record(by_deployer) == record(by_sqitch)
    deployed = schema(by_deployer)
    assert deployed == schema(by_sqitch)
    assert "Nothing to deploy (up-to-date)" in sqitch(by_deployer, ROOT, "status")
    assert "Verify successful" in sqitch(by_deployer, ROOT, "verify")
    assert "Check successful" in sqitch(by_deployer, ROOT, "check")
    sqitch(by_deployer, ROOT, "revert", "-y")
    assert schema(by_deployer) == schema(new_login())
    sqitch(by_deployer, ROOT, "deploy")
    assert schema(by_deployer) == deployed


def test_the_installed_service_and_worker_do_a_month(
    cluster: Cluster,
    database: str,
    installed: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Started elsewhere, they read two PDFs and finish the session."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.executable", str(installed))
    monkeypatch.delenv("PYTHONPATH", raising=False)
    office = Office(cluster, database, tmp_path, config="python:svc.gunicorn_conf")
    try:
        session = office.open_session()
        month = DATA / "small"
        answer = office.upload(session, month / "car.pdf", month / "receipts.pdf")
        assert answer.status == 202, answer.body
        office.start_worker("--until-idle").wait(60)
        assert office.wait(session)["status"] == "completed", office.log()
    finally:
        office.stop()


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({}, "deploy: DEPLOY_URL is needed"),
        ({"DEPLOY_URL": "host=/nowhere"}, "deploy: no connection"),
        ({"DEPLOY_URL": "host=/nowhere", "PATH": "/nowhere"}, "deploy: psql was not found"),
    ],
    ids=["no address", "no server", "no psql"],
)
def test_a_deployment_that_cannot_begin_says_why(
    installed: Path, tmp_path: Path, environment: dict[str, str], message: str
) -> None:
    """In one line, with status 1."""
    known = {name: value for name, value in os.environ.items() if name != "DEPLOY_URL"}
    refused = subprocess.run(
        deploying(installed),
        cwd=tmp_path,
        env={**known, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 1
    assert refused.stderr.startswith(message)
    assert refused.stderr.count("\n") == 1


def test_the_installed_package_finds_a_deployed_database_current(
    cluster: Cluster, database: str, installed: Path, tmp_path: Path
) -> None:
    """Nothing is deployed twice."""
    owner = cluster.login(OWNER, database)
    environment = {**owner.environment, "DEPLOY_URL": owner.conninfo}
    for _ in range(2):
        again = subprocess.run(
            deploying(installed),
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        assert again.stderr == "everything is deployed\n"
    with psycopg.connect(owner.conninfo) as connection:
        row = connection.execute("SELECT count(*) FROM sqitch.events WHERE event = 'deploy'")
        assert row.fetchone() == (len(read_plan(ROOT).changes),)
