"""OpenAPI 3.1, derived from the surface: columns with their comments, lists by name, errors.

What carries files is described by hand in `by_hand`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from svc import errors
from svc.surface import by_hand
from svc.surface.catalog import PLACE
from svc.surface.values import SCHEMAS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from svc.surface.catalog import Catalog, Column, Source
    from svc.surface.serving import Served
    from svc.surface.values import Kind

Schema = dict[str, Any]

MONEY = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}
RAISES = re.compile(r"\s*Raises [A-Z]{2}[0-9]{3}.*$", re.DOTALL)
PLURALS = ((r"ies$", "y"), (r"(ch|sh)es$", r"\1"), (r"ases$", "as"), (r"(?<![su])s$", ""))


def document(catalog: Catalog, served: Mapping[str, Served]) -> dict[str, Any]:
    """Return the whole description."""
    made = Description(catalog)
    paths: dict[str, dict[str, Any]] = {}
    for item in served.values():
        operation = item.operation
        described = made.operation(item, served)
        paths.setdefault(f"/api/v1{operation.path}", {})[operation.method.lower()] = described
    for path, methods in by_hand.paths().items():
        paths.setdefault(path, {}).update(methods)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Credit card reconciliation",
            "version": "1",
            "description": (
                "Money is a decimal string, an instant or date is ISO 8601, an id is a uuid. "
                "Every error is an application/problem+json with a stable code. Lists come in "
                "pages: next_cursor of one is the cursor of the next."
            ),
        },
        "security": [{"token": []}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
            },
            "schemas": {**made.schemas, **by_hand.schemas()},
        },
    }


class Description:
    """Describes operations and collects the schemas they name."""

    def __init__(self, catalog: Catalog) -> None:
        """Describe operations of this catalog."""
        self._catalog = catalog
        self.schemas: dict[str, Schema] = {}
        # Columns that are never null: rows are paged by them.
        self._filled = {
            (catalog.sources[operation.target].row_name, key.removeprefix("-"))
            for operation in catalog.operations.values()
            if operation.shape == "list"
            for keys in (operation.keys, *operation.orders.values())
            for key in keys
        }

    def operation(self, item: Served, served: Mapping[str, Served]) -> Schema:
        """Describe one operation."""
        operation = item.operation
        source = self._catalog.sources[operation.target]
        text = RAISES.sub("", source.comment)
        described: Schema = {
            "operationId": operation.name,
            "tags": [operation.tag],
            "summary": text.split(". ")[0].split(": ")[0].rstrip("."),
            "description": text,
            "x-roles": list(source.roles),
            "parameters": self._path(item),
        }
        if operation.shape == "call":
            described["parameters"].append(by_hand.key_header())
            described["requestBody"] = self._body(item)
        else:
            described["parameters"] += self._query(item)
        described["responses"] = {
            str(operation.status): {
                "description": "Done",
                "content": {"application/json": {"schema": self._answer(item, served)}},
                **({"headers": by_hand.LOCATION} if operation.location else {}),
            },
            **self._problems(item, source),
        }
        return described

    def _path(self, item: Served) -> list[Schema]:
        """Describe the names in the path; what is no term is a column."""
        described = []
        for name, kind in item.path.items():
            parameter = self._parameter("path", name, kind, required=True)
            column = (item.columns or {}).get(item.operation.database_name(name))
            comment = {"description": column.comment} if column is not None else {}
            described.append({**comment, **parameter})
        return described

    def _query(self, item: Served) -> list[Schema]:
        """Describe the query of a reading operation."""
        operation = item.operation
        parameters = [
            self._parameter("query", name, kind, required=name in item.required)
            for name, kind in item.given.items()
        ]
        for filtered in operation.filters:
            kind = item.filters[filtered.name]
            described = self._parameter("query", filtered.name, kind)
            if not kind.term.meaning:
                comment = (item.columns or {})[filtered.column].comment
                described["description"] = f"{FILTERS[filtered.operator]}{comment}"
            parameters.append(described)
        if operation.shape != "list":
            return parameters
        if operation.orders:
            default = [name for name, keys in operation.orders.items() if keys == operation.keys]
            schema = {"type": "string", "enum": list(operation.orders)}
            name = self._name(f"{_camel(operation.name)}Order", schema)
            parameters.append(
                {
                    "name": "order",
                    "in": "query",
                    "description": f"The order of the list, {default[0]} unless given.",
                    "schema": _reference(name),
                }
            )
        if operation.as_of is not None:
            instant = {"type": "string", "format": "date-time"}
            meaning = self._catalog.term("instant").meaning
            parameters.append(
                {"name": "as_of", "in": "query", "description": meaning, "schema": instant}
            )
        return parameters + by_hand.paging()

    def _parameter(self, place: str, name: str, kind: Kind, *, required: bool = False) -> Schema:
        """Describe a name in the path or query."""
        described: Schema = {"name": name, "in": place, "schema": self._asked(name, kind)}
        if kind.term.meaning:
            described["description"] = kind.term.meaning
        return {**described, "required": True} if required else described

    def _body(self, item: Served) -> Schema:
        """Describe the body of a call."""
        properties = {}
        for name, kind in item.given.items():
            schema = self._asked(name, kind)
            if kind.type == "numeric":
                schema = {"type": ["string", "integer"]}
            properties[name] = {**schema, "description": kind.term.meaning}
        schema = {
            "type": "object",
            "required": list(item.required),
            "properties": properties,
            "additionalProperties": False,
        }
        name = self._name(f"{_camel(item.operation.name)}Body", schema)
        content = {"application/json": {"schema": _reference(name)}}
        return {"required": bool(item.required), "content": content}

    def _asked(self, name: str, kind: Kind) -> Schema:
        """Describe a value that is asked for; a closed list by its name."""
        if kind.allowed is None:
            return kind.schema()
        known = [
            list_name
            for list_name, allowed in self._catalog.lists.items()
            if allowed == kind.allowed and list_name == (kind.term.values_of or list_name)
        ]
        schema = {"type": "string", "enum": list(kind.allowed)}
        return _reference(self._name(_list_name(known[0]) if known else _camel(name), schema))

    def _answer(self, item: Served, served: Mapping[str, Served]) -> Schema:
        """Describe what an operation answers."""
        operation = item.operation
        row_name = self._catalog.sources[operation.target].row_name
        if item.columns is None:
            if row_name == "jsonb":
                return dict(SCHEMAS["jsonb"])
            schema = {"answer": {**SCHEMAS[row_name], "description": "The answer."}}
            return _reference(self._name(f"{_camel(operation.name)}Answer", _object(schema)))
        name = _singular(row_name)
        if PLACE in operation.keys:
            name = f"{_camel(operation.name)}Row"
        row = self._row(name, row_name, item.columns)
        if operation.shape == "list":
            items = {"type": "array", "items": row, "description": "The rows of this page."}
            following = {"type": ["string", "null"], "description": "null: this page is the last."}
            page = _object({"items": items, "next_cursor": following})
            return _reference(self._name(f"PageOf{name}", page))
        if not operation.parts:
            return row
        parts = {}
        for member, part_name in operation.parts.items():
            part = served[part_name]
            source = self._catalog.sources[part.operation.target]
            schema = self._row(_singular(source.row_name), source.row_name, part.columns or {})
            parts[member] = (
                {"anyOf": [schema, {"type": "null"}]}
                if part.operation.shape == "row"
                else {"type": "array", "items": schema}
            )
        properties = {**self.schemas[name]["properties"], **parts}
        return _reference(self._name(f"{_camel(operation.name)}Answer", _object(properties)))

    def _row(self, name: str, row_name: str, columns: Mapping[str, Column]) -> Schema:
        """Describe a row: every column with its comment."""
        properties = {
            column.name: self._column(column, filled=(row_name, column.name) in self._filled)
            for column in columns.values()
        }
        return _reference(self._name(name, _object(properties)))

    def _column(self, column: Column, *, filled: bool) -> Schema:
        """Describe a column; all but those that rows are paged by may be null."""
        described = {"description": column.comment} if column.comment else {}
        allowed = self._catalog.allowed(column.list_name)
        if allowed is not None and column.list_name is not None:
            schema = {"type": "string", "enum": list(allowed)}
            listed = _reference(self._name(_list_name(column.list_name), schema))
            return {**(listed if filled else {"anyOf": [listed, {"type": "null"}]}), **described}
        members = self._catalog.members(column)
        if members is not None:
            row_name = column.type.removesuffix("[]")
            row = self._row(_singular(row_name), row_name, members)
            return {"type": ["array", "null"], "items": row, **described}
        if column.type.endswith("[]"):
            item = SCHEMAS[column.type.removesuffix("[]")]
            shape: Schema = {"type": "array", "items": dict(item)}
        else:
            shape = dict(MONEY if column.type == "numeric" else SCHEMAS[column.type])
        if column.type == "jsonb":
            # Lists and objects alike.
            return {**described}
        if not filled:
            shape["type"] = [shape["type"], "null"]
        return {**shape, **described}

    def _problems(self, item: Served, source: Source) -> Schema:
        """Describe the errors an operation answers, by status, each with its codes."""
        codes: dict[int, list[str]] = {
            400: ["invalid_parameter"],
            401: ["missing_token", "invalid_token"],
            403: ["not_permitted", "unknown_actor", "role_mismatch"],
        }
        for _, parent, _ in item.parents:
            codes.setdefault(404, []).append(parent.code)
        if item.operation.shape == "row":
            codes.setdefault(404, []).append("not_found")
        for sqlstate, slug in source.errors:
            codes.setdefault(errors.status_of(sqlstate), []).append(slug)
        return by_hand.problems(codes)

    def _name(self, name: str, schema: Schema) -> str:
        """Keep a schema under its name, or under the next free one where another has it."""
        number = 1
        found = name
        while self.schemas.setdefault(found, schema) != schema:
            number += 1
            found = f"{name}{number}"
        return found


FILTERS = {"is": "", "from": "From: ", "to": "To: "}
FILTERS |= dict.fromkeys(("person", "flag", "search", "month"), "")


def _object(properties: Mapping[str, Schema]) -> Schema:
    """Describe an object that has all of these members."""
    return {"type": "object", "required": list(properties), "properties": dict(properties)}


def _reference(name: str) -> Schema:
    """Point to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def _list_name(list_name: str) -> str:
    """Name a closed list after its table and column."""
    table, _, column = list_name.partition(".")
    return _singular(table) + _camel(column)


def _singular(relation: str) -> str:
    """Name one row of a relation."""
    name = relation.rpartition(".")[2]
    for ending, instead in PLURALS:
        found, changed = re.subn(ending, instead, name)
        if changed:
            return _camel(found)
    return _camel(name)


def _camel(name: str) -> str:
    """Write a name as types are written."""
    return "".join(part.capitalize() for part in name.split("_"))
