"""One handler for every operation that is a row: read the request, make the calls, answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import request

from svc import payloads, routes
from svc.db import Call
from svc.errors import Problem
from svc.surface import statements, values
from svc.surface.catalog import REQUEST_ID
from svc.surface.values import BadValueError, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from flask.typing import ResponseReturnValue

    from svc.db import Database, Row
    from svc.surface.catalog import Catalog, Operation, Term
    from svc.surface.statements import Key

PREFIX = "/api/v1"
PAGE_DEFAULT = 50
PAGE_MOST = 100


@dataclass(frozen=True, slots=True)
class Listing:
    """One order of a list: its keys and its statements, now and as of an instant."""

    keys: Sequence[Key]
    now: bytes
    then: bytes | None


class Served:
    """An operation with its statements composed and its readers made."""

    def __init__(self, catalog: Catalog, operation: Operation) -> None:
        """Compose everything. Raises CompositionError, KeyError."""
        self.operation = operation
        self.columns = catalog.columns(operation)
        source = catalog.sources[operation.target]
        self.arguments = {
            operation.http_names.get(name, name): argument
            for name, argument in source.arguments.items()
            if name != REQUEST_ID
        }
        self.path = {name: self._kind(catalog, name) for name in operation.parameters}
        self.given = {
            name: self._kind(catalog, name) for name in self.arguments if name not in self.path
        }
        self.required = [name for name in self.given if self.arguments[name].default is None]
        self.filters = {
            item.name: filter_kind(catalog, operation, item.name) for item in operation.filters
        }
        # A call says itself what is not there.
        self.parents = [
            (name, parent, statements.parent(catalog, name).encode())
            for name in operation.parameters
            if operation.shape != "call" and (parent := catalog.parents.get(name)) is not None
        ]
        self.orders: dict[str | None, Listing] = {}
        self.statement = b""
        if operation.shape == "list":
            self.orders = {
                name: self._listing(catalog, keys) for name, keys in operation.orders.items()
            }
            self.orders[None] = self._listing(catalog, operation.keys)
        elif operation.shape == "row":
            self.statement = statements.row(catalog, operation).encode()
        else:
            self.statement = statements.call(catalog, operation).encode()

    def _listing(self, catalog: Catalog, names: Sequence[str]) -> Listing:
        """Compose one order."""
        operation = self.operation
        keys = statements.keys(catalog, operation, names)
        now = statements.page(catalog, operation, keys, as_of=False).encode()
        if operation.as_of is None:
            return Listing(keys, now, None)
        return Listing(keys, now, statements.page(catalog, operation, keys, as_of=True).encode())

    def _kind(self, catalog: Catalog, name: str) -> Kind:
        """Return what a name in the path, or an argument, may be."""
        argument = self.arguments.get(name)
        database_name = self.operation.database_name(name)
        if argument is None:
            columns = self.columns or {}
            return Kind(columns[database_name].type, catalog.term(name))
        term = catalog.term(database_name)
        return Kind(argument.type, term, catalog.allowed(term.values_of, term.more_values))


def filter_kind(catalog: Catalog, operation: Operation, name: str) -> Kind:
    """Return what a filter may be: the list of its column, the term of its name."""
    item = next(item for item in operation.filters if item.name == name)
    column = (catalog.columns(operation) or {})[item.column]
    term: Term = catalog.term(name)
    named = catalog.allowed(term.values_of, term.more_values)
    if item.operator in {"flag", "person", "search"}:
        return Kind("text", term, named)
    return Kind(column.type, term, catalog.allowed(column.list_name) or named)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a request reads: calls, what the path leads to first, and what is made of the rows."""

    calls: Sequence[Call]
    finish: Callable[[Sequence[list[Row]]], dict[str, Any]]


