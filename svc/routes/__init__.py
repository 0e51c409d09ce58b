"""What carries files or needs no token is written by hand; the rest is rows, see `surface`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import current_app, g, request

from svc import payloads

if TYPE_CHECKING:
    from svc.auth import Actor, Verifier
    from svc.config import Settings
    from svc.db import Database, Row
    from svc.pages.company import Company
    from svc.surface.door import Door

EXTENSION = "ccp"


@dataclass(frozen=True, slots=True)
class Services:
    """What the routes of one application share."""

    settings: Settings
    database: Database
    verifier: Verifier
    door: Door
    company: Company | None = None


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

    A form of the pages brings its own: ask once the body is read. Raises Problem 400.
    """
    if "idempotency_key" not in g:
        g.idempotency_key = payloads.idempotency_key(request)
    return cast("str", g.idempotency_key)


def location(answer: Row) -> str:
    """Tell where the session of an answer is."""
    return f"/api/v1/sessions/{answer['session_id']}"
