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
    Layout,
    Month,
    Recipe,
    build_months,
    csv_deviations,
    deviations,
    without_aliases,
    write_activity,
)
from tests.generate import quirks as q
from tests.generate.legacy import is_seen, read_pages
from tests.generate.legacy_files import legacy_csv, legacy_workbook
from tests.generate.pdf_car import render_car
from tests.generate.pdf_receipts import render_receipts
from tests.generate.text import name_key
from tests.intake import test_parallel_runs as runs

if TYPE_CHECKING:
    from tests.generate import Deviation, Shape
    from tests.generate.model import Person, Receipt
    from tests.intake.conftest import Office

SEEDS = range(*map(int, os.environ.get("CCP_SEEDS", "0:12").split(":")))
RUN = date(2025, 5, 1)
CENT, RECEIPT, CODE, FLAG, CARD_TOTAL, RECEIPT_TOTAL = KINDS = range(6)
MOVED = len(KINDS)
SHAPES: dict[Shape, str] = {"by-code": "by_code", "by-id": "by_id"}
ROOTS = """
SELECT d.deviation_code, count(*) AS roots, coalesce(sum(d.amount), 0) AS dollars
FROM report.parallel_differences AS d
WHERE d.run_id = %s AND d.is_root AND d.deviation_code IS NOT NULL GROUP BY d.deviation_code
"""
UNEXPLAINED = """
SELECT d.level, d.person, d.receipt, d.field, d.old_value, d.new_value, d.class
FROM report.parallel_differences AS d
WHERE d.run_id = %s AND (d.is_unexplained OR d.class NOT IN ('known_deviation', 'alias_pending'))
"""
PENDING = """
SELECT d.person FROM report.parallel_differences AS d
WHERE d.run_id = %s AND d.is_root AND d.class = 'alias_pending'
"""
ERRORS = """
SELECT d.level, d.field FROM report.parallel_differences AS d
WHERE d.run_id = %s AND d.is_unexplained
"""
BY_RULES = """
SELECT d.person FROM report.parallel_differences AS d
WHERE d.run_id = %s AND d.is_root AND d.deviation_code = 'other_rules' AND d.new_value = 'false'
"""
KEPT_BACK = """
SELECT i.employee_name AS person FROM report.validation_issues AS i
WHERE i.session_id = %s AND i.blocks AND i.issue_type NOT IN
    ('missing_coding_info', 'missing_receipt', 'missing_all_receipts', 'total_mismatch')
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
    """Return two tiny months with every occasion to err; what stops the reading takes turns.

    So does who knows the other names of people, see `who_knows`.
    """
    stops = ("", q.HARD_NAME, "", q.NO_CODING_TYPE)[seed % 4]
    recipe = Recipe.deviating(stops=stops, namesakes=seed % 3 == 0)
    # Where the reading ends within people, also between two pages of one id.
    layout = Layout(scattered=stops == q.HARD_NAME)
    first = date(2025, 3, 1)
    return build_months(2, 6 + seed % 5, 24, seed, recipe=recipe, layout=layout, first=first)


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


def compare(  # noqa: PLR0913, PLR0917 - the parts of one form
    office: Office, session: str, content: str, shape: str, lines: str = "", book: bytes = b""
) -> dict[str, Any]:
    """Hand in an old result of the same PDFs, in the shape in use, perhaps with all its files."""
    answer = runs.compare(
        office, session, content.encode(), lines.encode(), book=book, shape_in_use=shape
    )
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


def plant(old: dict[str, Any], seed: int, kind: int) -> tuple[str, str] | None:
    """Put one error into an old file; return level and field of what must be the one root.

    A cent, a lost receipt, a changed code, a flag, a card total, a receipt total; None where the
    file gives no occasion.
    """
    people = list(old.values())
    ids = Counter(r["rec_id"] for p in people for _, r in receipts(p))
    single = {key for key, count in ids.items() if count == 1}
    rich = [p for p in people if len(complete(p, single)) > 1]
    if kind == FLAG:
        flags = people[seed % len(people)]["flags"]
        flags["missing_coding_info"] = not flags["missing_coding_info"]
        return "decision", "flags.missing_coding_info"
    if kind == CARD_TOTAL:
        known = [p for p in people if "employee_id" in p]
        known[seed % len(known)]["car_total"] += 0.01
        return "person", "car_total"
    return spoil(rich[seed % len(rich)], single, kind) if rich else None


def spoil(person: dict[str, Any], ids: set[str], kind: int) -> tuple[str, str] | None:
    """Put an error into a person with receipts of these ids, as `plant` does."""
    groups = person["receipts"]
    # One without attachment goes first: the flag that it leaves behind follows from it.
    key, receipt = min(complete(person, ids), key=lambda one: one[1]["attachment"])
    if kind == RECEIPT_TOTAL:
        person["rec_total"] += 5
        return "person", "rec_total"
    if kind == CENT:
        receipt["amt"] = f"{Decimal(receipt['amt']) + Decimal('0.01'):.2f}"
        person["rec_total"] += 0.01
        return "receipt", "amt"
    if kind == RECEIPT:
        take_out(groups, key, receipt)
        person["rec_total"] -= float(receipt["amt"])
        return "receipt", "entry"
    coded = [one for one in complete(person, ids) if one[1]["coded"]]
    if not coded:
        return None
    key, receipt = coded[0]
    field = "job" if receipt["job"] else "gl_acct"
    take_out(groups, key, receipt)
    receipt[field] = "99999."
    put_in(groups, key, receipt)
    return "receipt", field


def spoil_within(old: dict[str, Any], name: str, kind: int) -> dict[str, str] | None:
    """Put an error into a person, also a receipt moved to another; return the one root, if any."""
    ids = Counter(r["rec_id"] for p in old.values() for _, r in receipts(p))
    single = {key for key, count in ids.items() if count == 1}
    if not complete(old[name], single):
        return None
    if kind != MOVED:
        level, field = spoil(old[name], single, kind) or ("", "")
        return {"level": level, "field": field}
    key, receipt = complete(old[name], single)[0]
    other = next(p for p in old.values() if p["name"] != name and "receipts" in p)
    take_out(old[name]["receipts"], key, receipt)
    put_in(other["receipts"], key, receipt)
    old[name]["rec_total"] -= float(receipt["amt"])
    other["rec_total"] += float(receipt["amt"])
    return {"level": "receipt", "field": "person"}


def take_out(groups: dict[str, Any], key: str, receipt: dict[str, Any]) -> None:
    """Remove a receipt that stands under this key, in either shape."""
    if isinstance(groups[key], list):
        groups[key].remove(receipt)
    else:
        del groups[key]


def put_in(groups: dict[str, Any], key: str, receipt: dict[str, Any]) -> None:
    """Add a receipt under its own key, in the shape that has this one."""
    if key == receipt["rec_id"]:
        groups[key] = receipt
    else:
        groups.setdefault(receipt["job"] or receipt["gl_acct"] or "null", []).append(receipt)


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


def cut(person: Person, lost: list[Receipt]) -> bool:
    """Whether pages of a person are among those that were lost."""
    return any(own is one for own in person.receipts for one in lost)


def who_knows(seed: int) -> str:
    """Return which system has the aliases: both, only the old program (there), or only this one."""
    return ("both", "there", "here")[seed % 3]


def sides(month: Month, knows: str) -> tuple[Month, Month, set[str]]:
    """Return the month as the old program has it, as it is compared, and names that wait."""
    read = {name_key(receipt.printed_name) for _, receipt in read_pages(month, q.QUIRKS)}
    waiting = read & month.aliases.keys() if knows != "both" else set()
    # A name of which nothing was read there is nobody there, whatever either side knows.
    if knows == "here":
        known = month.aliases.keys() - waiting
        return without_aliases(month), without_aliases(month, known), waiting
    return month, without_aliases(month, waiting) if knows == "there" else month, waiting


def approve(office: Office, month: Month) -> None:
    """Approve the other names of a month that are not approved yet."""
    query = "SELECT a.receipt_key FROM report.name_aliases AS a"
    known = {row["receipt_key"] for row in office.rows(query)}
    for receipt_key in month.aliases.keys() - known:
        key = month.aliases[receipt_key]
        alias = {"receipt_key": receipt_key, "name_key": key, "reason": "known", "is_sure": True}
        kind = {"Content-Type": "application/json"}
        answer = office.call("POST", "/aliases", json.dumps(alias).encode(), **kind)
        assert answer.status == 200, answer.body


def look_at(
    office: Office, month: Month, session: str, knows: str, shape: Shape
) -> tuple[str, bool]:
    """Compare a month with its old file; return that, and whether nothing waits."""
    there, truth_of, waiting = sides(month, knows)
    stream = io.StringIO()
    write_activity(there, stream, shape=shape)
    truth, lines, book = deviations(truth_of, shape), "", b""
    if shape == "by-id":
        # Workbook and accounting import are made of this one, the latter not without receipts.
        book = legacy_workbook(json.loads(stream.getvalue()))
        if '"rec_id"' in stream.getvalue():
            lines = legacy_csv(json.loads(stream.getvalue()), RUN)
            truth += csv_deviations(truth_of)
    run = compare(office, session, stream.getvalue(), SHAPES[shape], lines, book)
    assert office.rows(UNEXPLAINED, run["run_id"]) == []
    assert run["verdict"] == ("pending" if waiting else "clean"), run
    assert {row["person"] for row in office.rows(PENDING, run["run_id"])} == waiting
    rows = office.rows(ROOTS, run["run_id"])
    told = {row["deviation_code"]: (row["roots"], row["dollars"]) for row in rows}
    wanted = expected(truth)
    # Where it is not sure which charge a receipt covers, the right card is not, either.
    # What is not sure keeps people back as well.
    for code in (q.CSV_FIRST_CARD, q.OTHER_RULES):
        told.pop(code, None)
        wanted.pop(code, None)
    assert told == wanted
    by_rules = {row["person"] for row in office.rows(BY_RULES, run["run_id"])}
    moved = waiting | {month.aliases[name] for name in waiting}
    assert {one.person for one in truth if one.code == q.OTHER_RULES} - moved <= by_rules
    assert by_rules <= {row["person"] for row in office.rows(KEPT_BACK, session)}
    if not waiting:
        cells = office.rows(CARDS, run["run_id"])
        known = {one.receipt for one in truth if one.code == q.CSV_FIRST_CARD}
        assert known <= {row["receipt"] for row in cells}
        assert {row["new_value"] for row in cells if row["receipt"] not in known} <= {""}
    return stream.getvalue(), not waiting


@pytest.mark.parametrize("seed", SEEDS)
def test_each_difference_is_explained_by_what_caused_it(shared_office: Office, seed: int) -> None:
    """Two months and both shapes: every quirk with the right count and dollars, nothing else.

    Names wait for their alias where one system knows them alone. An error that is planted besides
    is the one root.
    """
    months, knows = two_months(seed), who_knows(seed)
    programme = f"seed {seed}"
    if knows != "there":
        approve(shared_office, months[0])
    sessions = [hand_in(shared_office, month, programme) for month in months]
    for number, shape in enumerate(SHAPES):
        found = [
            look_at(shared_office, month, session, knows, shape)
            for month, session in zip(months, sessions, strict=True)
        ]
        streak = shared_office.rows(STREAK, programme)
        (_, first), (content, second) = found
        assert streak == [
            {"is_clean": first, "consecutive": int(first)},
            {"is_clean": second, "consecutive": int(second) * (1 + first)},
        ]
        wrong = json.loads(content)
        kind = (2 * seed + number) % len(KINDS)
        level, field = plant(wrong, seed, kind) or plant(wrong, seed, FLAG) or ("", "")
        run = compare(shared_office, sessions[-1], json.dumps(wrong), SHAPES[shape])
        errors = shared_office.rows(ERRORS, run["run_id"])
        assert errors == [{"level": level, "field": field}]


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


def test_an_entry_of_two_pages_is_lost_once(shared_office: Office) -> None:
    """By id a lost entry is one root, whether the total still has its other page or neither."""
    month = two_months(36)[1]
    approve(shared_office, month)
    session = hand_in(shared_office, month, "two pages")
    stream = io.StringIO()
    write_activity(month, stream, shape="by-id")
    twice = {receipt.transaction_id for receipt in month.receipt_pages if receipt.duplicate_of}
    for pages in (1, 2):
        wrong = json.loads(stream.getvalue())
        person = next(p for p in wrong.values() if complete(p, twice))
        key, receipt = complete(person, twice)[0]
        take_out(person["receipts"], key, receipt)
        person["rec_total"] -= pages * float(receipt["amt"])
        run = compare(shared_office, session, json.dumps(wrong), "by_id")
        rows = shared_office.rows(ERRORS, run["run_id"])
        assert rows == [{"level": "receipt", "field": "entry"}], pages


@pytest.mark.parametrize(("seed", "number"), [(33, 0), (69, 1)])
def test_the_reading_ends_within_people(shared_office: Office, seed: int, number: int) -> None:
    """Between two pages of one id, too: what was lost is explained, and an error is one root.

    Of whom pages were lost a receipt is wrong by a cent, lost, or moved to another, with the pages
    left as they were; and who is not seen for an odd id is lost as a whole.
    """
    month = two_months(seed)[number]
    approve(shared_office, month)
    session = hand_in(shared_office, month, f"within {seed}")
    pages = read_pages(month, q.QUIRKS)
    lost = month.receipt_pages[len(pages) :]
    numbers = {receipt.transaction_id for _, receipt in pages}
    assert numbers & {receipt.transaction_id for receipt in lost}
    within = {p.name_key for p, _ in pages} & {p.name_key for p in month.people if cut(p, lost)}
    odd = {p.name_key for p, _ in pages if p.in_report and not is_seen(p, q.QUIRKS)}
    for shape, in_use in SHAPES.items():
        content, _ = look_at(shared_office, month, session, "both", shape)
        tried = 0
        for name in sorted(within):
            for error in (CENT, RECEIPT, MOVED):
                wrong = json.loads(content)
                if place := spoil_within(wrong, name, error):
                    run = compare(shared_office, session, json.dumps(wrong), in_use)
                    rows = shared_office.rows(ERRORS, run["run_id"])
                    assert rows == [place], (name, error)
                    tried += 1
        assert tried
        for name in odd:
            wrong = json.loads(content)
            del wrong[name]
            run = compare(shared_office, session, json.dumps(wrong), in_use)
            rows = shared_office.rows(ERRORS, run["run_id"])
            assert rows == [{"level": "person", "field": "entry"}], name
