"""Blueprints: parse, one call, serialize; no rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from flask import current_app, g, request

from svc import payloads

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from svc.auth import Actor, Verifier
    from svc.config import Settings
    from svc.db import Database, Row

EXTENSION = "ccp"


@dataclass(frozen=True, slots=True)
class Services:
    """What the routes of one application share."""

    settings: Settings
    database: Database
    verifier: Verifier


def services() -> Services:
    """Return the services of the current application."""
    return cast("Services", current_app.extensions[EXTENSION])


def authenticate() -> None:
    """Note who is asking, before anything of the body is read. Raises Problem 401."""
    g.actor = services().verifier.actor(request.headers.get("Authorization"))


def actor() -> Actor:
    """Tell who is asking."""
    return cast("Actor", g.actor)


def request_id() -> str:
    """Choose the id under which the database remembers this write; the answer carries it too.

    Raises Problem 400.
    """
    g.idempotency_key = payloads.idempotency_key(request)
    return cast("str", g.idempotency_key)


def read_page(shape: payloads.Shape, *keys: Callable[[Any], Any]) -> tuple[Row, list[Any], int]:
    """Read the filters of a list, the key it goes on after, and how many rows a page holds.

    Raises Problem 400.
    """
    filters = payloads.read_query(
        request, {**shape, "cursor": payloads.cursor(*keys), "limit": payloads.page_size}
    )
    after = filters.pop("cursor") or [None] * len(keys)
    size = filters.pop("limit") or payloads.PAGE_DEFAULT
    return filters, after, size


def page(rows: Sequence[Row], size: int, *keys: str) -> Row:
    """Make a page of a list that was asked for one row more than it holds."""
    items = rows[:size]
    more = len(rows) > size
    return {
        "items": items,
        "next_cursor": payloads.make_cursor(items[-1][key] for key in keys) if more else None,
    }
