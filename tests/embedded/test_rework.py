"""The next version: tag, rework, upgrade with data in the database, go back, upgrade again."""

import os
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from svc.embedded import deploy as deployment
from svc.embedded import local
from svc.embedded.cluster import SUPERUSER, Cluster
from svc.embedded.deploy import OWNER, record_schema_changes
from svc.embedded.login import Login
from svc.embedded.machine import ROOT, SetupError, find_machine
from svc.embedded.plan import read_plan
from tests.audit.content import PROCESSOR, act_as, fill
from tests.conftest import copy_of_template
from tests.embedded.conftest import Deploying, NewLogin, Sqitch
from tests.embedded.record import needs_sqitch, record, schema

KINDS = ("deploy", "revert", "verify")
# One change of each domain that holds functions, views and triggers only.
REWORKED = (
    "foundation/values",
    "audit/trail",
    "access/user_admin",
    "people/names",
    "content/compare",
    "validation/carry_over",
    "matching/bridge",
    "report/charges",
    "revising/complete",
    "intake/restore",
    "documents/report",
    "workflow/holds",
    "months/closing",
    "outputs/accounting",
    "migration/runs",
    "outbox/delivery",
    "privacy/covering",
    "operations/metrics",
    "surface/catalog",
)
# It also makes a table, guards it and enters settings.
MIXED = "validation/calendar"
# What the server serves of these is read anew when the number of the surface changes.
SERVED = ("report/charges", MIXED)
# A statement that cannot be repeated: from a line that begins so to the next that ends with ;
MADE_ONCE = re.compile(
    r"^(?:DO .*?^\$\$|CREATE (?!OR REPLACE)|INSERT |UPDATE |ALTER (?!TABLE \S+ ENABLE ALWAYS )"
    r"|SELECT audit\.(?:guard|make_as_of)).*?;$\n",
    re.MULTILINE | re.DOTALL,
)
RENEW = "SELECT app.renew_surface();\n\nCOMMIT;"
TABLES = """
SELECT format('%I.%I', n.nspname, c.relname)
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname IN ('app', 'audit') AND c.relkind = 'r'
    -- What services have to read anew is counted, in a commit of its own; deployments are recorded,
    -- and service and worker give signs of life.
    AND c.oid NOT IN ('app.surface_number'::regclass, 'audit.commits'::regclass,
        'audit.ddl_events'::regclass, 'app.worker_duties'::regclass,
        'app.sign_minutes'::regclass)"""
CHECKSUM = "SELECT count(*), md5(string_agg(t::text, ',' ORDER BY t::text)) FROM {table} AS t"
NUMBER = "SELECT n.number FROM app.surface_number AS n"
CORRECT = """
UPDATE api.current_transactions SET amount = amount + 1
WHERE transaction_id = (SELECT t.transaction_id FROM report.transactions AS t ORDER BY 1 LIMIT 1)
RETURNING transaction_id"""
RESOLVE = """
SELECT (api.resolve_issue(i.issue_id, i.version, 'explained', 'Known')).version
FROM report.validation_issues AS i WHERE i.is_open ORDER BY i.issue_id LIMIT 1"""


class Versions(NamedTuple):
    """The project as it was tagged, and the one that comes next."""

    old: Path
    new: Path


def copy_project(folder: Path) -> Path:
    """Copy what is deployed."""
    folder.mkdir(parents=True)
    shutil.copytree(ROOT / "db", folder / "db", ignore=shutil.ignore_patterns("tests"))
    for name in ("sqitch.conf", "sqitch.plan"):
        shutil.copy(ROOT / name, folder)
    return folder


def sqitch_of_plan(root: Path, *arguments: str) -> None:
    """Have sqitch change the plan. Raises when it refuses."""
    who = {"SQITCH_FULLNAME": "Ann Underhill", "SQITCH_EMAIL": "ann@example.org"}
    subprocess.run(
        ["sqitch", *arguments],
        cwd=root,
        env={**os.environ, **who},
        stdout=subprocess.DEVNULL,
        check=True,
    )


def repeatable(script: str) -> str:
    """Return a deploy script without what can be made only once."""
    return MADE_ONCE.sub("", script)


def altered(script: str) -> str:
    """Return a script with another body of its first PL/pgSQL function and another comment."""
    body = script.replace("\nBEGIN\n", "\nBEGIN\n    -- As of the next version.\n", 1)
    return re.sub(r"(COMMENT ON (?:FUNCTION|VIEW) .*? IS ')", r"\1Next: ", body, count=1)


