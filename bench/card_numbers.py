"""How often the rule about card numbers cuts what is none, and what it costs.

A million invented texts of the kinds that stand in receipts and reports: ids, dates, amounts,
telephone and parcel numbers, purchase orders, addresses. None holds a card number; whatever is
cut is a wrong cut. Then whole PDFs of months, with every text of their pages, and the import of
an old file with and without the constraints of the tables, in turn.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import statistics
import sys
from functools import partial
from typing import TYPE_CHECKING

from bench.harness import (
    LOCAL,
    TEMPLATE,
    cpu_seconds,
    fresh_database,
    lap,
    machine,
    record,
    say,
    server,
    table,
)
from svc.embedded.deploy import OWNER
from svc.pdf import Kind, parse_here
from svc.pdf.model import plain
from tests.generate import build, write_activity
from tests.generate.pdf_car import render_car
from tests.generate.pdf_receipts import render_receipts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import psycopg

    from svc.embedded.cluster import Cluster

BATCH = 10_000
SEED = 20250314
CUT = """
SELECT t.text, app.hide_card_numbers(t.text) FROM unnest(%s::text[]) AS t (text)
WHERE app.holds_card_number(t.text)
"""

WHOLE = "SELECT pg_catalog.length(app.hide_in_json(d.j)::text) FROM (SELECT %s::jsonb AS j) AS d"
PARSED = "SELECT pg_catalog.length(d.j::text) FROM (SELECT %s::jsonb AS j) AS d"
WRONG = """
SELECT count(*) FROM jsonb_path_query(%s::jsonb, 'strict $.** ? (@.type() == "string")') AS t (text)
WHERE app.holds_card_number(t.text #>> '{}')
"""
CHECKS = """
SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', k.conrelid::regclass, k.conname)
FROM pg_constraint AS k WHERE k.conname LIKE '%card_numbers_check'
"""
IMPORT = "SELECT api.import_activity(p_file => %s) ->> 'outcome'"
MONTHS = 4
RECEIPTS = 400
IMPORTED = 10_000
RUNS = 5


def digits(luck: random.Random, count: int) -> str:
    """Return random digits, the first of them no 0."""
    return str(luck.randrange(10 ** (count - 1), 10**count))


def receipt_ids(luck: random.Random) -> str:
    """Several receipt ids in a row."""
    first = luck.randrange(40_000_000, 70_000_000)
    separator = luck.choice([", ", " ", "; ", "/", "\n"])
    return separator.join(str(first + luck.randrange(60)) for _ in range(luck.randint(2, 6)))


def dates(luck: random.Random) -> str:
    """Dates and times."""
    day = f"{luck.randint(1, 12):02}/{luck.randint(1, 28):02}/{luck.randint(2000, 2026)}"
    iso = f"{luck.randint(2000, 2026)}-{luck.randint(1, 12):02}-{luck.randint(1, 28):02}"
    clock = f"{luck.randint(0, 23):02}:{luck.randint(0, 59):02}:{luck.randint(0, 59):02}"
    return luck.choice([f"{day} - {day}", f"{iso} {clock}", f"{iso}/{iso}", f"{day} {clock} {iso}"])


def amounts(luck: random.Random) -> str:
    """Amounts in a row, with and without thousands."""
    many = [luck.randrange(1, 10**8) / 100 for _ in range(luck.randint(2, 6))]
    form = luck.choice(["${:,.2f}", "{:,.2f}", "{:.2f}"])
    return luck.choice([" ", " + ", ", ", "\n"]).join(form.format(one) for one in many)


def telephones(luck: random.Random) -> str:
    """Telephone numbers as they are written."""
    area, office, line = digits(luck, 3), digits(luck, 3), digits(luck, 4)
    one = luck.choice(
        [
            f"({area}) {office}-{line}",
            f"+1 {area} {office} {line}",
            f"{area}.{office}.{line} ext {digits(luck, 3)}",
            f"1-{area}-{office}-{line}",
            f"+44 20 {digits(luck, 4)} {digits(luck, 4)}",
        ]
    )
    return luck.choice([one, f"{one}, {one}", f"call {one} or {area}{office}{line}"])


def parcels(luck: random.Random) -> str:
    """Numbers of parcels: of the post, in groups, and of carriers."""
    return luck.choice(
        [
            f"9{luck.randint(1, 5)}{digits(luck, 2)} "
            + " ".join(f"{luck.randrange(10_000):04}" for _ in range(4))
            + f" {luck.randrange(100):02}",
            f"9{luck.randint(1, 5)}{luck.randrange(10**20):020}",
            f"1Z{digits(luck, 3)}AA{luck.randrange(10**10):010}",
            digits(luck, 12),
            f"{digits(luck, 4)} {digits(luck, 4)} {digits(luck, 4)}",
            f"TBA{digits(luck, 12)}",
            f"111-{luck.randrange(10**7):07}-{luck.randrange(10**7):07}",
        ]
    )


def orders(luck: random.Random) -> str:
    """Purchase orders, work orders and invoices."""
    return luck.choice(
        [
            f"PO {digits(luck, 10)} WO {digits(luck, 7)}",
            f"PO 45{digits(luck, 8)}, 45{digits(luck, 8)}",
            f"invoice {digits(luck, 6)}-{digits(luck, 4)} of {digits(luck, 8)}",
            f"{digits(luck, 5)}. {digits(luck, 3)}.{digits(luck, 2)} {digits(luck, 4)}.100",
        ]
    )


def addresses(luck: random.Random) -> str:
    """Addresses with house and post codes."""
    return (
        f"{digits(luck, 4)} OLD MILL RD STE {digits(luck, 3)}, , LAKE ARDEN, LA, "
        f"{digits(luck, 5)}-{luck.randrange(10_000):04}"
    )


def pages(luck: random.Random) -> str:
    """Pages, units and other small numbers in a row."""
    first = luck.randrange(1, 9000)
    return "pages " + ", ".join(str(first + place) for place in range(luck.randint(3, 12)))


KINDS: dict[str, Callable[[random.Random], str]] = {
    "receipt ids in a row": receipt_ids,
    "dates and times": dates,
    "amounts in a row": amounts,
    "telephone numbers": telephones,
    "parcel numbers": parcels,
    "orders and invoices": orders,
    "addresses": addresses,
    "pages in a row": pages,
}


def count_cuts(
    connection: psycopg.Connection, kind: Callable[[random.Random], str], texts: int
) -> tuple[int, float, list[str]]:
    """Return how many of so many texts of a kind are cut, CPU seconds, and some that are."""
    luck = random.Random(SEED)  # noqa: S311 - the same texts in each run
    pid = connection.info.backend_pid
    cuts, cpu, shown = 0, 0.0, []
    for start in range(0, texts, BATCH):
        batch = [kind(luck) for _ in range(min(BATCH, texts - start))]
        before = cpu_seconds(pid)
        rows = connection.execute(CUT, (batch,)).fetchall()
        cpu += cpu_seconds(pid) - before
        cuts += len(rows)
        shown += [row[0] for row in rows[:3]]
    return cuts, cpu, shown[:3]


def cut_documents(connection: psycopg.Connection) -> list[list[str]]:
    """Return a row for the PDFs of each month: texts, wrong cuts, CPU with and without cutting."""
    rows = []
    pid = connection.info.backend_pid
    for seed in range(1, MONTHS + 1):
        month = build(RECEIPTS // 10, RECEIPTS, seed)
        for person in month.people:
            for card in person.cards:
                # As most programmes print them; whatever is cut now is a wrong cut.
                card.number = f"{card.number[:6]}XXXXXX{card.number[-4:]}"
        files: tuple[tuple[Kind, bytes], ...] = (
            ("car", render_car(month)),
            ("receipts", render_receipts(month)),
        )
        for kind, content in files:
            text = json.dumps(plain(parse_here(content, kind)))
            wrong = connection.execute(WRONG, (text,)).fetchone()
            laps: dict[str, list[float]] = {WHOLE: [], PARSED: []}
            for query in (WHOLE, PARSED) * RUNS:
                laps[query].append(lap(pid, partial(connection.execute, query, (text,))).cpu)
            cut, parsed = (statistics.mean(laps[query]) * 1000 for query in (WHOLE, PARSED))
            name = f"month {seed}, {kind}"
            rows.append(
                [name, f"{len(text):,}", str((wrong or (0,))[0]), f"{parsed:.0f}", f"{cut:.0f}"]
            )
            say(" ".join(rows[-1]))
    return rows


def import_twice(cluster: Cluster) -> list[list[str]]:
    """Return CPU of an import with the constraints of the tables and without them, in turn."""
    stream = io.StringIO()
    write_activity(build(IMPORTED // 30, IMPORTED, SEED % 100), stream)
    laps: dict[str, list[float]] = {"with the constraints": [], "without": []}
    for name in list(laps) * RUNS:
        with fresh_database(cluster) as database:
            if name == "without":
                with cluster.login(OWNER, database).connect() as owner:
                    for (statement,) in owner.execute(CHECKS).fetchall():
                        owner.execute(statement.encode())
            with cluster.login(LOCAL, database).connect() as connection:
                pid = connection.info.backend_pid
                laps[name].append(
                    lap(pid, partial(connection.execute, IMPORT, (stream.getvalue(),))).cpu
                )
            say(f"{name}: {laps[name][-1]:.2f}")
    return [
        [name, f"{statistics.median(cpu):.2f}", f"{min(cpu):.2f}"] for name, cpu in laps.items()
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the measurement; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench.card_numbers", description=__doc__)
    parser.add_argument("--texts", type=int, default=1_000_000, help="texts in all")
    parser.add_argument("--record", action="store_true", help="write the table into README.md")
    options = parser.parse_args(arguments)
    each = options.texts // len(KINDS)
    rows, cuts = [], 0
    with server() as cluster:
        with cluster.login(OWNER, TEMPLATE).connect() as connection:
            documents = cut_documents(connection)
            for name, kind in KINDS.items():
                found, cpu, shown = count_cuts(connection, kind, each)
                say(f"{name}: {found} cut {shown}")
                cuts += found
                rows.append([name, f"{each:,}", f"{found:,}", f"{cpu / each * 1e6:.1f}"])
        imports = import_twice(cluster)
        described = machine(cluster)
    rows.append(["all", f"{each * len(KINDS):,}", f"{cuts:,}", ""])
    text = f"{described} Seed {SEED}.\n\n" + table(
        ["Kind of text", "Texts", "Wrongly cut", "CPU µs a text"], rows
    )
    heads = ["PDF", "Bytes of its rows", "Wrongly cut", "CPU ms to parse", "with cutting"]
    text += "\n\n" + table(heads, documents)
    heads = [f"Import of {IMPORTED:,} receipts", "CPU s, median", "least"]
    text += "\n\n" + table(heads, imports)
    sys.stdout.write(text + "\n")
    if options.record:
        record("card_numbers", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
