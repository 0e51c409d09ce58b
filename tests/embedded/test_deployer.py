"""The deployer keeps the record that sqitch would have kept, and sqitch can take over."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import LiteralString

import pytest

from svc.embedded.login import Login
from svc.embedded.machine import ROOT, SetupError
from tests.embedded.conftest import Deploying, NewLogin

needs_sqitch = pytest.mark.skipif(not shutil.which("sqitch"), reason="sqitch is not installed")
RECORD: tuple[LiteralString, ...] = (
    "SELECT version FROM sqitch.releases",
    "SELECT project, uri, creator_name, creator_email FROM sqitch.projects",
    """SELECT change_id, script_hash, change, project, note, committer_name, committer_email,
           planned_at, planner_name, planner_email
       FROM sqitch.changes ORDER BY committed_at""",
    "SELECT * FROM sqitch.dependencies ORDER BY change_id, dependency",
    """SELECT tag_id, tag, project, change_id, note, committer_name, committer_email,
           planned_at, planner_name, planner_email
       FROM sqitch.tags ORDER BY tag""",
    """SELECT event, change_id, change, project, note, requires, conflicts, tags,
           committer_name, committer_email, planned_at, planner_name, planner_email
       FROM sqitch.events ORDER BY committed_at""",
    """SELECT table_name, column_name, data_type, is_nullable, column_default
       FROM information_schema.columns WHERE table_schema = 'sqitch'
       ORDER BY table_name, column_name""",
    """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
       FROM pg_constraint WHERE connamespace = 'sqitch'::regnamespace AND contype <> 'n'
       ORDER BY 1, 2""",
)
PLAN = """\
%syntax-version=1.0.0
%project=sample
%uri=https://example.org/sample

first 2025-01-02T03:04:05Z Ann Ünder <ann@example.org> # One, with a \\n line and a \\\\ mark
# a remark
part/second [first] 2025-01-02T03:04:06Z Ann Ünder <ann@example.org> # Two
@v1 2025-01-02T03:04:07Z Ann Ünder <ann@example.org> # A tag

