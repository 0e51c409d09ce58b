"""Deploys and verifies the plan where sqitch is missing, keeping sqitch's own record.

The record is what sqitch would have written (ids, script hashes, requirements, tags, events), so
that the real sqitch can take over the database at any time. Reverting is left to it.
"""

import os
import pwd
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from psycopg import Connection

from svc.embedded.login import Login
from svc.embedded.machine import SetupError
from svc.embedded.plan import Change, Entry, Plan, find

# The number sqitch itself locks, so that neither works on a database in which the other does.
SQITCH_LOCK = 75474063
IS_REGISTERED = "SELECT to_regclass('sqitch.changes') IS NOT NULL"
DEPLOYED = """
    SELECT change_id, script_hash FROM sqitch.changes WHERE project = %s ORDER BY committed_at
"""
NEW_RELEASE = """
    INSERT INTO sqitch.releases (version, installer_name, installer_email) VALUES (1.1, %s, %s)
"""
NEW_PROJECT = """
    INSERT INTO sqitch.projects (project, uri, creator_name, creator_email) VALUES (%s, %s, %s, %s)
    ON CONFLICT (project) DO NOTHING
"""
NEW_CHANGE = """
    INSERT INTO sqitch.changes (
        change_id, change, project, note, planned_at, planner_name, planner_email,
        committer_name, committer_email, script_hash
    ) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
NEW_TAG = """
    INSERT INTO sqitch.tags (
        tag_id, tag, project, note, planned_at, planner_name, planner_email,
        committer_name, committer_email, change_id
    ) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (tag_id) DO NOTHING
"""
NEW_DEPENDENCY = """
    INSERT INTO sqitch.dependencies (change_id, type, dependency, dependency_id)
    VALUES (%s, 'require', %s, %s)
"""
NEW_EVENT = """
    INSERT INTO sqitch.events (
        change_id, change, project, note, planned_at, planner_name, planner_email,
        committer_name, committer_email, event, requires, conflicts, tags
    ) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, 'deploy', %s, '{}', %s)
"""


def committer() -> tuple[str, str]:
    """Return name and e-mail address of the person at work, as sqitch finds them."""
    account = pwd.getpwuid(os.geteuid())
    name = os.environ.get("SQITCH_FULLNAME") or account.pw_gecos.split(",")[0] or account.pw_name
    email = os.environ.get("SQITCH_EMAIL") or f"{account.pw_name}@{socket.gethostname()}"
    return name, email


@dataclass(frozen=True)
class Deployer:
    """Works on the database of one login with the changes of one plan."""

    login: Login
    plan: Plan

    @cached_property
    def connection(self) -> Connection:
        """Return the connection that keeps the record and holds the lock."""
        return self.login.connect()

    def close(self) -> None:
        """Close the connection, which gives up the lock."""
        self.connection.close()

    def is_registered(self) -> bool:
        """Tell whether the database has a record of deployments at all."""
        return self.connection.execute(IS_REGISTERED).fetchone() == (True,)

    def hashes(self) -> dict[str, str]:
        """Return id and script hash of what is deployed, in order of deployment."""
        if not self.is_registered():
            return {}
        return dict(self.connection.execute(DEPLOYED, (self.plan.project,)).fetchall())

    def deployed(self) -> list[Change]:
        """Return the deployed changes in order of deployment.

        Raises SetupError when they are not the beginning of the plan.
        """
        done = list(self.hashes())
        planned = self.plan.changes[: len(done)]
        if not set(done) <= {change.identity for change in self.plan.changes}:
            raise SetupError("the database has changes that sqitch.plan does not have")
        if done != [change.identity for change in planned]:
            raise SetupError("changes were deployed in another order than sqitch.plan has")
        return list(planned)

    def pending(self) -> list[Change]:
        """Return the changes that are still to be deployed.

        Raises SetupError when the deployed ones are not the beginning of the plan.
        """
        return list(self.plan.changes[len(self.deployed()) :])

    def edited(self) -> list[str]:
        """Return the names of deployed changes whose deploy script was edited afterwards."""
        known = self.hashes()
        return [
            change.name
            for change in self.deployed()
            if known[change.identity] != change.script_hash()
        ]

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every other deployment away from this database meanwhile."""
        self.connection.execute("SELECT pg_advisory_lock(%s)", (SQITCH_LOCK,))
        try:
            yield
        finally:
            self.connection.execute("SELECT pg_advisory_unlock(%s)", (SQITCH_LOCK,))

    def register(self) -> None:
        """Make the record and enter the project, where that has not been done."""
        if not self.is_registered():
            self.login.psql("-f", str(Path(__file__).with_name("registry.sql")))
            self.connection.execute(NEW_RELEASE, committer())
        self.connection.execute(NEW_PROJECT, (self.plan.project, self.plan.uri, *committer()))

    def deploy(self) -> None:
        """Deploy and verify what is pending; a change that fails is taken back.

        Raises SetupError naming the change and its first error.
        """
        self.register()
        with self.locked():
            done = self.deployed()
            for change in done[-1:]:
                self.enter_tags(change)
            for change in self.pending():
                required = {key: find(done, key) for key in change.requires}
                missing = [key for key, found in required.items() if found is None]
                if missing:
                    raise SetupError(f"{change.name} requires {', '.join(missing)}")
                self.execute(change, "deploy")
                try:
                    self.execute(change, "verify")
                except SetupError:
                    self.execute(change, "revert")
                    raise
                self.enter(change, {key: one.identity for key, one in required.items() if one})
                done.append(change)

    def execute(self, change: Change, kind: str) -> None:
        """Run one script of a change through psql.

        Raises SetupError naming the script and its first error.
        """
        try:
            self.login.psql("-v", "registry=sqitch", "-f", str(change.script(kind)))
        except SetupError as error:
            raise SetupError(f"{kind} of {change.name} failed: {error}") from None

    def row(self, entry: Entry) -> tuple[object, ...]:
        """Return what the record keeps of a change as of a tag."""
        planned = (entry.note, entry.planned_at, entry.planner, entry.email)
        return entry.identity, entry.name, self.plan.project, *planned, *committer()

    def enter(self, change: Change, required: dict[str, str]) -> None:
        """Enter a deployed change, its requirements and its tags into the record."""
        run = self.connection.execute
        with self.connection.transaction():
            run(NEW_CHANGE, (*self.row(change), change.script_hash()))
            for key, identity in required.items():
                run(NEW_DEPENDENCY, (change.identity, key, identity))
            self.enter_tags(change)
            tags = [tag.name for tag in change.tags]
            run(NEW_EVENT, (*self.row(change), list(change.requires), tags))

    def enter_tags(self, change: Change) -> None:
        """Enter the tags of a deployed change that the record lacks: a tag may come later."""
        for tag in change.tags:
            self.connection.execute(NEW_TAG, (*self.row(tag), change.identity))

    def verify(self) -> None:
        """Run the verify script of every deployed change.

        Raises SetupError naming the scripts that fail, each with its first error.
        """
        faults = []
        for change in self.deployed():
            try:
                self.execute(change, "verify")
            except SetupError as error:
                faults.append(str(error))
        if faults:
            raise SetupError("; ".join(faults))
