"""The list of what an old file says otherwise is whole, exact and adds up."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from tests.generate import (
    QUIRKS,
    SHAPES,
    Deviation,
    Month,
    Recipe,
    Shape,
    build,
    build_months,
    csv_deviations,
    deviations,
    write_activity,
)
from tests.generate import quirks as q
from tests.generate.legacy import read_pages
from tests.generate.legacy_files import legacy_csv

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Set

SEEDS = range(12)
FLAGS = ("missing_coding_info", "missing_receipt", "missing_all_receipts", "total_mismatch")
Leaf = tuple[str, str, str | None, int | None]


# What a file does not say by a field of its own.
BESIDE = {"repeat", "finished"}


@cache
def months(seed: int) -> list[Month]:
    """Return two tiny months with every occasion to err; what stops the reading takes turns."""
    stops = ("", q.HARD_NAME, "", q.NO_CODING_TYPE)[seed % 4]
    recipe = Recipe.deviating(stops=stops, namesakes=seed % 3 == 0)
    return build_months(2, 8, 30, seed, recipe=recipe)


def old_file(month: Month, shape: Shape, quirks: Set[str] = QUIRKS) -> dict[str, Any]:
    """Write the old file and read it back."""
    stream = io.StringIO()
    write_activity(month, stream, shape=shape, quirks=quirks)
    content: dict[str, Any] = json.loads(stream.getvalue())
    return content


def leaves(
    content: dict[str, Any], left: Mapping[str, int] | None = None
) -> Iterator[tuple[Leaf, Any]]:
    """Yield every value of a file by person, field, receipt id and occurrence.

    Which of several pages of an id is left in a file by id says ``left``.
    """
    for name, person in content.items():
        yield (name, "", None, None), True
        for field in ("employee_id", "card_no", "car_page_range", "car_total", "rec_page_range"):
            yield (name, field, None, None), person.get(field)
        yield (name, "rec_total", None, None), person.get("rec_total", 0.0)
        for flag in FLAGS:
            yield (name, f"flags.{flag}", None, None), person["flags"][flag]
        times: Counter[str] = Counter()
        for entry in person.get("receipts", {}).values():
            for receipt in entry if isinstance(entry, list) else [entry]:
                number = receipt["rec_id"]
                times[number] += 1
                turn = times[number] if left is None else left[number]
                yield (name, "", number, turn), True
                for field, value in receipt.items():
                    yield (name, field, number, turn), value


def place(one: Deviation) -> Leaf:
    """Return where a difference is."""
    return one.person, one.field, one.receipt, one.occurrence


@pytest.mark.parametrize("seed", SEEDS)
def test_each_difference_is_listed_and_each_listed_one_is_there(seed: int) -> None:
    """The file beside the one without errors: the same places, and what is there is there."""
    for month in months(seed):
        right = dict(leaves(old_file(month, "by-code", frozenset())))
        merged = {
            key for key, times in Counter(p.name_key for p in month.people).items() if times > 1
        }
        # Pages of one id that are coded otherwise stand in the order of their codes, not of pages.
        others = {
            receipt.transaction_id
            for person in month.people
            for receipt in person.receipts
            if receipt.duplicate_of and receipt.duplicate_of.coding != receipt.coding
        }
        read = Counter(receipt.transaction_id for _, receipt in read_pages(month, QUIRKS))
        for shape in ("by-code", "by-id"):
            old = dict(leaves(old_file(month, shape), read if shape == "by-id" else None))
            listed = {
                place(one): one
                for one in deviations(month, shape)
                if one.field not in BESIDE and one.receipt not in others
            }
            gone = {(at[0], *at[2:]) for at in right if at not in old and at[1] == ""}
            found = {
                at
                for at in {*old, *right}
                if at[0] not in merged
                and at[2] not in others
                and old.get(at) != right.get(at)
                # Of who or what is not there at all no field is told.
                and (at[1] == "" or (at[0], *at[2:]) not in gone)
                and (at[0], None, None) not in gone
            }
            told = {at for at in listed if at[0] not in merged and (at[0], None, None) not in gone}
            told |= {at for at in listed if at in found}
            parts = {at for at in told if at[1] == "car_total"}
            assert found - parts <= told
            assert told - parts <= found
            for at in found - parts:
                one = listed[at]
                if at[1] and at[1] != "rec_total" and at in old and one.there is not None:
                    assert (old[at] or []) == (one.there or [])


@pytest.mark.parametrize("seed", SEEDS)
def test_wrong_cells_of_the_accounting_import_are_listed(seed: int) -> None:
    """The pay type of whatever is not coded by job, and the card where another was charged."""
    for month in months(seed):
        old = old_file(month, "by-id")
        found = csv_deviations(month)
        if not any("receipts" in person for person in old.values()):
            assert not found
            continue
        rows = list(csv.DictReader(io.StringIO(legacy_csv(old, date(2025, 4, 16)))))
        other = {row["Transaction ID"] for row in rows if not row["Job"]}
        assert {one.receipt for one in found if one.code == q.CSV_PAY_TYPE} == other
        cards = {row["Transaction ID"]: row["Credit Card Number"] for row in rows}
        for one in found:
            if one.code == q.CSV_FIRST_CARD:
                assert one.receipt is not None
                assert cards[one.receipt] == one.there != one.here
        none = {number for number, card in cards.items() if card == "None"}
        assert none <= {one.receipt for one in found if one.code == q.CSV_FIRST_CARD}


@pytest.mark.parametrize("seed", SEEDS)
def test_roots_add_up_to_the_difference_of_the_totals(seed: int) -> None:
    """Each cent of both totals stands at one root, for each person alone and for all."""
    for month in months(seed):
        for shape in SHAPES[:2]:
            found = deviations(month, shape)
            old = old_file(month, shape)
            for field, total in (("car_total", "car_total"), ("rec_total", "receipt_total")):
                cents: Counter[str] = Counter()
                for name, person in old.items():
                    cents[name] += round(person.get(field, 0.0) * 100)
                for person in month.people:
                    # Who is not there has no dollars where their total is not known.
                    if field == "rec_total" or person.is_known or person.name_key in old:
                        cents[person.name_key] -= getattr(person, total)
                for one in found:
                    is_of_card = one.field == "car_total" or one.receipt is None
                    if is_of_card == (field == "car_total"):
                        cents[one.person] -= one.cents
                assert not any(cents.values())
            assert not any(one.cents for one in found if one.follows)


def test_every_quirk_comes_up() -> None:
    """Over the seeds each quirk is the first cause of some difference, in both months."""
    for turn in range(2):
        found = Counter(
            one.code
            for seed in SEEDS
            for one in deviations(months(seed)[turn], "by-id")
            if not one.follows
        )
        assert set(found) == {*QUIRKS, *q.OF_THE_FORM}


def test_each_quirk_can_be_planted_alone() -> None:
    """One quirk at a time causes its own differences and no others; none causes none."""
    month = build(30, 300, 5, recipe=Recipe.deviating(stops=q.HARD_NAME))
    clean = deviations(month, "by-code", frozenset())
    assert {one.code for one in clean} <= q.OF_THE_FORM
    for quirk in QUIRKS - {q.NO_CODING_TYPE, q.PRINTED_TOTAL}:
        found = deviations(month, "by-code", {quirk})
        assert {one.code for one in found if not one.follows} - q.OF_THE_FORM == {quirk}
    month = build(12, 60, 1, recipe=Recipe.deviating(stops=q.NO_CODING_TYPE))
    # A card that says nothing is 0.0 in every file.
    clean = deviations(month, "by-code", frozenset())
    found = deviations(month, "by-code", {q.NO_CODING_TYPE})
    assert {one.code for one in found if one not in clean} == {q.NO_CODING_TYPE}
    assert len([one for one in found if one.receipt]) == 60
    month = build(12, 60, 1, recipe=Recipe(misprinted_total=1.0, masked=0.0))
    found = deviations(month, "by-code", {q.PRINTED_TOTAL})
    assert {one.code for one in found} - q.OF_THE_FORM == {q.PRINTED_TOTAL}


def test_a_total_goes_to_the_person_before() -> None:
    """The total of somebody who was not seen overwrites the one of the person before."""
    found = 0
    for seed in SEEDS:
        for month in months(seed):
            before = ""
            old = old_file(month, "by-code")
            for person in month.people:
                if not person.in_report:
                    continue
                if len(person.employee_id or "") in range(4, 7):
                    before = person.name_key
                elif before:
                    printed = [
                        card.gross / 100
                        for card in person.cards
                        if card.charges
                        and card.total_line_printed
                        and not card.masked
                        and card.gross >= 0
                    ]
                    if printed and old[before]["car_total"] == printed[-1]:
                        found += 1
                        assert any(
                            one.code == q.ODD_ID and one.person == before and one.here == "0.00"
                            for one in deviations(month)
                        )
    assert found


def test_months_follow_one_another() -> None:
    """Calendar months without gap, the same people, and receipt ids of one month only."""
    first, second = months(0)
    assert (first.first.isoformat(), first.last.isoformat()) == ("2025-03-01", "2025-03-31")
    assert (second.first.isoformat(), second.last.isoformat()) == ("2025-04-01", "2025-04-30")
    both = [
        {
            (person.name_key, person.employee_id, tuple(c.number[-4:] for c in person.cards[:1]))
            for person in month.people
            if person.in_report
        }
        for month in (first, second)
    ]
    assert {entry[:2] for entry in both[0]} == {entry[:2] for entry in both[1]}
    ids = [{r.transaction_id for r in month.receipt_pages} for month in (first, second)]
    assert not ids[0] & ids[1]
    assert first.aliases == second.aliases
    for month in (first, second):
        for person in month.people:
            for charge in person.charges:
                assert month.first <= charge.posted_date <= month.last
