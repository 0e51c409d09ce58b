"""SQL composed of names of the catalog, once for each operation and order; values are bound.

Every name comes from the answer of `report.surface()`, whose rows were compared with the catalog
there; a name that is not plain is refused all the same. Nothing of a request gets into a text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from svc.surface.catalog import INSTANT, PLACE, PLACE_NAME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from svc.surface.catalog import Catalog, Column, Filter, Operation, Source

PLAIN = re.compile(r"[a-z][a-z0-9_]*")
TYPES = frozenset(
    {
        *("text", "name", "uuid", "integer", "bigint", "numeric", "boolean", "date", "jsonb"),
        *("timestamp with time zone", "uuid[]", "text[]", "integer[]", "numeric[]"),
    }
)
ALIAS = "t"
ANSWER = "answer"
MONTH = "month_id"


class CompositionError(ValueError):
    """A row of the surface that cannot be made a statement."""


@dataclass(frozen=True, slots=True)
class Key:
    """A column that orders a list, and how a cursor holds it."""

    name: str
    type: str
    is_down: bool

    @property
    def column(self) -> str:
        """Return its name in a row of the answer."""
        return PLACE_NAME if self.name == PLACE else self.name


def keys(catalog: Catalog, operation: Operation, names: Sequence[str]) -> list[Key]:
    """Read the keys of an order. Raises CompositionError."""
    columns = catalog.columns(operation) or {}
    read = []
    for name in names:
        column = PLACE_NAME if name == PLACE else name.removeprefix("-")
        if column not in columns:
            raise CompositionError(f"{operation.name}: no column {column}")
        read.append(Key(name.removeprefix("-"), columns[column].type, name.startswith("-")))
    return read


def parent(catalog: Catalog, parameter: str) -> str:
    """Ask whether what a name in a path must lead to is there."""
    found = catalog.parents[parameter]
    kind = catalog.rows[found.target][found.column].type
    return (
        f"SELECT true AS found FROM {_qualified(found.target)} AS {ALIAS}"
        f" WHERE {ALIAS}.{_plain(found.column)} = {_bound(parameter, kind)} LIMIT 1"
    )


def page(catalog: Catalog, operation: Operation, order: Sequence[Key], *, as_of: bool) -> str:
    """Select a page of a list in one order, now or as of an instant."""
    selected = _select(catalog, operation, as_of=as_of)
    where = " AND ".join([*_conditions(catalog, operation), _after(order)])
    ordered = ", ".join(_ordered(key, order) for key in order)
    return f"/* {operation.name} */ {selected} WHERE {where} ORDER BY {ordered} LIMIT %(limit)s"


def row(catalog: Catalog, operation: Operation) -> str:
    """Select one row, the first by the keys where there are several."""
    conditions = " AND ".join(_conditions(catalog, operation)) or "true"
    order = keys(catalog, operation, operation.keys)
    ordered = "".join(
        f"{', ' if number else ' ORDER BY '}{_ordered(key, order)}"
        for number, key in enumerate(order)
    )
    selected = _select(catalog, operation, as_of=False)
    if catalog.sources[operation.target].is_function:
        return f"/* {operation.name} */ {selected}"
    return f"/* {operation.name} */ {selected} WHERE {conditions}{ordered} LIMIT 1"


def call(catalog: Catalog, operation: Operation) -> str:
    """Call a function with all of its arguments; what is not given is its default."""
    return f"/* {operation.name} */ {_select(catalog, operation, as_of=False)}"


def _select(catalog: Catalog, operation: Operation, *, as_of: bool) -> str:
    """Select the columns of the answer from where they come from."""
    source = catalog.sources[operation.target]
    columns = catalog.columns(operation)
    if columns is None:
        return f"SELECT {_called(operation, source)} AS {ANSWER}"
    listed = ", ".join(_listed(catalog, column) for column in columns.values())
    if as_of and operation.as_of is not None:
        history = catalog.sources[operation.as_of]
        called = f"{_qualified(history.name)}(p_{INSTANT} => {_bound('as_of', INSTANT_TYPE)})"
        return f"SELECT {listed} FROM {called} AS {ALIAS}"
    if not source.is_function:
        return f"SELECT {listed} FROM {_qualified(source.name)} AS {ALIAS}"
    if PLACE in operation.keys:
        named = ", ".join(_plain(name) for name in columns)
        alias = f"WITH ORDINALITY AS {ALIAS} ({named})"
    else:
        alias = f"AS {ALIAS}"
    return f"SELECT {listed} FROM {_called(operation, source)} {alias}"


def _listed(catalog: Catalog, column: Column) -> str:
    """Return a column of the answer; a list of rows as JSON."""
    value = f"{ALIAS}.{_plain(column.name)}"
    if catalog.members(column) is not None:
        return f"pg_catalog.to_jsonb({value}) AS {_plain(column.name)}"
    return value


INSTANT_TYPE = "timestamp with time zone"


def _called(operation: Operation, source: Source) -> str:
    """Call a function: each argument by name, its default where the value is null."""
    names = operation.http_names
    given = []
    for argument in source.arguments.values():
        name = names.get(argument.name, argument.name)
        value = _bound(name, argument.type)
        if name == MONTH and argument.name != MONTH:
            value = _newest_session(value)
        if argument.default is not None and not argument.default.startswith("NULL"):
            value = f"coalesce({value}, {argument.default})"
        given.append(f"p_{_plain(argument.name)} => {value}")
    return f"{_qualified(source.name)}({', '.join(given)})"


def _conditions(catalog: Catalog, operation: Operation) -> list[str]:
    """Return what rows must fulfil: names in the path, what is fixed, filters."""
    columns = catalog.columns(operation) or {}
    conditions = []
    if not catalog.sources[operation.target].is_function:
        for name in operation.parameters:
            column = columns[operation.database_name(name)]
            value = _bound(name, column.type)
            if name == MONTH and column.name != MONTH:
                value = _newest_session(value)
            conditions.append(f"{ALIAS}.{_plain(column.name)} = {value}")
    for name, value in operation.fixed.items():
        conditions.append(f"{ALIAS}.{_plain(name)} = {_literal(value)}")
    return conditions + [_filter(item, columns[item.column].type) for item in operation.filters]


def _filter(item: Filter, kind: str) -> str:
    """Return the condition of a filter; what is not given narrows nothing."""
    column = f"{ALIAS}.{_plain(item.column)}"
    if item.operator == "flag":
        value = _bound(item.name, "text")
        return f"({value} IS NULL OR ({column} ->> {value}) = 'true')"
    if item.operator == "person":
        value = _bound(item.name, "text")
        # Folded once, not for each row.
        patterns = f"(SELECT report.name_patterns({value}))::text[]"
        return f"({value} IS NULL OR {column} LIKE ALL ({patterns}))"
    if item.operator == "search":
        value = _bound(item.name, "text")
        also = "".join(f", p_{_plain(n)} => {ALIAS}.{_plain(c)}" for n, c in item.also.items())
        text = f'report.search_text(p_person => {column}{also}) COLLATE "C"'
        return (
            f"({value} IS NULL OR {text} ~ ALL ((SELECT report.search_patterns({value}))::text[]))"
        )
    value = _bound(item.name, kind)
    if item.operator == "month":
        return f"({value} IS NULL OR {column} = {_newest_session(value)})"
    if item.hides is not None:
        hidden = f"{column} <> {_literal(item.hides)}"
        return f"CASE WHEN {value} IS NULL THEN {hidden} ELSE {column} = {value} END"
    operator = {"is": "=", "from": ">=", "to": "<="}[item.operator]
    return f"({value} IS NULL OR {column} {operator} {value})"


def _newest_session(month: str) -> str:
    """Return the submission that counts of a month: asked once, not for each row."""
    return f"(SELECT m.latest_session_id FROM report.months AS m WHERE m.{MONTH} = {month})"


def _after(order: Sequence[Key]) -> str:
    """Return the condition that a row comes after the last one seen."""
    values = [_bound(f"after_{number}", key.type) for number, key in enumerate(order)]
    mixed = len({key.is_down for key in order}) > 1
    left = [_compared(key, order) for key in order]
    right = [
        f"-{value}" if mixed and key.is_down else value
        for key, value in zip(order, values, strict=True)
    ]
    operator = "<" if not mixed and order[0].is_down else ">"
    return f"({values[0]} IS NULL OR ({', '.join(left)}) {operator} ({', '.join(right)}))"


def _compared(key: Key, order: Sequence[Key]) -> str:
    """Return a key as rows are compared by it: text by its bytes, whatever the database's order."""
    column = f"{ALIAS}.{_plain(key.column)}"
    if len({other.is_down for other in order}) > 1 and key.is_down:
        return f"-{column}"
    return f'{column} COLLATE "C"' if key.type == "text" else column


def _ordered(key: Key, order: Sequence[Key]) -> str:
    """Return a key as rows are ordered by it."""
    mixed = len({other.is_down for other in order}) > 1
    return _compared(key, order) + (" DESC" if key.is_down and not mixed else "")


def _bound(name: str, kind: str) -> str:
    """Return a bound value with its type, so that null has one too. Raises CompositionError."""
    if kind not in TYPES:
        raise CompositionError(f"no form for values of type {kind}")
    return f"%({_plain(name)})s::{kind}"


def _literal(value: object) -> str:
    """Return a fixed value as SQL text. Raises CompositionError."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str) and PLAIN.fullmatch(value):
        return f"'{value}'"
    raise CompositionError(f"{value!r} is no plain value")


def _qualified(name: str) -> str:
    """Return a name with its schema. Raises CompositionError."""
    schema, _, relation = name.partition(".")
    return f"{_plain(schema)}.{_plain(relation)}"


def _plain(name: str) -> str:
    """Return a name that needs no quotes. Raises CompositionError."""
    if not PLAIN.fullmatch(name):
        raise CompositionError(f"{name!r} is no plain name")
    return name
