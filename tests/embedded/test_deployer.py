"""The deployer keeps the record that sqitch would have kept, and sqitch can take over.

test_package.py does it with the whole plan of this project.
"""

import shutil
from pathlib import Path

import pytest

from svc.embedded.cluster import SUPERUSER, Cluster
from svc.embedded.deploy import OWNER
from svc.embedded.login import Login
from svc.embedded.machine import ROOT, SetupError, find_machine
from svc.embedded.plan import read_plan
from svc.embedded.suite import TEMPLATE
from tests.embedded.conftest import Deploying, NewLogin, Sqitch
from tests.embedded.record import COMMITTERS, needs_sqitch, record, schema

PLAN = """\
%syntax-version=1.0.0
%project=sample
%uri=https://example.org/sample

first 2025-01-02T03:04:05Z Ann Ünder <ann@example.org> # One, with a \\n line and a \\\\ mark
# a remark
part/second [first] 2025-01-02T03:04:06Z Ann Ünder <ann@example.org> # Two
@v1 2025-01-02T03:04:07Z Ann Ünder <ann@example.org> # A tag

third [part/second] 2025-01-02T03:04:08Z Ann Ünder <ann@example.org> # Three
first [first@v1 third] 2025-01-02T03:04:09Z Ann Ünder <ann@example.org> # One again
@v2 2025-01-02T03:04:10Z Ann Ünder <ann@example.org>
@v3 2025-01-02T03:04:11Z Ann Ünder <ann@example.org> # Two tags on one change
other 2025-01-02T03:04:12Z Ann Ünder <ann@example.org> # After the tags
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
    """Return a project with a note to unescape, tags and a reworked change."""
    shutil.copy(ROOT / "sqitch.conf", tmp_path)
    (tmp_path / "sqitch.plan").write_text(PLAN)
    for name, statement in SCRIPTS.items():
        file = tmp_path / "db" / f"{name}.sql"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"BEGIN;\n{statement};\nCOMMIT;\n")
    return tmp_path


def revert_by_hand(login: Login, root: Path) -> None:
    """Run every revert script, last change first."""
    for change in reversed(read_plan(root).changes):
        login.psql("-f", str(change.script("revert")))


@pytest.mark.skipif(
    bool(find_machine().sqitch), reason="test_package.py reverts and deploys by sqitch"
)
def test_revert_leaves_nothing_and_deploying_again_gives_the_same(
    cluster: Cluster, new_login: NewLogin, deployer: Deploying
) -> None:
    """Every change takes back exactly what it made, on this server too."""
    login, empty = new_login(), schema(new_login())
    deployer(login, ROOT).deploy()
    revert_by_hand(login, ROOT)
    login.psql("-c", "DROP SCHEMA sqitch CASCADE")
    assert schema(login) == empty
    again = deployer(login, ROOT)
    again.deploy()
    again.verify()
    assert schema(login) == schema(cluster.login(OWNER, TEMPLATE))


def test_nobody_but_the_owner_deploys(
    cluster: Cluster, new_login: NewLogin, deployer: Deploying
) -> None:
    """The first change refuses, in one line; nothing is there but the record, as its hint says."""
    owner = new_login()
    empty = schema(owner)
    with owner.connect() as connection:
        superuser = cluster.login(SUPERUSER, connection.info.dbname)
    with pytest.raises(SetupError, match="deployed as postgres, must be ccp_owner"):
        deployer(superuser, ROOT).deploy()
    superuser.psql("-c", "DROP SCHEMA sqitch CASCADE")
    assert schema(owner) == empty


@needs_sqitch
def test_the_record_of_a_reworked_change_equals_that_of_sqitch(
    new_login: NewLogin, deployer: Deploying, sample: Path, sqitch: Sqitch
) -> None:
    """Both versions are deployed, sqitch reverts to a tag, and we go on from there."""
    by_sqitch, by_deployer = new_login(), new_login()
    sqitch(by_sqitch, sample, "deploy")
    deploying = deployer(by_deployer, sample)
    deploying.deploy()
    assert record(by_deployer) == record(by_sqitch)
    committers = by_deployer.psql("-c", COMMITTERS)
    assert committers == by_sqitch.psql("-c", COMMITTERS) == "Ann Underhill|ann@example.org\n"
    assert schema(by_deployer) == schema(by_sqitch)
    assert "Nothing to deploy (up-to-date)" in sqitch(by_deployer, sample, "deploy")
    assert "Check successful" in sqitch(by_deployer, sample, "check")
    sqitch(by_deployer, sample, "revert", "-y", "--to", "@v1")
    assert [change.name for change in deploying.deployed()] == ["first", "part/second"]
    assert by_deployer.psql("-c", "SELECT a FROM v") == "1\n"
    deploying.deploy()
    assert by_deployer.psql("-c", "SELECT a FROM v") == "2\n"
    assert schema(by_deployer) == schema(by_sqitch)


@pytest.mark.parametrize("folder", ["db/reworked", "db"])
def test_a_reworked_change_is_deployed_in_both_versions(
    new_login: NewLogin, deployer: Deploying, sample: Path, folder: str
) -> None:
    """The old version comes from the file named after the tag, where sqitch.conf says."""
    conf = sample / "sqitch.conf"
    conf.write_text(
        conf.read_text().replace("reworked_dir = db/reworked", f"reworked_dir = {folder}")
    )
    for kind in ("deploy", "revert", "verify"):
        file = sample / "db/reworked" / kind / "first@v1.sql"
        text = file.read_text().replace("CREATE VIEW", "CREATE TABLE old (); CREATE VIEW")
        file.unlink()
        (sample / folder / kind / "first@v1.sql").write_text(text)
    login = new_login()
    deployer(login, sample).deploy()
    assert login.psql("-c", "SELECT a FROM v") == "2\n"
    assert login.psql("-c", "SELECT count(*) FROM old") == "0\n"


@needs_sqitch
def test_either_continues_what_the_other_began(
    new_login: NewLogin, deployer: Deploying, sample: Path, sqitch: Sqitch
) -> None:
    """Half by sqitch, half by us, and the reverse."""
    ours_first, theirs_first = new_login(), new_login()
    sqitch(theirs_first, sample, "deploy", "--to", "part/second")
    deployer(theirs_first, sample).deploy()
    third = sample / "db" / "deploy" / "third.sql"
    whole = third.read_text()
    third.write_text("SELECT 1 / 0")
    with pytest.raises(SetupError, match="deploy of third failed"):
        deployer(ours_first, sample).deploy()
    third.write_text(whole)
    sqitch(ours_first, sample, "deploy")
    assert deployer(ours_first, sample).pending() == []
    assert schema(ours_first) == schema(theirs_first)


@pytest.mark.parametrize("kind", ["deploy", "verify"])
def test_a_change_that_fails_is_taken_back(
    new_login: NewLogin, deployer: Deploying, sample: Path, kind: str
) -> None:
    """The changes before it stay and nothing of it does."""
    (sample / f"db/{kind}/third.sql").write_text("BEGIN; SELECT 1 / 0; COMMIT;")
    login = new_login()
    deploying = deployer(login, sample)
    with pytest.raises(SetupError, match=f"{kind} of third failed: .*division by zero"):
        deploying.deploy()
    assert [change.name for change in deploying.deployed()] == ["first", "part/second"]
    with login.connect() as connection:
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


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("third [part/second]", "third [part/second !other]", 10),
        ("third [part/second]", "+third [part/second]", 10),
        ("first 2025", "@v0 2025", 5),
    ],
)
def test_what_the_deployer_does_not_know_is_refused(
    sample: Path, old: str, new: str, line: int
) -> None:
    """Conflicts, marked changes and a tag before the first change are left to the real sqitch."""
    plan = sample / "sqitch.plan"
    plan.write_text(plan.read_text().replace(old, new, 1))
    with pytest.raises(SetupError, match=f"sqitch.plan line {line} "):
        read_plan(sample)


def test_changes_the_plan_does_not_have_are_refused(
    new_login: NewLogin, deployer: Deploying, sample: Path
) -> None:
    """Neither a change that left the plan nor one that was moved is passed over."""
    login = new_login()
    deployer(login, sample).deploy()
    plan = sample / "sqitch.plan"
    plan.write_text(plan.read_text().partition("other 2025")[0])
    with pytest.raises(SetupError, match=r"changes that sqitch\.plan does not have"):
        deployer(login, sample).deploy()