third [part/second !other] 2025-01-02T03:04:08Z Ann Ünder <ann@example.org> # Three
first [first@v1 third] 2025-01-02T03:04:09Z Ann Ünder <ann@example.org> # One again
@v2 2025-01-02T03:04:10Z Ann Ünder <ann@example.org>
@v3 2025-01-02T03:04:11Z Ann Ünder <ann@example.org> # Two tags on one change
other 2025-01-02T03:04:12Z Ann Ünder <ann@example.org> # Conflicts only with what came before
"""
SCRIPTS = {
    "deploy/first": "CREATE OR REPLACE VIEW v AS SELECT 2 AS a",
    "verify/first": "SELECT a FROM v",
    "revert/first": "CREATE OR REPLACE VIEW v AS SELECT 1 AS a",
    "reworked/deploy/first@v1": "CREATE VIEW v AS SELECT 1 AS a",
    "reworked/verify/first@v1": "SELECT a FROM v",
    "reworked/revert/first@v1": "DROP VIEW v",
    "deploy/part/second": "CREATE TABLE t (a int)",
    "verify/part/second": "SELECT a FROM t",
    "revert/part/second": "DROP TABLE t",
    "deploy/third": "ALTER TABLE t ADD b int",
    "verify/third": "SELECT b FROM t",
    "revert/third": "ALTER TABLE t DROP b",
    "deploy/other": "CREATE TABLE u (a int)",
    "verify/other": "SELECT a FROM u",
    "revert/other": "DROP TABLE u",
}


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """Return a project with a note to unescape, a tag, a conflict and a reworked change."""
    shutil.copy(ROOT / "sqitch.conf", tmp_path)
    (tmp_path / "sqitch.plan").write_text(PLAN)
    for name, statement in SCRIPTS.items():
        file = tmp_path / "db" / f"{name}.sql"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"BEGIN;\n{statement};\nCOMMIT;\n")
    return tmp_path


@pytest.fixture(params=["own", "sample"])
def project(request: pytest.FixtureRequest) -> Path:
    """Return the folder of this project, then of the sample."""
    return ROOT if request.param == "own" else Path(request.getfixturevalue("sample"))


@pytest.fixture
def sqitch(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Return a function: login, project folder, arguments -> what sqitch printed."""
    monkeypatch.setenv("SQITCH_FULLNAME", "Ann Underhill")
    monkeypatch.setenv("SQITCH_EMAIL", "ann@example.org")

    def run(login: Login, root: Path, *arguments: str) -> str:
        result = subprocess.run(
            ["sqitch", *arguments],
            cwd=root,
            env={**login.environment, "LC_ALL": "C.UTF-8"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stdout
        return result.stdout

    return run


def record(login: Login) -> list[list[tuple[object, ...]]]:
    """Return everything the record says, but for the clock times of the deployment."""
    with login.connect() as connection:
        return [connection.execute(query).fetchall() for query in RECORD]


def schema(login: Login) -> list[str]:
    """Return the database's definition without the record of deployments."""
    dump = subprocess.run(
        [login.machine.program("pg_dump"), "--schema-only", "--exclude-schema=sqitch"],
        env=login.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    # A dump is protected by a random word in two of its lines.
    return [line for line in dump.stdout.splitlines() if "restrict " not in line]


@needs_sqitch
def test_the_record_equals_that_of_sqitch_which_can_take_over(
    new_login: NewLogin, deployer: Deploying, project: Path, sqitch: Callable[..., str]
) -> None:
    """Record and schema are the same, and the real sqitch works on what we deployed."""
    by_sqitch, by_deployer = new_login(), new_login()
    sqitch(by_sqitch, project, "deploy")
    deployer(by_deployer, project).deploy()
    assert record(by_deployer) == record(by_sqitch)
    assert schema(by_deployer) == schema(by_sqitch)
    assert "Nothing to deploy (up-to-date)" in sqitch(by_deployer, project, "status")
    assert "Verify successful" in sqitch(by_deployer, project, "verify")
    assert "Check successful" in sqitch(by_deployer, project, "check")
    sqitch(by_deployer, project, "revert", "-y")
    assert schema(by_deployer) == schema(new_login())


@needs_sqitch
def test_either_continues_what_the_other_began(
    new_login: NewLogin, deployer: Deploying, sample: Path, sqitch: Callable[..., str]
) -> None:
    """Half by sqitch, half by us, and the reverse."""
    ours_first, theirs_first = new_login(), new_login()
    sqitch(theirs_first, sample, "deploy", "--to", "part/second")
    deployer(theirs_first, sample).deploy()
    deploying = deployer(ours_first, sample)
    deploying.deploy()
    deploying.revert("part/second")
    sqitch(ours_first, sample, "deploy")
    assert deploying.pending() == []
    assert schema(ours_first) == schema(theirs_first)


def test_revert_leaves_nothing_and_deploying_again_gives_the_same(
    new_login: NewLogin, deployer: Deploying, project: Path
) -> None:
    """Every change takes back exactly what it made."""
    login = new_login()
    empty = schema(login)
    deploying = deployer(login, project)
    deploying.deploy()
    deploying.verify()
    deployed = schema(login)
    assert deployed != empty
    deploying.revert()
    assert schema(login) == empty
    deploying.deploy()
    assert schema(login) == deployed


def test_revert_to_a_change_keeps_it(
    new_login: NewLogin, deployer: Deploying, sample: Path
) -> None:
    """What was deployed after the named change goes, last first."""
    deploying = deployer(new_login(), sample)
    deploying.deploy()
    deploying.revert("part/second")
    assert [change.name for change in deploying.deployed()] == ["first", "part/second"]


@pytest.mark.parametrize("kind", ["deploy", "verify"])
def test_a_change_that_fails_is_taken_back(
    new_login: NewLogin, deployer: Deploying, sample: Path, kind: str
) -> None:
    """The changes before it stay, nothing of it does, and the record tells the failure."""
    (sample / f"db/{kind}/third.sql").write_text("BEGIN; SELECT 1 / 0; COMMIT;")
    login = new_login()
    deploying = deployer(login, sample)
    with pytest.raises(SetupError, match=f"{kind} of third failed: .*division by zero"):
        deploying.deploy()
    assert [change.name for change in deploying.deployed()] == ["first", "part/second"]
    with login.connect() as connection:
        events = connection.execute("SELECT change FROM sqitch.events WHERE event = 'fail'")
        assert events.fetchall() == [("third",)]
        columns = connection.execute("SELECT * FROM t").description or []
        assert [column.name for column in columns] == ["a"]


def test_an_edit_after_deployment_is_seen(
    new_login: NewLogin, deployer: Deploying, sample: Path
) -> None:
    """A deploy script whose hash is another than the recorded one is named."""
    deploying = deployer(new_login(), sample)
    deploying.deploy()
    with (sample / "db/deploy/third.sql").open("a") as script:
        script.write("-- edited\n")
    assert deploying.edited() == ["third"]


def test_a_missing_requirement_is_refused(
    new_login: NewLogin, deployer: Deploying, sample: Path
) -> None:
    """A change is not deployed before what it requires."""
    plan = sample / "sqitch.plan"
    plan.write_text(plan.read_text().replace("[first]", "[third]"))
    with pytest.raises(SetupError, match="part/second requires third"):
        deployer(new_login(), sample).deploy()


def test_a_conflict_with_what_is_deployed_is_refused(
    new_login: NewLogin, deployer: Deploying, sample: Path
) -> None:
    """A change is not deployed beside one it conflicts with."""
    plan = sample / "sqitch.plan"
    plan.write_text(plan.read_text().replace("!other", "!part/second"))
    with pytest.raises(SetupError, match="third conflicts with part/second"):
        deployer(new_login(), sample).deploy()
