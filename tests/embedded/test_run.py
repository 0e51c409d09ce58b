"""./run on a private server of its own: the first start, the second, and what comes after kills."""

import contextlib
import hashlib
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from svc.embedded import exporting, local, people, prepare, service
from svc.embedded.background import Background
from svc.embedded.cluster import LONGEST_SOCKET, SOCKET_NAME, Cluster, socket_folder
from svc.embedded.machine import (
    ROOT,
    Machine,
    SetupError,
    find_machine,
    server_account,
    service_account,
)
from tests.generate.legacy_files import legacy_workbook

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has other accounts to give")


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Yield a private folder whose server and service are stopped afterwards."""
    name = Path(tempfile.mkdtemp(prefix="ccp-run-"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local, "state_folder", lambda: name)
        patch.setenv("PORT", port)
        for variable in ("DATABASE_URL", "DEPLOY_URL", "CCP_TOKEN_SECRET_FILE"):
            patch.delenv(variable, raising=False)
        yield name
        local.main(["stop"])
    shutil.rmtree(name)


@pytest.fixture(scope="module")
def machine() -> Machine:
    """Return the programs of this machine."""
    return find_machine()


@pytest.fixture
def address(folder: Path) -> str:
    """Return the address of the service, started if need be."""
    assert local.main([]) == 0
    return f"http://127.0.0.1:{os.environ['PORT']}"


def is_ready(address: str) -> bool:
    """Ask the service whether it reaches its database."""
    with urllib.request.urlopen(f"{address}/readyz", timeout=60) as answer:
        return int(answer.status) == 200


def test_the_first_start_loads_the_example_and_says_what_to_try(
    folder: Path, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The summary, the address, a token per role and three commands are printed."""
    assert is_ready(address)
    assert (folder / "token-secret").stat().st_mode & 0o777 == 0o600


def test_the_second_start_prints_the_address_links_and_one_line(
    address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is made, deployed or loaded again."""
    capsys.readouterr()
    assert local.main([]) == 0
    printed = capsys.readouterr()
    lines = printed.out.splitlines()
    assert lines[0] == address
    assert len(lines) == 5
    assert [line.partition(": ")[0] for line in lines[2:4]] == ["admin", "reviewer"]
    assert printed.err == ""


def test_a_link_signs_in_with_one_role(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It leads to the running service; there are no links for other roles."""
    capsys.readouterr()
    assert local.main(["link", "reviewer"]) == 0
    assert capsys.readouterr().out.startswith(f"{address}/sign-in?key=")
    with pytest.raises(SetupError, match="no active user is called boss"):
        local.main(["link", "boss"])


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["stop", "now"], "unknown command stop now"),
        (["link", "local", "admin"], "in quotes"),
        (["token", "processor", "extra"], "one user at most"),
    ],
)
def test_what_fits_no_command_is_told(arguments: list[str], told: str) -> None:
    """As what it is, not by its first word; nothing of it is passed over."""
    with pytest.raises(SetupError, match=told):
        local.main(arguments)


@pytest.mark.parametrize("program", ["run", "test"])
def test_the_help_fits_a_terminal(program: str) -> None:
    """Of 80 columns; it names every command, and asking for it starts nothing."""
    told = asked_for_help(f"./{program}", "--help")
    assert max(map(len, told.splitlines())) <= 80
    if program == "run":
        for command in (*local.COMMANDS, "sqitch", "stop"):
            assert f"./run {command} " in told


@pytest.mark.parametrize("asked", ["-h", "--help"])
@pytest.mark.parametrize(
    "command", sorted({*local.COMMANDS, "stop"} - {"import", "compare", "psql"})
)
def test_a_command_without_a_help_of_its_own_shows_the_common_one(command: str, asked: str) -> None:
    """Asking is no mistake."""
    assert asked_for_help("./run", command, asked) == asked_for_help("./run", "--help")


