"""A month in the works: calls to the service, and what is expected of every issue afterwards."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.workflow import findings, lifecycle
from tests.workflow.findings import Fingerprint
from tests.workflow.lifecycle import DECIDED, Event, Issue

if TYPE_CHECKING:
    import psycopg

    from tests.service.conftest import Api

ABOUT = {"difference", "carried_from", "superseded_by"}
EVENTS = """
SELECT v.issue_id::text, v.from_state, v.to_state, v.user_name, v.details
FROM report.issue_events AS v ORDER BY v.issue_id, v.issue_version
"""
USERS = "SELECT u.user_id::text, u.user_name FROM report.users AS u"
CLAIMED = "SELECT c.issue_id::text FROM report.claimed_fixed_still_present AS c"


class Step(NamedTuple):
    """A step with an issue: the call, who makes it, the state it leads to, what is said."""

    call: str
    user: str
    to_state: str
    body: dict[str, Any]


class Work:
    """All submissions of a month, with what is expected of their issues, people and events."""

    def __init__(self, api: Api, superuser: psycopg.Connection, month: findings.Month) -> None:
        """Submit the month for the first time."""
        self.api, self._superuser = api, superuser
        self.session_id = self._submitted(json.dumps(month), None)
        self.expected = {self.session_id: lifecycle.opened(findings.find(month))}
        self.people = {self.session_id: set(month)}

    @property
    def issues(self) -> dict[Fingerprint, Issue]:
        """What is expected of the newest submission."""
        return self.expected[self.session_id]

    def listed(self, session_id: str) -> dict[Fingerprint, dict[str, Any]]:
        """Return the issues of a submission as the service tells them."""
        pages = self.api.pages(f"/sessions/{session_id}/issues", limit="100")
        return {
            Fingerprint(
                row["employee_name"], row["issue_type"], row["fingerprint"].split("|")[2]
            ): row
            for page in pages
            for row in page
        }

    def take(self, key: Fingerprint, row: dict[str, Any], steps: list[Step]) -> None:
        """Take steps with an issue of the newest submission, and expect what they say."""
        version = row["version"]
        for step in steps:
            path = f"/issues/{row['issue_id']}/{step.call}"
            answer = self.api.post(path, step.user, expected_version=version, **step.body)
            assert answer.status_code == 200, answer.get_json()
            version = answer.get_json()["version"]
            self.issues[key] = _after(self.issues[key], step)

    def submit(self, text: str) -> None:
        """Submit the month again, and expect what the earlier submissions hand on.

        What was decided about the same counts before what the last one has that shows the issue.
        """
        month, parent = json.loads(text), self.session_id
        found = findings.find(month)
        known: dict[Fingerprint, tuple[str, Issue]] = {}
        same: dict[Fingerprint, tuple[str, Issue]] = {}
        for session_id, issues in self.expected.items():
            rows = self.listed(session_id)
            now = {key: (rows[key]["issue_id"], issue) for key, issue in issues.items()}
            known |= now
            same |= {
                key: (issue_id, issue)
                for key, (issue_id, issue) in now.items()
                if issue.state in lifecycle.DECIDED
                and key in found
                and issue.evidence == found[key].evidence
            }
        self.session_id = self._submitted(text, parent)
        self.expected[parent] = lifecycle.superseded(self.expected[parent], self.session_id)
        self.expected[self.session_id] = lifecycle.carried(known | same, found)
        self.people[self.session_id] = set(month)

    def revise(self, month: findings.Month, person: str) -> None:
        """Expect what a new revision of a person, as the month has it now, makes of the issues."""
        self.expected[self.session_id] = lifecycle.revised(
            self.issues, findings.find(month), person
        )

    def check(self) -> None:
        """Compare every issue, its events and every person of all submissions."""
        events: dict[str, list[Event]] = {}
        for issue_id, was, now, user, details in self._superuser.execute(EVENTS).fetchall():
            about = {name: value for name, value in (details or {}).items() if name in ABOUT}
            events.setdefault(issue_id, []).append(Event(was, now, user, about))
        names: dict[str, str] = dict(self._superuser.execute(USERS).fetchall())
        for session_id, expected in self.expected.items():
            rows = self.listed(session_id)
            assert rows.keys() == expected.keys()
            for key, row in rows.items():
                assert _seen(row, events.get(row["issue_id"], []), names) == expected[key], key
                decided = row["state"] in DECIDED
                assert row["is_resolved"] == (decided or row["state"] == "auto_closed")
                assert row["is_resolved"] == (row["resolved_at"] is not None)
            self._check_people(session_id)

    def claimed(self) -> set[tuple[str, Fingerprint]]:
        """Return what is listed as claimed to be fixed and still there, with its submission."""
        keys = {
            row["issue_id"]: (session_id, key)
            for session_id in self.expected
            for key, row in self.listed(session_id).items()
        }
        return {keys[issue_id] for (issue_id,) in self._superuser.execute(CLAIMED).fetchall()}

    def _check_people(self, session_id: str) -> None:
        """Compare the status of every person with what the issues say."""
        own: dict[str, list[Issue]] = {name: [] for name in self.people[session_id]}
        for key, issue in self.expected[session_id].items():
            own[key.person].append(issue)
        pages = self.api.pages(f"/sessions/{session_id}/employees", limit="100")
        statuses = {row["employee_name"]: row["status"] for page in pages for row in page}
        assert statuses == {name: lifecycle.status(issues) for name, issues in own.items()}

    def _submitted(self, text: str, parent: str | None) -> str:
        """Hand in a month and return its session."""
        # Several of one month that follow nothing would be asked about.
        programme = hashlib.sha256(text.encode()).hexdigest()[:8]
        query = {"programme": programme} if parent is None else {"parent_session_id": parent}
        answer = self.api.upload(text.encode(), **query)
        assert answer.status_code == 201, answer.get_json()
        return str(answer.get_json()["session_id"])


def _after(issue: Issue, step: Step) -> Issue:
    """Return what a step makes of an issue."""
    now = issue.moved(step.to_state, step.user)
    if step.call in {"start", "assign"}:
        now = replace(now, assigned_to=step.body.get("user_name", step.user))
    if step.to_state in DECIDED:
        (notes,) = {step.body.get(name) for name in ("notes", "reason", "note")} - {None}
        now = replace(now, resolved_by=step.user, method=step.body.get("method"), notes=notes)
    return now


def _seen(row: dict[str, Any], events: list[Event], names: dict[str, str]) -> Issue:
    """Return a row of the service as the expectation words it."""
    return Issue(
        evidence=row["evidence"],
        blocks=row["blocks"],
        state=row["state"],
        resolved_by=row["resolved_by_name"],
        method=row["resolution_method"],
        notes=row["resolution_notes"],
        assigned_to=names.get(row["assigned_to"]),
        carried_from=row["carried_from"],
        events=tuple(events),
    )
