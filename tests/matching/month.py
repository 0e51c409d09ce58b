"""A month's charges and receipts as plain values, put into the database without any PDF."""

import json
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from psycopg import Connection

T = TypeVar("T")
STAGE = """
    CREATE TEMP TABLE staged ON COMMIT DROP AS
    SELECT app.new_id() AS revision_id, p.name_key, p.employee_id, p.last_four, p.charges,
        p.receipts
    FROM jsonb_to_recordset(%s::jsonb)
        AS p (name_key text, employee_id text, last_four text, charges jsonb, receipts jsonb)
"""
OPEN_SESSION = """
    INSERT INTO app.processing_sessions (session_id, parent_session_id, chain_id, revision_number,
        user_id, session_name, status,
        source_type, source_sha256, processing_started_at, processing_completed_at)
    SELECT x.id, %(parent)s, coalesce(s.chain_id, x.id), coalesce(s.revision_number, 0) + 1,
        app.actor_id(), 'March', 'completed', 'pdf', sha256(gen_random_uuid()::text::bytea),
        now(), now()
    FROM (SELECT app.new_id() AS id) AS x
    LEFT JOIN app.processing_sessions AS s ON s.session_id = %(parent)s
    RETURNING session_id
"""
PEOPLE = """
    INSERT INTO app.cardholders (name_key, employee_id)
    SELECT s.name_key, s.employee_id FROM staged AS s
    ON CONFLICT DO NOTHING
"""
CARDS = """
    INSERT INTO app.cards (cardholder_id, first_six, last_four)
    SELECT c.cardholder_id, '999999', s.last_four
    FROM staged AS s
    JOIN app.cardholders AS c ON c.name_key = s.name_key AND c.employee_id IS NOT DISTINCT FROM
        s.employee_id
    ON CONFLICT DO NOTHING
"""
CARD_TOTALS = """
    INSERT INTO app.card_totals (session_id, cardholder_id, card_id, card_number, page_range)
    SELECT %(session)s, c.cardholder_id, k.card_id, '999999XXXXXX' || s.last_four, '{1}'
    FROM staged AS s
    JOIN app.cardholders AS c ON c.name_key = s.name_key AND c.employee_id IS NOT DISTINCT FROM
        s.employee_id
    JOIN app.cards AS k ON k.cardholder_id = c.cardholder_id AND k.last_four = s.last_four
    WHERE s.charges <> '[]'
"""
CHARGES = """
    INSERT INTO app.charges (session_id, cardholder_id, charge_id, card_id, natural_key, position,
        page_number,
        purchase_date, posted_date, transaction_number, merchant_name, merchant_group,
            gross_amount,
        discount_amount, net_amount)
    SELECT k.session_id, k.cardholder_id, app.new_id(), k.card_id, x.key, row_number() OVER (), 1,
        x.other_day, x.day, x.key,
        x.merchant, x.kind, x.amount, 0, x.amount
    FROM staged AS s
    JOIN app.cardholders AS c ON c.name_key = s.name_key AND c.employee_id IS NOT DISTINCT FROM
        s.employee_id
    JOIN app.card_totals AS k ON k.session_id = %(session)s AND k.cardholder_id = c.cardholder_id
    CROSS JOIN LATERAL jsonb_to_recordset(s.charges)
        AS x (key text, amount numeric, day date, other_day date, merchant text, kind text)
"""
RECEIPTS = """
    WITH read AS MATERIALIZED (
        SELECT s.revision_id, app.new_id() AS content_id, row_number() OVER () AS position, x.*
        FROM staged AS s
        CROSS JOIN LATERAL jsonb_to_recordset(s.receipts)
            AS x (key text, amount numeric, day date, merchant text, kind text, own_money boolean)
    ), written AS (
        INSERT INTO app.receipt_contents (content_id, external_transaction_id, transaction_date,
            transaction_type, amount, expense_type, merchant_name, has_attachment,
            is_out_of_pocket)
        SELECT r.content_id, regexp_replace(r.key, '#[0-9]+$', ''), r.day,
            CASE WHEN r.amount < 0 THEN 'refund' ELSE 'expense' END, r.amount, r.kind, r.merchant,
            true, r.own_money
        FROM read AS r
    )
    INSERT INTO app.receipt_links (employee_revision_id, transaction_id, content_id, natural_key,
        position)
    SELECT r.revision_id, app.new_id(), r.content_id, r.key, r.position FROM read AS r
"""
DRAFTS = """
    SELECT ROW(s.revision_id, %(session)s, c.cardholder_id, 1, NULL, (
            SELECT e.current_revision_id FROM app.session_employees AS e
            WHERE e.session_id = %(parent)s AND e.cardholder_id = c.cardholder_id),
        s.name_key, s.employee_id, '999999XXXXXX' || s.last_four, s.charges <> '[]',
        CASE WHEN s.charges = '[]' THEN 0 END, NULL, NULL, '{1}', '{1}', NULL, NULL
        )::app.revision_draft
    FROM staged AS s
    JOIN app.cardholders AS c ON c.name_key = s.name_key AND c.employee_id IS NOT DISTINCT FROM
        s.employee_id
"""
KEEP_DRAFTS = "CREATE TEMP TABLE drafted ON COMMIT DROP AS SELECT x.d FROM ({drafts}) AS x (d)"
MATCH = "SELECT app.match_revisions(ARRAY(SELECT x.d FROM drafted AS x))"
COMPLETE = """
    SELECT app.complete_revisions(ARRAY(SELECT x.d FROM drafted AS x), 'import', NULL)
"""
NAMED_EDGES = """
    SELECT concat_ws(' ', r.employee_name, r.employee_id), c.natural_key, t.natural_key,
        a.amount, a.residual, a.pass, a.score
    FROM app.allocations AS a
    JOIN app.session_employees AS e ON e.current_revision_id = a.employee_revision_id
    JOIN app.employee_revisions AS r ON r.revision_id = a.employee_revision_id
    JOIN app.charges AS c ON c.session_id = r.session_id AND c.cardholder_id = r.cardholder_id
        AND c.charge_id = a.charge_id
    JOIN app.transactions AS t
        ON t.employee_revision_id = a.employee_revision_id AND t.transaction_id = a.transaction_id
    WHERE e.session_id = %s
    ORDER BY 1, 2, 3
"""
NAMED_OPEN = """
    SELECT concat_ws(' ', r.employee_name, r.employee_id), o.side, coalesce(CASE o.side WHEN
        'charge' THEN c.natural_key END, t.natural_key),
        o.open_amount, o.failed_gate, CASE o.side WHEN 'charge' THEN t.natural_key ELSE
            c.natural_key END,
        o.is_proposed, o.is_sum_untried, o.proposal,
        -- By the name of the row that leads it: ids are others each time.
        max(CASE WHEN o.item_id = o.proposal_id
            THEN concat_ws(' ', r.employee_name, r.employee_id, o.side,
                CASE o.side WHEN 'charge' THEN c.natural_key ELSE t.natural_key END) END)
            OVER (PARTITION BY o.employee_revision_id, o.proposal_id)
    FROM app.open_items AS o
    JOIN app.session_employees AS e ON e.current_revision_id = o.employee_revision_id
    JOIN app.employee_revisions AS r ON r.revision_id = o.employee_revision_id
    LEFT JOIN app.charges AS c ON c.session_id = r.session_id AND c.cardholder_id = r.cardholder_id
        AND c.charge_id = o.charge_id
    LEFT JOIN app.transactions AS t
        ON t.employee_revision_id = o.employee_revision_id AND t.transaction_id = o.transaction_id
    WHERE e.session_id = %s
    ORDER BY 1, 2, 3
"""


