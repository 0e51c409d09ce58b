"""What all benchmarks share: a server of their own, laps in seconds and CPU, tables, the machine.

The server is made for the run, with PostgreSQL's default durability, and is gone afterwards. Every
lap that needs an empty database gets a fresh copy of one deployed template.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, LiteralString

from svc.embedded import copies
from svc.embedded.cluster import Cluster
from svc.embedded.deploy import OWNER, bootstrap, deploy
from svc.embedded.machine import call, find_machine
from svc.embedded.suite import remove

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

TEMPLATE = "bench_template"
LOCAL: LiteralString = "ccp_local"
"""The login that benchmarks act as: mapped to an administrator."""

PEOPLE: tuple[LiteralString, ...] = (
    "SELECT api.save_user(p_user_name => 'bench', p_role => 'admin')",
    f"SELECT api.map_login('{LOCAL}', 'bench', 1)",
)
SETTINGS = {"shared_buffers": "256MB", "max_wal_size": "8GB", "checkpoint_timeout": "30min"}
"""Beyond the defaults: no checkpoint falls into a lap."""

README = Path(__file__).parent / "README.md"
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Lap:
    """One measured run: wall seconds, and CPU seconds of one server process."""

    seconds: float
    cpu: float


@contextmanager
def server() -> Iterator[Cluster]:
    """Yield a running server with the deployed template; it is removed afterwards.

    Raises SetupError when it does not start or a script fails.
    """
    folder = Path(tempfile.mkdtemp(prefix="ccp-bench-"))
    folder.chmod(0o755)
    cluster = Cluster(find_machine(), folder, SETTINGS)
    try:
        cluster.start()
        bootstrap(cluster, TEMPLATE)
        deploy(cluster.login(OWNER, TEMPLATE))
        with cluster.login(OWNER, TEMPLATE).connect() as owner:
            for statement in PEOPLE:
                owner.execute(statement)
        yield cluster
    finally:
        remove(cluster)


@contextmanager
def fresh_database(
    cluster: Cluster, name: str = "bench", template: str = TEMPLATE
) -> Iterator[str]:
    """Yield the name of a new copy of a template, by default the deployed one; then drop it."""
    with cluster.login().connect() as superuser:
        superuser.execute(copies.CREATE.format(copy=name, template=template).encode())
        superuser.execute(copies.TAKE_RIGHTS.format(copy=name, template=template).encode())
        superuser.execute("CHECKPOINT")
        try:
            yield name
        finally:
            superuser.execute(copies.DROP.format(copy=name).encode())


def say(text: str) -> None:
    """Tell on standard error, with the time, how far a benchmark is."""
    sys.stderr.write(f"{datetime.now(UTC):%H:%M:%S} {text}\n")
    sys.stderr.flush()


def cpu_seconds(pid: int) -> float:
    """Return user and system time that a process on this machine has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def lap(pid: int, action: Callable[[], object]) -> Lap:
    """Run an action once; ``pid`` is the process whose CPU time counts."""
    cpu, start = cpu_seconds(pid), time.perf_counter()
    action()
    return Lap(time.perf_counter() - start, cpu_seconds(pid) - cpu)


def median(laps: Sequence[Lap]) -> Lap:
    """Return the medians of seconds and of CPU seconds, each by itself."""
    return Lap(
        statistics.median(one.seconds for one in laps), statistics.median(one.cpu for one in laps)
    )


def machine(cluster: Cluster) -> str:
    """Describe processor, memory, system and versions in one line."""
    info = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":")[1].strip() for line in info if line.startswith("model name")), "")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    version = call([cluster.machine.program("postgres"), "--version"]).strip()
    return (
        f"{os.cpu_count()} cores {model or platform.machine()}, {memory:.0f} GB, "
        f"{platform.system()} {platform.release()}, {version}, Python {platform.python_version()}"
    )


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table, its first column to the left and the others to the right."""
    lines = ["| " + " | ".join(heads) + " |"]
    lines.append("| --- |" + " ---: |" * (len(heads) - 1))
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)


def record(section: str, text: str) -> None:
    """Put figures into ``bench/README.md``, between the two marks of a section.

    Raises ValueError when the marks are not there.
    """
    start, end = f"<!-- {section} -->\n", f"<!-- /{section} -->"
    content = README.read_text(encoding="utf-8")
    before, mark, rest = content.partition(start)
    _, stop, after = rest.partition(end)
    if not (mark and stop):
        msg = f"{README} has no section {section}"
        raise ValueError(msg)
    README.write_text(f"{before}{start}{text}\n{end}{after}", encoding="utf-8")
