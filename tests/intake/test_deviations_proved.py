"""A known deviation is proved: what is wrong at its very place otherwise is not explained by it.

Months of other seeds than those of the samples. Each deviation is taken where a month has it, and
there an error is put into the old file: a cent, a sign, a line, a receipt of what was lost.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.generate import (
    QUIRKS,
    Deviation,
    Month,
    Recipe,
    Shape,
    build,
    csv_deviations,
    deviations,
    write_activity,
)
from tests.generate import quirks as q
from tests.generate.legacy_files import legacy_csv
from tests.intake.test_parallel_months import RUN, SHAPES, compare, hand_in, receipts

if TYPE_CHECKING:
    from collections.abc import Iterator, Set

    from tests.intake.conftest import Office

Old = dict[str, Any]

# Seed and what stops the reading; between them the months hold every deviation.
MONTHS = ((778, ""), (705, q.HARD_NAME), (700, q.NO_CODING_TYPE))
STOPS = {q.HARD_NAME, q.NO_CODING_TYPE}
# A value that is one of two is right or wrong: there the error stands beside.
BESIDE = {q.TWO_ATTACHMENTS: "attachment", q.NEVER_MISMATCH: "flags.total_mismatch"}
LEVELS = {
    "Pay Type": "csv",
    "Credit Card Number": "csv",
    "flags.total_mismatch": "decision",
    "flags.missing_coding_info": "decision",
    "employee_id": "person",
    "card_no": "person",
    "car_page_range": "person",
    "car_total": "person",
    "rec_total": "person",
}
UNEXPLAINED = """
SELECT d.level, d.person, d.receipt, d.field FROM report.parallel_differences AS d
WHERE d.run_id = %s AND d.is_unexplained
"""


def month_of(seed: int, stops: str) -> Month:
    """Return a month with every occasion to err."""
    recipe = Recipe.deviating(stops=stops, namesakes=not stops)
    # Names that wait for an alias, and pages of one id that differ, are things of their own.
    recipe = dataclasses.replace(recipe, aliased=0.0, both_names=0.0, other_duplicate=0.0)
    return build(14, 60, seed, recipe=recipe)


def old_file(month: Month, shape: Shape, quirks: Set[str] = QUIRKS) -> Old:
    """Return what the old program made of a month."""
    stream = io.StringIO()
    write_activity(month, stream, shape=shape, quirks=quirks)
    found: Old = json.loads(stream.getvalue())
    return found


def occasions(month: Month, shape: Shape) -> dict[str, Deviation]:
    """Return of each cause a place where it came up."""
    found = deviations(month, shape)
    if shape == "by-id" and any(p.receipts for p in month.people):
        found += csv_deviations(month)
    return {
        one.code: one
        for one in found
        if not one.follows and one.code != q.FLOAT_SUM and (one.field or one.code in STOPS)
    }


def spoil(old: Old, lines: list[dict[str, str]], month: Month, shape: Shape, one: Deviation) -> str:
    """Put an error where the deviation is; return the field that is wrong then."""
    person = old.get(one.person, {})
    own = [r for _, r in receipts(person) if r["rec_id"] == one.receipt]
    if one.code in STOPS:
        # One of what was lost is there all the same: the reading did not end.
        old[one.person] = old_file(month, shape, QUIRKS - {one.code})[one.person]
        return "entry"
    if one.code in BESIDE:
        return beside(old, month, one.code)
    if one.field == "finished":
        # Of what the file does not say by a field of its own the flags are what may be wrong.
        person["flags"]["missing_coding_info"] = True
        return "flags.missing_coding_info"
    if one.field in {"Pay Type", "Credit Card Number"}:
        line = next(row for row in lines if row["Transaction ID"] == one.receipt)
        line[one.field] = "3" if one.field == "Pay Type" else "9999990000000000"
    elif one.field == "repeat":
        # Counted once more than there are pages.
        group = next(g for g in person["receipts"].values() if own[0] in g)
        group.append(own[0])
        return "entry"
    elif one.field in {"car_total", "rec_total"}:
        person[one.field] += 0.01
    elif one.field == "car_page_range":
        person["car_page_range"] = [*person.get("car_page_range", []), 999]
    elif one.field == "amt":
        own[0]["amt"] = f"{float(own[0]['amt']) + 0.01:.2f}"
        person["rec_total"] += 0.01
    elif one.receipt is None:
        person[one.field] = "77777" if one.field == "employee_id" else "9999990000000000"
    else:
        own[0][one.field] = f"{own[0][one.field] or ''}7"
    return one.field


def beside(old: Old, month: Month, code: str) -> str:
    """Put the error that could hide behind the deviation into somebody who has none of it."""
    have = {one.person for one in deviations(month) if one.code == code}
    for name, person in old.items():
        if name in have:
            continue
        if code == q.NEVER_MISMATCH:
            person["flags"]["total_mismatch"] = True
            break
        found = [r for _, r in receipts(person) if r["attachment"]]
        if found:
            found[0]["attachment"] = False
            person["flags"]["missing_receipt"] = True
            break
    return BESIDE[code]


def spoiled(month: Month, shape: Shape) -> Iterator[tuple[str, Old, str, str]]:
    """Yield cause, file, accounting import and wrong field, for each cause the month has."""
    for code, one in sorted(occasions(month, shape).items()):
        old = old_file(month, shape)
        lines: list[dict[str, str]] = []
        if LEVELS.get(one.field) == "csv":
            lines = list(csv.DictReader(io.StringIO(legacy_csv(old, RUN))))
        field = spoil(old, lines, month, shape, one)
        stream = io.StringIO()
        if lines:
            writer = csv.DictWriter(stream, lines[0], lineterminator="\n")
            writer.writeheader()
            writer.writerows(lines)
        yield code, old, stream.getvalue(), field


@pytest.fixture(scope="module")
def proved() -> set[str]:
    """Collect which causes were tried."""
    return set()


@pytest.mark.parametrize(("seed", "stops"), MONTHS)
def test_an_error_at_the_place_of_a_deviation_is_not_explained(
    shared_office: Office, proved: set[str], seed: int, stops: str
) -> None:
    """The run without the error is clean; with it just that field is unexplained."""
    month = month_of(seed, stops)
    session = hand_in(shared_office, month, f"proved {seed}")
    shape: Shape
    for shape, in_use in SHAPES.items():
        right = compare(shared_office, session, json.dumps(old_file(month, shape)), in_use)
        assert right["verdict"] == "clean", right
        for code, old, lines, field in spoiled(month, shape):
            run = compare(shared_office, session, json.dumps(old), in_use, lines)
            found = shared_office.rows(UNEXPLAINED, run["run_id"])
            level = LEVELS.get(field, "receipt")
            # With all their receipts unexplained, people of receipts alone are missing as a whole.
            whole = {("person", "entry")} if code in STOPS else set()
            assert {(row["level"], row["field"]) for row in found} - whole == {(level, field)}, code
            assert code in STOPS or len(found) == 1, (code, found)
            proved.add(code)


def test_all_of_them_were_tried(shared_office: Office, proved: set[str]) -> None:
    """Each known deviation there is, in some month above."""
    rows = shared_office.rows("SELECT d.deviation_code FROM report.known_deviations AS d")
    assert proved == {row["deviation_code"] for row in rows}
