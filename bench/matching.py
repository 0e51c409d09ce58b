"""Matching of charges to receipts: the database's passes beside a merge-and-loop with pandas.

python -m bench.matching [--sizes N/PEOPLE ...] [--repeat N] [--record]
"""

from __future__ import annotations

import argparse
import os
import random
import string
import sys
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pandas as pd

from bench import harness
from svc.embedded.deploy import OWNER
from tests.matching import month
from tests.matching.month import Charge, Person, Receipt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg import Connection

    from svc.embedded.cluster import Cluster

SIZES = ("1000/50", "10000/500", "100000/50", "100000/1000", "100000/5000")
SEED = 20250301
PLACES = ("HARBOR", "EAGLE POINT", "QUIKSTAR", "GANTRY", "MESA", "SOLSTICE", "NOODLE", "SKYLARK")
KINDS = ("FUEL", "DINER", "DEPOT", "SUPPLY", "INN")
PROVE = "SET CONSTRAINTS ALL IMMEDIATE"
OUTCOME = """
    SELECT (SELECT count(*) FROM app.allocations), (SELECT count(*) FROM app.open_items)
"""


def invent(charges: int, people: int) -> list[Person]:
    """Return people with so many charges and about as many receipts, 12 in 100 difficult."""
    rng = random.Random(SEED)  # noqa: S311 - figures, not secrets
    merchants = [
        f"{place} {kind} {number:03}" for number, place in enumerate(PLACES) for kind in KINDS
    ]
    return [invent_person(rng, number, charges // people, merchants) for number in range(people)]


def invent_person(rng: random.Random, number: int, rows: int, merchants: Sequence[str]) -> Person:
    """Return one person: most receipts identical, some late, renamed, split, near or missing."""
    charges, receipts = [], []
    for row in range(rows):
        day = date(2025, 3, 1) + timedelta(rng.randrange(31))
        merchant = rng.choice(merchants)
        amount = Decimal(rng.randrange(500, rng.choice((8000, 50000)))) / 100
        amount = -amount if rng.random() < 0.03 else amount
        key = f"{number}-{row}"
        charges.append(Charge(key, amount, day, day - timedelta(rng.randrange(4)), merchant[:18]))
        receipts += invent_receipts(rng, Receipt(key, amount, day, merchant))
    name = "P" + "".join(string.ascii_uppercase[int(digit)] for digit in str(number))
    return Person(name, tuple(charges), tuple(receipts), str(10000 + number))


def invent_receipts(rng: random.Random, receipt: Receipt) -> list[Receipt]:
    """Return what is handed in for a charge whose perfect receipt is given."""
    key, amount, day, merchant = receipt.key, receipt.amount, receipt.day, receipt.merchant
    assert amount is not None  # noqa: S101 - invented, never unread
    assert day is not None  # noqa: S101
    half = (amount / 2).quantize(Decimal("0.01"))
    chance = rng.random()
    for limit, rows in (
        (0.88, [receipt]),
        (0.92, [Receipt(key, amount, day + timedelta(rng.randrange(-2, 5)), merchant)]),
        (0.94, [Receipt(key, amount, day, "OTHER " + merchant)]),
        (
            0.95,
            [Receipt(key, half, day, merchant), Receipt(f"{key}b", amount - half, day, merchant)],
        ),
        (0.97, [Receipt(key, amount + Decimal("0.37"), day, merchant)]),
    ):
        if chance < limit:
            return rows
    return []


def frames(people: Sequence[Person]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return charges and receipts as frames, amounts in cents."""
    charges = [
        (p.name_key, c.key, int(c.amount * 100), pd.Timestamp(c.day), c.merchant)
        for p in people
        for c in p.charges
    ]
    receipts = [
        (p.name_key, r.key, int((r.amount or 0) * 100), pd.Timestamp(r.day), r.merchant[:18])
        for p in people
        for r in p.receipts
    ]
    heads = ["person", "key", "cents", "day", "merchant"]
    return pd.DataFrame(charges, columns=heads), pd.DataFrame(receipts, columns=heads)


def merge_and_loop(charges: pd.DataFrame, receipts: pd.DataFrame) -> int:
    """Match as a person would write it: merge on person and amount, then take pairs greedily.

    Finds no sums, no near amounts, no rivals and no reasons; returns the number of pairs.
    """
    both = charges.merge(receipts, on=["person", "cents"], suffixes=("_c", "_r"))
    apart = (both["day_r"] - both["day_c"]).dt.days
    both = both[(apart >= -3) & (apart <= 7)].assign(apart=apart.abs())
    both = both.assign(same=both["merchant_c"] == both["merchant_r"])
    both = both[both["same"] | (both["apart"] == 0)]
    both = both.sort_values(
        ["apart", "same", "key_c", "key_r"], ascending=[True, False, True, True]
    )
    used_charges: set[str] = set()
    used_receipts: set[str] = set()
    for row in both.itertuples():
        if row.key_c not in used_charges and row.key_r not in used_receipts:
            used_charges.add(row.key_c)
            used_receipts.add(row.key_r)
    return len(used_charges)


def measure_database(
    cluster: Cluster, people: Sequence[Person], repeat: int
) -> tuple[harness.Lap, harness.Lap, tuple[int, int]]:
    """Return the laps of matching and of the commit's checks, and edges and open rows."""
    matching, proving, outcome = [], [], (0, 0)
    with harness.fresh_database(cluster) as name, cluster.login(OWNER, name).connect() as owner:
        for _ in range(repeat):
            with owner.transaction(force_rollback=True):
                month.write(owner, people)
                pid = owner.info.backend_pid
                matching.append(harness.lap(pid, lambda: owner.execute(month.MATCH)))
                outcome = counts(owner)
                owner.execute(month.COMPLETE)
                proving.append(harness.lap(pid, lambda: owner.execute(PROVE)))
    return harness.median(matching), harness.median(proving), outcome


def counts(owner: Connection) -> tuple[int, int]:
    """Return the number of edges and of open rows."""
    row = owner.execute(OUTCOME).fetchone()
    assert row is not None  # noqa: S101 - an aggregate has a row
    return int(row[0]), int(row[1])


def main() -> None:
    """Measure every size, print the table, and record it when asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="+", default=SIZES, metavar="CHARGES/PEOPLE")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--record", action="store_true")
    arguments = parser.parse_args()
    rows = []
    with harness.server() as cluster:
        for size in arguments.sizes:
            charges, people = map(int, size.split("/"))
            invented = invent(charges, people)
            matching, proving, (edges, left) = measure_database(cluster, invented, arguments.repeat)
            two = frames(invented)
            found: list[int] = []
            plain = harness.median(
                [
                    harness.lap(os.getpid(), lambda: found.append(merge_and_loop(*two)))  # noqa: B023
                    for _ in range(arguments.repeat)
                ]
            )
            rows.append(
                [
                    f"{charges:,} x {sum(len(p.receipts) for p in invented):,}",
                    f"{people:,}",
                    f"{matching.seconds:.2f}",
                    f"{matching.cpu:.2f}",
                    f"{matching.cpu / charges * 1e6:.0f}",
                    f"{proving.seconds:.2f}",
                    f"{edges:,}",
                    f"{left:,}",
                    f"{plain.seconds:.2f}",
                    f"{found[0]:,}",
                ]
            )
        heads = [
            "charges x receipts",
            "people",
            "matching s",
            "CPU s",
            "CPU µs a charge",
            "checks at commit s",
        ]
        heads += ["edges", "open rows", "pandas s", "pandas pairs"]
        text = f"{harness.machine(cluster)}\n\n{harness.table(heads, rows)}"
    sys.stdout.write(text + "\n")
    if arguments.record:
        harness.record("matching", text)


if __name__ == "__main__":
    main()
