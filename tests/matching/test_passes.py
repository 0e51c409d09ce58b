"""Each pass and each gate: what is matched just inside, and what stays open just outside."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import psycopg
import pytest

from tests.matching import month
from tests.matching.month import Charge, Person, Receipt

DAY = date(2025, 3, 11)
NAME = "WADEWINDFALLOW"


def money(text: str) -> Decimal:
    """Return dollars."""
    return Decimal(text)


def charge(key: str, amount: str, days: int = 0, **more: str) -> Charge:
    """Return a charge posted some days after DAY, bought the day before."""
    day = DAY + timedelta(days)
    return replace(Charge(key, money(amount), day, day - timedelta(1)), **more)  # type: ignore[arg-type]


def receipt(key: str, amount: str, days: int = 0, **more: str) -> Receipt:
    """Return a receipt dated some days after DAY."""
    return replace(Receipt(key, money(amount), DAY + timedelta(days)), **more)  # type: ignore[arg-type]


def match(
    owner: psycopg.Connection, charges: list[Charge], receipts: list[Receipt]
) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Match one person's rows; return receipt keys and pass by charge, failed gates by open key."""
    session = month.submit(owner, [Person(NAME, tuple(charges), tuple(receipts))])
    edges: dict[str, list[str]] = {}
    for row in month.edges(owner, session):
        edges.setdefault(str(row[1]), []).append(f"{row[2]} {row[5]}")
    gates = {str(row[2]): str(row[4]) for row in month.open_items(owner, session)}
    return edges, gates


def test_identical_rows_are_matched(owner: psycopg.Connection) -> None:
    """Amount, posted date and merchant are the same."""
    edges, gates = match(owner, [charge("c", "12.50")], [receipt("r", "12.50")])
    assert edges == {"c": ["r identical"]}
    assert gates == {}


def test_twins_are_paired_in_the_order_of_their_keys(owner: psycopg.Connection) -> None:
    """Three charges and two receipts alike: two pairs, the last charge is left."""
    charges = [charge(key, "12.50") for key in ("c3", "c1", "c2")]
    edges, gates = match(owner, charges, [receipt("r2", "12.50"), receipt("r1", "12.50")])
    assert edges == {"c1": ["r1 identical"], "c2": ["r2 identical"]}
    assert gates == {"c3": "taken"}


@pytest.mark.parametrize(("days", "is_matched"), [(-5, False), (-4, True), (7, True), (8, False)])
def test_the_window_is_three_days_before_to_seven_after(
    days: int, is_matched: bool, owner: psycopg.Connection
) -> None:
    """Against posted or transaction date, whichever is nearer; both ends belong to it."""
    edges, gates = match(owner, [charge("c", "12.50")], [receipt("r", "12.50", days)])
    assert bool(edges) is is_matched
    assert set(gates.values()) == (set() if is_matched else {"date_window"})


@pytest.mark.parametrize(("days", "is_matched"), [(-2, True), (-3, False), (30, True), (31, False)])
def test_lodging_has_a_window_of_its_own(
    days: int, is_matched: bool, owner: psycopg.Connection
) -> None:
    """One day before to thirty after."""
    hotel = charge("c", "212.50", kind="HOTELS")
    edges, _ = match(owner, [hotel], [receipt("r", "212.50", days)])
    assert bool(edges) is is_matched


def test_a_match_needs_the_date_or_the_merchant(owner: psycopg.Connection) -> None:
    """The same amount two days apart at another merchant is only named as the nearest miss."""
    other = receipt("r", "12.50", 2, merchant="LAKESIDE INN")
    edges, gates = match(owner, [charge("c", "12.50")], [other])
    assert edges == {}
    assert gates == {"c": "date_and_merchant", "r": "date_and_merchant"}


def test_a_refund_never_meets_an_expense(owner: psycopg.Connection) -> None:
    """The sign is a gate; refunds match refunds."""
    edges, gates = match(
        owner,
        [charge("c", "-12.50"), charge("d", "-8.00", 1)],
        [receipt("r", "12.50"), receipt("s", "-8.00", 1)],
    )
    assert edges == {"d": ["s identical"]}
    assert gates == {"c": "sign", "r": "sign"}


def test_a_row_without_amount_or_date_stays_open(owner: psycopg.Connection) -> None:
    """What cannot be read is not matched, and the list says so."""
    unread = Receipt("r", None, DAY)
    undated = Receipt("s", money("8.00"), None)
    edges, gates = match(owner, [charge("c", "8.00")], [unread, undated])
    assert edges == {}
    assert gates == {"c": "date_unknown", "r": "amount_unknown", "s": "date_unknown"}


