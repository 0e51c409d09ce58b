"""Generated months beside the old program's results of them: each difference and its cause.

Twelve seeds in each run; others after work on the comparison: `CCP_SEEDS=12:112` is from 12 on.
"""

from __future__ import annotations

import io
import json
import os
from collections import Counter
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.generate import (
    Month,
    Recipe,
    build_months,
    csv_deviations,
    deviations,
    write_activity,
)
from tests.generate import quirks as q
from tests.generate.legacy_files import legacy_csv
from tests.generate.pdf_car import render_car
from tests.generate.pdf_receipts import render_receipts

if TYPE_CHECKING:
    from tests.generate import Deviation, Shape
    from tests.intake.conftest import Office

SEEDS = range(*map(int, os.environ.get("CCP_SEEDS", "0:12").split(":")))
RUN = date(2025, 5, 1)
SHAPES: dict[Shape, str] = {"by-code": "by_code", "by-id": "by_id"}
ROOTS = """
SELECT d.deviation_code, count(*) AS roots, coalesce(sum(d.amount), 0) AS dollars
FROM report.parallel_differences AS d
WHERE d.run_id = %s AND d.is_root GROUP BY d.deviation_code
"""
UNEXPLAINED = """
SELECT d.level, d.person, d.receipt, d.field, d.old_value, d.new_value, d.class
FROM report.parallel_differences AS d
WHERE d.run_id = %s AND (d.is_unexplained OR d.class <> 'known_deviation')
"""
ERRORS = """
SELECT d.level, d.field FROM report.parallel_differences AS d
WHERE d.run_id = %s AND d.is_unexplained
"""
CARDS = """
SELECT d.receipt, d.new_value FROM report.parallel_differences AS d
WHERE d.run_id = %s AND d.is_root AND d.deviation_code = 'csv_first_card'
"""
STREAK = """
SELECT c.is_clean, c.consecutive FROM report.clean_months AS c
WHERE c.programme = %s ORDER BY c.period_start
"""


def two_months(seed: int) -> list[Month]:
    """Return two tiny months with every occasion to err; what stops the reading takes turns."""
    stops = ("", q.HARD_NAME, "", q.NO_CODING_TYPE)[seed % 4]
    recipe = Recipe.deviating(stops=stops, namesakes=seed % 3 == 0)
    return build_months(2, 6 + seed % 5, 24, seed, recipe=recipe, first=date(2025, 3, 1))


def hand_in(office: Office, month: Month, programme: str) -> str:
    """Hand in both PDFs of a month, accept what awaits a decision, and return the session."""
    session = office.open_session(programme=programme)
    answer = office.upload(session, render_car(month), render_receipts(month))
    assert answer.status == 202, answer.body
    found = office.wait(session)
    if found["status"] == "awaiting_decision":
        body = json.dumps({"expected_version": found["version"], "reason": "as it is"}).encode()
        kind = {"Content-Type": "application/json"}
        answer = office.call("POST", f"/sessions/{session}/accept", body, **kind)
        assert answer.status == 200, answer.body
        found = office.wait(session)
    assert found["status"] == "completed", (found, office.log())
    return session


def compare(
    office: Office, session: str, content: str, shape: str, lines: str = ""
) -> dict[str, Any]:
    """Hand in an old result of the same PDFs, in the shape in use, perhaps with its CSV."""
    boundary = "month"
    parts = ""
    for name, text in (("activity", content), *([("import_csv", lines)] if lines else [])):
        head = f'Content-Disposition: form-data; name="{name}"; filename="{name}"'
        parts += f"--{boundary}\r\n{head}\r\n\r\n{text}\r\n"
    for name, value in (("same_files", "true"), ("shape_in_use", shape)):
        field = f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        parts += f"--{boundary}\r\n{field}"
    body = f"{parts}--{boundary}--\r\n".encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    answer = office.call("POST", f"/sessions/{session}/old-results", body, **kind)
    assert answer.status == 201, answer.body
    found: dict[str, Any] = answer.json
    return found


def expected(found: list[Deviation]) -> dict[str, tuple[int, Decimal]]:
    """Return how many roots and which dollars each cause has; how floats are written is none."""
    roots = [one for one in found if not one.follows and one.code != q.FLOAT_SUM]
    counts = Counter(one.code for one in roots)
    return {
        code: (counts[code], Decimal(sum(one.cents for one in roots if one.code == code)) / 100)
        for code in counts
    }


