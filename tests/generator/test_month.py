"""A month is what was asked for, the same every time, and its sums add up."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings

from tests.generate import Layout, Month, Recipe, build, expected
from tests.generate.strategies import months
from tests.generate.text import name_key

PROPERTY = settings(max_examples=40, deadline=None)


def total(rows: list[dict[str, Any]], column: str) -> Decimal:
    """Add up a column of decimal strings, nulls left out."""
    return sum((Decimal(row[column]) for row in rows if row[column] is not None), Decimal("0.00"))


def test_equal_seeds_give_equal_months() -> None:
    """Nothing but the arguments decides."""
    assert expected(build(30, 200, 7)) == expected(build(30, 200, 7))
    assert expected(build(30, 200, 7)) != expected(build(30, 200, 8))


@pytest.mark.parametrize(("employees", "receipts"), [(0, 10), (3, -1)])
def test_impossible_counts_are_refused(employees: int, receipts: int) -> None:
    """A month without people, or with fewer than no receipts, is an error."""
    with pytest.raises(ValueError, match="at least one employee"):
        build(employees, receipts, 1)


@PROPERTY
@given(months(min_receipts=0))
def test_sums_add_up(month: Month) -> None:
    """Lines make charges, charges make cards, cards make people, people make the session."""
    truth = expected(month)
    for person in truth["employees"]:
        for charge in person["transactions"]:
            for column in ("gross", "discount", "net"):
                assert total(charge["lines"], column) == Decimal(charge[column])
            assert Decimal(charge["gross"]) - Decimal(charge["discount"]) == Decimal(charge["net"])
        for card in person["cards"]:
            charges = [row for row in person["transactions"] if row["card"] == card["number"]]
            assert total(charges, "net") == Decimal(card["net"])
        assert total(person["cards"], "net") == Decimal(person["car_total"])
        assert total(person["receipts"], "amount") == Decimal(person["receipt_total"])
    session = truth["session"]
    assert total(truth["employees"], "car_total") == Decimal(session["car_total"])
    assert total(truth["employees"], "receipt_total") == Decimal(session["receipt_total"])
    assert session["finished"] + session["unfinished"] == session["employees"]


@PROPERTY
@given(months(min_receipts=0))
def test_every_page_is_used_once(month: Month) -> None:
    """Receipt pages and report pages run from 1 without a gap."""
    truth = expected(month)["employees"]
    receipts = [page for person in truth for page in person["receipt_pages"]]
    assert sorted(receipts) == list(range(1, len(receipts) + 1))
    report = [page for person in truth for page in person["car_pages"]]
    summaries = 2 if month.layout.group_summary else 1
    assert sorted(report) == list(range(1, month.car_pages - summaries + 1))
    for person in truth:
        assert all(before < after for before, after in pairwise(person["receipt_pages"]))


@PROPERTY
@given(months(min_receipts=0))
def test_a_match_is_the_same_charge(month: Month) -> None:
    """A matched receipt has the amount and posted date of its charge, an open one no equal."""
    for person in expected(month)["employees"]:
        nets = {charge["net"] for charge in person["transactions"]}
        for receipt in person["receipts"]:
            if receipt["matches_transaction"] is not None:
                charge = person["transactions"][receipt["matches_transaction"]]
                assert receipt["date"] == charge["posted_date"]
                assert receipt["amount"] in (None, charge["net"])
            elif receipt["duplicate_of_page"] is None and receipt["amount"] != "0.00":
                assert receipt["amount"] not in nets


def test_a_large_month_has_each_peculiarity() -> None:
    """The difficult recipe leaves nothing out."""
    month = build(200, 3_000, 3, recipe=Recipe.difficult())
    truth = expected(month)
    people = truth["employees"]
    receipts = [receipt for person in people for receipt in person["receipts"]]
    charges = [charge for person in people for charge in person["transactions"]]
    cards = [card for person in people for card in person["cards"]]
    assert len(people) == 200
    assert len(receipts) == 3_000
    assert all(card["number"].startswith("999999") for card in cards)
    assert {card["masked"] for card in cards} == {True, False}
    assert {card["total_line_printed"] for card in cards} == {True, False}
    assert any("printed" in card for card in cards)
    assert any(card["net"].startswith("-") for card in cards)
    assert max(len(person["cards"]) for person in people) > 1
    assert max(len(person["receipt_name_keys"]) for person in people) > 1
    assert truth["session"]["ambiguous_name_keys"]
    assert month.aliases
    assert {receipt["coding_type"] for receipt in receipts} == {"job_coding", "gl_coding", None}
    assert {len(receipt["attachments"]) for receipt in receipts} == {0, 1, 2}
    assert {None, "n/a"} <= {r["amount_text"] for r in receipts if r["amount"] is None}
    assert any(receipt["job"] and not receipt["coded"] for receipt in receipts)
    assert any(receipt["duplicate_of_page"] for receipt in receipts)
    assert any(not receipt["printed_name"].isascii() for receipt in receipts)
    assert any("'" in receipt["printed_name"] for receipt in receipts)
    assert {len(charge["lines"]) for charge in charges} >= {1, 2, 3}
    assert any(charge["discount"] != "0.00" for charge in charges)
    assert any(charge["totals_page"] > charge["page"] for charge in charges)
    assert len(truth["session"]["issues"]) == 6


def test_two_people_share_a_name_and_own_no_receipt() -> None:
    """Receipts of a name that fits two employees stand by themselves."""
    month = build(12, 60, 5, recipe=Recipe(namesake_groups=1))
    holder = next(person for person in month.people if person.ambiguous)
    same = [person for person in month.people if person.name_key == holder.name_key]
    assert len(same) == 3
    assert {len(person.receipts) > 0 for person in same if person.in_report} == {False}
    assert holder.receipts
    assert len({person.employee_id for person in same}) == 3


def test_an_alias_leads_to_the_report_key() -> None:
    """Receipts under another name belong to the person, and the alias says so."""
    month = build(40, 200, 5, recipe=Recipe(aliased=0.5))
    assert month.aliases
    for person in month.people:
        for receipt in person.receipts:
            key = name_key(receipt.printed_name)
            assert month.aliases.get(key, key) == person.name_key


def test_scattered_pages_are_not_together() -> None:
    """In the scattered layout some person's pages have others between them."""
    month = build(5, 60, 5, layout=Layout(scattered=True))
    ranges = [[receipt.page for receipt in person.receipts] for person in month.people]
    assert any(pages and pages[-1] - pages[0] >= len(pages) for pages in ranges)