def rework(root: Path, change: str) -> None:
    """Rework one change as CONTRIBUTING 3 says."""
    scripts = {kind: root / "db" / kind / f"{change}.sql" for kind in KINDS}
    old = scripts["deploy"].read_text()
    for kind in KINDS:
        (root / "db/reworked" / kind / change).parent.mkdir(parents=True, exist_ok=True)
    sqitch_of_plan(root, "rework", change, "--note", "Next version")
    assert scripts["revert"].read_text() == old, "sqitch takes the old functions as the way back"
    before = repeatable(old)
    after = altered(before)
    assert before != after
    if change in SERVED:
        before, after = (text.replace("COMMIT;", RENEW) for text in (before, after))
    scripts["deploy"].write_text(after)
    scripts["revert"].write_text(before)


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Versions:
    """Return the project tagged, and a copy in which changes of each domain were reworked."""
    folder = tmp_path_factory.mktemp("versions")
    old = copy_project(folder / "old")
    sqitch_of_plan(old, "tag", "v1", "--note", "What is in use")
    new = Path(shutil.copytree(old, folder / "new"))
    for change in (*REWORKED, MIXED):
        rework(new, change)
    return Versions(old, new)


@pytest.fixture
def used(cluster: Cluster, database: str) -> Login:
    """Return the owner's login to a database with a month, a correction and a decision."""
    record_schema_changes(cluster, database)
    fill(cluster, database)
    with psycopg.connect(cluster.login("ccp_service", database).conninfo) as service:
        for user, role, statement in (
            (PROCESSOR, "processor", CORRECT),
            ("rob", "reviewer", RESOLVE),
        ):
            act_as(service, user, role)
            service.execute("SELECT set_config('app.reason', 'The slip says so', true)")
            assert service.execute(statement.encode()).fetchone()
            service.commit()
    return cluster.login(OWNER, database)


def beside(cluster: Cluster, login: Login, user: str) -> Login:
    """Return the way of another user into the database of a login."""
    return cluster.login(user, str(conninfo_to_dict(login.conninfo)["dbname"]))


def data(connection: psycopg.Connection) -> dict[str, tuple[object, ...] | None]:
    """Return number and checksum of the rows of every table."""
    return {
        table: connection.execute(CHECKSUM.format(table=table).encode()).fetchone()
        for (table,) in connection.execute(TABLES.encode()).fetchall()
    }


def test_one_change_of_each_domain_is_reworked() -> None:
    """The list above misses no domain, and its changes hold nothing that is made once."""
    names = [change.name for change in read_plan(ROOT).changes]
    domains = list(dict.fromkeys(name.partition("/")[0] for name in names))
    assert [name.partition("/")[0] for name in REWORKED] == domains
    for name in (*REWORKED, MIXED):
        script = (ROOT / "db/deploy" / f"{name}.sql").read_text()
        assert (repeatable(script) == script) == (name in REWORKED)


def test_what_a_rework_repeats_of_any_change_alters_nothing(cluster: Cluster, used: Login) -> None:
    """Functions, views and triggers of every change, deployed again, give the same schema."""
    before = schema(used)
    with beside(cluster, used, SUPERUSER).connect() as superuser:
        rows = data(superuser)
        for change in read_plan(ROOT).changes:
            with used.connect() as owner:
                owner.execute(repeatable(change.script("deploy").read_text()).encode())
        assert schema(used) == before
        assert data(superuser) == rows


@needs_sqitch
def test_an_upgrade_keeps_everything_and_can_be_taken_back(
    cluster: Cluster, used: Login, versions: Versions, sqitch: Sqitch
) -> None:
    """Up, back to the tag and up again; the data stay, the audit is sound, work goes on."""
    with beside(cluster, used, SUPERUSER).connect() as superuser:

        def number() -> int:
            ((found,),) = superuser.execute(NUMBER).fetchall()
            assert isinstance(found, int)
            return found

        superuser.execute("SELECT audit.seal()")
        sqitch(used, versions.old, "deploy")
        before, rows, first = schema(used), data(superuser), number()
        sqitch(used, versions.new, "deploy")
        upgraded = schema(used)
        assert upgraded != before
        assert data(superuser) == rows
        assert number() == first + len(SERVED)
        sqitch(used, versions.new, "revert", "-y", "--to", "@v1")
        assert schema(used) == before
        assert data(superuser) == rows
        assert number() == first + 2 * len(SERVED)
        sqitch(used, versions.new, "deploy")
        assert schema(used) == upgraded
        assert data(superuser) == rows
        assert "Verify successful" in sqitch(used, versions.new, "verify")
        superuser.execute("SELECT audit.seal()")
        assert superuser.execute("SELECT * FROM audit.verify()").fetchall() == []
    with psycopg.connect(beside(cluster, used, "ccp_service").conninfo) as connection:
        act_as(connection, "rob", "reviewer")
        assert connection.execute(RESOLVE.encode()).fetchone()


