"""The old file has the old program's form, both its shapes and its errors."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.generate import QUIRKS, SHAPES, Month, Recipe, Shape, build, expected, write_activity
from tests.generate.strategies import months

if TYPE_CHECKING:
    from collections.abc import Set


def activity(
    month: Month, shape: Shape = "by-code", *, quirks: Set[str] = QUIRKS
) -> dict[str, Any]:
    """Write the file and read it back; its text is what the old program's encoder makes."""
    stream = io.StringIO()
    write_activity(month, stream, shape=shape, quirks=quirks)
    content: dict[str, Any] = json.loads(stream.getvalue())
    assert stream.getvalue() == json.dumps(content, indent=2)
    return content


def receipts(employee: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the receipts of an employee in either shape."""
    found: list[dict[str, Any]] = []
    for entry in employee.get("receipts", {}).values():
        found.extend(entry if isinstance(entry, list) else [entry])
    return found


@settings(max_examples=40, deadline=None)
@given(months(min_receipts=0), st.sampled_from(SHAPES), st.sampled_from([QUIRKS, frozenset[str]()]))
def test_every_shape_is_well_formed(month: Month, shape: Shape, quirks: Set[str]) -> None:
    """The text is that of an indented dump, and a name key is one employee."""
    content = activity(month, shape, quirks=quirks)
    assert all(employee["name"] == key for key, employee in content.items())
    if not quirks:
        assert set(content) == {person.name_key for person in month.people}


def test_shapes_hold_the_same_receipts() -> None:
    """By code keeps duplicate pages, by id loses them, mixed has both kinds of entry."""
    month = build(40, 400, 2, recipe=Recipe(duplicate=0.03))
    by_code, by_id, mixed = (activity(month, shape) for shape in SHAPES)
    for key, employee in by_code.items():
        unique = {receipt["rec_id"]: receipt for receipt in receipts(employee)}
        assert {r["rec_id"]: r for r in receipts(by_id[key])} == unique
        assert {r["rec_id"]: r for r in receipts(mixed[key])} == unique
    assert sum(len(receipts(employee)) for employee in by_code.values()) == 400
    assert sum(len(receipts(employee)) for employee in by_id.values()) < 400
    kinds = {type(v) for employee in mixed.values() for v in employee.get("receipts", {}).values()}
    assert kinds == {list, dict}


def test_quirks_are_those_of_the_old_program() -> None:
    """Masked and negative totals are 0, the first amount is gross, the mismatch is never seen."""
    month = build(80, 800, 2, recipe=Recipe(credits_only=0.1, two_line_address=0.2))
    content = activity(month)
    for person in month.people:
        employee = content[person.name_key]
        assert employee["flags"]["total_mismatch"] is False
        if person.in_report and len(person.cards) == 1:
            card = person.cards[0]
            seen = card.total_line_printed and not card.masked and card.gross >= 0
            assert employee["car_total"] == (card.gross / 100 if seen else 0.0)
        if not person.in_report:
            assert employee["card_no"] == "None"
            assert "employee_id" not in employee
    amounts = [r["amt"] for employee in content.values() for r in receipts(employee)]
    assert {type(amount) for amount in amounts} == {str, int}
    assert "70123" in amounts
    assert any("0000" in repr(employee.get("rec_total", 0.0)) for employee in content.values())


def test_without_quirks_totals_are_true() -> None:
    """Totals and flags are then those of the truth."""
    month = build(80, 800, 2)
    content = activity(month, quirks=frozenset())
    for person in expected(month)["employees"]:
        employee = content[person["name_key"]]
        assert f"{employee['car_total']:.2f}" == person["car_total"]
        assert f"{employee.get('rec_total', 0.0):.2f}" == person["receipt_total"]
        assert employee["flags"] == person["flags"]


def test_a_receipt_is_as_long_as_in_real_files() -> None:
    """Sizes of generated files tell something about real ones: about 650 bytes a receipt."""
    stream = io.StringIO()
    write_activity(build(60, 600, 1), stream)
    assert 580 < len(stream.getvalue()) / 600 < 720
