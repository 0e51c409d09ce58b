"""What a database says of its deployment, to compare two of them."""

import shutil
import subprocess
from typing import LiteralString

import pytest

from svc.embedded.login import Login

needs_sqitch = pytest.mark.skipif(not shutil.which("sqitch"), reason="sqitch is not installed")
RECORD: tuple[LiteralString, ...] = (
    "SELECT version FROM sqitch.releases",
    "SELECT project, uri FROM sqitch.projects",
    """SELECT change_id, script_hash, change, project, note, planned_at, planner_name, planner_email
       FROM sqitch.changes ORDER BY committed_at""",
    "SELECT * FROM sqitch.dependencies ORDER BY change_id, dependency",
    """SELECT tag_id, tag, project, change_id, note, planned_at, planner_name, planner_email
       FROM sqitch.tags ORDER BY tag""",
    """SELECT event, change_id, change, project, note, requires, conflicts, tags,
           planned_at, planner_name, planner_email
       FROM sqitch.events ORDER BY committed_at""",
    """SELECT table_name, column_name, data_type, is_nullable, column_default
       FROM information_schema.columns WHERE table_schema = 'sqitch'
       ORDER BY table_name, column_name""",
    """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
       FROM pg_constraint WHERE connamespace = 'sqitch'::regnamespace AND contype <> 'n'
       ORDER BY 1, 2""",
)
COMMITTERS = """
SELECT creator_name, creator_email FROM sqitch.projects
UNION SELECT committer_name, committer_email FROM sqitch.changes
UNION SELECT committer_name, committer_email FROM sqitch.tags
UNION SELECT committer_name, committer_email FROM sqitch.events
"""


def record(login: Login) -> list[list[tuple[object, ...]]]:
    """Return everything the record says, but for who deployed when."""
    with login.connect() as connection:
        return [connection.execute(query).fetchall() for query in RECORD]


def schema(login: Login) -> list[str]:
    """Return the database's definition without the record of deployments and the test tools."""
    project = ["--exclude-schema=sqitch", "--exclude-schema=tap", "--extension=plpgsql"]
    dump = subprocess.run(
        [login.machine.program("pg_dump"), "--schema-only", *project],
        env=login.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    # A dump is protected by a random word in two of its lines.
    return [line for line in dump.stdout.splitlines() if "restrict " not in line]
