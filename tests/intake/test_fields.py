"""Every field of an old file missing, null or of a wrong type: taken, or named with its path.

Each variation is one employee more beside the medium month, a copy of one of its people. So one
import shows that nothing unforeseen ends it and that nobody is lost to the fault of another.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from psycopg.rows import dict_row

from tests.database.conftest import DATA, USERS, Office

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Connect

VALUES: dict[str, list[Any]] = {
    "string": ["", " ", "x", "1.005", "03/12/2025"],
    "number": [0, -1, 1.005, 1e-20, 9999999999.99],
    "boolean": [True, False],
    "array": [[], [1], ["x"], [None], [[]], [{}]],
    "object": [{}, {"a": 1}, {"a": None}, {"a": []}],
}
TYPES: dict[str, dict[str, tuple[str, ...]]] = {
    "employee": {
        **dict.fromkeys(["name", "employee_id", "card_no"], ("string",)),
        **dict.fromkeys(["car_total", "rec_total"], ("number",)),
        **dict.fromkeys(["car_page_range", "rec_page_range", "files"], ("array",)),
        **dict.fromkeys(["flags", "receipts"], ("object",)),
    },
    "receipt": {
        **dict.fromkeys(
            ["rec_id", "exp", "date", "title", "purpose", "merch_name", "merch_addy"], ("string",)
        ),
        **dict.fromkeys(
            ["code_type", "job", "phase", "cost_type", "gl_acct", "gl_desc"], ("string",)
        ),
        **dict.fromkeys(["coded", "attachment"], ("boolean",)),
        "amt": ("string", "number"),
    },
}
GONE = object()
PEOPLE = """
SELECT e.employee_name, e.is_in_report, e.car_total, e.receipt_count
FROM report.employee_revisions AS e
"""
MANY = "UPDATE app.settings SET value = 10000 WHERE setting_name = 'json_max_rejects'"


@dataclass(frozen=True)
class Variation:
    """One employee with one field changed: what it is about, and where a wrong one is named."""

    holder: str
    field: str
    value: Any
    kind: str
    entry: dict[str, Any]
    place: str

    @property
    def is_wrong(self) -> bool:
        """Tell whether the value has another JSON type than the field may have."""
        return self.kind not in (*TYPES[self.holder][self.field], "null", "missing")


def variations(person: dict[str, Any]) -> Iterator[Variation]:
    """Vary each field of a person and of their first receipt, by code and by id."""
    values = [("null", None), ("missing", GONE)]
    values += [(kind, value) for kind, several in VALUES.items() for value in several]
    code, receipts = next(iter(person["receipts"].items()))
    by_id = {"receipts": {receipts[0]["rec_id"]: receipts[0]}}
    shapes = {f'."{code}"[0]': person, f'."{receipts[0]["rec_id"]}"': {**person, **by_id}}
    for kind, value in values:
        for field in TYPES["employee"]:
            entry = copy.deepcopy(person)
            change(entry, field, value)
            yield Variation("employee", field, value, kind, entry, f".{field}")
        for field in TYPES["receipt"]:
            for place, shape in shapes.items():
                entry = copy.deepcopy(shape)
                first = next(iter(entry["receipts"].values()))
                change(first[0] if isinstance(first, list) else first, field, value)
                where = f".receipts{place}.{field}"
                yield Variation("receipt", field, value, kind, entry, where)


def change(holder: dict[str, Any], field: str, value: object) -> None:
    """Set or remove a field."""
    if value is GONE:
        del holder[field]
    else:
        holder[field] = value


def letters(number: int) -> str:
    """Write a number in letters, as name keys have no digits."""
    return "VARIED" + "".join(chr(65 + int(digit)) for digit in f"{number:05}")


@pytest.fixture(scope="module")
def month() -> dict[str, Any]:
    """Return the medium month of the old program."""
    found: dict[str, Any] = json.loads((DATA / "medium" / "activity.json").read_text())
    return found


@pytest.fixture(scope="module")
def varied(month: dict[str, Any]) -> dict[str, Variation]:
    """Return all variations under keys of their own."""
    person = next(e for e in month.values() if "employee_id" in e and "rec_id" in str(e))
    found = {letters(number): one for number, one in enumerate(variations(person))}
    assert len(found) > 1000
    return found


@pytest.fixture
def office(connect: Connect) -> Office:
    """Return the office on this test's database."""
    owner = connect("ccp_owner")
    for user, role in USERS.items():
        owner.execute("SELECT FROM api.save_user(%s, NULL, %s)", (user, role))
    owner.commit()
    return Office(connect)


def test_every_field_is_taken_or_named(
    connect: Connect,
    office: Office,
    month: dict[str, Any],
    varied: dict[str, Variation],
) -> None:
    """Wrong types with their path, all other variations taken, the month beside them complete."""
    owner = connect("ccp_owner")
    owner.execute(MANY)
    owner.commit()
    document = dict(month)
    for number, (key, one) in enumerate(varied.items()):
        entry = dict(one.entry)
        # Who is who is not what this is about, but where it is what is varied.
        if one.field != "employee_id":
            entry["employee_id"] = str(200_000 + number)
        if one.field != "name":
            entry["name"] = key
        document[key] = entry
    answer = office.bring(json.dumps(document))
    assert answer["outcome"] == "accepted", answer
    named = {reject["path"] for reject in answer["rejects"]}
    rejected = {reject["key"] for reject in answer["rejects"]}
    wrong = {key: f'$."{key}"{one.place}' for key, one in varied.items() if one.is_wrong}
    assert set(wrong.values()) <= named
    # Of the right type, and refused for what is in it.
    others = {(varied[key].field, str(varied[key].value)) for key in rejected - wrong.keys()}
    assert others == {
        *(("car_page_range", value) for value in ("['x']", "[None]", "[[]]", "[{}]")),
        *(("rec_page_range", value) for value in ("['x']", "[None]", "[[]]", "[{}]")),
        *(("receipts", value) for value in ("{'a': 1}", "{'a': None}")),
    }
    assert {reject["code"] for reject in answer["rejects"]} == {"wrong_type"}
    with owner.cursor(row_factory=dict_row) as cursor:
        people = {row["employee_name"]: row for row in cursor.execute(PEOPLE).fetchall()}
    assert people.keys() == document.keys() - rejected
    for key in varied.keys() - rejected:
        judge(varied[key], people[key])


def judge(one: Variation, row: dict[str, Any]) -> None:
    """Look at a person that was taken: what is missing, null or cannot be read is no number."""
    assert row["is_in_report"], one
    if one.field != "receipts":
        held = sum(len(e) if isinstance(e, list) else 1 for e in one.entry["receipts"].values())
        assert row["receipt_count"] == held, one
    if one.field == "car_total":
        read = {-1: "-1.00", 9999999999.99: "9999999999.99"}
        wanted = read.get(one.value) if isinstance(one.value, int | float) else None
        assert (None if row["car_total"] is None else str(row["car_total"])) == wanted, one