def plant(old: dict[str, Any], seed: int) -> tuple[str, str]:
    """Put one error into an old file; return level and field of what must be the one root."""
    people = list(old.values())
    ids = Counter(r["rec_id"] for p in people for _, r in receipts(p))
    single = {key for key, count in ids.items() if count == 1}
    rich = [p for p in people if len(complete(p, single)) > 1]
    kind = seed % 5 if rich else 2 + seed % 2
    if kind < 2:
        person = rich[seed % len(rich)]
        # One without attachment goes first: the flag that it leaves behind follows from it.
        found = sorted(complete(person, single), key=lambda one: one[1]["attachment"])
        key, receipt = found[0]
        if kind == 0:
            receipt["amt"] = f"{Decimal(receipt['amt']) + Decimal('0.01'):.2f}"
            person["rec_total"] += 0.01
            return "receipt", "amt"
        group = person["receipts"]
        if isinstance(group[key], list):
            group[key].remove(receipt)
        else:
            del group[key]
        person["rec_total"] -= float(receipt["amt"])
        return "receipt", "entry"
    person = people[seed % len(people)]
    if kind == 2:
        flags = person["flags"]
        flags["missing_coding_info"] = not flags["missing_coding_info"]
        return "decision", "flags.missing_coding_info"
    if kind == 3:
        person = next(p for p in people[seed % len(people) :] + people if "employee_id" in p)
        person["car_total"] += 0.01
        return "person", "car_total"
    person = rich[seed % len(rich)]
    person["rec_total"] += 5
    return "person", "rec_total"


def receipts(person: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return the receipts of a person in either shape, each with its key."""
    return [
        (key, one)
        for key, group in person.get("receipts", {}).items()
        for one in (group if isinstance(group, list) else [group])
    ]


def complete(person: dict[str, Any], ids: set[str]) -> list[tuple[str, dict[str, Any]]]:
    """Return the receipts of these ids that have an amount."""
    return [(key, r) for key, r in receipts(person) if r["rec_id"] in ids and r["amt"]]


@pytest.mark.parametrize("seed", SEEDS)
def test_each_difference_is_explained_by_what_caused_it(shared_office: Office, seed: int) -> None:
    """Two months and both shapes: every quirk with the right count and dollars, nothing else.

    An error that is planted besides is the one root.
    """
    months = two_months(seed)
    programme = f"seed {seed}"
    for receipt_key, name_key in months[0].aliases.items():
        alias = {"receipt_key": receipt_key, "name_key": name_key, "reason": "known"}
        body = json.dumps({**alias, "is_sure": True}).encode()
        kind = {"Content-Type": "application/json"}
        answer = shared_office.call("POST", "/aliases", body, **kind)
        assert answer.status == 200, answer.body
    sessions = [hand_in(shared_office, month, programme) for month in months]
    for shape, in_use in SHAPES.items():
        for month, session in zip(months, sessions, strict=True):
            stream = io.StringIO()
            write_activity(month, stream, shape=shape)
            truth, lines = deviations(month, shape), ""
            # The accounting import is made of the file by id, and not at all without receipts.
            if shape == "by-id" and '"rec_id"' in stream.getvalue():
                lines = legacy_csv(json.loads(stream.getvalue()), RUN)
                truth += csv_deviations(month)
            run = compare(shared_office, session, stream.getvalue(), in_use, lines)
            assert shared_office.rows(UNEXPLAINED, run["run_id"]) == []
            assert run["verdict"] == "clean", run
            rows = shared_office.rows(ROOTS, run["run_id"])
            told = {row["deviation_code"]: (row["roots"], row["dollars"]) for row in rows}
            wanted = expected(truth)
            # Where it is not sure which charge a receipt covers, the right card is not, either.
            told.pop(q.CSV_FIRST_CARD, None)
            wanted.pop(q.CSV_FIRST_CARD, None)
            assert told == wanted
            cells = shared_office.rows(CARDS, run["run_id"])
            known = {one.receipt for one in truth if one.code == q.CSV_FIRST_CARD}
            assert known <= {row["receipt"] for row in cells}
            assert {row["new_value"] for row in cells if row["receipt"] not in known} <= {""}
        streak = shared_office.rows(STREAK, programme)
        assert streak == [
            {"is_clean": True, "consecutive": 1},
            {"is_clean": True, "consecutive": 2},
        ]
        wrong = json.loads(stream.getvalue())
        level, field = plant(wrong, seed + len(in_use))
        planted = compare(shared_office, sessions[-1], json.dumps(wrong), in_use)
        found = shared_office.rows(ERRORS, planted["run_id"])
        assert found == [{"level": level, "field": field}]


def test_every_known_deviation_comes_up(shared_office: Office) -> None:
    """In the generated months above, each as the first cause of something."""
    causes = {
        one.code
        for seed in range(12)
        for month in two_months(seed)
        for one in [*csv_deviations(month), *deviations(month, "by-code")]
        if not one.follows
    }
    codes = "SELECT d.deviation_code FROM report.known_deviations AS d"
    known = {row["deviation_code"] for row in shared_office.rows(codes)}
    assert causes - {q.FLOAT_SUM} == known
