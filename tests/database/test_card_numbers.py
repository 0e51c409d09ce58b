"""Nobody's card number is kept: planted in every text, in thirty spellings, and looked for.

The detector is the test's own: it knows the planted numbers and finds one in any run of digits of
any script with at most three signs between two digits, however they are grouped.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import unicodedata
from dataclasses import dataclass, field
from itertools import cycle
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import sql

from tests.conftest import copy_of_template

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from svc.embedded.cluster import Cluster

OWNER = "ccp_owner"
PREFIXES = ("411111", "424242", "510510", "222300", "601100", "352800", "999999")


def grouped(separator: str) -> Callable[[str], str]:
    """Spell a number in groups of four."""
    return lambda number: separator.join(number[place : place + 4] for place in range(0, 16, 4))


def in_script(zero: int) -> Callable[[str], str]:
    """Spell a number with the digits of another script."""
    return lambda number: "".join(chr(zero + int(digit)) for digit in number)


SPELLINGS: tuple[Callable[[str], str], ...] = (
    str,
    *map(
        grouped, (" ", "-", ".", "  ", "\u00a0", "/", "_", "\n", "\t", ", ", " - ", "\u200b", ":")
    ),
    lambda number: f"{number} 12/27",
    lambda number: f"{grouped(' ')(number)} 12/27",
    lambda number: f"{number} 123",
    lambda number: f"{grouped(' ')(number)} 123",
    lambda number: f"No 7 {number}",
    lambda number: f"7 {grouped(' ')(number)}",
    lambda number: f"1234 {grouped(' ')(number)}",
    lambda number: f"03/14/2025 {number}",
    lambda number: f"PAN{number}X",
    lambda number: f"({number})",
    lambda number: f"{number[:6]} {number[6:]}",
    " ".join,
    in_script(0xFF10),
    in_script(0x0660),
    in_script(0x0966),
    lambda number: f"see {grouped('-')(number)}, paid 12.50 on 03/14/2025",
)


def check_digit(digits: str) -> str:
    """Return the digit that makes a card number of these."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 - place % 2)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def found_in(text: str, numbers: set[str]) -> set[str]:
    """Return which of the numbers stand in a text."""
    # Dumps and JSON print line ends as letters after a backslash.
    text = re.sub(r"\\+[bfnrtv]", " ", text)
    text = "".join(
        str(unicodedata.decimal(sign)) if sign.isdecimal() else sign
        for sign in text
        if unicodedata.category(sign) != "Cf"
    )
    hits = set()
    for chain in re.findall(r"[0-9](?:[^0-9A-Za-z]{0,3}[0-9])*", text):
        digits = re.sub("[^0-9]", "", chain)
        hits |= {digits[place : place + 16] for place in range(len(digits) - 15)} & numbers
    return hits


@dataclass
class Plants:
    """What was planted where, and everything the database answered."""

    connection: psycopg.Connection
    places: dict[str, str] = field(default_factory=dict)
    answers: list[str] = field(default_factory=list)
    spellings: Iterator[Callable[[str], str]] = field(default_factory=lambda: cycle(SPELLINGS))

    def plant(self, place: str, spelling: Callable[[str], str] | None = None) -> str:
        """Return the spelling of a number that stands nowhere else."""
        count = len(self.places)
        digits = f"{PREFIXES[count % len(PREFIXES)]}{count * 7919 % 10**9:09}"
        number = digits + check_digit(digits)
        self.places[number] = place
        return (spelling or next(self.spellings))(number)

    def ask(self, query: sql.Composed | str, *values: object) -> Any:  # noqa: ANN401 - any
        """Run one query, keep what it answers or says, and return the first value."""
        text = query.encode() if isinstance(query, str) else query
        try:
            row = self.connection.execute(text, values).fetchone()
        except psycopg.Error as error:
            told = error.diag
            ours = (error.sqlstate or "")[:2] in {"IV", "PM", "NF", "ST", "RL"}
            self.answers.append(
                f"{told.message_primary} {told.message_hint} {told.message_detail if ours else ''}"
            )
            return None
        self.answers.append(json.dumps(row, default=str, ensure_ascii=False))
        return row[0] if row else None

    def all_in(self, text: str) -> dict[str, str]:
        """Return the planted numbers that stand in a text, with the place each was planted at."""
        return {number: self.places[number] for number in found_in(text, set(self.places))}