@dataclass(frozen=True)
class Charge:
    """A charge: its natural key, net dollars, posted and transaction date, merchant and group."""

    key: str
    amount: Decimal
    day: date
    other_day: date | None = None
    merchant: str = "HARBOR FUEL STOP 0"
    kind: str = "MISC"


@dataclass(frozen=True)
class Receipt:
    """A receipt: natural key, dollars, date, merchant, expense type, own money or not."""

    key: str
    amount: Decimal | None
    day: date | None
    merchant: str = "HARBOR FUEL STOP 0412"
    kind: str = "Fuel"
    own_money: bool = False


@dataclass(frozen=True)
class Person:
    """A cardholder with one card and a month's rows."""

    name_key: str
    charges: tuple[Charge, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    employee_id: str | None = None
    last_four: str = "1193"

    @property
    def label(self) -> str:
        """Return name and employee id, as edges and open rows name the person."""
        return " ".join(filter(None, [self.name_key, self.employee_id]))


@dataclass(frozen=True)
class Truth:
    """A sample's people, and which charges each receipt may be matched to."""

    people: tuple[Person, ...]
    partners: dict[tuple[str, str], Charge] = field(default_factory=dict)


def as_json(people: Iterable[Person]) -> str:
    """Return people as the JSON text that STAGE reads."""
    return json.dumps([asdict(person) for person in people], default=str)


def submit(connection: Connection, people: Sequence[Person], parent: UUID | None = None) -> UUID:
    """Store people as one submission, match and complete it; return the session's id.

    The connection must be the owner's, in autocommit mode. Raises what the database raises.
    """
    with connection.transaction():
        session = write(connection, people, parent)
        connection.execute(MATCH)
        connection.execute(COMPLETE)
    return session


def write(connection: Connection, people: Sequence[Person], parent: UUID | None = None) -> UUID:
    """Store people's rows in the transaction at hand, up to the drafts; return the session's id."""
    connection.execute(STAGE, [as_json(people)])
    row = connection.execute(OPEN_SESSION, {"parent": parent}).fetchone()
    assert row is not None
    session: UUID = row[0]
    for statement in (PEOPLE, CARDS, CARD_TOTALS, CHARGES, RECEIPTS):
        connection.execute(statement, {"session": session})
    connection.execute(
        KEEP_DRAFTS.replace("{drafts}", DRAFTS).encode(), {"session": session, "parent": parent}
    )
    return session


def edges(connection: Connection, session: UUID) -> list[tuple[object, ...]]:
    """Return the edges: person, charge and receipt key, amount, residual, pass, score."""
    return connection.execute(NAMED_EDGES, [session]).fetchall()


def open_items(connection: Connection, session: UUID) -> list[tuple[object, ...]]:
    """Return open rows: person, side, key, dollars, gate, nearest, proposed, untried.

    Then kind and first row of the proposal it is part of.
    """
    return connection.execute(NAMED_OPEN, [session]).fetchall()


def numbered(keys: Iterable[str]) -> list[str]:
    """Return keys with #2, #3 … added from the second of a kind on, as natural keys are."""
    seen: Counter[str] = Counter()
    out = []
    for key in keys:
        seen[key] += 1
        out.append(key if seen[key] == 1 else f"{key}#{seen[key]}")
    return out


def truth_of(expected: dict[str, Any]) -> Truth:
    """Return the people of an expected.json and the charge of each readable receipt."""
    people = []
    partners = {}
    for employee in expected["employees"]:
        rows, pages = employee["transactions"], employee["receipts"]
        charges = tuple(
            Charge(
                key,
                Decimal(row["net"]),
                date.fromisoformat(row["posted_date"]),
                date.fromisoformat(row["trans_date"]),
                row["merchant"],
                row["group"],
            )
            for key, row in zip(numbered(map(charge_key, rows)), rows, strict=True)
        )
        receipts = tuple(
            Receipt(
                key,
                Decimal(page["amount"]) if page["amount"] is not None else None,
                date.fromisoformat(page["date"]) if page["date"] else None,
                page["merchant_name"],
                page["expense_type"],
            )
            for key, page in zip(
                numbered(page["transaction_id"] for page in pages), pages, strict=True
            )
        )
        number = employee["employee_id"]
        last_four = (number or "0000")[-4:].zfill(4)
        person = Person(employee["name_key"], charges, receipts, number, last_four)
        people.append(person)
        for receipt, page in zip(receipts, pages, strict=True):
            if page["matches_transaction"] is not None and receipt.amount is not None:
                partners[person.label, receipt.key] = charges[page["matches_transaction"]]
    return Truth(tuple(people), partners)


def charge_key(row: dict[str, Any]) -> str:
    """Return what a charge of an expected.json is called: card, dates and number."""
    return f"{row['card'][-4:]} {row['posted_date']} {row['trans_date']} {row['number']}"


def shuffled(people: Sequence[Person], seed: int) -> list[Person]:
    """Return the same people and rows in another order."""
    rng = random.Random(seed)  # noqa: S311 - an order, not a secret

    def mixed(rows: Sequence[T]) -> tuple[T, ...]:
        return tuple(rng.sample(rows, len(rows)))

    return list(
        mixed(
            [
                replace(person, charges=mixed(person.charges), receipts=mixed(person.receipts))
                for person in people
            ]
        )
    )
