"""./run on a private server of its own: the first start, the second, and what comes after kills."""

import os
import shutil
import signal
import socket
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from svc.embedded import local, people, service
from svc.embedded.background import Background
from svc.embedded.cluster import LONGEST_SOCKET, SOCKET_NAME, Cluster, socket_folder
from svc.embedded.machine import Machine, SetupError, find_machine


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


def test_the_second_start_prints_the_address_and_one_line(
    address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is made, deployed or loaded again."""
    capsys.readouterr()
    assert local.main([]) == 0
    printed = capsys.readouterr()
    lines = printed.out.splitlines()
    assert lines[0] == address
    assert len(lines) == 2
    assert printed.err == ""


def test_a_start_after_kills_recovers(folder: Path, address: str, machine: Machine) -> None:
    """Server and service killed the hard way are back after the next start."""
    server = folder / f"server-{machine.major}" / "data" / "postmaster.pid"
    os.kill(Background("service", folder).content()[0], signal.SIGKILL)
    os.kill(int(server.read_text().split()[0]), signal.SIGKILL)
    assert local.main([]) == 0
    assert is_ready(address)


def test_a_token_lets_its_user_in(folder: Path, address: str) -> None:
    """Each role's token is accepted by the service."""
    for role in people.ROLES:
        request = urllib.request.Request(
            f"{address}/api/v1/sessions",
            headers={"Authorization": f"Bearer {people.token(folder, role)}"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            assert answer.status == 200


def test_another_database_on_the_same_service_is_refused(folder: Path, address: str) -> None:
    """What runs is not taken for what was asked."""
    with pytest.raises(SetupError, match="serves another database"):
        service.start(folder, "host=elsewhere")


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


def test_two_pdfs_are_imported_and_once_more_change_nothing(
    folder: Path, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The report is printed both times; a PDF without its partner is refused."""
    sample = Path(__file__).parents[1] / "data" / "medium"
    files = [str(sample / "car.pdf"), str(sample / "receipts.pdf")]
    for outcome in ("accepted", "unchanged"):
        capsys.readouterr()
        assert local.main(["import", *files]) == 0
        printed = capsys.readouterr().out
        assert printed.startswith(f"car.pdf, receipts.pdf: {outcome}\n")
        assert "| Card total, known ones | 140998.14 |" in printed
    assert local.main(["import", files[1], files[0]]) == 1
    assert "It looks like a Receipt report." in capsys.readouterr().err
    with pytest.raises(SetupError, match="in pairs"):
        local.main(["import", files[0]])
