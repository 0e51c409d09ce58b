"""What a monitoring system reads at /metrics, and the rules it judges that by."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.service.conftest import Api, Server
from tests.service.pooler import free_port

if TYPE_CHECKING:
    from collections.abc import Callable

    from svc.config import Settings

RULES = Path(__file__).parents[2] / "deploy" / "prometheus"
TOOLS = f"{os.environ.get('PATH')}:{os.environ.get('CCP_TEST_TOOLS', '')}"
PROMTOOL = shutil.which("promtool", path=TOOLS)
NODE = shutil.which("prometheus-node-exporter", path=TOOLS)
POSTGRES = shutil.which("prometheus-postgres-exporter", path=TOOLS)

promtool = pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed here")


def families(text: str) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    """Return the samples of an exposition by name and labels."""
    found: dict[str, dict[tuple[tuple[str, str], ...], float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = tuple(sorted(sample.labels.items()))
            found.setdefault(sample.name, {})[labels] = sample.value
    return found


def of_server(server: Server) -> str:
    """Return what a running service gives."""
    return server.send(b"GET /metrics HTTP/1.0\r\n\r\n").decode().split("\r\n\r\n", 1)[1]


def test_requests_of_all_processes_are_counted_and_no_path_is_a_label(
    settings: Settings, tmp_path: Path
) -> None:
    """By operation; a path nobody serves and a method nobody knows are one each."""
    server = Server(settings, tmp_path, CCP_WORKERS="2")
    try:
        ask = b"GET /api/v1/nothing/%d HTTP/1.0\r\n\r\n"
        with ThreadPoolExecutor(8) as clients:
            list(clients.map(server.send, [ask % number for number in range(40)]))
        server.send(b"HACK /healthz HTTP/1.0\r\n\r\n")
        text = of_server(server)
    finally:
        server.stop()
    found = families(text)["ccp_requests_total"]
    key = (("method", "GET"), ("operation", "none"), ("status", "401"))
    assert found[key] == 40
    assert {dict(labels)["method"] for labels in found} == {"GET", "other"}
    assert "nothing" not in text


def test_the_database_s_figures_stand_beside_them(
    api: Api, superuser: psycopg.Connection, connect: Callable[..., psycopg.Connection]
) -> None:
    """All of report.metrics; without a database the rest is given, and that it is away."""
    api.post("/sessions", session_name="One")
    found = families(api.app.test_client().get("/metrics").get_data(as_text=True))
    rows = connect("ccp_owner").execute("SELECT m.metric, m.labels FROM report.metrics AS m")
    asked = {(name, tuple(sorted(labels.items()))) for name, labels in rows.fetchall()}
    assert len(asked) > 10
    assert asked <= {(name, labels) for name, samples in found.items() for labels in samples}
    assert found["ccp_database_up"] == {(): 1}
    key = (("method", "POST"), ("operation", "create_session"), ("status", "201"))
    assert found["ccp_requests_total"][key] >= 1

    superuser.execute("REVOKE SELECT ON report.metrics FROM ccp_read_only")
    answer = api.app.test_client().get("/metrics")
    found = families(answer.get_data(as_text=True))
    assert answer.status_code == 200
    assert found["ccp_database_up"] == {(): 0}
    assert "ccp_jobs" not in found


def test_a_figure_names_nobody(month: Api) -> None:
    """No label has a value of a month: no person, card or session."""
    names = {row["employee_name"] for page in month.pages("/cardholders") for row in page}
    text = month.app.test_client().get("/metrics").get_data(as_text=True)
    assert len(names) > 50
    assert not [name for name in names if name in text]
    assert not re.search(r"(?<![0-9.])999999|[0-9a-f]{8}-[0-9a-f]{4}", text)


@promtool
def test_rules_hold_and_their_alarms_go_off(settings: Settings, tmp_path: Path) -> None:
    """Each alarm on both sides of its limit, and the exposition's own form."""
    server = Server(settings, tmp_path)
    try:
        text = of_server(server)
    finally:
        server.stop()
    lint = subprocess.run(
        [PROMTOOL or "", "check", "metrics"],
        input=text,
        text=True,
        capture_output=True,
        check=False,
    )
    assert (lint.returncode, lint.stderr) == (0, "")
    tests = subprocess.run(
        [PROMTOOL or "", "test", "rules", "ccp.tests.yml"],
        cwd=RULES,
        text=True,
        capture_output=True,
        check=False,
    )
    assert tests.returncode == 0, tests.stdout + tests.stderr


def alarms() -> list[tuple[str, str]]:
    """Return name and section of the runbook of each alarm."""
    text = (RULES / "ccp.rules.yml").read_text()
    return re.findall(
        r"- alert: (\w+)\n(?:(?!- alert:)[\s\S])*?runbook: docs/operations\.md#(\S+)", text
    )


def test_each_alarm_is_tested_and_has_a_section_of_the_runbook() -> None:
    """Its name is in the tests with and without it going off, its section is there."""
    text = (RULES / "ccp.rules.yml").read_text()
    tests = (RULES / "ccp.tests.yml").read_text()
    runbook = (RULES.parents[1] / "docs" / "operations.md").read_text()
    sections = {
        re.sub(r"[^\w -]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in runbook.splitlines()
        if line.startswith("#")
    }
    found = alarms()
    assert len(found) == text.count("- alert:")
    assert [name for name, _ in found if tests.count(f"alertname: {name}\n") < 2] == []
    assert [name for name, section in found if section not in sections] == []


@pytest.mark.skipif(NODE is None or POSTGRES is None, reason="the exporters are not installed here")
def test_each_metric_of_the_rules_is_served(
    api: Api, connect: Callable[..., psycopg.Connection], tmp_path: Path
) -> None:
    """By us, or by the exporters of Debian for the machine and the server."""
    rules = json.dumps((RULES / "ccp.rules.yml").read_text())
    used = set(re.findall(r"\b(?:ccp|node|pg)_[a-z_]+\b", rules))
    views = connect("ccp_owner").execute("SELECT pg_get_viewdef('report.metrics'::regclass)")
    served = set(re.findall(r"'(ccp_[a-z_]+)'", str(*(views.fetchone() or ()))))
    served |= set(families(api.app.test_client().get("/metrics").get_data(as_text=True)))
    info = connect("postgres").info
    source = f"host={info.host} port={info.port} user=postgres dbname=postgres sslmode=disable"
    for program in (NODE, POSTGRES):
        port = free_port()
        with (tmp_path / "log").open("ab") as log:
            process = subprocess.Popen(
                [program or "", f"--web.listen-address=127.0.0.1:{port}"],
                env={**os.environ, "DATA_SOURCE_NAME": source},
                stderr=log,
            )
        try:
            served |= set(families(exporter(f"http://127.0.0.1:{port}/metrics")))
        finally:
            process.kill()
            process.wait()
    assert used - served == set()


def exporter(url: str) -> str:
    """Return what an exporter gives, as soon as it listens."""
    for _ in range(200):
        try:
            with urllib.request.urlopen(url, timeout=30) as answer:
                return str(answer.read().decode())
        except OSError:
            time.sleep(0.05)
    raise AssertionError(url)
