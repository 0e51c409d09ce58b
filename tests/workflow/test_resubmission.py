"""A month is worked on and submitted again; every issue has become what the design says."""

from __future__ import annotations

import copy
import datetime
import json
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, LiteralString, NamedTuple

import pytest

from svc.config import Settings
from tests.service.conftest import DATA, SECRET, make_users, running
from tests.workflow import findings
from tests.workflow.lifecycle import CLAIMED, DECIDED, OPEN
from tests.workflow.month import act
from tests.workflow.work import Step, Work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import psycopg

MONTH: findings.Month = json.loads((DATA / "medium" / "activity.json").read_text())
TODAY = datetime.datetime.now(datetime.UTC).date()
WAIVER = Step(
    "waiver",
    "pat",
    "waiting",
    {
        "reason_class": "receipt_lost",
        "reason": "Lost on the way",
        "amount_limit": "100000.00",
        "ends_on": str(TODAY + datetime.timedelta(days=30)),
    },
)
METHODS = ("corrected", "receipt_provided", "coding_provided", "explained", "accepted", "other")
TREATMENTS: list[list[Step]] = [
    *(
        [Step("resolve", "rae", "resolved", {"method": method, "notes": f"By {method}"})]
        for method in METHODS
    ),
    [Step("false-positive", "ada", "false_positive", {"reason": "It is there"})],
    [
        Step("start", "pat", "in_progress", {}),
        Step("assign", "pat", "in_progress", {"user_name": "rae"}),
    ],
    [Step("suspend", "pat", "waiting", {"note": "Asked the employee"})],
    [Step("note", "rae", "open", {"note": "Seen"})],
    [WAIVER],
    [WAIVER, Step("waiver/approve", "rae", "waived", {"note": "Agreed"})],
    [WAIVER, Step("waiver/reject", "rae", "open", {"note": "Too much"})],
    [
        Step("resolve", "rae", "resolved", {"method": "accepted", "notes": "Small"}),
        Step("reopen", "ada", "open", {"note": "Not so small"}),
    ],
]


class Correction(NamedTuple):
    """A statement about one receipt, and what it makes of the receipt in the file."""

    statement: LiteralString
    change: Callable[[findings.Receipt], findings.Receipt]


DEARER = Correction(
    "UPDATE api.current_transactions SET amount = coalesce(amount, 0) + 1"
    " WHERE transaction_id = %s",
    lambda receipt: {"amt": str(Decimal(receipt["amt"]) + 1)},
)
CODED = Correction(
    "UPDATE api.current_transactions SET coding_type = 'gl_coding', gl_account = '6120.100'"
    " WHERE transaction_id = %s",
    lambda _: {"code_type": "GL Coding", "gl_acct": "6120.100"},
)
ATTACHED = Correction(
    "UPDATE api.current_transactions SET has_attachment = true WHERE transaction_id = %s",
    lambda _: {"attachment": True},
)


