"""What an issue about a person silences, through every step of its life, against a model of it."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.matching import month
from tests.matching.month import Charge, Person, Receipt
from tests.workflow.lifecycle import OPEN

if TYPE_CHECKING:
    import psycopg

    from tests.conftest import Connect

DAY = date(2025, 3, 11)
USERS = """
    INSERT INTO app.users (user_name, role) VALUES ('pat', 'processor'), ('ray', 'reviewer')
"""
ISSUES = """
    SELECT i.subject_key, i.issue_id, i.version, i.state FROM app.validation_issues AS i
    WHERE i.rule_code = %s ORDER BY i.subject_key
"""
PROOF = "SELECT v.* FROM audit.commits AS c CROSS JOIN LATERAL app.commit_violations(c.tx) AS v"


class Step(NamedTuple):
    """A step of an issue: who takes it, the call after id and version, where it leads."""

    user: str
    call: str
    arguments: str
    to_state: str


START = Step("pat", "start_issue", "", "in_progress")
SUSPEND = Step("pat", "suspend_issue", ", 'Asked'", "waiting")
RESOLVE = Step("ray", "resolve_issue", ", 'explained', 'Seen'", "resolved")
DENY = Step("ray", "mark_false_positive", ", 'None'", "false_positive")
REOPEN = Step("ray", "reopen_issue", ", 'Not so'", "open")
PROPOSE = Step("pat", "propose_waiver", ", 'receipt_lost', 'Lost', 99, now()::date + 9", "proposed")
APPROVE = Step("ray", "approve_waiver", "", "waived")
REJECT = Step("ray", "reject_waiver", ", 'No'", "open")
FROM = {
    "open": [START, SUSPEND, RESOLVE, DENY, PROPOSE],
    "in_progress": [SUSPEND, RESOLVE, DENY, PROPOSE],
    "waiting": [START, RESOLVE, DENY],
    "proposed": [APPROVE, REJECT],
    "resolved": [REOPEN],
    "false_positive": [REOPEN],
    "waived": [REOPEN],
}


def silences(state: str) -> bool:
    """Whether an issue about the person in this state says what is found row by row."""
    return state in {*OPEN, "proposed", "waived"}


def rows(owner: psycopg.Connection, rule: str) -> dict[str, tuple[str, int, str]]:
    """Return the issues of a rule by subject: id, version and state."""
    return {row[0]: (str(row[1]), row[2], row[3]) for row in owner.execute(ISSUES, [rule])}


def take(connect: Connect, step: Step, issue: tuple[str, int, str]) -> None:
    """Take a step as the service does it."""
    role = "reviewer" if step.user == "ray" else "processor"
    with connect("ccp_service") as connection:
        connection.execute("SELECT set_config('app.actor', %s, true)", [step.user])
        connection.execute("SELECT set_config('role', %s, true)", [f"ccp_{role}"])
        call = f"SELECT api.{step.call}(%s, %s{step.arguments})".encode()
        connection.execute(call, issue[:2])


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("silencer", ["missing_all_receipts", "orphan_receipts"])
def test_rows_are_silent_exactly_while_the_person_is_not(
    connect: Connect, silencer: str, seed: int
) -> None:
    """After each step what is open row by row is what the model says, and the proof holds."""
    owner = connect("ccp_owner", autocommit=True)
    owner.execute(USERS)
    keys = ["a", "b", "c"]
    charges = tuple(Charge(key, Decimal(10 + n), DAY) for n, key in enumerate(keys))
    receipts = tuple(Receipt(key, Decimal(10 + n), DAY) for n, key in enumerate(keys))
    card = silencer == "missing_all_receipts"
    person = Person("ANNROE", charges, employee_id="7") if card else Person("ANNROE", (), receipts)
    # Somebody with a card, so that the session has charges.
    month.submit(owner, [person, Person("BEAFOX", charges, receipts, "8", "2222")])
    silenced = "unmatched_charge" if card else "unmatched_receipt"
    choice = random.Random(seed)  # noqa: S311 - repeatable, not secret
    state, decided = "open", dict[str, str]()
    for _ in range(12):
        step = choice.choice(FROM[state])
        take(connect, step, rows(owner, silencer)[""])
        state = step.to_state
        found = rows(owner, silenced)
        opened = {key for key, issue in found.items() if issue[2] in OPEN}
        assert opened == (set() if silences(state) else set(keys) - set(decided)), step
        assert {key: found[key][2] for key in decided} == decided
        if opened and choice.random() < 0.3:
            key = choice.choice(sorted(opened))
            take(connect, RESOLVE, found[key])
            decided[key] = "resolved"
        assert owner.execute(PROOF).fetchall() == []