@needs_sqitch
def test_the_deployer_upgrades_as_sqitch_does(
    cluster: Cluster, used: Login, versions: Versions, sqitch: Sqitch, deployer: Deploying
) -> None:
    """Schema and record are the same, the data stay, and sqitch knows the way back."""
    with (
        beside(cluster, used, SUPERUSER).connect() as superuser,
        copy_of_template(cluster) as name,
    ):
        before, rows = schema(used), data(superuser)
        deployer(used, versions.new).deploy()
        assert data(superuser) == rows
        by_sqitch = cluster.login(OWNER, name)
        sqitch(by_sqitch, versions.old, "deploy")
        sqitch(by_sqitch, versions.new, "deploy")
        record_schema_changes(cluster, name)
        assert schema(used) == schema(by_sqitch)
        assert record(used) == record(by_sqitch)
        sqitch(used, versions.new, "revert", "-y", "--to", "@v1")
        assert schema(used) == before
        assert data(superuser) == rows


@needs_sqitch
def test_the_next_version_from_nothing_is_the_upgraded_one(
    cluster: Cluster, database: str, new_login: NewLogin, versions: Versions, deployer: Deploying
) -> None:
    """The old scripts of reworked changes are deployed in their places, the new ones behind."""
    upgraded, fresh = cluster.login(OWNER, database), new_login()
    deployer(upgraded, versions.new).deploy()
    deployer(fresh, versions.new).deploy()
    assert schema(fresh) == schema(upgraded)


@pytest.fixture
def private(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Yield the folder of a private server and service, which are stopped afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="ccp-run-"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        monkeypatch.setenv("PORT", str(probe.getsockname()[1]))
    monkeypatch.setattr(local, "state_folder", lambda: folder)
    for variable in ("DATABASE_URL", "DEPLOY_URL", "CCP_TOKEN_SECRET_FILE"):
        monkeypatch.delenv(variable, raising=False)
    yield folder
    local.main(["stop"])
    shutil.rmtree(folder)


@needs_sqitch
def test_run_upgrades_the_data_of_an_older_version(
    private: Path,
    versions: Versions,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The next start deploys what is new, loses nothing, and loads nothing twice."""
    monkeypatch.setattr(deployment, "PROJECT", versions.old)
    assert local.main([]) == 0
    way_in = local.private_cluster(find_machine()).login(database=local.DATABASE)
    with way_in.connect() as superuser:
        before = data(superuser)
    capsys.readouterr()
    monkeypatch.setattr(deployment, "PROJECT", versions.new)
    assert local.main([]) == 0
    assert f"deploying {len(REWORKED) + 1} changes" in capsys.readouterr().err
    with way_in.connect() as superuser:
        after = data(superuser)
    # The worker goes on meanwhile: ticks and seals of schema audit come by themselves.
    kept = [table for table in before if table.startswith("app.")]
    assert {table: after[table] for table in kept} == {table: before[table] for table in kept}


@pytest.mark.parametrize("further", [False, True], ids=["as planned", "with a change to come"])
def test_run_refuses_what_was_edited_after_its_deployment(
    cluster: Cluster,
    used: Login,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    further: bool,
) -> None:
    """One line names what; nothing is deployed and nothing is lost, whichever way it is started."""
    project = copy_project(tmp_path / "edited")
    for name in ("foundation/types", "people/names", "workflow/holds", "outbox/delivery"):
        with (project / "db/deploy" / f"{name}.sql").open("a") as script:
            script.write("-- edited\n")
    if further:
        with (project / "sqitch.plan").open("a") as plan:
            plan.write("later 2026-11-26T16:00:00Z Ann <ann@example.org> # Later\n")
        for kind in KINDS:
            (project / "db" / kind / "later.sql").write_text("CREATE TABLE app.later ();\n")
    monkeypatch.setattr(deployment, "PROJECT", project)
    monkeypatch.setenv("DATABASE_URL", beside(cluster, used, "ccp_service").conninfo)
    monkeypatch.setenv("DEPLOY_URL", used.conninfo)
    with beside(cluster, used, SUPERUSER).connect() as superuser:
        before, rows = schema(used), data(superuser)
        for door in (local, deployment):
            with pytest.raises(SetupError) as refused:
                door.main([])
            assert str(refused.value) == (
                "edited since deployed: foundation/types, people/names, workflow/holds and 1 more;"
                " nothing was changed: take the version that was deployed, or lose the data by"
                " sqitch rebase --modified -y"
            )
        assert schema(used) == before
        assert data(superuser) == rows
