"""Deploys, verifies and reverts the plan where sqitch is missing, keeping sqitch's own record.

The record is the one sqitch would have written (ids, script hashes, dependencies, tags, events), so
that the real sqitch can take over the database at any time.
"""

import os
import pwd
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import LiteralString

from psycopg import Connection

from svc.embedded.login import Login
from svc.embedded.machine import SetupError, say
from svc.embedded.plan import Change, Entry, Plan

# The number sqitch itself locks, so that neither works on a database in which the other does.
SQITCH_LOCK = 75474063
IS_REGISTERED = "SELECT to_regclass('sqitch.changes') IS NOT NULL"
DEPLOYED = "SELECT change_id FROM sqitch.changes WHERE project = %s ORDER BY committed_at"
HASHES = "SELECT change_id, script_hash FROM sqitch.changes WHERE project = %s"
NEW_RELEASE = """
    INSERT INTO sqitch.releases (version, installer_name, installer_email) VALUES (1.1, %s, %s)
"""
NEW_PROJECT = """
    INSERT INTO sqitch.projects (project, uri, creator_name, creator_email) VALUES (%s, %s, %s, %s)
    ON CONFLICT (project) DO NOTHING
"""
NEW_CHANGE = """
    INSERT INTO sqitch.changes (
        change_id, script_hash, change, project, note, committer_name, committer_email,
        planned_at, planner_name, planner_email
    ) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
NEW_TAG = """
    INSERT INTO sqitch.tags (
        tag_id, tag, project, change_id, note, committer_name, committer_email,
        planned_at, planner_name, planner_email
    ) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (tag_id) DO NOTHING
"""
NEW_DEPENDENCY = """
    INSERT INTO sqitch.dependencies (change_id, type, dependency, dependency_id)
    VALUES (%s, %s, %s, %s)
"""
NEW_EVENT = """
    INSERT INTO sqitch.events (
        event, change_id, change, project, note, requires, conflicts, tags,
        committer_name, committer_email, planned_at, planner_name, planner_email
    ) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
FORGET_TAGS = "DELETE FROM sqitch.tags WHERE change_id = %s"
FORGET_CHANGE = "DELETE FROM sqitch.changes WHERE change_id = %s"


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

    def rows(self, query: LiteralString) -> list[tuple[str, ...]]:
        """Return the rows of a query about this project, none when nothing is recorded."""
        if not self.is_registered():
            return []
        return self.connection.execute(query, (self.plan.project,)).fetchall()

    def deployed(self) -> list[Change]:
        """Return the deployed changes in order of deployment.

        Raises SetupError when one of them is not in the plan.
        """
        planned = {change.identity: change for change in self.plan.changes}
        identities = [row[0] for row in self.rows(DEPLOYED)]
        if not set(identities) <= set(planned):
            raise SetupError("the database has changes that sqitch.plan does not have")
        return [planned[identity] for identity in identities]

    def pending(self) -> list[Change]:
        """Return the changes that are still to be deployed.

        Raises SetupError when the deployed ones are not the beginning of the plan.
        """
        done = self.deployed()
        if tuple(done) != self.plan.changes[: len(done)]:
            raise SetupError("changes were deployed in another order than sqitch.plan has")
        return list(self.plan.changes[len(done) :])

    def edited(self) -> list[str]:
        """Return the names of deployed changes whose deploy script was edited afterwards."""
        known = {change.identity: change for change in self.deployed()}
        return [
            known[identity].name
            for identity, script_hash in self.rows(HASHES)
            if known[identity].script_hash() != script_hash
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
            for change in self.pending():
                self.attempt(change, self.required(change))

    def required(self, change: Change) -> dict[str, str]:
        """Return the id of each deployed change that this one requires, by the name it uses.

        Raises SetupError naming requirements that are missing or conflicts that are deployed.
        """
        done = replace(self.plan, changes=tuple(self.deployed()))
        found = {name: done.find(name) for name in change.requires}
        missing = [name for name, required in found.items() if required is None]
        if missing:
            raise SetupError(f"{change.name} requires {', '.join(missing)}")
        clashes = [name for name in change.conflicts if done.find(name)]
        if clashes:
            raise SetupError(f"{change.name} conflicts with {', '.join(clashes)}")
        return {name: required.identity for name, required in found.items() if required}

    def attempt(self, change: Change, required: dict[str, str]) -> None:
        """Deploy and verify one change and enter it into the record.

        Raises SetupError, the failure entered too, when a script fails.
        """
        try:
            self.execute(change, "deploy")
            try:
                self.execute(change, "verify")
            except SetupError:
                self.execute(change, "revert")
                raise
        except SetupError:
            self.log("fail", change)
            raise
        with self.connection.transaction():
            self.enter(change, required)

    def execute(self, change: Change, kind: str) -> None:
        """Run one script of a change through psql.

        Raises SetupError naming the script and its first error.
        """
        try:
            self.login.psql("-v", "registry=sqitch", "-f", str(change.script(kind)))
        except SetupError as error:
            raise SetupError(f"{kind} of {change.name} failed: {error}") from None

    def enter(self, change: Change, required: dict[str, str]) -> None:
        """Enter a deployed change, its dependencies and its tags into the record."""
        run = self.connection.execute
        values = (change.identity, change.script_hash(), change.name, self.plan.project)
        run(NEW_CHANGE, (*values, *self.signature(change)))
        for name, identity in required.items():
            run(NEW_DEPENDENCY, (change.identity, "require", name, identity))
        for name in change.conflicts:
            run(NEW_DEPENDENCY, (change.identity, "conflict", name, None))
        for tag in change.tags:
            values = (tag.identity, tag.name, self.plan.project, change.identity)
            run(NEW_TAG, (*values, *self.signature(tag)))
        self.log("deploy", change)

    def signature(self, entry: Entry) -> tuple[object, ...]:
        """Return note, committer, time and planner as the record's tables have them."""
        return entry.note, *committer(), entry.planned_at, entry.planner, entry.email

    def log(self, event: str, change: Change) -> None:
        """Enter one event into the record."""
        note, *signature = self.signature(change)
        lists = (list(change.requires), list(change.conflicts), [tag.name for tag in change.tags])
        values = (event, change.identity, change.name, self.plan.project, note, *lists, *signature)
        self.connection.execute(NEW_EVENT, values)

    def revert(self, to: str | None = None) -> None:
        """Revert everything, or everything after the named change, last first.

        Raises SetupError when the change is not deployed or a script fails.
        """
        if not self.is_registered():
            return
        with self.locked():
            done = self.deployed()
            keep = 0
            if to is not None:
                last = self.plan.find(to)
                if last not in done:
                    raise SetupError(f"{to} is not deployed")
                keep = done.index(last) + 1
            for change in reversed(done[keep:]):
                self.execute(change, "revert")
                with self.connection.transaction():
                    self.connection.execute(FORGET_TAGS, (change.identity,))
                    self.connection.execute(FORGET_CHANGE, (change.identity,))
                    self.log("revert", change)

    def verify(self) -> None:
        """Run the verify script of every deployed change.

        Raises SetupError naming the changes that fail.
        """
        failed = []
        for change in self.deployed():
            try:
                self.execute(change, "verify")
            except SetupError as error:
                say(str(error))
                failed.append(change.name)
        if failed:
            raise SetupError(f"verify failed: {', '.join(failed)}")