def asked_for_help(*command: str) -> str:
    """Return what a command printed. Raises when it did not end with 0 by itself."""
    # Without a path there is no Python to start anything with.
    return subprocess.run(
        command, cwd=ROOT, env={"PATH": "/bin"}, capture_output=True, text=True, check=True
    ).stdout


def test_a_start_that_is_interrupted_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while packages are installed ends it with 130, as it does later on."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(prepare, "apt_allowed", lambda: False)
    monkeypatch.setattr(prepare, "install_python", interrupt)
    assert prepare.main(["run"]) == 130


def test_a_start_after_kills_recovers(
    folder: Path, address: str, machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    """Server, service and worker killed the hard way are back, and the next start says so."""
    server = folder / f"server-{machine.major}" / "data" / "postmaster.pid"
    for name in ("service", "worker"):
        os.kill(Background(name, folder).content()[0], signal.SIGKILL)
    os.kill(int(server.read_text().split()[0]), signal.SIGKILL)
    capsys.readouterr()
    assert local.main([]) == 0
    assert is_ready(address)
    told = capsys.readouterr().err
    for name in ("service", "worker"):
        assert f"the {name} was not stopped and is gone" in told


def test_a_token_lets_its_user_in(folder: Path, address: str) -> None:
    """Each role's token is accepted by the service."""
    for role in people.ROLES:
        token = people.token(folder, people.user_name(role), role)
        request = urllib.request.Request(
            f"{address}/api/v1/sessions",
            headers={"Authorization": f"Bearer {token}"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            assert answer.status == 200


def test_a_session_is_exported_by_name(
    address: str, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], machine: Machine
) -> None:
    """To a file, or to standard output with all else on standard error; each is a hand-out."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CCP_CALLED_FROM", str(tmp_path))
        assert local.main(["export", "Example month", "report.xlsx"]) == 0
        assert local.main(["export", "Example month", "import.csv", "lines.csv"]) == 0
        assert local.main(["export", "Example month", "packets.zip"]) == 0
        capfdbinary.readouterr()
        # A long one tells each second how far it is.
        patch.setattr(exporting, "PROGRESS_SECONDS", 0)
        assert local.main(["export", "Example month", "import.csv", "-"]) == 0
    printed = capfdbinary.readouterr()
    files = sorted(file.name for file in tmp_path.iterdir())
    assert files == ["lines.csv", "packets.zip", "report.xlsx"]
    assert printed.out == (tmp_path / "lines.csv").read_bytes()
    assert printed.out.startswith(b"Transaction ID,")
    checksum = hashlib.sha256(printed.out).hexdigest()
    assert "import.csv: 0.0 MiB" in printed.err.decode()
    assert f"import.csv: {len(printed.out)} bytes, SHA-256 {checksum}" in printed.err.decode()
    way_in = local.private_cluster(machine).login(local.LOCAL, local.DATABASE)
    with way_in.connect() as connection:
        rows = connection.execute(
            "SELECT h.kind, h.user_name, h.sha256 FROM report.hand_outs AS h ORDER BY h.hand_out_id"
        ).fetchall()
    assert [row[0] for row in rows] == ["report.xlsx", "import.csv", "packets.zip", "import.csv"]
    assert rows[-1] == ("import.csv", "local admin", checksum)
    for arguments, words in (
        (["Example month"], "KIND is report.xlsx"),
        (["Example month", "report.pdf"], "KIND is report.xlsx"),
        (["No such month", "report.xlsx"], "there is no session 'No such month'"),
        (["Example month", "import.csv", "/no/such/x.csv"], "there is no folder /no/such"),
    ):
        with pytest.raises(SetupError, match=words):
            local.main(["export", *arguments])


def test_an_old_result_is_compared_and_the_verdict_printed(
    address: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The status tells a script whether the month is clean, and whether it is go."""
    content = (ROOT / "examples" / "activity.json").read_text("utf-8")
    (tmp_path / "old.json").write_text(content, "utf-8")
    (tmp_path / "other.json").write_text(content.replace('"exp": "', '"exp": "Not ', 1), "utf-8")
    people = json.loads(content)
    for person in people.values():
        if "receipts" in person:
            pages = [page for group in person["receipts"].values() for page in group]
            person["receipts"] = {page["rec_id"]: page for page in pages}
    (tmp_path / "by_id.json").write_text(json.dumps(people), "utf-8")
    (tmp_path / "old.xlsx").write_bytes(legacy_workbook(people))
    by_id = ["--same-files", "--in-use", "by-id", "Example month", "by_id.json"]
    said = ["--same-files", "--in-use", "by-code", "Example month"]
    capfd.readouterr()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CCP_CALLED_FROM", str(tmp_path))
        assert local.main(["compare", "--workbook", "old.xlsx", *by_id]) == 0
        assert local.main(["compare", *said, "old.json"]) == 0
        assert "**Verdict: clean.**" in capfd.readouterr().out
        assert local.main(["compare", *said, "other.json"]) == 1
        assert "**Verdict: unexplained.** 1 roots unexplained" in capfd.readouterr().out
        for arguments, words in (
            ([*said, "none.json"], "none.json: No such file"),
            (["--workbook", "old.json", *said, "old.json"], "The file is no .xlsx workbook"),
            (["No such month", "old.json"], "no sessions are called 'No such month'"),
            (["old.json"], "see ./run compare --help"),
        ):
            with pytest.raises(SetupError, match=words):
                local.main(["compare", *arguments])
    capfd.readouterr()
    assert local.main(["cutover"]) == 1
    *_, last = capfd.readouterr().out.splitlines()
    assert last.startswith("NO-GO for freeze: ")


def test_another_database_on_the_same_service_is_refused(folder: Path, address: str) -> None:
    """What runs is not taken for what was asked."""
    with pytest.raises(SetupError, match="serves another database"):
        service.start(folder, "host=elsewhere")


@pytest.mark.parametrize("arguments", [[], ["export", "A month", "report.xlsx"]])
def test_a_server_that_does_not_let_us_in_is_told_at_once(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In one line, with its reason; nothing is left that tries again."""
    monkeypatch.setattr(local, "state_folder", lambda: tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"postgresql://ccp_service@/ccp?host={tmp_path}")
    with pytest.raises(SetupError, match=r"no connection: .* No such file or directory"):
        local.main(arguments)
    assert not list(tmp_path.iterdir())


def test_a_taken_port_is_named() -> None:
    """A port that somebody else has is refused in one line."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        with pytest.raises(SetupError, match=f"port {port}: Address already in use"):
            service.check_port(port)


@pytest.mark.parametrize("port", ["", "x", "0", "65536", "-1"])
def test_what_is_no_port_is_refused(port: str) -> None:
    """Ports are whole numbers from 1 to 65535."""
    with pytest.raises(SetupError, match="PORT is not a port"):
        service.check_port(port)


def test_a_socket_goes_to_a_short_folder_when_its_path_is_too_long() -> None:
    """107 bytes still fit, 108 do not; the short folder is the same each time."""
    base = LONGEST_SOCKET - len(f"//{SOCKET_NAME}")
    fits, too_long = Path("/" + "a" * base), Path("/" + "a" * (base + 1))
    assert socket_folder(fits) == fits
    assert socket_folder(too_long) != too_long
    assert socket_folder(too_long) == socket_folder(too_long)


def test_a_folder_that_others_can_read_is_refused(machine: Machine, tmp_path: Path) -> None:
    """The socket's folder must be private."""
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o755)
    with pytest.raises(SetupError, match="is not private"):
        Cluster(machine, tmp_path).own(shared)


def test_a_link_in_place_of_a_folder_is_refused_and_leads_to_no_gift(
    machine: Machine, tmp_path: Path
) -> None:
    """What it points to stays whose it was, and as closed as it was."""
    victim, link = tmp_path / "victim", tmp_path / "link"
    victim.mkdir(mode=0o700)
    link.symlink_to(victim)
    before = (victim.stat().st_uid, victim.stat().st_mode)
    with pytest.raises(SetupError, match="is not private"):
        Cluster(machine, tmp_path).own(link)
    assert (victim.stat().st_uid, victim.stat().st_mode) == before


@needs_root
def test_somebody_elses_folder_is_refused_and_not_taken(machine: Machine, tmp_path: Path) -> None:
    """A folder that waits under our name in /tmp is not ours because it is closed."""
    waiting = tmp_path / "waiting"
    waiting.mkdir(mode=0o700)
    os.chown(waiting, 12345, 12345)
    with pytest.raises(SetupError, match="is not private"):
        Cluster(machine, tmp_path).own(waiting)
    assert waiting.stat().st_uid == 12345


@needs_root
def test_no_program_of_the_service_runs_as_root(folder: Path, address: str) -> None:
    """Service, worker and the worker of an import, with all of their children."""
    account = pwd.getpwnam(str(service_account())).pw_uid
    assert account not in {0, pwd.getpwnam(str(server_account())).pw_uid}
    with local.worker_for(local.login(local.LOCAL))() as importing:
        names = ("service", "worker")
        sessions = {Background(name, folder).content()[0] for name in names} | {importing.pid}
        found = {
            int(status.split("Uid:")[1].split()[0]): int(status.split("Pid:")[1].split()[0])
            for status in statuses(sessions)
        }
    assert set(found) == {account}


def statuses(leaders: set[int]) -> list[str]:
    """Return the status of processes and their children."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            status = (folder / "status").read_text()
        except OSError:
            continue
        parent = int(status.split("PPid:")[1].split()[0])
        if int(folder.name) in leaders or parent in leaders:
            found.append(status)
    assert len(found) > len(leaders)
    return found


@needs_root
def test_the_account_of_the_service_gets_in_as_the_service_alone(
    folder: Path, address: str, machine: Machine
) -> None:
    """Whoever breaks out of the service or a reader is not the owner or superuser of the data."""
    cluster = local.private_cluster(machine)
    account = pwd.getpwnam(str(service_account()))
    for user in ("postgres", "ccp_owner", "ccp_local", "ccp_service"):
        command = [machine.program("psql"), "-XtAc", "SELECT session_user"]
        result = subprocess.run(
            command,
            env=cluster.login(user, local.DATABASE).environment,
            user=account.pw_uid,
            group=account.pw_gid,
            extra_groups=[],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.stdout.strip() == ("ccp_service" if user == "ccp_service" else "")
    secret = (folder / "token-secret").stat()
    assert (secret.st_uid, secret.st_mode & 0o777) == (account.pw_uid, 0o600)


def test_the_log_of_the_server_holds_no_values(address: str, machine: Machine) -> None:
    """Not of failing rows, statements, parameters or messages; but that the server started."""
    number = "9999 9912 3456 7890"
    cluster = local.private_cluster(machine)
    with psycopg.connect(cluster.login("ccp_owner", local.DATABASE).conninfo) as owner:
        for statement, parameters in (
            ("INSERT INTO app.users (user_name, role) VALUES (%s, 'nothing')", [number]),
            ("SELECT api.save_user(%s, %s)", [number, number]),
            ("SELECT %s::integer", [number]),
            (f"SELECT '{number}'::date", None),
            (f"DO $$ BEGIN RAISE WARNING '{number}'; END $$", None),
            (f"DO $$ BEGIN RAISE EXCEPTION '{number}'; END $$", None),
        ):
            with contextlib.suppress(psycopg.Error), owner.transaction():
                owner.execute(statement.encode(), parameters)
    written = cluster.log.read_text()
    assert "ready to accept connections" in written
    assert "9999" not in written


def test_a_server_started_with_other_settings_is_started_again(
    address: str, machine: Machine
) -> None:
    """What an older version left running gets this version's settings; what has them goes on."""
    cluster = local.private_cluster(machine)
    server = cluster.data / "postmaster.pid"
    first = server.read_text().split()[0]
    cluster.start()
    assert server.read_text().split()[0] == first
    wanted = (cluster.data / "ccp.conf").read_text()
    cluster.write("ccp.conf", wanted.replace("log_min_messages = 'log'", ""))
    cluster.start()
    assert server.read_text().split()[0] != first
    assert (cluster.data / "ccp.conf").read_text() == wanted
    assert is_ready(address)


@needs_root
def test_a_link_in_the_data_is_replaced_and_not_followed(machine: Machine, tmp_path: Path) -> None:
    """The server's account could put one there for root to write through."""
    victim = tmp_path / "victim"
    victim.write_text("untouched")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "ccp.conf").symlink_to(victim)
    assert Cluster(machine, tmp_path).configure()
    assert victim.read_text() == "untouched"
    assert victim.stat().st_uid == 0
    assert not (tmp_path / "data" / "ccp.conf").is_symlink()


def test_schema_changes_are_recorded(address: str, machine: Machine) -> None:
    """The recorder is in place after a start, and nothing is wrong with what was deployed."""
    cluster = local.private_cluster(machine)
    with psycopg.connect(cluster.login(database=local.DATABASE).conninfo) as superuser:
        superuser.execute("ALTER TABLE app.users DISABLE TRIGGER t90_capture_update")
        recorded = superuser.execute(
            "SELECT s.trigger_name FROM audit.switched_triggers AS s"
        ).fetchall()
        superuser.rollback()
        assert recorded == [("t90_capture_update",)]
        assert superuser.execute("SELECT * FROM audit.switched_triggers").fetchall() == []


def test_two_pdfs_are_imported_and_once_more_change_nothing(
    folder: Path, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The report is printed both times; a PDF without its partner is refused."""
    sample = Path(__file__).parents[1] / "data" / "medium"
    files = [str(sample / "car.pdf"), str(sample / "receipts.pdf")]
    for outcome in ("accepted", "unchanged"):
        capsys.readouterr()
        # Another programme than that of the example, whose month it is.
        assert local.main(["import", "--programme", "Fleet", *files]) == 0
        printed = capsys.readouterr().out
        assert printed.startswith(f"car.pdf, receipts.pdf: {outcome}\n")
        assert "| Card total, known ones | 140998.14 |" in printed
    assert local.main(["import", files[1], files[0]]) == 1
    assert "It looks like a Receipt report." in capsys.readouterr().err
    with pytest.raises(SetupError, match="in pairs"):
        local.main(["import", files[0]])


def test_an_import_is_told_its_month_tried_dry_and_left_to_a_decision(
    folder: Path, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both kinds of file: 0 for a dry run, 2 while it awaits, 0 with the parent or another name."""
    sample = Path(__file__).parents[1] / "data" / "small"
    pdfs = [str(sample / "car.pdf"), str(sample / "receipts.pdf")]
    query = "SELECT s.session_id FROM report.sessions AS s WHERE s.session_name = %s"
    for number, files in enumerate((pdfs, [str(sample / "activity.json")])):
        said = ["--programme", f"Try {number}", "--month", "2025-03"]
        capsys.readouterr()
        assert local.main(["import", *said, "--dry-run", *files]) == 0
        printed = capsys.readouterr().out
        assert "dry run, nothing was changed" in printed
        assert f"Month: Try {number} 2025-03-01 to 2025-03-31" in printed
        assert "Would await a decision: no" in printed
        assert local.main(["import", *said, "--name", f"First {number}", *files]) == 0
    assert local.main(["import", "--programme", "Try 0", *files]) == 2
    told = capsys.readouterr()
    assert "activity.json: awaiting decision" in told.out
    assert "the month is here already" in told.out
    assert "api.accept_submission(s.session_id, s.version, 'why')" in told.err
    with local.login(local.LOCAL).connect() as connection:
        (first,) = connection.execute(query, ("First 1",)).fetchone() or (None,)
    by_id = str(sample / "activity_by_id.json")
    assert local.main(["import", "--parent", str(first), "--name", "Second 1", by_id]) == 0
    with local.login(local.LOCAL).connect() as connection:
        assert connection.execute(query, ("Second 1",)).fetchone() is not None
