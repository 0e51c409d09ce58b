"""What people decide about matches, and how long it holds."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests.conftest import Connect
from tests.matching import month
from tests.matching.month import Charge, Person, Receipt

DAY = date(2025, 3, 11)
NAME = "WADEWINDFALLOW"
DECIDE = """
SELECT to_jsonb(a) || jsonb_build_object('open_charge_amount', a.open_charge_amount::text,
    'open_receipt_amount', a.open_receipt_amount::text, 'unexplained', a.unexplained::text,
    'accepted_residuals', a.accepted_residuals::text) AS answer
FROM api.decide_match(%s, %s, %s, %s, %s, %s, %s) AS a"""
IDS = """
    SELECT c.natural_key AS key, c.charge_id AS id FROM app.charges AS c
    WHERE c.session_id = %(session)s
    UNION ALL
    SELECT t.natural_key, t.transaction_id FROM app.session_employees AS e
    JOIN app.transactions AS t ON t.employee_revision_id = e.current_revision_id
    WHERE e.session_id = %(session)s
"""
PEOPLE = """
    INSERT INTO app.users (user_name, role) VALUES ('pat', 'processor'), ('kim', 'processor'),
        ('ray', 'reviewer')
"""
RESTORE = "SELECT s.session_id FROM api.restore_session(%s, %s, 'As told') AS s"
CANCEL = """
    SELECT a.outcome, (a.decisions #>> '{0,decisions}')::integer,
        (a.decisions #>> '{0,carried}')::integer
    FROM report.sessions AS s, api.cancel_session(s.session_id, s.version) AS a
    WHERE s.session_id = %s
"""
VERSION = "SELECT e.version FROM app.session_employees AS e WHERE e.session_id = %s"
COUNTS = """
    SELECT (SELECT count(*) FROM app.match_decisions), (SELECT count(*) FROM app.allocations),
        (SELECT count(*) FROM app.employee_revisions), (SELECT count(*) FROM app.answered_requests)
"""


def money(text: str) -> Decimal:
    """Return dollars."""
    return Decimal(text)


def charge(key: str, amount: str, days: int = 0, merchant: str = "HARBOR FUEL STOP 0") -> Charge:
    """Return a charge posted some days after DAY."""
    return Charge(key, money(amount), DAY + timedelta(days), DAY + timedelta(days), merchant)


def receipt(
    key: str, amount: str, days: int = 0, merchant: str = "HARBOR FUEL STOP 0412"
) -> Receipt:
    """Return a receipt dated some days after DAY."""
    return Receipt(key, money(amount), DAY + timedelta(days), merchant)


class Desk:
    """A session and the people who decide about its matches."""

    def __init__(self, connect: Connect, rows: Sequence[Charge | Receipt]) -> None:
        """Submit one person's rows."""
        self.connect = connect
        self.owner = connect("ccp_owner", autocommit=True)
        self.owner.execute(PEOPLE)
        self.session = self.submit(rows)

    def submit(self, rows: Sequence[Charge | Receipt], parent: UUID | None = None) -> UUID:
        """Submit rows of the person, as a later submission when a parent is given."""
        charges = tuple(row for row in rows if isinstance(row, Charge))
        receipts = tuple(row for row in rows if isinstance(row, Receipt))
        return month.submit(self.owner, [Person(NAME, charges, receipts)], parent)

    def version(self, session: UUID | None = None) -> int:
        """Return the version of the person's row."""
        row = self.owner.execute(VERSION, [session or self.session]).fetchone()
        assert row is not None
        return int(row[0])

    def ids(self, keys: Sequence[str], session: UUID | None = None) -> list[UUID]:
        """Return the ids of rows by their natural keys; a key nobody has gets an id nobody has."""
        found: dict[str, UUID] = dict(
            self.owner.execute(IDS, {"session": session or self.session}).fetchall()
        )
        return [found.get(key, UUID(int=0)) for key in keys]

    def decide(  # noqa: PLR0913 - the arguments of the call
        self,
        decision: str,
        charges: Sequence[str],
        receipts: Sequence[str],
        *,
        amounts: Sequence[Decimal] | None = None,
        reason: str = "as told",
        user: str = "pat",
        role: str = "processor",
        version: int | None = None,
        request_id: str | None = None,
        session: UUID | None = None,
    ) -> dict[str, Any]:
        """Decide as a user, as the service does it; return the answer."""
        expected = self.version(session) if version is None else version
        pairs = (self.ids(charges, session), self.ids(receipts, session))
        with self.connect("ccp_service") as connection:
            connection.execute("SELECT set_config('app.actor', %s, true)", [user])
            connection.execute("SELECT set_config('role', %s, true)", [f"ccp_{role}"])
            row = connection.execute(
                DECIDE,
                [
                    decision,
                    *pairs,
                    expected,
                    reason,
                    list(amounts) if amounts else None,
                    request_id,
                ],
            ).fetchone()
        assert row is not None
        answer: dict[str, Any] = row[0]
        assert answer["unexplained"] == "0.00"
        return answer

    def edges(self, session: UUID | None = None) -> list[tuple[object, ...]]:
        """Return charge, receipt, amount, residual and pass of the edges."""
        return [row[1:6] for row in month.edges(self.owner, session or self.session)]


RIVALS: list[Charge | Receipt] = [
    charge("c", "12.50"),
    charge("d", "12.50", 4),
    receipt("r", "12.50", 2),
]


def test_a_person_decides_between_rivals(connect: Connect) -> None:
    """What the machine left open is pinned, and the sentence says by whom."""
    desk = Desk(connect, RIVALS)
    assert desk.edges() == []
    answer = desk.decide("confirm", ["d"], ["r"], reason="ticket 12")
    assert answer["open_charge_amount"] == "12.50"
    assert answer["revision_number"] == 2
    assert desk.edges() == [("d", "r", money("12.50"), 0, "pinned")]
    row = desk.owner.execute(
        "SELECT m.explanation, m.person_version FROM report.matches AS m WHERE m.session_id = %s",
        [desk.session],
    ).fetchone()
    assert row == ("pat confirmed that they belong together: ticket 12", answer["version"])


def test_a_rejected_pair_stays_rejected_until_a_side_changes(connect: Connect) -> None:
    """Also in a later submission; another amount or an undo makes it possible again."""
    rows: list[Charge | Receipt] = [charge("c", "12.50"), receipt("r", "12.50")]
    desk = Desk(connect, rows)
    assert desk.edges() == [("c", "r", money("12.50"), 0, "identical")]
    desk.decide("reject", ["c"], ["r"], reason="another trip")
    assert desk.edges() == []
    gates = {row[4] for row in month.open_items(desk.owner, desk.session)}
    assert gates == {"rejected"}
    later = desk.submit(rows, parent=desk.session)
    assert desk.edges(later) == []
    changed = desk.submit([charge("c", "13.50"), receipt("r", "13.50")], parent=later)
    assert desk.edges(changed) == [("c", "r", money("13.50"), 0, "identical")]


def test_an_undone_decision_is_as_if_never_made(connect: Connect) -> None:
    """The machine matches again what it matched before."""
    desk = Desk(connect, [charge("c", "12.50"), receipt("r", "12.50")])
    desk.decide("reject", ["c"], ["r"])
    desk.decide("undo", ["c"], ["r"])
    assert desk.edges() == [("c", "r", money("12.50"), 0, "identical")]
    with pytest.raises(psycopg.Error) as refused:
        desk.decide("undo", ["c"], ["r"])
    assert refused.value.sqlstate == "ST020"


def test_a_confirmed_match_is_taken_over_by_a_later_submission(connect: Connect) -> None:
    """A person never decides the same thing twice, not even when a better receipt turns up."""
    desk = Desk(connect, RIVALS)
    desk.decide("confirm", ["d"], ["r"])
    later = desk.submit([*RIVALS, receipt("s", "12.50", 4)], parent=desk.session)
    assert [row[:2] for row in desk.edges(later) if row[4] == "pinned"] == [("d", "r")]
    desk.decide("undo", ["d"], ["r"], session=later)
    assert desk.edges(later) == [
        ("c", "r", money("12.50"), 0, "exact"),
        ("d", "s", money("12.50"), 0, "identical"),
    ]
    assert desk.edges() == [("d", "r", money("12.50"), 0, "pinned")]


def test_accepting_a_near_amount_stores_the_residual_and_its_reason(connect: Connect) -> None:
    """Both sides are closed, the difference is on the bridge; without a reason it is refused."""
    desk = Desk(connect, [charge("c", "13.40"), receipt("r", "12.50")])
    before = desk.owner.execute(COUNTS).fetchone()
    with pytest.raises(psycopg.Error) as refused:
        desk.decide("confirm", ["c"], ["r"], reason=" ")
    assert refused.value.sqlstate == "IV008"
    assert desk.owner.execute(COUNTS).fetchone() == before
    answer = desk.decide("confirm", ["c"], ["r"], reason="pump rounding")
    assert answer["is_clean"]
    assert answer["accepted_residuals"] == "0.90"
    assert desk.edges() == [("c", "r", money("12.50"), money("0.90"), "pinned")]
    assert month.open_items(desk.owner, desk.session) == []


def test_a_residual_may_lie_on_the_receipt(connect: Connect) -> None:
    """The receipt is the larger side; refunds have their signs turned."""
    desk = Desk(
        connect,
        [
            charge("c", "12.50"),
            receipt("r", "13.40"),
            charge("d", "-8.00", 9),
            receipt("s", "-8.30", 9),
        ],
    )
    desk.decide("confirm", ["c"], ["r"], reason="rounding")
    answer = desk.decide("confirm", ["d"], ["s"], reason="rounding")
    assert answer["is_clean"]
    assert answer["accepted_residuals"] == "-0.60"


@pytest.mark.parametrize(("amount", "state"), [("13.50", None), ("13.51", "RL021")])
def test_a_large_difference_is_not_accepted(
    amount: str, state: str | None, connect: Connect
) -> None:
    """The policy's near amount is the limit, to the cent."""
    desk = Desk(connect, [charge("c", amount), receipt("r", "12.50")])
    if state is None:
        assert desk.decide("confirm", ["c"], ["r"], reason="x")["is_clean"]
    else:
        with pytest.raises(psycopg.Error) as refused:
            desk.decide("confirm", ["c"], ["r"], reason="x")
        assert refused.value.sqlstate == state


def test_a_split_leaves_the_rest_open(connect: Connect) -> None:
    """One charge, two receipts of other merchants; what is left is a finding."""
    desk = Desk(
        connect,
        [
            charge("c", "100.00"),
            receipt("r", "60.00", merchant="LAKESIDE INN"),
            receipt("s", "30.00", merchant="MESA DINER"),
        ],
    )
    answer = desk.decide(
        "split", ["c", "c"], ["r", "s"], amounts=[money("60.00"), money("30.00")], reason="one trip"
    )
    assert (answer["open_charge_amount"], answer["open_receipt_amount"]) == ("10.00", "0.00")
    found = desk.owner.execute(
        "SELECT i.issue_type, i.amount_impact FROM report.validation_issues AS i"
        " WHERE i.session_id = %s AND i.is_resolved = false"
        " AND i.issue_type NOT IN ('missing_coding_info', 'total_mismatch')",
        [desk.session],
    ).fetchall()
    assert found == [("amount_residual", money("10.00"))]


def test_decisions_never_exceed_an_amount(connect: Connect) -> None:
    """One cent too much is refused and leaves nothing; the whole amount is fine."""
    desk = Desk(connect, [charge("c", "100.00"), charge("d", "50.00"), receipt("r", "120.00")])
    before = desk.owner.execute(COUNTS).fetchone()
    with pytest.raises(psycopg.Error) as refused:
        desk.decide("split", ["c", "d"], ["r", "r"], amounts=[money("100.00"), money("20.01")])
    assert refused.value.sqlstate == "RL023"
    assert desk.owner.execute(COUNTS).fetchone() == before
    desk.decide("split", ["c", "d"], ["r", "r"], amounts=[money("100.00"), money("20.00")])
    assert desk.edges() == [
        ("c", "r", money("100.00"), 0, "pinned"),
        ("d", "r", money("20.00"), 0, "pinned"),
    ]


@pytest.mark.parametrize(
    ("decision", "charges", "receipts", "amounts", "state"),
    [
        ("confirm", ["e"], ["r"], None, "RL022"),
        ("confirm", ["c"], ["nobody"], None, "NF020"),
        ("confirm", ["nobody"], ["r"], None, "NF020"),
        ("confirm", ["c", "c"], ["r"], None, "IV008"),
        ("confirm", ["c", "c"], ["r", "r"], None, "IV008"),
        ("confirm", [], [], None, "NF020"),
        ("split", ["c"], ["r"], None, "IV008"),
        ("split", ["c"], ["r"], ["-1.00"], "RL022"),
        ("split", ["c"], ["r"], ["1.005"], "IV008"),
        ("split", ["c"], ["r"], ["NaN"], "IV008"),
        ("guess", ["c"], ["r"], None, "IV008"),
        ("undo", ["c"], ["r"], None, "ST020"),
    ],
)
def test_what_cannot_be_decided_is_refused(  # noqa: PLR0913, PLR0917 - one case each
    decision: str,
    charges: list[str],
    receipts: list[str],
    amounts: list[str] | None,
    state: str,
    connect: Connect,
) -> None:
    """Each with its code, and nothing is written."""
    desk = Desk(connect, [*RIVALS, charge("e", "-12.50")])
    before = desk.owner.execute(COUNTS).fetchone()
    with pytest.raises(psycopg.Error) as refused:
        desk.decide(
            decision, charges, receipts, amounts=[money(each) for each in amounts or []], reason="x"
        )
    assert refused.value.sqlstate == state
    assert desk.owner.execute(COUNTS).fetchone() == before


def test_reviewers_do_not_decide_and_nobody_their_own_card(connect: Connect) -> None:
    """The right is a grant; a processor with a card asks a colleague."""
    desk = Desk(connect, RIVALS)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        desk.decide("confirm", ["c"], ["r"], user="ray", role="reviewer")
    desk.owner.execute(
        "UPDATE app.users SET cardholder_id = (SELECT c.cardholder_id FROM app.cardholders AS c)"
        " WHERE user_name = 'pat'"
    )
    with pytest.raises(psycopg.Error) as refused:
        desk.decide("confirm", ["c"], ["r"])
    assert refused.value.sqlstate == "PM003"
    assert desk.decide("confirm", ["c"], ["r"], user="kim")["revision_number"] == 2


def test_a_repeated_request_gets_the_first_answer(connect: Connect) -> None:
    """The same id with another content is refused."""
    desk = Desk(connect, RIVALS)
    first = desk.decide("confirm", ["c"], ["r"], version=1, request_id="one")
    assert desk.decide("confirm", ["c"], ["r"], version=1, request_id="one") == first
    with pytest.raises(psycopg.Error) as refused:
        desk.decide("reject", ["c"], ["r"], version=1, request_id="one")
    assert refused.value.sqlstate == "ST003"


def test_of_two_who_decide_at_once_one_is_told(connect: Connect) -> None:
    """Both saw version 1 and want the same receipt: one edge, one stale, no cent twice."""
    desk = Desk(connect, RIVALS)

    def take(key: str, user: str) -> str:
        try:
            desk.decide("confirm", [key], ["r"], version=1, user=user)
        except psycopg.Error as error:
            return f"{error.sqlstate} {error.diag.message_detail}"
        return "done"

    desk.ids(["c", "d", "r"])
    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(take, ["c", "d"], ["pat", "kim"]))
    assert outcomes[1] == "done"
    assert outcomes[0].startswith("ST001 expected version 1, got 2: ")
    assert "match at" in outcomes[0]
    assert len(desk.edges()) == 1
    assert desk.owner.execute("SELECT sum(b.unexplained) FROM report.bridge AS b").fetchone() == (
        0,
    )


EXTRA_EDGE = """
    INSERT INTO app.found_allocations (matching_id, charge_id, transaction_id, amount, pass,
        first_pass,
        policy_version, amount_part, date_part, merchant_part, history_part, score)
    SELECT t.employee_revision_id, c.charge_id, t.transaction_id, 0.01, 'exact', 'exact', 1, 1,
        1, 1, 1, 1
    FROM app.charges AS c
    JOIN app.transactions AS t ON t.created_tx = c.created_tx AND t.natural_key = 's'
    WHERE c.created_tx = app.tx()
"""


def test_edges_above_an_amount_cannot_be_committed(owner: psycopg.Connection) -> None:
    """Whoever writes them: the proof at commit names the charge."""
    rows = Person(NAME, (charge("c", "12.50"),), (receipt("r", "12.50"), receipt("s", "0.01", 3)))

    def submit_with_another_edge() -> None:
        with owner.transaction():
            month.write(owner, [rows])
            owner.execute(month.MATCH)
            owner.execute(EXTRA_EDGE)
            owner.execute(month.COMPLETE)

    with pytest.raises(
        psycopg.Error, match=r"is not reconciled\nDETAIL:.*got charge of "
    ) as refused:
        submit_with_another_edge()
    assert refused.value.sqlstate == "RL001"


def test_edges_join_a_revision_only_in_its_transaction(owner: psycopg.Connection) -> None:
    """Afterwards nobody adds, changes or removes one."""
    rows = Person(NAME, (charge("c", "12.50"),), (receipt("r", "12.50"), receipt("s", "0.01", 3)))
    month.submit(owner, [rows])
    for statement, state in (
        (EXTRA_EDGE.replace("WHERE c.created_tx = app.tx()", ""), "RL001"),
        ("UPDATE app.found_allocations SET amount = 1", "RL002"),
        ("DELETE FROM app.found_open_items", "RL002"),
        ("TRUNCATE app.match_decisions CASCADE", "RL002"),
    ):
        with pytest.raises(psycopg.Error) as refused:
            owner.execute(statement.encode())
        assert refused.value.sqlstate == state


def test_a_decision_counts_for_the_newest_submission(connect: Connect) -> None:
    """A restored submission has the charges of the old one; the old one is not touched."""
    desk = Desk(connect, RIVALS)
    second = desk.submit([charge("x", "1.00")], desk.session)
    row = desk.owner.execute(RESTORE, [desk.session, second]).fetchone()
    assert row is not None
    answer = desk.decide("confirm", ["c"], ["r"], version=1, session=row[0])
    assert answer["session_id"] == str(row[0])
    assert desk.version() == 1


def test_decisions_outlast_a_submission_that_is_cancelled(connect: Connect) -> None:
    """They hold in the one before; what was decided there since goes before a restored one."""
    desk = Desk(connect, RIVALS)
    wrong = desk.submit(RIVALS, desk.session)
    desk.decide("confirm", ["d"], ["r"], session=wrong)
    told = desk.owner.execute(CANCEL, [wrong]).fetchone()
    assert told == ("done", 1, 1)
    assert desk.edges() == [("d", "r", money("12.50"), 0, "pinned")]
    row = desk.owner.execute(RESTORE, [wrong, desk.session]).fetchone()
    assert row is not None
    assert desk.edges(row[0]) == [("d", "r", money("12.50"), 0, "pinned")]
    later = desk.submit(RIVALS, row[0])
    assert desk.edges(later) == [("d", "r", money("12.50"), 0, "pinned")]
    desk.owner.execute(CANCEL, [later])
    desk.owner.execute(CANCEL, [row[0]])
    desk.decide("reject", ["d"], ["r"])
    assert [edge[:2] for edge in desk.edges()] == [("c", "r")]
    again = desk.owner.execute(RESTORE, [wrong, desk.session]).fetchone()
    assert again is not None
    assert [edge[:2] for edge in desk.edges(again[0])] == [("c", "r")]