ENTRY = {"employee_id": "1001", "car_page_range": [1], "car_total": 10.0, "card_no": "None"}
RECEIPT = {"rec_id": "40000001", "exp": "Meals", "date": "03/29/2025", "amt": "10.00"}
FREE = (
    "exp",
    "date",
    "title",
    "amt",
    "purpose",
    "merch_name",
    "merch_addy",
    "code_type",
    "gl_desc",
)
CODES = ("rec_id", "job", "phase", "cost_type", "gl_acct")


def entry_with(place: str, text: str) -> dict[str, Any]:
    """Return an employee of the old file with a text at one place of the format."""
    holder, _, name = place.partition(".")
    if holder == "receipt":
        return ENTRY | {"receipts": {"null": [RECEIPT | {name: text}]}}
    if holder == "by_id":
        return ENTRY | {"receipts": {text: RECEIPT}}
    if holder == "unknown":
        return ENTRY | {"receipts": {"null": [RECEIPT | {"note": {"deep": [text, 1]}}]}}
    if holder == "flags":
        return ENTRY | {"flags": {text: True} if name == "key" else {"seen": text}}
    return ENTRY | {name: [text] if name == "files" else text}


PLACES = (
    *(f"receipt.{name}" for name in (*FREE, *CODES)),
    *(f"entry.{name}" for name in ("employee_id", "name", "card_no", "files", "remark")),
    *("by_id", "unknown", "flags.key", "flags.value"),
)
REFUSED = {*(f"receipt.{name}" for name in CODES), "entry.employee_id", "by_id", "flags.key"}


def import_everything(plants: Plants) -> dict[str, tuple[str, bool]]:
    """Import one file with each place of the format in each spelling; tell who was rejected.

    Returns by name of the employee the place and whether the file's answer rejects it.
    """
    document: dict[str, Any] = {}
    names: dict[str, str] = {}
    for place in PLACES:
        for spelling in SPELLINGS:
            name = "E" + "".join(chr(65 + int(digit)) for digit in str(len(names)))
            text = plants.plant(f"file: {place} {SPELLINGS.index(spelling)}", spelling)
            document[name] = entry_with(place, text) | {"employee_id": str(1000 + len(names))}
            if place == "entry.employee_id":
                document[name]["employee_id"] = text[:40]
            names[name] = place
    plants.ask("SELECT api.save_setting('json_max_rejects', 10000)")
    answer = plants.ask(
        "SELECT api.import_activity(%s, p_session_name => %s, p_file_name => %s)",
        json.dumps(document),
        plants.plant("session_name"),
        plants.plant("file_name"),
    )
    assert answer["outcome"] == "accepted", answer
    rejected = {reject["key"] for reject in answer["rejects"]}
    return {name: (place, name in rejected) for name, place in names.items()}


ARGUMENTS = """
SELECT p.proname, a.name, format_type(a.type, NULL), a.place > p.pronargs - p.pronargdefaults
FROM pg_proc AS p
CROSS JOIN LATERAL unnest(p.proargnames, p.proargtypes::oid[]) WITH ORDINALITY
    AS a (name, type, place)
WHERE p.pronamespace = 'api'::regnamespace AND a.place <= p.pronargs
ORDER BY p.proname, a.place
"""
PLAIN = {
    "integer": 1,
    "bigint": 1,
    "numeric": 1,
    "boolean": True,
    "date": "2030-01-01",
    "jsonb": "{}",
    "uuid": "00000000-0000-7000-8000-000000000000",
    "text": "words",
}


def plausible(plants: Plants) -> dict[str, object]:
    """Return values that let calls get past their first checks, by argument."""
    return {
        "p_session_id": plants.ask("SELECT session_id FROM app.processing_sessions LIMIT 1"),
        "p_issue_id": plants.ask("SELECT issue_id FROM app.validation_issues LIMIT 1"),
        "p_cardholder_id": plants.ask("SELECT cardholder_id FROM app.session_employees LIMIT 1"),
        "p_rule_code": "missing_receipt",
        "p_method": "other",
        "p_reason_class": "other",
        "p_code_kind": "job",
        "p_code": "invalid_json",
        "p_decision": "confirm",
        "p_setting_name": "json_max_depth",
        "p_sha256": "0" * 64,
        "p_car_sha256": "1" * 64,
        "p_receipt_sha256": "2" * 64,
        "p_file": "{}",
        "p_role": "reviewer",
        "p_user_name": "zed",
        "p_calendar_day": "2025-07-04",
    }


