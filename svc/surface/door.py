"""The surface that is served now: read at start, read anew when its number changes.

A reading replaces the whole surface or nothing: between two changes of one deployment rows and
functions may disagree, and then the old surface goes on.
"""

from __future__ import annotations

import logging
import re
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import g, request
from psycopg import errors as database_errors
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule

from svc import routes
from svc.surface import catalog as surface_catalog
from svc.surface import openapi
from svc.surface.serving import PREFIX, Handler, Served
from svc.surface.statements import CompositionError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from flask.typing import ResponseReturnValue
    from psycopg import Error
    from werkzeug.routing import MapAdapter

    from svc.db import Database
    from svc.surface.catalog import Catalog

log = logging.getLogger("ccp")

View = "Callable[..., ResponseReturnValue]"
# What a statement meets whose function or column is gone: made anew, it may be right.
OUTDATED = (
    database_errors.UndefinedFunction,
    database_errors.UndefinedColumn,
    database_errors.UndefinedTable,
)


@dataclass(frozen=True, slots=True)
class HandWritten:
    """An operation that carries files, written by hand."""

    method: str
    path: str
    view: Callable[..., ResponseReturnValue]


@dataclass(frozen=True, slots=True)
class Surface:
    """Everything that is served at one number: where paths lead, who answers, the description."""

    number: int
    faults: tuple[tuple[str | None, str], ...]
    adapter: MapAdapter
    handler: Handler
    names: Mapping[str, Mapping[str, str]]
    document: dict[str, Any]
    catalog: Catalog


def make(catalog: Catalog, database: Database, by_hand: Sequence[HandWritten]) -> Surface:
    """Compose a surface; an operation that cannot be composed is left out and named a fault."""
    served: dict[str, Served] = {}
    faults = list(catalog.faults)
    for name, operation in catalog.operations.items():
        try:
            served[name] = Served(catalog, operation)
        except (CompositionError, KeyError) as error:
            faults.append((name, str(error)))
    rules = [
        Rule(_rule(item.operation.path, item), endpoint=name, methods=[item.operation.method])
        for name, item in served.items()
    ]
    rules += [Rule(item.path, endpoint=item.view, methods=[item.method]) for item in by_hand]
    return Surface(
        number=catalog.number,
        faults=tuple(faults),
        adapter=Map(rules, merge_slashes=False).bind(""),
        handler=Handler(served, database),
        names={name: item.operation.http_names for name, item in served.items()},
        document=openapi.document(catalog, served),
        catalog=catalog,
    )


def _rule(path: str, served: Served) -> str:
    """Write a path as werkzeug does: what is no uuid leads nowhere."""

    def placed(match: re.Match[str]) -> str:
        name = match[1]
        return f"<uuid:{name}>" if served.path[name].type == "uuid" else f"<{name}>"

    return re.sub(r"\{(\w+)\}", placed, path)


class Door:
    """Answers every request below the prefix by the surface of the moment."""

    def __init__(self, database: Database, by_hand: Sequence[HandWritten]) -> None:
        """Read the surface. Raises PoolTimeout, psycopg.Error."""
        self._database = database
        self._by_hand = by_hand
        self._lock = threading.Lock()
        self.surface = self._read()
        self._tried = self.surface.number
        self._tell_faults(self.surface)

    def serve(self, path: str) -> ResponseReturnValue:
        """Answer a request. Raises Problem, HTTPException, psycopg.Error, PoolTimeout."""
        del path  # as routed; what counts is the whole path
        return self.respond(self._serve)

    def respond(self, serve: Callable[[], ResponseReturnValue]) -> ResponseReturnValue:
        """Answer by the present surface, and by a newer one where the answer says it is old.

        Raises as `serve` does.
        """
        try:
            answer = serve()
        except OUTDATED as error:
            if not (self._is_at_the_door(error) and self._renew(wait=True)):
                raise
            answer = serve()
        except (NotFound, MethodNotAllowed):
            # Nobody has asked the database yet: the path may be new.
            self._database.read(routes.actor())
            if not self._is_new() or not self._renew(wait=True):
                raise
            answer = serve()
        if self._is_new():
            self._renew(wait=False)
        return answer

    def _serve(self) -> ResponseReturnValue:
        """Answer by the present surface."""
        surface = self.surface
        path = request.path.removeprefix(PREFIX)
        if request.method == "OPTIONS":
            return "", 200, {"Allow": ", ".join(sorted(surface.adapter.allowed_methods(path)))}
        endpoint, arguments = surface.adapter.match(path, method=request.method)
        if callable(endpoint):
            g.operation = endpoint.__name__
            answer: ResponseReturnValue = endpoint(**arguments)
            return answer
        g.operation = endpoint
        g.names = surface.names[endpoint]
        given = {name: str(value) for name, value in arguments.items()}
        return surface.handler.answer(endpoint, given)

    def _is_new(self) -> bool:
        """Tell whether the database has shown a number that was not tried."""
        return self._database.surface_number not in {None, self._tried}

    @staticmethod
    def _is_at_the_door(error: Error) -> bool:
        """Tell whether our own statement failed, not one inside a function."""
        return error.diag.context is None

    def _renew(self, *, wait: bool) -> bool:
        """Read the surface anew, once for all who ask; tell whether there is another one."""
        before = self.surface
        if not self._lock.acquire(blocking=wait):
            return False
        try:
            if self.surface is not before:
                return True
            made = self._read()
            self._tried = made.number
            if len(made.faults) > len(before.faults):
                self._tell_faults(made)
                return False
            self.surface = made
            log.info("surface", extra={"fields": {"number": made.number}})
            return True
        finally:
            self._lock.release()

    def _read(self) -> Surface:
        """Read and compose. Raises PoolTimeout, psycopg.Error."""
        catalog = surface_catalog.read(self._database.surface())
        return make(catalog, self._database, self._by_hand)

    @staticmethod
    def _tell_faults(surface: Surface) -> None:
        """Log what is left out, or why the old surface goes on."""
        for operation, fault in surface.faults:
            fields = {"number": surface.number, "operation": operation, "fault": fault}
            log.error("surface", extra={"fields": fields})