def test_out_of_pocket_receipts_stay_out(owner: psycopg.Connection) -> None:
    """They are never matched and no finding; the bridge names them."""
    own = replace(receipt("r", "12.50"), own_money=True)
    session = month.submit(owner, [Person(NAME, (charge("c", "12.50"),), (own,))])
    assert month.edges(owner, session) == []
    row = owner.execute(
        "SELECT b.open_charge_amount, b.open_receipt_amount, b.out_of_pocket, b.unexplained"
        " FROM report.bridge AS b WHERE b.session_id = %s",
        [session],
    ).fetchone()
    assert row == (money("12.50"), money("12.50"), money("12.50"), 0)
    found = owner.execute(
        "SELECT i.issue_type FROM report.validation_issues AS i"
        " WHERE i.session_id = %s AND i.issue_type LIKE 'unmatched%%'",
        [session],
    ).fetchall()
    assert found == [("unmatched_charge",)]


def test_the_better_date_wins_when_it_is_far_enough_ahead(owner: psycopg.Connection) -> None:
    """A purchase on the same day beats one three days off; the other then takes what is left."""
    edges, gates = match(
        owner,
        [charge("c", "12.50", 1), charge("d", "12.50", 5)],
        [receipt("r", "12.50"), receipt("s", "12.50", 3)],
    )
    assert edges == {"c": ["r exact"], "d": ["s exact"]}
    assert gates == {}


def test_two_candidates_of_about_the_same_score_stay_open(owner: psycopg.Connection) -> None:
    """The machine does not guess: one receipt between two charges is ambiguous."""
    edges, gates = match(
        owner, [charge("c", "12.50"), charge("d", "12.50", 4)], [receipt("r", "12.50", 2)]
    )
    assert edges == {}
    assert gates == {"c": "ambiguous", "d": "ambiguous", "r": "ambiguous"}


@pytest.mark.parametrize(("days", "is_matched"), [(2, True), (3, False)])
def test_exactly_the_clear_days_are_enough(
    days: int, is_matched: bool, owner: psycopg.Connection
) -> None:
    """A receipt one day from one charge and three from another leaves that one two days behind."""
    owner.execute(
        "SELECT p.policy_version FROM api.save_matching_policy(%s, 1) AS p",
        [f'{{"clear_days": {days}}}'],
    )
    charges = [
        replace(charge(key, "12.50", at), other_day=None) for key, at in (("c", 1), ("d", 5))
    ]
    edges, gates = match(owner, charges, [receipt("r", "12.50", 2)])
    assert edges == ({"c": ["r exact"]} if is_matched else {})
    assert gates.get("r") == (None if is_matched else "ambiguous")


def test_one_charge_is_the_sum_of_its_receipts(owner: psycopg.Connection) -> None:
    """Two to four receipts of the merchant and of one day that add up exactly."""
    parts = [receipt(f"r{i}", amount) for i, amount in enumerate(("10.01", "20.02", "30.03"))]
    edges, gates = match(owner, [charge("c", "60.06")], parts)
    assert edges == {"c": ["r0 sum", "r1 sum", "r2 sum"]}
    assert gates == {}


@pytest.mark.parametrize(
    ("amounts", "days"),
    [
        (("10.01", "20.02", "30.03"), (0, 1, 2)),
        (("10.00", "20.00"), (0, 0)),
        (("10.01", "20.02", "30.03", "40.04", "50.05"), (0, 0, 0, 0, 0)),
    ],
)
def test_a_sum_that_may_be_chance_is_proposed_with_its_parts(
    amounts: tuple[str, ...], days: tuple[int, ...], owner: psycopg.Connection
) -> None:
    """Parts of several days, few possible amounts, more than four parts: nothing is taken."""
    parts = [receipt(f"r{i}", *part) for i, part in enumerate(zip(amounts, days, strict=True))]
    whole = charge("c", str(sum(money(amount) for amount in amounts)))
    session = month.submit(owner, [Person(NAME, (whole,), tuple(parts))])
    assert month.edges(owner, session) == []
    rows = month.open_items(owner, session)
    assert {row[8] for row in rows} == {"sum"}
    assert len({row[9] for row in rows}) == 1
    found = owner.execute(
        "SELECT i.issue_type, i.blocks, i.amount_impact FROM report.validation_issues AS i"
        " WHERE i.session_id = %s"
        " AND i.issue_type NOT IN ('total_mismatch', 'missing_coding_info')",
        [session],
    ).fetchall()
    assert found == [("proposed_sum", True, whole.amount)]


def test_one_receipt_is_the_sum_of_its_charges(owner: psycopg.Connection) -> None:
    """The reverse, with refunds among themselves."""
    edges, _ = match(
        owner,
        [charge("c", "-10.01"), charge("d", "-20.02"), charge("e", "5.00")],
        [receipt("r", "-30.03"), receipt("s", "5.00")],
    )
    assert edges == {"c": ["r sum"], "d": ["r sum"], "e": ["s identical"]}


def test_a_sum_with_two_solutions_stays_open(owner: psycopg.Connection) -> None:
    """10 + 20 and 12 + 18 both make 30."""
    parts = [receipt(key, key) for key in ("10.00", "20.00", "12.00", "18.00")]
    edges, gates = match(owner, [charge("c", "30.00")], parts)
    assert edges == {}
    assert set(gates) == {"c", "10.00", "20.00", "12.00", "18.00"}