def call_everything(plants: Plants) -> list[str]:
    """Call every function of schema api with a number in each argument of text; name the calls."""
    known = plausible(plants)
    calls: dict[str, list[tuple[str, str, bool]]] = {}
    for name, *argument in plants.connection.execute(ARGUMENTS).fetchall():
        calls.setdefault(name, []).append((argument[0], argument[1], argument[2]))
    targets = [
        (name, argument, kind)
        for name, arguments in calls.items()
        for argument, kind, _ in arguments
        if kind in {"text", "jsonb", "text[]"}
    ]
    for name, target, kind in targets * 3:
        text = plants.plant(f"call: {name} {target}")
        values = {
            argument: known.get(argument, PLAIN.get(its_kind))
            for argument, its_kind, has_default in calls[name]
            if argument in known or not has_default
        }
        sent = {"text": text, "text[]": [text]}
        values[target] = sent.get(kind) or json.dumps(document_with(target, text))
        pairs = sql.SQL(", ").join(
            sql.SQL("{} => %s").format(sql.Identifier(argument)) for argument in values
        )
        query = sql.SQL("SELECT to_jsonb(x) FROM api.{}({}) AS x")
        plants.ask(query.format(sql.Identifier(name), pairs), *values.values())
    return [f"{name} {target}" for name, target, _ in targets]


def document_with(argument: str, text: str) -> object:
    """Return what a call of this argument may get, with a text in it."""
    return {
        "p_codes": [{"code": "77", "description": text}],
        "p_items": [{"notes": text, "method": text}],
        "p_corrections": [{"changes": {"purpose": text}}],
        "p_parameters": {"words": text},
    }.get(argument, {"a": text, text: 1})


def correct_everything(plants: Plants) -> None:
    """Write a number into each text of the updatable view, and into the settings of a writer."""
    columns = plants.connection.execute(
        """
        SELECT a.attname FROM pg_attribute AS a
        WHERE a.attrelid = 'api.current_transactions'::regclass AND a.atttypid = 'text'::regtype
        """
    ).fetchall()
    for (column,) in columns:
        for _ in range(3):
            query = sql.SQL(
                "UPDATE api.current_transactions SET {column} = %s WHERE transaction_id = ("
                " SELECT t.transaction_id FROM api.current_transactions AS t LIMIT 1)"
            ).format(column=sql.Identifier(column))
            plants.connection.execute(
                "SELECT set_config('app.reason', %s, false)", (plants.plant("app.reason"),)
            )
            try:
                plants.connection.execute(query, (plants.plant(f"view: {column}"),))
            except psycopg.Error as error:
                plants.answers.append(str(error.diag.message_primary))
    plants.connection.execute("SELECT set_config('app.reason', '', false)")
    plants.connection.execute(
        "SELECT set_config('app.request_id', %s, false)", (plants.plant("app.request_id"),)
    )
    plants.ask("SELECT api.save_setting('json_max_depth', 33)")
    plants.connection.execute("SELECT set_config('app.request_id', '', false)")


@dataclass
class Planted:
    """A database in which numbers were planted everywhere."""

    plants: Plants
    employees: dict[str, tuple[str, bool]]
    calls: list[str]
    database: str
    log: str


@pytest.fixture(scope="module")
def planted(cluster: Cluster) -> Iterator[Planted]:
    """Yield a database after everything was planted, with the server's log of it."""
    with copy_of_template(cluster) as name:
        with cluster.login().connect() as superuser:
            # As ./run has it: DETAIL would print rows that are refused.
            superuser.execute(f"ALTER DATABASE {name} SET log_error_verbosity = terse".encode())
        start = cluster.log.stat().st_size
        login = cluster.login(OWNER, name)
        with psycopg.connect(login.conninfo, autocommit=True) as connection:
            plants = Plants(connection)
            employees = import_everything(plants)
            calls = call_everything(plants)
            correct_everything(plants)
            log = cluster.log.read_bytes()[start:].decode(errors="replace")
            yield Planted(plants, employees, calls, name, log)


