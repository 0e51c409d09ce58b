"""What holds for any month: order does not matter, twice is once, every cent is explained."""

from datetime import date, timedelta
from decimal import Decimal

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.matching import month
from tests.matching.month import Charge, Person, Receipt

DAY = date(2025, 3, 11)
MERCHANTS = ["HARBOR FUEL STOP 0412", "HARBOR FUEL DEPOT", "LAKESIDE INN"]
KINDS = ["MISC", "HOTELS", "RESTAURANTS"]
# Few amounts, so that twins, sums and rivals are common.
AMOUNTS = [Decimal(cents) / 100 for cents in (-1250, -250, 0, 250, 1000, 1000, 1250, 1300, 2500)]
SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
SOUND = """
    SELECT (SELECT count(*) FROM app.matching_violations(app.tx())),
        (SELECT coalesce(sum(abs(b.unexplained)), 0) FROM report.bridge AS b
            WHERE b.session_id = %s)
"""
WRITTEN = """
    SELECT (SELECT count(*) FROM app.allocations), (SELECT count(*) FROM app.open_items),
        (SELECT count(*) FROM app.matchings)
"""

days = st.integers(-6, 9).map(lambda number: DAY + timedelta(number))


@st.composite
def people(draw: st.DrawFn) -> list[Person]:
    """Draw one or two people with up to seven rows on each side."""
    out = []
    for name in ["WADEWINDFALLOW", "MINNACOBBLESTANE"][: draw(st.integers(1, 2))]:
        charges = [
            Charge(
                f"c{number}",
                draw(st.sampled_from(AMOUNTS)),
                draw(days),
                draw(days),
                draw(st.sampled_from(MERCHANTS))[:18],
                draw(st.sampled_from(KINDS)),
            )
            for number in range(draw(st.integers(0, 7)))
        ]
        receipts = [
            Receipt(
                f"r{number}",
                draw(st.one_of(st.none(), st.sampled_from(AMOUNTS))),
                draw(st.one_of(st.none(), days)),
                draw(st.sampled_from(MERCHANTS)),
                draw(st.sampled_from(["Fuel", "Hotel", "Meals"])),
                draw(st.sampled_from([False, False, False, True])),
            )
            for number in range(draw(st.integers(0, 7)))
        ]
        out.append(Person(name, tuple(charges), tuple(receipts)))
    return out


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(people(), st.integers(0, 2**32))
def test_the_order_of_rows_does_not_matter(
    owner: psycopg.Connection, persons: list[Person], seed: int
) -> None:
    """The same rows in another order, under other ids, give the same edges and open rows."""
    outcomes = []
    for rows in (persons, month.shuffled(persons, seed)):
        with owner.transaction(force_rollback=True):
            session = month.submit(owner, rows)
            outcomes.append((month.edges(owner, session), month.open_items(owner, session)))
    assert outcomes[0] == outcomes[1]


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(people())
def test_every_cent_is_accounted_for(owner: psycopg.Connection, persons: list[Person]) -> None:
    """No edge exceeds a side, nothing is left out, and matching again changes nothing."""
    with owner.transaction(force_rollback=True):
        session = month.submit(owner, persons)
        if not any(person.charges for person in persons):
            assert month.edges(owner, session) == []
            return
        assert owner.execute(SOUND, [session]).fetchone() == (0, 0)
        before = owner.execute(WRITTEN).fetchone()
        owner.execute(month.MATCH)
        assert owner.execute(WRITTEN).fetchone() == before


@settings(max_examples=30, deadline=None, suppress_health_check=SLOW)
@given(people())
def test_a_later_submission_of_the_same_rows_keeps_every_edge(
    owner: psycopg.Connection, persons: list[Person]
) -> None:
    """Both sides are unchanged, so each edge is taken over and no other is made."""
    with owner.transaction(force_rollback=True):
        first = month.submit(owner, persons)
        owner.execute("DROP TABLE staged, drafted")
        second = month.submit(owner, persons, parent=first)
        old = [(*row[:5], row[6]) for row in month.edges(owner, first)]
        new = [(*row[:5], row[6]) for row in month.edges(owner, second)]
        assert old == new
        assert {row[5] for row in month.edges(owner, second)} <= {"pinned"}
        assert month.open_items(owner, first) == month.open_items(owner, second)
