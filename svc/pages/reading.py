"""One read of a page: several operations of the surface in one transaction, and who asks."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask import g

from svc import routes
from svc.db import Call
from svc.errors import Problem
from svc.pages import show

if TYPE_CHECKING:
    from collections.abc import Mapping

    from svc.db import Row
    from svc.surface.catalog import Catalog, Operation
    from svc.surface.serving import Served

WHO = "whoami"
MOST = "100"
# What addresses of pages say beside the query of the interface.
OURS = {"next", "of"}
DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Asked:
    """An operation to read, with its path and query; an optional one answers {} for nothing."""

    operation: str
    path: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    optional: bool = False

    @property
    def said(self) -> dict[str, Any]:
        """Return the query without what is empty: an empty input of a form asks for nothing.

        As of a day is as of its end, in UTC.
        """
        said = {
            name: str(value)
            for name, value in self.query.items()
            if value not in {None, ""} and name not in OURS
        }
        if DAY.fullmatch(said.get("as_of", "")):
            said["as_of"] += "T23:59:59.999999Z"
        return said


@dataclass(frozen=True, slots=True)
class Behind:
    """What stands behind a view: a request, and its SQL."""

    request: str
    sql: str


def catalog() -> Catalog:
    """Return the catalog of the surface of the moment."""
    return routes.services().door.surface.catalog


def served(name: str) -> Served:
    """Return an operation as it is served."""
    return routes.services().door.surface.handler.served[name]


def read(*asked: Asked) -> list[dict[str, Any]]:
    """Read all of them as the actor of this request, who is noted in `g.who`.

    What was read is noted in `g.behind`. Raises Problem, psycopg.Error, PoolTimeout.
    """
    services = routes.services()
    handler = services.door.surface.handler
    readings = [
        handler.reading(one.operation, {k: str(v) for k, v in one.path.items()}, one.said)
        for one in asked
    ]
    who = Call(handler.served[WHO].statement, {})
    calls = [call for reading in readings for call in reading.calls]
    [g.who], *rows = services.database.read(routes.actor(), who, *calls)
    answers: list[dict[str, Any]] = []
    behind: list[Behind] = g.setdefault("behind", [])
    place = 0
    for one, reading in zip(asked, readings, strict=True):
        try:
            answers.append(reading.finish(rows[place : place + len(reading.calls)]))
        except Problem:
            if not one.optional:
                raise
            answers.append({})
        place += len(reading.calls)
        operation = handler.served[one.operation].operation
        main = reading.calls[len(handler.served[one.operation].parents)]
        request = show.request_text(operation.method, operation.path.format_map(one.path), one.said)
        behind.append(Behind(request, show.sql_text(main)))
    return answers


def is_open(operation: Operation) -> bool:
    """Tell whether the role of who asks may use an operation."""
    who: Row = g.who
    return who["role"] in catalog().sources[operation.target].roles
