"""Content for the tests of the audit: a small month, imported through the service's login.

One employee is written in another order than the old program wrote: its own text is kept.
"""

import json
from pathlib import Path

import psycopg

from svc.embedded.cluster import SUPERUSER, Cluster

MONTH = Path(__file__).parents[1] / "data" / "small" / "activity.json"
PROCESSOR = "pat"


def act_as(connection: psycopg.Connection, user: str, role: str) -> None:
    """Let the transaction act as a user with a role."""
    connection.execute(
        "SELECT set_config('app.actor', %s, true), set_config('role', %s, true)",
        (user, f"ccp_{role}"),
    )


def fill(cluster: Cluster, database: str) -> None:
    """Make users and import a small month."""
    with psycopg.connect(cluster.login("ccp_owner", database).conninfo) as owner:
        for name, role in ((PROCESSOR, "processor"), ("ann", "admin"), ("rob", "reviewer")):
            owner.execute("SELECT api.save_user(%s, NULL, %s)", (name, role))
    month = json.loads(MONTH.read_text("utf-8"))
    first = next(iter(month))
    month[first] = dict(reversed(month[first].items()))
    with psycopg.connect(cluster.login("ccp_service", database).conninfo) as service:
        act_as(service, PROCESSOR, "processor")
        answer = service.execute(
            "SELECT api.import_activity(%s) ->> 'outcome'", (json.dumps(month, indent=2),)
        ).fetchone()
        assert answer == ("accepted",)


def superuser_of(cluster: Cluster, database: str) -> psycopg.Connection:
    """Return a superuser's connection, inside a transaction as soon as it is used."""
    return psycopg.connect(cluster.login(SUPERUSER, database).conninfo)
