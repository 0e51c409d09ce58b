"""On months whose truth is known, the machine matches what belongs together and nothing else."""

import json
import sys
from pathlib import Path

import psycopg
import pytest

from tests.generate import Recipe, build, expected
from tests.matching import month
from tests.matching.month import Truth

SAMPLES = Path(__file__).parents[1] / "data"
BRIDGE = """
    SELECT count(*), count(*) FILTER (WHERE b.unexplained = 0 OR (b.unexplained IS NULL AND EXISTS (
            SELECT FROM report.transactions AS t WHERE t.session_id = b.session_id
                AND t.cardholder_id = b.cardholder_id AND t.amount IS NULL))),
        sum(b.unexplained), sum(b.open_charge_amount) FILTER (WHERE b.unexplained IS NOT NULL),
        sum(b.open_receipt_amount + b.repeated_pages) FILTER (WHERE b.unexplained IS NOT NULL),
        sum(b.amount_difference) FILTER (WHERE b.unexplained IS NOT NULL)
    FROM report.bridge AS b WHERE b.session_id = %s
"""
UNLISTED = """
    SELECT count(*) FROM (
        SELECT o.failed_gate, o.nearest_transaction_id AS nearest FROM report.open_charges AS o
        WHERE o.session_id = %(session)s
        UNION ALL
        SELECT o.failed_gate, o.nearest_charge_id FROM report.open_receipts AS o
        WHERE o.session_id = %(session)s
    ) AS x
    WHERE (x.nearest IS NULL)
        <> (x.failed_gate IN ('no_counterpart', 'amount_unknown', 'repeat', 'suspected_repeat'))
"""
SAID = """
    SELECT coalesce('row ' || own.issue_type, 'row ' || pair.issue_type, 'person ' || p.issue_type),
        count(*)
    FROM app.open_items AS o
    JOIN app.session_employees AS e ON e.current_revision_id = o.employee_revision_id
    LEFT JOIN report.validation_issues AS own ON own.session_id = e.session_id
        AND CASE o.side WHEN 'charge' THEN own.charge_id = o.item_id
            ELSE own.transaction_id = o.item_id END
        AND own.issue_type IN ('unmatched_charge', 'unmatched_receipt', 'duplicate_transaction')
    LEFT JOIN report.validation_issues AS pair ON pair.session_id = e.session_id
        AND pair.cardholder_id = e.cardholder_id AND pair.issue_type = 'amount_residual'
        AND o.is_proposed
    LEFT JOIN report.validation_issues AS p ON p.session_id = e.session_id
        AND p.cardholder_id = e.cardholder_id
        AND p.issue_type = CASE o.side WHEN 'charge' THEN 'missing_all_receipts'
            ELSE 'orphan_receipts' END
    WHERE e.session_id = %s
    GROUP BY 1
"""


def sample(name: str) -> Truth:
    """Return the truth of a sample."""
    return month.truth_of(json.loads((SAMPLES / name / "expected.json").read_text()))


def invented(seed: int) -> Truth:
    """Return the truth of an invented month that has everything at once."""
    return month.truth_of(expected(build(120, 1500, seed, recipe=Recipe.difficult())))


def is_right(truth: Truth, edge: tuple[object, ...]) -> bool:
    """Tell whether an edge is true: twins alike in person, amount, date and merchant are one."""
    partner = truth.partners.get((str(edge[0]), str(edge[2])))
    found = {(p.label, c.key): c for p in truth.people for c in p.charges}[
        str(edge[0]), str(edge[1])
    ]
    return partner is not None and (partner.amount, partner.day, partner.merchant) == (
        found.amount,
        found.day,
        found.merchant,
    )


def by_twins(truth: Truth, edges: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """Return the false edges; a duplicate page in the place of its original is none."""
    receipts = {(p.label, r.key): r for p in truth.people for r in p.receipts}
    wrong = []
    for edge in edges:
        label, key = str(edge[0]), str(edge[2])
        mine = receipts[label, key]
        alike = [
            (label, other.key)
            for person in truth.people
            if person.label == label
            for other in person.receipts
            if (other.amount, other.day, other.merchant) == (mine.amount, mine.day, mine.merchant)
        ]
        if not any(is_right(truth, (label, edge[1], other)) for _, other in alike):
            wrong.append(edge)
    return wrong


@pytest.mark.parametrize("name", ["small", "medium", "invented 1", "invented 2", "invented 3"])
def test_precision_is_whole_and_recall_at_least_98_percent(
    name: str, owner: psycopg.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every edge without a person is true, and nearly every receipt with a charge finds it."""
    truth = invented(int(name.split()[1])) if name.startswith("invented") else sample(name)
    session = month.submit(owner, truth.people)
    edges = month.edges(owner, session)
    wrong = by_twins(truth, edges)
    recall = (len(edges) - len(wrong)) / len(truth.partners)
    with capsys.disabled():
        sys.stdout.write(
            f"\nmatching {name}: {len(edges)} edges, precision {1 - len(wrong) / len(edges):.4%},"
            f" recall {recall:.4%} of {len(truth.partners)} readable receipts with a charge\n"
        )
    assert wrong == []
    assert recall >= 0.98
    assert owner.execute(UNLISTED, {"session": session}).fetchone() == (0,)
    row = owner.execute(BRIDGE, [session]).fetchone()
    assert row is not None
    people, sound, unexplained, open_charges, open_receipts, difference = row
    assert people == sound == len(truth.people)
    assert unexplained == 0
    assert open_charges - open_receipts == difference


def test_each_open_row_is_said_once_and_charges_block(owner: psycopg.Connection) -> None:
    """Of 18 open charges and 10 open receipts 6 have an issue of their own.

    One pair is proposed, 3 repeated pages are duplicates, and what is open of people without any
    receipt or without a card is said by the issue about the person. Credits do not block.
    """
    truth = sample("medium")
    session = month.submit(owner, truth.people)
    findings: dict[str, tuple[int, int]] = {
        rule: (found, blocking)
        for rule, found, blocking in owner.execute(
            "SELECT i.issue_type, count(*), count(*) FILTER (WHERE i.blocks)"
            " FROM report.validation_issues AS i WHERE i.session_id = %s GROUP BY 1",
            [session],
        )
    }
    assert findings == {
        "missing_coding_info": (600, 600),
        "total_mismatch": (9, 9),
        "missing_all_receipts": (3, 3),
        "orphan_receipts": (2, 0),
        "unmatched_charge": (6, 3),
        "amount_residual": (1, 1),
        "duplicate_transaction": (3, 0),
    }
    assert dict(owner.execute(SAID, [session]).fetchall()) == {
        "row unmatched_charge": 6,
        "row amount_residual": 2,
        "row duplicate_transaction": 3,
        "person missing_all_receipts": 11,
        "person orphan_receipts": 6,
    }


def test_the_import_report_shows_the_match_rate_of_each_pass(owner: psycopg.Connection) -> None:
    """With what is open, and that nothing is unexplained."""
    session = month.submit(owner, sample("medium").people)
    row = owner.execute("SELECT report.import_report(%s)", [session]).fetchone()
    assert row is not None
    assert "| identical | 590 | 97.0 % | 98.3 % | 137752.33 |" in row[0]
    assert "Open: 18 charges of" in row[0]
    assert "unexplained 0.00." in row[0]
