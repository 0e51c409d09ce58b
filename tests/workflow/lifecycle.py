"""What has to become of issues, by the rules of docs/design.md 9 and without SQL."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from tests.workflow.findings import Finding, Findings, Fingerprint

OPEN = {"open", "in_progress", "waiting"}
DECIDED = {"resolved", "waived", "false_positive"}
CLAIMED = {"corrected", "receipt_provided", "coding_provided"}


class Event(NamedTuple):
    """A row of an issue's life; `about` holds a difference and the ids of other rows."""

    from_state: str
    to_state: str
    user: str
    about: dict[str, Any]


@dataclass(frozen=True)
class Issue:
    """What is to be seen of an issue; it stands when the newest revision shows it."""

    evidence: dict[str, Any]
    blocks: bool
    state: str = "open"
    resolved_by: str | None = None
    method: str | None = None
    notes: str | None = None
    assigned_to: str | None = None
    carried_from: str | None = None
    events: tuple[Event, ...] = field(default=())
    stands: bool = field(default=True, compare=False)

    def moved(self, state: str, user: str, about: dict[str, Any] | None = None) -> Issue:
        """Return the issue after a step; a decision lasts as long as the state."""
        event = Event(self.state, state, user, about or {})
        kept = self if state == self.state else replace(self, **UNDECIDED)
        return replace(kept, state=state, events=(*self.events, event))


USER = "pat"
"""Who submits and corrects; the machine's events are in this name."""

UNDECIDED: dict[str, Any] = {"resolved_by": None, "method": None, "notes": None}


def opened(findings: Findings) -> dict[Fingerprint, Issue]:
    """Return the issues of a first submission."""
    return {key: Issue(*finding) for key, finding in findings.items()}


def superseded(issues: dict[Fingerprint, Issue], session_id: str) -> dict[Fingerprint, Issue]:
    """Return the issues of a submission that another one follows: what was open goes on there."""
    return {
        key: issue.moved("superseded", USER, {"superseded_by": session_id})
        if issue.state in OPEN
        else issue
        for key, issue in issues.items()
    }


def carried(
    earlier: dict[Fingerprint, tuple[str, Issue]], findings: Findings
) -> dict[Fingerprint, Issue]:
    """Return the issues of a later submission, given what is known of each and its id."""
    return {
        key: _carried(*earlier[key], finding) if key in earlier else Issue(*finding)
        for key, finding in findings.items()
    }


def revised(
    issues: dict[Fingerprint, Issue], findings: Findings, person: str
) -> dict[Fingerprint, Issue]:
    """Return the issues after a person got a new revision; nobody else's change."""
    others = {key: issue for key, issue in issues.items() if key.person != person}
    own = {key: issue for key, issue in issues.items() if key.person == person}
    found = {key: finding for key, finding in findings.items() if key.person == person}
    gone = {
        key: replace(
            issue.moved("auto_closed", USER) if issue.state in OPEN else issue, stands=False
        )
        for key, issue in own.items()
        if key not in found
    }
    seen = {
        key: _found_again(own[key], finding) if key in own else Issue(*finding)
        for key, finding in found.items()
    }
    return {**others, **gone, **seen}


def status(issues: list[Issue]) -> str:
    """Return the status of a person with these issues."""
    states = {issue.state for issue in issues if issue.blocks}
    claimed = any(issue.blocks and issue.method in CLAIMED and issue.stands for issue in issues)
    if not claimed and not states & {*OPEN, "superseded"}:
        return "finished"
    return "in_progress" if states & {"in_progress", "waiting", *DECIDED} else "unfinished"


def difference(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Return what an event tells of changed evidence; nothing when it is the same."""
    changed = {
        name: {"old": old.get(name), "new": new.get(name)}
        for name in {*old, *new}
        if old.get(name) != new.get(name)
    }
    return {"difference": changed} if changed else {}


def _carried(issue_id: str, before: Issue, finding: Finding) -> Issue:
    """Return how an issue begins in a later submission; what one took over is as it was then."""
    if before.state == "superseded":
        before = replace(before, state=before.events[-1].from_state)
    changed = difference(before.evidence, finding.evidence)
    stays = before.state in OPEN or (before.state in DECIDED and not changed)
    state = before.state if stays else "open"
    about = {"carried_from": issue_id, **changed}
    was = before.state if state == "open" else "open"
    now = replace(before, evidence=finding.evidence, blocks=finding.blocks, carried_from=issue_id)
    now = replace(now, state=state, events=(), stands=True, **({} if stays else UNDECIDED))
    if before.state == "open" and not changed:
        return now
    return replace(now, events=(Event(was, state, USER, about),))


def _found_again(before: Issue, finding: Finding) -> Issue:
    """Return what becomes of an issue whose finding the new revision shows again."""
    changed = difference(before.evidence, finding.evidence)
    now = replace(before, evidence=finding.evidence, blocks=finding.blocks, stands=True)
    if before.state == "auto_closed" or (before.state in DECIDED and changed):
        return now.moved("open", USER, changed)
    return now.moved(before.state, USER, changed) if changed else now