class Handler:
    """Answers the operations of one surface."""

    def __init__(self, served: Mapping[str, Served], database: Database) -> None:
        """Answer these operations from this database."""
        self.served = served
        self._database = database

    def answer(self, name: str, path: Mapping[str, str]) -> ResponseReturnValue:
        """Answer a request for one operation. Raises Problem, psycopg.Error, PoolTimeout."""
        served = self.served[name]
        if served.operation.shape == "call":
            return self._call(served, _given(served, path))
        reading = self.reading(name, path, payloads.given_once(request))
        return reading.finish(self._database.read(routes.actor(), *reading.calls))

    def reading(self, name: str, path: Mapping[str, str], query: Mapping[str, Any]) -> Reading:
        """Prepare what a list or row reads. Raises Problem 400; `finish` raises Problem 404."""
        served = self.served[name]
        given = _given(served, path)
        read = self._list if served.operation.shape == "list" else self._row
        return _after_parents(served, given, read(served, given, query))

    def _list(self, served: Served, given: Row, said: Mapping[str, Any]) -> Reading:
        """Prepare a page."""
        operation = served.operation
        order, wrong = _order(served, said.get("order"))
        shape: dict[str, Callable[[Any], Any]] = {
            "cursor": values.cursor([_cursor_kind(key) for key in order.keys]),
            "limit": values.page_size,
            **{name: kind.from_text for name, kind in (served.given | served.filters).items()},
        }
        if operation.orders:
            shape["order"] = wrong
        if order.then is not None:
            shape["as_of"] = INSTANT_KIND.from_text
        query = payloads.parse(said, shape, *served.required)
        if operation.one_of and all(query[name] is None for name in operation.one_of):
            raise payloads.wrong_parameter([{"path": operation.one_of[0], "code": "missing"}])
        after = query.pop("cursor") or [None] * len(order.keys)
        size = query.pop("limit") or PAGE_DEFAULT
        statement = order.now if query.get("as_of") is None else order.then or order.now
        parameters = {
            **given,
            **query,
            **{f"after_{number}": value for number, value in enumerate(after)},
            "limit": size + 1,
        }
        return Reading(
            [Call(statement, parameters)], lambda answers: _page(answers[0], size, order.keys)
        )

    def _row(self, served: Served, given: Row, said: Mapping[str, Any]) -> Reading:
        """Prepare one row with its parts."""
        shape = {name: kind.from_text for name, kind in served.given.items()}
        query = payloads.parse(said, shape, *served.required)
        parts = {member: self.served[name] for member, name in served.operation.parts.items()}
        calls = [Call(served.statement, {**given, **query})]
        calls += [_part(part, given) for part in parts.values()]

        def finish(answers: Sequence[list[Row]]) -> dict[str, Any]:
            """Put the row and its parts together. Raises Problem 404."""
            rows, *others = answers
            if not rows:
                raise Problem(status=404, code="not_found", title="there is nothing here")
            answer = _answer(served, rows[0])
            for (member, part), found in zip(parts.items(), others, strict=True):
                one = part.operation.shape == "row"
                answer[member] = (found[0] if found else None) if one else found
            return answer

        return Reading(calls, finish)

    def _call(self, served: Served, given: Row) -> ResponseReturnValue:
        """Make a call and answer what it answers."""
        operation = served.operation
        request_id = routes.request_id()
        limit = operation.body_factor * routes.services().settings.max_body_bytes
        shape = {name: kind.from_json for name, kind in served.given.items()}
        body = payloads.parse(payloads.read_object(request, limit), shape, *served.required)
        parameters = {**body, **given, REQUEST_ID: request_id}
        call = Call(served.statement, parameters)
        row = self._database.write(routes.actor(), call, request_id=request_id)
        answer = _answer(served, row)
        if served.columns is not None and all(value is None for value in row.values()):
            raise Problem(status=404, code="not_found", title="there is nothing of this name")
        headers = {}
        if operation.location is not None:
            headers["Location"] = PREFIX + operation.location.format_map(answer)
        return answer, operation.status, headers


INSTANT_KIND = Kind("timestamp with time zone", values.IDENTIFIER.term)


def _given(served: Served, path: Mapping[str, str]) -> Row:
    """Read the names in the path. Raises Problem 400."""
    return payloads.parse(path, {key: kind.from_text for key, kind in served.path.items()})


def _after_parents(served: Served, given: Row, reading: Reading) -> Reading:
    """Look for what the path leads to before anything else is read."""
    looked_for = [Call(statement, given) for _, _, statement in served.parents]

    def finish(answers: Sequence[list[Row]]) -> dict[str, Any]:
        """Make the answer. Raises Problem 404 when the path leads nowhere."""
        for (name, parent, _), found in zip(served.parents, answers, strict=False):
            if not found:
                raise Problem(status=404, code=parent.code, title=parent.title, field=name)
        return reading.finish(answers[len(looked_for) :])

    return Reading([*looked_for, *reading.calls], finish)


def _order(served: Served, asked: object) -> tuple[Listing, Callable[[Any], Any]]:
    """Return the order that is asked for, and what reads its name. The default is the first."""
    names = tuple(served.operation.orders)

    def read(value: object) -> str:
        """Read the name of an order. Raises BadValueError."""
        if value not in names:
            raise BadValueError("not_allowed", names)
        return str(value)

    known = asked if isinstance(asked, str) else None
    return served.orders.get(known) or served.orders[None], read


def _cursor_kind(key: Key) -> Kind:
    """Return how a cursor holds a key."""
    return Kind(key.type, values.IDENTIFIER.term)


def _part(part: Served, given: Row) -> Call:
    """Make the call of a part of a row: one row, or a list from its beginning."""
    if part.operation.shape == "row":
        return Call(part.statement, given)
    order = part.orders[None]
    nothing = dict.fromkeys(part.filters)
    after = {f"after_{number}": None for number in range(len(order.keys))}
    return Call(order.now, {**nothing, **after, **given, "limit": PAGE_MOST})


def _page(rows: Sequence[Row], size: int, keys: Sequence[Key]) -> Row:
    """Make a page of a list that was asked for one row more than it holds."""
    items = rows[:size]
    more = len(rows) > size
    return {
        "items": items,
        "next_cursor": (
            values.make_cursor(items[-1][key.column] for key in keys) if more else None
        ),
    }


def _answer(served: Served, row: Row) -> dict[str, Any]:
    """Make the answer of a row: an object as it is, a single value under a name."""
    if served.columns is not None:
        return dict(row)
    value = row[statements.ANSWER]
    return value if isinstance(value, dict) else {statements.ANSWER: value}