@pytest.fixture
def work(
    database_url: str, connect: Callable[..., psycopg.Connection], superuser: psycopg.Connection
) -> Iterator[Work]:
    """Yield the month with every second issue of each rule treated in one of the ways."""
    make_users(connect("ccp_owner"))
    settings = Settings(database_url=database_url, token_secret=SECRET, pool_size=2)
    with running(settings) as api:
        work = Work(api, superuser, MONTH)
        seen: Counter[str] = Counter()
        for key, row in sorted(work.listed(work.session_id).items()):
            seen[key.rule] += 1
            if seen[key.rule] % 2:
                ways = [way for way in TREATMENTS if row["amount_impact"] or not needs_amount(way)]
                work.take(key, row, ways[seen.total() // 2 % len(ways)])
        yield work


def test_every_rule_and_way_is_there(work: Work) -> None:
    """The month before it is submitted again: each rule decided, each state and method taken."""
    work.check()
    treated = {key.rule for key, issue in work.issues.items() if issue.events}
    assert treated == {key.rule for key in work.issues}
    assert {issue.method for issue in work.issues.values()} == {*METHODS, None}
    assert {issue.state for issue in work.issues.values()} == {*OPEN, *DECIDED}
    assert work.claimed() == set()


def test_a_changed_month_keeps_reopens_and_lets_go(work: Work) -> None:
    """Unchanged findings keep what they were told, changed ones open, gone ones are not there."""
    first = work.session_id
    before = dict(work.issues)
    work.submit(json.dumps(changed(MONTH)))
    work.check()
    moves = Counter(
        (before[key].state if key in before else None, issue.state)
        for key, issue in work.issues.items()
    )
    gone = Counter(issue.state for key, issue in before.items() if key not in work.issues)
    for state in DECIDED:
        assert moves[state, state]
        assert moves[state, "open"]
        assert gone[state]
    for state in OPEN:
        assert moves[state, state]
    assert moves[None, "open"]
    assert not {issue.state for issue in work.expected[first].values()} & OPEN
    claims = {key for key, issue in work.issues.items() if issue.method in CLAIMED}
    assert claims
    assert work.claimed() == {(work.session_id, key) for key in claims}


def test_the_same_month_again_keeps_everything(work: Work) -> None:
    """Other bytes, the same content: every decision and all work is where it was."""
    before = dict(work.issues)
    work.submit(json.dumps(MONTH, indent=1))
    work.check()
    assert work.issues.keys() == before.keys()
    for key, issue in work.issues.items():
        was = before[key]
        assert (issue.state, issue.resolved_by, issue.notes, issue.assigned_to) == (
            was.state,
            was.resolved_by,
            was.notes,
            was.assigned_to,
        )
    claims = {key for key, issue in before.items() if issue.method in CLAIMED}
    assert work.claimed() == {(work.session_id, key) for key in claims}


def test_who_was_left_out_comes_back_as_before(work: Work) -> None:
    """What a submission does not show is not forgotten: the next one shows it with its decision."""
    work.submit(json.dumps(changed(MONTH)))
    missing = work.people[work.session_id] ^ set(MONTH)
    work.submit(json.dumps(MONTH))
    work.check()
    assert {issue.state for key, issue in work.issues.items() if key.person in missing} >= DECIDED


def test_a_correction_touches_only_what_it_changes(
    work: Work, connect: Callable[..., psycopg.Connection]
) -> None:
    """An amount opens what looked at it, a coding closes its issue; nobody else's issues move."""
    rows, amended, pat = work.listed(work.session_id), copy.deepcopy(MONTH), connect()
    people: set[str] = set()
    for rule, state, correction in (
        ("missing_coding_info", "resolved", DEARER),
        ("missing_receipt", "waived", DEARER),
        ("missing_receipt", "false_positive", DEARER),
        ("missing_coding_info", "in_progress", CODED),
        ("missing_receipt", "waiting", ATTACHED),
        ("missing_receipt", "resolved", ATTACHED),
    ):
        (key, *_) = (
            key
            for key, issue in sorted(work.issues.items())
            if (key.rule, issue.state) == (rule, state)
        )
        receipt = dict(findings.receipts_of(amended[key.person]))[key.subject]
        receipt |= correction.change(receipt)
        with pat.transaction():
            act(pat, "pat")
            pat.execute("SELECT set_config('app.reason', 'as told', true)")
            pat.execute(correction.statement, (rows[key]["transaction_id"],))
        work.revise(amended, key.person)
        people.add(key.person)
    work.check()
    shown = findings.find(amended)
    claims = {
        key
        for key, issue in work.issues.items()
        if issue.method in CLAIMED and key.person in people and key in shown
    }
    assert claims
    assert work.claimed() == {(work.session_id, key) for key in claims}


def needs_amount(way: list[Step]) -> bool:
    """Whether what is at stake must be known: it is waived, or one person decides alone."""
    return WAIVER in way or any(
        step.to_state in DECIDED and step.body.get("method") not in CLAIMED for step in way
    )


def changed(month: findings.Month) -> findings.Month:
    """Return the month as it is handed in later: by turns people do this or that about it."""
    ways = (unchanged, supplied, repriced, removed, added)
    later = copy.deepcopy(month)
    for place, name in enumerate(sorted(month)):
        if place % 6 == 5:
            del later[name]
        else:
            ways[place % 6](later[name].get("receipts", {}))
    return later


def unchanged(_by_code: findings.ByCode) -> None:
    """Hand in the same."""


def supplied(by_code: findings.ByCode) -> None:
    """Code every second receipt that was not, attach every second picture that was missing."""
    for receipt in by_code.get("null", [])[::2]:
        receipt |= {"code_type": "GL Coding", "gl_acct": "6120.100", "coded": True}
        by_code["null"].remove(receipt)
        by_code.setdefault("6120.100", []).append(receipt)
    bare = [receipt for receipts in by_code.values() for receipt in receipts]
    for receipt in [receipt for receipt in bare if not receipt["attachment"]][::2]:
        receipt["attachment"] = True


def repriced(by_code: findings.ByCode) -> None:
    """Claim a dollar more on every second receipt."""
    for receipts in by_code.values():
        for receipt in receipts[::2]:
            amount = Decimal(receipt["amt"]) + 1
            receipt["amt"] = str(amount)


def removed(by_code: findings.ByCode) -> None:
    """Leave out every second receipt."""
    for receipts in by_code.values():
        del receipts[::2]


def added(by_code: findings.ByCode) -> None:
    """Hand in one more, without coding and picture."""
    by_code.setdefault("null", []).append(
        {
            "rec_id": "49999999",
            "amt": "12.50",
            "date": "03/20/2025",
            "merch_name": "HARBOR DELI",
            "code_type": "GL Coding",
            "coded": False,
            "attachment": False,
        }
    )