def test_parts_of_two_sums_stay_open(owner: psycopg.Connection) -> None:
    """Both charges are 10 + 20: neither is unique although each has one solution."""
    edges, _ = match(
        owner,
        [charge("c", "30.00"), charge("d", "30.00", 1)],
        [receipt("r", "10.00"), receipt("s", "20.00")],
    )
    assert edges == {}


def test_sums_need_the_same_merchant(owner: psycopg.Connection) -> None:
    """Without this gate sums come out by chance."""
    edges, _ = match(
        owner,
        [charge("c", "30.00")],
        [receipt("r", "10.00"), receipt("s", "20.00", merchant="LAKESIDE INN")],
    )
    assert edges == {}


@pytest.mark.parametrize(("extra", "is_tried"), [(10, True), (11, False)])
def test_crowded_blocks_are_listed_as_not_tried(
    extra: int, is_tried: bool, owner: psycopg.Connection
) -> None:
    """Twelve candidates are tried, thirteen are not; of so many ways one may be chance."""
    noise = [receipt(f"n{i:02}", f"{41 + i}.{i:02}") for i in range(extra)]
    session = month.submit(
        owner,
        [
            Person(
                NAME,
                (charge("c", "90.95"),),
                (receipt("r", "0.45"), receipt("s", "90.50"), *noise),
            )
        ],
    )
    assert month.edges(owner, session) == []
    asked = {row[2] for row in month.open_items(owner, session) if row[8] == "sum"}
    assert asked == ({"c", "r", "s"} if is_tried else set())
    untried = [row[2] for row in month.open_items(owner, session) if row[7]]
    assert ("c" in untried) is not is_tried


@pytest.mark.parametrize(
    ("amount", "kind", "is_proposed"),
    [
        ("13.50", "Fuel", True),
        ("13.51", "Fuel", False),
        ("16.25", "Meals", True),
        ("16.26", "Meals", False),
    ],
)
def test_near_amounts_are_proposed_and_never_applied(
    amount: str, kind: str, is_proposed: bool, owner: psycopg.Connection
) -> None:
    """Up to 1.00 apart, or a tip of at most 30 % on a meal."""
    session = month.submit(
        owner, [Person(NAME, (charge("c", amount),), (receipt("r", "12.50", kind=kind),))]
    )
    assert month.edges(owner, session) == []
    rows = month.open_items(owner, session)
    assert [(row[4], row[6]) for row in rows] == [("amount", is_proposed)] * 2


def test_own_money_does_not_keep_a_person_from_being_clean(owner: psycopg.Connection) -> None:
    """Paid out of pocket is dollars in the bridge, no open row; a receipt beside it is one."""
    own = replace(receipt("r", "7.25"), own_money=True)
    pair = (charge("c", "12.50"),), receipt("s", "12.50")
    bridge = (
        "SELECT b.open_receipt_count, b.open_receipt_amount, b.out_of_pocket, b.is_clean"
        " FROM report.bridge AS b WHERE b.session_id = %s"
    )
    for more, expected in (
        ((), (0, money("7.25"), money("7.25"), True)),
        ((receipt("t", "3.00"),), (1, money("10.25"), money("7.25"), False)),
    ):
        session = month.submit(owner, [Person(NAME, pair[0], (own, pair[1], *more))])
        assert owner.execute(bridge, [session]).fetchone() == expected


def test_errors_that_cancel_out_do_not_look_clean(owner: psycopg.Connection) -> None:
    """Equal totals with an open charge here and an open receipt there are shown as such."""
    session = month.submit(
        owner,
        [
            Person(NAME, (charge("c", "12.50"),), (), "1"),
            Person("MINNACOBBLESTANE", (), (receipt("r", "12.50"),)),
        ],
    )
    row = owner.execute(
        "SELECT b.amount_difference, b.open_charge_amount, b.open_receipt_amount, b.unexplained,"
        " b.is_clean, b.people_with_open_rows FROM report.session_bridge AS b"
        " WHERE b.session_id = %s",
        [session],
    ).fetchone()
    assert row == (0, money("12.50"), money("12.50"), 0, False, 2)
    elsewhere = owner.execute(
        "SELECT o.same_amount_with FROM report.open_charges AS o WHERE o.session_id = %s",
        [session],
    ).fetchone()
    assert elsewhere == (["MINNACOBBLESTANE"],)


@pytest.mark.parametrize(
    ("bank", "paper"),
    [
        ("SKYLARK AIR 526220", "Skylark Air 5262200119"),
        ("CAFÉ DES QUAIS", "Cafe\u0301 des Quais"),
        ("TST* HERON DINER -", "TST* HERON DINER - BAY ST"),
    ],
)
def test_merchants_are_compared_by_what_the_bank_prints(
    bank: str, paper: str, owner: psycopg.Connection
) -> None:
    """Eighteen characters, without accents, case and marks."""
    row = owner.execute(
        "SELECT app.merchant_key(%s) = app.merchant_key(%s)", [bank, paper]
    ).fetchone()
    assert row == (True,)
