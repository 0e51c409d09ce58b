"""Measures the pages: processor time of service and database for each view, and its size.

`python -m bench.pages [--people N ...] [--rounds N] [--record]`

The service runs in this process with one connection, so that the processor time of both is known:
on a machine with other work it is what a quiet one would make a reader wait, but for the network.
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import TYPE_CHECKING, NamedTuple

from bench.harness import (
    LOCAL,
    cpu_seconds,
    fresh_database,
    machine,
    record,
    say,
    server,
    table,
)
from bench.issues import import_month
from svc.app import create_app
from svc.config import Settings
from svc.routes import EXTENSION
from tests.pages.conftest import Browser

if TYPE_CHECKING:
    from svc.embedded.cluster import Cluster

SECRET = b"a secret of the benchmark, long enough for HS256"
READER = "local reviewer"
WHO = (
    "SELECT api.save_user(p_user_name => %s, p_role => 'reviewer') WHERE NOT EXISTS"
    " (SELECT FROM report.users AS u WHERE u.user_name = %s)"
)
BACKEND = (
    "SELECT a.pid FROM pg_stat_activity AS a"
    " WHERE a.datname = %s AND a.application_name = 'ccp-service'"
)
FOUND = (
    "SELECT m.month_id, e.session_id, e.cardholder_id, i.issue_id FROM report.months AS m"
    " JOIN report.employee_revisions AS e ON e.session_id = m.latest_session_id"
    " JOIN report.validation_issues AS i ON i.session_id = e.session_id"
    " AND i.cardholder_id = e.cardholder_id AND i.is_open LIMIT 1"
)
VIEWS = {
    "Months": "/months",
    "Month": "/months/{0}",
    "Person": "/sessions/{1}/employees/{2}",
    "Work list": "/issues?month_id={0}",
    "Issue": "/issues/{3}",
    "a generic list": "/months/{0}/transactions",
}


class Figures(NamedTuple):
    """Milliseconds of both processors and of the wall, and kilobytes."""

    service: float
    database: float
    wall: float
    size: float


def measure(cluster: Cluster, people: int, rounds: int) -> dict[str, Figures]:
    """Show every view of a month of so many people, again and again."""
    with fresh_database(cluster) as database:
        with cluster.login(LOCAL, database).connect() as local:
            import_month(local, people, 1)
            local.execute(WHO, (READER, READER))
            ids = local.execute(FOUND).fetchone() or ()
        with cluster.login(database=database).connect() as owner:
            owner.execute("VACUUM ANALYZE")
            url = cluster.login("ccp_service", database).conninfo
            app = create_app(Settings(database_url=url, token_secret=SECRET, pool_size=1))
            browser = Browser(app, READER)
            backend = owner.execute(BACKEND, (database,)).fetchone()
            pid = int(backend[0]) if backend else 0
            figures = {
                name: shown(browser, path.format(*ids), pid, rounds) for name, path in VIEWS.items()
            }
            app.extensions[EXTENSION].database.close()
    return figures


def shown(browser: Browser, path: str, pid: int, rounds: int) -> Figures:
    """Show one view; its first times are not counted, they plan its statements."""
    for _ in range(6):
        page = browser.get(path)
        assert page.status_code == 200, page.text  # noqa: S101 - else it is not that view
    walls = []
    cpu, own = cpu_seconds(pid), time.process_time()
    for _ in range(rounds):
        start = time.perf_counter()
        page = browser.get(path)
        walls.append(time.perf_counter() - start)
    each = 1000 / rounds
    return Figures(
        (time.process_time() - own) * each,
        (cpu_seconds(pid) - cpu) * each,
        1000 * statistics.median(walls),
        len(page.data) / 1000,
    )


def main() -> None:
    """Measure and print, or record."""
    parser = argparse.ArgumentParser(prog="python -m bench.pages", description=__doc__)
    parser.add_argument("--people", type=int, nargs="*", default=[200, 2000])
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--record", action="store_true")
    arguments = parser.parse_args()
    rows = []
    with server() as cluster:
        for people in arguments.people:
            say(f"a month of {people} people")
            for name, one in measure(cluster, people, arguments.rounds).items():
                both = f"{one.service + one.database:.0f}"
                parts = [f"{one.service:.0f}", f"{one.database:.0f}", both]
                rows.append([name, f"{people:,}", *parts, f"{one.wall:.0f}", f"{one.size:.0f}"])
        heads = ["View", "People", "service ms", "database ms", "both", "wall ms", "kB"]
        text = f"{machine(cluster)}\n\n{table(heads, rows)}"
    say(text)
    if arguments.record:
        record("pages", text)


if __name__ == "__main__":
    main()
