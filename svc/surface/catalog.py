"""The answer of `report.surface()` as plain objects; nothing here knows HTTP or SQL."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

PLACE = "#"
REQUEST_ID = "request_id"
INSTANT = "instant"


@dataclass(frozen=True, slots=True)
class Term:
    """What an argument or filter of this name means and may hold, wherever it occurs."""

    meaning: str = ""
    values_of: str | None = None
    more_values: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    is_money: bool = False
    json_kind: str | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the rows an operation answers, and the closed list its values are of."""

    name: str
    type: str
    comment: str | None
    list_name: str | None


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a function, without `p_`; without a default it is required."""

    name: str
    type: str
    default: str | None


@dataclass(frozen=True, slots=True)
class Source:
    """A view or function, its kind of row, and who may use it."""

    name: str
    is_function: bool
    row_name: str
    comment: str
    roles: tuple[str, ...]
    errors: tuple[tuple[str, str], ...]
    arguments: Mapping[str, Argument]


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter of a list."""

    name: str
    column: str
    operator: str
    hides: str | None
    also: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Parent:
    """What a name in a path must lead to."""

    target: str
    column: str
    code: str
    title: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One row of the surface, with its filters and orders."""

    name: str
    tag: str
    method: str
    path: str
    shape: str
    target: str
    keys: tuple[str, ...]
    as_of: str | None
    one_of: tuple[str, ...]
    names: Mapping[str, str]
    fixed: Mapping[str, Any]
    parts: Mapping[str, str]
    status: int
    location: str | None
    body_factor: int
    filters: tuple[Filter, ...]
    orders: Mapping[str, tuple[str, ...]]

    @property
    def parameters(self) -> list[str]:
        """Return the names in the path."""
        return re.findall(r"\{(\w+)\}", self.path)

    def database_name(self, name: str) -> str:
        """Return what the database calls a name of HTTP."""
        return self.names.get(name, name)

    @property
    def http_names(self) -> dict[str, str]:
        """Return what HTTP calls names of the database."""
        return {value: name for name, value in self.names.items()}


@dataclass(frozen=True, slots=True)
class Catalog:
    """The whole surface, seen at one moment."""

    number: int
    faults: tuple[tuple[str | None, str], ...]
    operations: Mapping[str, Operation]
    parents: Mapping[str, Parent]
    terms: Mapping[str, Term]
    lists: Mapping[str, tuple[str, ...]]
    sources: Mapping[str, Source]
    rows: Mapping[str, Mapping[str, Column]]

    def term(self, name: str) -> Term:
        """Return the term of a name, an empty one when there is none."""
        return self.terms.get(name) or Term()

    def allowed(self, list_name: str | None, more: tuple[str, ...] = ()) -> tuple[str, ...] | None:
        """Return the values of a closed list and more; None: any value."""
        listed = self.lists.get(list_name, ()) if list_name else ()
        return (*listed, *more) or None

    def columns(self, operation: Operation) -> Mapping[str, Column] | None:
        """Return the columns an operation answers; None: one value."""
        row = self.rows.get(self.sources[operation.target].row_name)
        if row is None or PLACE not in operation.keys:
            return row
        place = Column(PLACE_NAME, "bigint", "Place of the row in the whole list, from 1.", None)
        return {**row, PLACE_NAME: place}

    def members(self, column: Column) -> Mapping[str, Column] | None:
        """Return the columns of the rows that a column holds a list of; None: it holds none."""
        if not column.type.endswith("[]"):
            return None
        return self.rows.get(column.type.removesuffix("[]"))


PLACE_NAME = "place"


def read(document: Mapping[str, Any]) -> Catalog:
    """Make the catalog of what `report.surface()` answers. Raises KeyError, ValueError."""
    return Catalog(
        number=document["number"],
        faults=tuple((fault["operation"], fault["fault"]) for fault in document["faults"]),
        operations={row["operation"]: _operation(row) for row in document["operations"]},
        parents={
            row["parameter"]: Parent(row["target"], row["column_name"], row["code"], row["title"])
            for row in document["parents"]
        },
        terms={row["term"]: _term(row) for row in document["terms"]},
        lists={name: tuple(values) for name, values in document["lists"].items()},
        sources={name: _source(row) for name, row in document["sources"].items()},
        rows={
            name: {
                row["column_name"]: Column(
                    row["column_name"], row["type_name"], row["comment"], row["list_name"]
                )
                for row in columns
            }
            for name, columns in document["rows"].items()
        },
    )


def _operation(row: Mapping[str, Any]) -> Operation:
    """Read an operation."""
    return Operation(
        name=row["operation"],
        tag=row["tag"],
        method=row["method"],
        path=row["path"],
        shape=row["shape"],
        target=row["target"],
        keys=tuple(row["keys"]),
        as_of=row["as_of"],
        one_of=tuple(row["one_of"]),
        names=row["names"],
        fixed=row["fixed"],
        parts=row["parts"],
        status=row["status"],
        location=row["location"],
        body_factor=row["body_factor"],
        filters=tuple(
            Filter(
                item["filter_name"],
                item["column_name"],
                item["operator"],
                item["hides"],
                item["also"],
            )
            for item in row["filters"]
        ),
        orders={name: tuple(keys) for name, keys in row["orders"].items()},
    )


def _term(row: Mapping[str, Any]) -> Term:
    """Read a term."""
    return Term(
        meaning=row["meaning"],
        values_of=row["values_of"],
        more_values=tuple(row["more_values"]),
        least=row["least"],
        most=row["most"],
        is_money=row["is_money"],
        json_kind=row["json_kind"],
    )


def _source(row: Mapping[str, Any]) -> Source:
    """Read a view or function."""
    return Source(
        name=row["source_name"],
        is_function=row["kind"] == "function",
        row_name=row["row_name"],
        comment=row["comment"] or "",
        roles=tuple(row["roles"]),
        errors=tuple((error["sqlstate"], error["slug"]) for error in row["errors"]),
        arguments={
            item["argument_name"]: Argument(
                item["argument_name"], item["type_name"], item["default_text"]
            )
            for item in row["arguments"]
        },
    )
