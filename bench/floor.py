"""The least that an import can do: the rows of the document in a bare table, nothing checked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bench.harness import Lap, cpu_seconds, lap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg import Connection

FIELDS = {
    "rec_id": "text",
    "exp": "text",
    "date": "text",
    "title": "text",
    "amt": "text",
    "purpose": "text",
    "merch_name": "text",
    "merch_addy": "text",
    "code_type": "text",
    "gl_acct": "text",
    "gl_desc": "text",
    "job": "text",
    "phase": "text",
    "cost_type": "text",
    "coded": "boolean",
    "attachment": "boolean",
}
_TYPED = ", ".join(f'"{name}" {kind}' for name, kind in FIELDS.items())
_NAMES = ", ".join(f'r."{name}"' for name in FIELDS)

SETUP = f"""
    DROP SCHEMA IF EXISTS floor CASCADE;
    CREATE SCHEMA floor;
    CREATE TABLE floor.receipts (name_key text, code text, {_TYPED});
    CREATE FUNCTION floor.load(
        p_document text, OUT parsed double precision, OUT loaded double precision
    )
    LANGUAGE plpgsql AS $load$
    DECLARE
        v_document jsonb;
        v_start timestamptz := clock_timestamp();
    BEGIN
        v_document := p_document;
        parsed := extract(epoch FROM clock_timestamp() - v_start);
        INSERT INTO floor.receipts
        SELECT e.key, c.key, {_NAMES}
        FROM jsonb_each(v_document) AS e
        CROSS JOIN LATERAL jsonb_each(e.value -> 'receipts') AS c
        CROSS JOIN LATERAL jsonb_to_recordset(c.value) AS r ({_TYPED});
        loaded := extract(epoch FROM clock_timestamp() - v_start) - parsed;
    END
    $load$;
"""  # noqa: S608 - names are the constants above
COPY = "COPY floor.receipts FROM STDIN"


def run_floor(connection: Connection, pid: int, document: str) -> tuple[Lap, Lap, int]:
    """Return the laps of the cast to jsonb and of the ``INSERT … SELECT``, and the rows.

    The server measures both apart, in one call. The CPU time of a lap is its share by time.
    """
    connection.execute(SETUP.encode())
    cpu = cpu_seconds(pid)
    row = connection.execute("SELECT parsed, loaded FROM floor.load(%s)", [document]).fetchone()
    cpu = cpu_seconds(pid) - cpu
    parsed, loaded = row or (0.0, 0.0)
    share = cpu / (parsed + loaded)
    count = connection.execute("SELECT count(*)::integer FROM floor.receipts").fetchone()
    return Lap(parsed, parsed * share), Lap(loaded, loaded * share), count[0] if count else 0


def run_copy(connection: Connection, pid: int, document: str) -> tuple[Lap, int]:
    """Return the lap of a COPY of the same rows, made ready before, and the rows."""
    connection.execute(SETUP.encode())
    rows = [_line(row) for row in _rows(json.loads(document))]
    blocks = ["".join(rows[start : start + 1_000]) for start in range(0, len(rows), 1_000)]

    def copy() -> None:
        with connection.cursor().copy(COPY) as stream:
            for block in blocks:
                stream.write(block)

    return lap(pid, copy), len(rows)


def _rows(content: dict[str, Any]) -> Iterator[list[Any]]:
    for key, employee in content.items():
        for code, receipts in employee.get("receipts", {}).items():
            for receipt in receipts:
                yield [key, code, *(receipt[name] for name in FIELDS)]


def _line(values: list[Any]) -> str:
    return "\t".join("\\N" if value is None else _escape(str(value)) for value in values) + "\n"


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
