"""Generated months beside the old program's results of them: each difference and its cause."""

from __future__ import annotations

import io
import json
from collections import Counter
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.generate import Month, Recipe, build_months, deviations, write_activity
from tests.generate import quirks as q
from tests.generate.pdf_car import render_car
from tests.generate.pdf_receipts import render_receipts

if TYPE_CHECKING:
    from tests.generate import Deviation, Shape
    from tests.intake.conftest import Office

SEEDS = range(12)
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


def compare(office: Office, session: str, content: str, shape: str) -> dict[str, Any]:
    """Hand in an old result of the same PDFs, in the shape that is in use."""
    boundary = "month"
    head = 'Content-Disposition: form-data; name="activity"; filename="activity.json"'
    parts = f"--{boundary}\r\n{head}\r\n\r\n{content}\r\n"
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


@pytest.mark.parametrize("seed", SEEDS)
def test_each_difference_is_explained_by_what_caused_it(shared_office: Office, seed: int) -> None:
    """Two months and both shapes: every quirk with the right count and dollars, nothing else."""
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
            run = compare(shared_office, session, stream.getvalue(), in_use)
            assert shared_office.rows(UNEXPLAINED, run["run_id"]) == []
            assert run["verdict"] == "clean", run
            rows = shared_office.rows(ROOTS, run["run_id"])
            told = {row["deviation_code"]: (row["roots"], row["dollars"]) for row in rows}
            assert told == expected(deviations(month, shape))
        streak = shared_office.rows(STREAK, programme)
        assert streak == [
            {"is_clean": True, "consecutive": 1},
            {"is_clean": True, "consecutive": 2},
        ]
