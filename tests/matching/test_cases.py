"""Twelve months that a matcher gets wrong easily, as people would judge them."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import psycopg
import pytest

from tests.conftest import Connect
from tests.matching import month
from tests.matching.month import Charge, Person, Receipt

NAME = "WADEWINDFALLOW"
FIRST = date(2025, 5, 1)
STATUS = """
    SELECT e.status FROM report.employee_revisions AS e WHERE e.session_id = %s
"""
BLOCKING = """
    SELECT i.issue_type FROM report.validation_issues AS i
    WHERE i.session_id = %s AND i.is_open AND i.issue_type IN ('unmatched_charge',
        'unmatched_receipt', 'ambiguous_match', 'weak_match', 'suspected_repeat', 'proposed_sum',
        'amount_residual')
    ORDER BY 1
"""


def charge(  # noqa: PLR0913, PLR0917 - the parts of a charge
    key: str, amount: str, bought: int, lag: int = 1, merchant: str = "", kind: str = "MISC"
) -> Charge:
    """Return a charge bought on a day of the month and posted some days later."""
    day = FIRST + timedelta(bought)
    return Charge(key, Decimal(amount), day + timedelta(lag), day, merchant[:18], kind)


def receipt(key: str, amount: str, day: int, merchant: str = "", kind: str = "Other") -> Receipt:
    """Return a receipt of a day of the month."""
    return Receipt(key, Decimal(amount), FIRST + timedelta(day), merchant, kind)


@dataclass(frozen=True)
class Case:
    """Rows of one person, and what becomes of them."""

    charges: list[Charge]
    receipts: list[Receipt]
    pairs: set[tuple[str, str]]
    issues: list[str]
    proposals: tuple[str, ...] = ()


TOOLS, FUEL, INN, PARKING = "CEDAR TOOLS 240", "PRAIRIE FUEL 9", "MEADOW INN NORTH", "DOCK PARKING"
CASES = {
    "a page twice covers one of two charges": Case(
        [charge("c1", "41.90", 1, merchant=TOOLS), charge("c2", "41.90", 1, merchant=TOOLS)],
        [receipt("9", "41.90", 2, TOOLS + " WEST"), receipt("9#2", "41.90", 2, TOOLS + " WEST")],
        {("c1", "9")},
        ["unmatched_charge"],
    ),
    "alike under another id covers nothing": Case(
        [charge("c1", "43.30", 1, merchant=TOOLS), charge("c2", "43.30", 4, merchant=TOOLS)],
        [receipt("11", "43.30", 2, TOOLS), receipt("12", "43.30", 2, TOOLS)],
        {("c1", "11")},
        ["suspected_repeat"],
        ("repeat",),
    ),
    "fuel is no diner": Case(
        [charge("c1", "58.00", 8, merchant=FUEL, kind="FUEL")],
        [receipt("13", "58.00", 9, "The Tin Whistle", "Meals")],
        set(),
        ["weak_match"],
        ("weak",),
    ),
    "parts that add up by chance": Case(
        [
            charge("c1", "75.40", 7, merchant=FUEL),
            charge("c2", "19.25", 6, merchant=FUEL),
            charge("c3", "38.15", 9, merchant=FUEL),
        ],
        [receipt("14", "57.40", 8, FUEL)],
        set(),
        ["amount_residual", "unmatched_charge", "unmatched_charge"],
        ("digits",),
    ),
    "three receipts of a day are one charge": Case(
        [charge("c1", "104.60", 12, merchant=INN)],
        [
            receipt("15", "70.00", 13, INN),
            receipt("16", "29.60", 13, INN),
            receipt("17", "5.00", 13, INN),
        ],
        {("c1", "15"), ("c1", "16"), ("c1", "17")},
        [],
    ),
    "a series dated by purchase": Case(
        [charge(f"c{day}", "16.00", day, merchant=PARKING) for day in range(4)],
        [receipt(f"2{day}", "16.00", day, PARKING) for day in range(4)],
        {(f"c{day}", f"2{day}") for day in range(4)},
        [],
    ),
    "every week and one missing": Case(
        [charge(f"c{week}", "24.99", 7 * week, 0, "LEDGER CLOUD CO") for week in range(3)],
        [receipt(f"3{week}", "24.99", 7 * week, "LEDGER CLOUD CO") for week in (0, 2)],
        {("c0", "30"), ("c2", "32")},
        ["unmatched_charge"],
    ),
    "a prefix and a day off": Case(
        [charge("c1", "37.61", 9, merchant="SQ *WILLOW CAFE", kind="RESTAURANTS")],
        [receipt("41", "37.61", 11, "Willow Cafe", "Meals")],
        {("c1", "41")},
        [],
    ),
    "outside of the window": Case(
        [charge("c1", "71.20", 1, merchant=TOOLS)],
        [receipt("42", "71.20", 12, TOOLS)],
        set(),
        ["weak_match"],
        ("window",),
    ),
    "a purchase less its partial refund": Case(
        [charge("c1", "130.00", 3, merchant=TOOLS), charge("c2", "-42.00", 5, merchant=TOOLS)],
        [receipt("43", "88.00", 4, TOOLS)],
        set(),
        ["amount_residual"],
        ("net",),
    ),
    "one receipt between two charges": Case(
        [charge("c1", "66.00", 8, merchant=FUEL), charge("c2", "66.00", 11, merchant=FUEL)],
        [receipt("44", "66.00", 10, FUEL)],
        set(),
        ["ambiguous_match"],
        ("knot",),
    ),
    "thirty alike and twenty-eight receipts": Case(
        [charge(f"c{number:02}", "21.50", 4, merchant=FUEL) for number in range(30)],
        [receipt(f"5{number:02}", "21.50", 5, FUEL) for number in range(28)],
        {(f"c{number:02}", f"5{number:02}") for number in range(28)},
        ["unmatched_charge", "unmatched_charge"],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_it_is_judged_as_people_would(name: str, owner: psycopg.Connection) -> None:
    """Only true pairs are made; what is in doubt is asked once, and finishes nobody."""
    case = CASES[name]
    session = month.submit(owner, [Person(NAME, tuple(case.charges), tuple(case.receipts))])
    assert {(str(row[1]), str(row[2])) for row in month.edges(owner, session)} == case.pairs
    asked = {(row[9], row[8]) for row in month.open_items(owner, session) if row[8]}
    assert tuple(sorted(str(proposal) for _, proposal in asked)) == case.proposals
    assert [row[0] for row in owner.execute(BLOCKING, [session])] == case.issues
    if case.issues:
        assert owner.execute(STATUS, [session]).fetchone() != ("finished",)


def test_what_a_person_confirms_is_learned_for_the_merchants(
    connect: Connect, owner: psycopg.Connection
) -> None:
    """A weak match that somebody confirmed is none the next time: the machine takes it."""
    owner.execute("INSERT INTO app.users (user_name, role) VALUES ('pat', 'processor')")
    case = CASES["fuel is no diner"]
    first = month.submit(owner, [Person(NAME, tuple(case.charges), tuple(case.receipts))])
    with connect("ccp_service") as processor:
        processor.execute("SELECT set_config('app.actor', 'pat', true)")
        processor.execute("SELECT set_config('role', 'ccp_processor', true)")
        processor.execute(
            "SELECT api.decide_match('confirm', ARRAY[c.charge_id],"
            " ARRAY[c.nearest_transaction_id], c.person_version, 'As told')"
            " FROM report.open_charges AS c WHERE c.session_id = %s",
            [first],
        )
    other = Person("MINNACOBBLESTANE", tuple(case.charges), tuple(case.receipts), "77", "2204")
    second = month.submit(owner, [other])
    assert [row[5] for row in month.edges(owner, second)] == ["like"]


@pytest.mark.parametrize(("minimum", "blocks"), [("16.00", [True]), ("16.01", [False])])
def test_a_charge_below_the_minimum_needs_no_receipt(
    owner: psycopg.Connection, minimum: str, blocks: list[bool]
) -> None:
    """It is found and does not block; a charge of exactly the minimum does."""
    owner.execute(
        "INSERT INTO app.validation_rules (rule_code, version, severity, blocks, finder,"
        " parameters, description, suggested_resolution)"
        " SELECT r.rule_code, 2, r.severity, r.blocks, r.finder,"
        " jsonb_build_object('minimum_amount', %s::numeric), r.description, r.suggested_resolution"
        " FROM app.validation_rules AS r WHERE r.rule_code = 'unmatched_charge'",
        [minimum],
    )
    charges = (charge("c1", "16.00", 1), charge("c2", "90.00", 2, merchant=TOOLS))
    covered = (receipt("r", "90.00", 3, TOOLS),)
    session = month.submit(owner, [Person(NAME, charges, covered)])
    found = owner.execute(
        "SELECT i.blocks FROM report.validation_issues AS i"
        " WHERE i.session_id = %s AND i.issue_type = 'unmatched_charge'",
        [session],
    )
    assert [row[0] for row in found] == blocks