def test_the_detector_finds_every_spelling() -> None:
    """It is no use otherwise, and it does not find what is cut."""
    number = "4111111111111111"
    assert len({spelling(number) for spelling in SPELLINGS}) >= 30
    for spelling in SPELLINGS:
        assert found_in(spelling(number), {number}) == {number}
    assert found_in("411111XXXXXX1111 4111 1111 x 1111 1111", {number}) == set()


def test_employees_with_numbers_in_ids_are_named(planted: Planted) -> None:
    """An id, code or key is never shortened; every other text is taken and cut."""
    for name, (place, is_rejected) in planted.employees.items():
        # A bare number is an amount too, and larger than any that is kept; a name has one line.
        if place not in {"receipt.amt", "entry.name"}:
            assert is_rejected == (place in REFUSED), (name, place)


def test_every_call_was_tried(planted: Planted) -> None:
    """The calls are read from the catalog, so a new one cannot be forgotten."""
    assert "create_session p_session_name" in planted.calls
    assert "save_user p_email" in planted.calls
    assert len(planted.calls) > 60


def test_no_column_holds_a_number(planted: Planted) -> None:
    """All columns of all tables, histories and audit included."""
    connection = planted.plants.connection
    tables = connection.execute(
        """
        SELECT c.oid::regclass::text FROM pg_class AS c
        WHERE c.relkind = 'r' AND c.relnamespace IN ('app'::regnamespace, 'audit'::regnamespace)
        """
    ).fetchall()
    for (table,) in tables:
        rows = connection.execute(f"SELECT t::text FROM {table} AS t".encode()).fetchall()  # noqa: S608 - of the catalog
        assert planted.plants.all_in("\nx\n".join(row[0] for row in rows)) == {}, table


def test_no_dump_holds_a_number(cluster: Cluster, planted: Planted) -> None:
    """A backup is the database as anybody with the file can read it."""
    login = cluster.login("postgres", planted.database)
    dump = subprocess.run(
        [cluster.machine.program("pg_dump"), "--no-owner", planted.database],
        env={**os.environ, **login.environment},
        capture_output=True,
        check=True,
    ).stdout.decode()
    assert planted.plants.all_in(dump) == {}


def test_no_answer_and_no_log_holds_a_number(planted: Planted) -> None:
    """Neither what callers are told, nor what the server writes down."""
    assert planted.plants.all_in("\nx\n".join(planted.plants.answers)) == {}
    assert planted.plants.all_in(planted.log) == {}


def test_no_view_shows_a_number_and_cuts_are_counted(planted: Planted) -> None:
    """People see where something was cut, and nothing else."""
    connection = planted.plants.connection
    views = connection.execute(
        """
        SELECT c.oid::regclass::text FROM pg_class AS c
        WHERE c.relkind = 'v' AND c.relnamespace = 'report'::regnamespace
        """
    ).fetchall()
    for (view,) in views:
        rows = connection.execute(f"SELECT v::text FROM {view} AS v".encode()).fetchall()  # noqa: S608 - of the catalog
        assert planted.plants.all_in("\nx\n".join(row[0] for row in rows)) == {}, view
    counted = connection.execute(
        "SELECT table_name, column_name, sum(masks)::integer FROM report.masked_texts GROUP BY 1, 2"
    ).fetchall()
    assert {row[:2] for row in counted} >= {
        ("receipt_contents", "purpose"),
        ("processing_sessions", "session_name"),
        ("audit.commits", "reason"),
    }
    assert {row[:2]: row[2] for row in counted} == masks_in(connection)


def masks_in(connection: psycopg.Connection) -> dict[tuple[str, str], int]:
    """Count by table and column what looks cut, in all texts that are kept once."""
    columns = connection.execute(
        """
        SELECT c.oid::regclass::text, c.relname, a.attname
        FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
        WHERE c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> 'card_number'
            AND a.atttypid IN ('text'::regtype, 'text[]'::regtype, 'jsonb'::regtype)
            AND (c.relnamespace = 'app'::regnamespace OR c.oid = 'audit.commits'::regclass)
        """
    ).fetchall()
    found: dict[tuple[str, str], int] = {}
    for table, name, column in columns:
        shown = table if table.startswith("audit.") else name
        for (text,) in connection.execute(f"SELECT {column}::text FROM {table}".encode()):  # noqa: S608 - of the catalog
            masks = len(re.findall(r"(?<=[0-9]{2})X{3,9}(?=[0-9]{4})", text or ""))
            if masks:
                found[shown, column] = found.get((shown, column), 0) + masks
    return found
