"""The samples in deploy/ are what the tools they are for accept, and say what we do ourselves."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from svc.embedded.cluster import SILENT

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
# 0 is closed, 10 is open.
MOST_EXPOSED = 3.0
# What only a start can set is known and not applied now; this server has no certificate, and may
# be built without TLS.
FAULTS_OF_SETTINGS = """
SELECT f.name FROM pg_file_settings AS f LEFT JOIN pg_settings AS s ON s.name = f.name
WHERE f.error IS NOT NULL AND s.context IS DISTINCT FROM 'postmaster'
    AND (f.name <> 'ssl' OR current_setting('ssl_library') <> '')"""
FAULTS_OF_ACCESS = """
SELECT r.line_number FROM pg_hba_file_rules AS r
WHERE r.error NOT LIKE 'hostssl record cannot match because SSL is %'"""

systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd is not installed here"
)


def analyze(*arguments: str) -> str:
    """Return all that systemd-analyze prints; its status says nothing of unknown keys."""
    done = subprocess.run(
        ["systemd-analyze", *arguments], capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


@systemd
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_has_known_keys_and_is_closed(unit: Path, tmp_path: Path) -> None:
    """Where its program is, it is accepted without a word; a wrong key is told."""
    here = tmp_path / unit.name
    text = re.sub("(?m)^ExecStart=[^ ]+", f"ExecStart={sys.executable}", unit.read_text())
    here.write_text(text)
    assert analyze("verify", str(here)) == ""
    exposure = re.search(r"level for \S+: ([\d.]+)", analyze("security", "--offline=1", str(here)))
    assert exposure is not None
    assert float(exposure[1]) <= MOST_EXPOSED
    here.write_text(text.replace("NoNewPrivileges", "NoNewPrivilege"))
    assert "NoNewPrivilege" in analyze("verify", str(here))


def with_sample(file: str, sample: str, superuser: psycopg.Connection, query: str) -> list[object]:
    """Return what a query says of a server's file with the sample in it; nothing is reloaded."""
    [path] = superuser.execute(f"SHOW {file}").fetchone() or ("",)
    before = Path(path).read_text()
    try:
        Path(path).write_text(before + sample)
        return list(superuser.execute(query).fetchall())
    finally:
        Path(path).write_text(before)


def test_the_server_knows_each_setting(superuser: psycopg.Connection) -> None:
    """Names and values; a misspelt one is told."""
    sample = "\n" + (DEPLOY / "postgresql.conf").read_text()
    assert with_sample("config_file", sample, superuser, FAULTS_OF_SETTINGS) == []
    for right, wrong, name in (
        ("archive_timeout = 60", "archive_timeout = soon", "archive_timeout"),
        ("ssl_min_", "ssl_mean_", "ssl_mean_protocol_version"),
    ):
        bad = sample.replace(right, wrong)
        assert with_sample("config_file", bad, superuser, FAULTS_OF_SETTINGS) == [(name,)]


def test_the_server_can_read_who_may_come_in(superuser: psycopg.Connection) -> None:
    """Each line; a wrong method is told."""
    sample = "\n" + (DEPLOY / "pg_hba.conf").read_text()
    assert with_sample("hba_file", sample, superuser, FAULTS_OF_ACCESS) == []
    wrong = sample.replace("peer", "pear")
    assert len(with_sample("hba_file", wrong, superuser, FAULTS_OF_ACCESS)) == 1


def test_the_log_is_as_silent_as_that_of_run() -> None:
    """The sample keeps values of rows out of the log by the settings that ./run takes."""
    lines = (DEPLOY / "postgresql.conf").read_text().splitlines()
    said = dict(line.split(" = ", 1) for line in lines if re.match(r"[a-z_]+ = ", line))
    assert {name: said.get(name) for name in SILENT} == SILENT


@pytest.mark.parametrize(
    ("path", "mebibytes"),
    [
        ("/import-json", 128),
        ("/sessions/1/old-results", 130),
        ("/sessions/1/files", 201),
        ("/sessions/1/coding.xlsx", 11),
        ("/sessions/1/transactions/2/attachment", 11),
        ("/users.csv", 11),
        ("/issues/resolve", 2),
    ],
)
def test_the_proxy_takes_what_the_service_takes(path: str, mebibytes: int) -> None:
    """Over the interface and from the forms of the pages alike."""
    text = (DEPLOY / "nginx.conf").read_text()
    (general,) = re.findall(r"(?m)^    client_max_body_size (\d+)m;", text)
    own = re.findall(r"location ~ (\S+) {\s+client_max_body_size (\d+)m;", text)
    for begin in ("/api/v1", ""):
        found = [int(size) for place, size in own if re.search(place, begin + path)]
        assert (found or [int(general)]) == [mebibytes]


def test_the_proxy_lets_go_of_a_connection_before_the_service_does() -> None:
    """Else a request that must not be sent twice is now and then lost."""
    (proxy,) = re.findall(
        r"(?m)^    keepalive_timeout (\d+)s;\n}", (DEPLOY / "nginx.conf").read_text()
    )
    (service,) = re.findall(
        r"(?m)^keepalive = (\d+)$", (DEPLOY.parent / "svc" / "gunicorn_conf.py").read_text()
    )
    assert int(proxy) < int(service)


NGINX = shutil.which(
    "nginx", path=f"{os.environ['PATH']}:/usr/sbin:{os.environ.get('CCP_TEST_TOOLS', '')}/../sbin"
)


@pytest.mark.skipif(NGINX is None, reason="nginx is not installed here")
def test_a_user_has_sixty_requests_a_minute(tmp_path: Path) -> None:
    """Known by the token; another user and a browser go on. Tokens made up share one address."""
    text = (DEPLOY / "nginx.conf").read_text()
    text = re.sub(r"(?m)^    (ssl_certificate|ssl_protocols).*\n", "", text)
    text = text.replace("/var/log/nginx", str(tmp_path))
    text = text.replace("listen 443 ssl", f"listen unix:{tmp_path}/nginx.sock")
    text = text.replace("server 127.0.0.1:8000", f"server unix:{tmp_path}/ccp.sock")
    text += f"server {{ listen unix:{tmp_path}/ccp.sock; return 204; }}\n"
    own = "".join(
        f"{kind}_temp_path {tmp_path}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (tmp_path / "nginx.conf").write_text(
        f"daemon off;\nuser root;\npid {tmp_path}/pid;\nerror_log stderr crit;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{own}{text}}}\n"
    )
    command = [str(NGINX), "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    with subprocess.Popen(command) as server:
        try:
            place = tmp_path / "nginx.sock"
            one = [asked(place, "Bearer a") for _ in range(47)]
            assert [asked(place, token) for token in ("Bearer b", None)] == [204, 204]
            made_up = [asked(place, f"Bearer {number}") for number in range(120)]
        finally:
            server.terminate()
    assert one[:45] == [204] * 45
    assert 429 in one[45:]
    assert made_up[:20] == [204] * 20
    assert 429 in made_up


def asked(path: Path, token: str | None) -> int:
    """Return the status of a request over a socket, waiting until somebody listens."""
    deadline = time.monotonic() + 30
    with socket.socket(socket.AF_UNIX) as connection:
        while connection.connect_ex(str(path)):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        head = f"Authorization: {token}\r\n" if token else ""
        request = f"GET /api/v1/sessions HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{head}\r\n"
        connection.sendall(request.encode())
        return int(connection.recv(4096).split()[1])
