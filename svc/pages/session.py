"""Sessions of browsers: a signed cookie that names a sign-in, and tokens bound to it for forms.

The cookie holds who the actor is, never a right: each request is signed in anew in the database,
which knows whether user and sign-in still hold. It opens the pages and nothing below /api/v1.

`begin` signs a browser in, by whatever way its user was found; `current` says who is there; `end`
signs it out. Whoever adds a way to sign in calls these three.
"""

from __future__ import annotations

import dataclasses
import hmac
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import g, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from svc import queries, routes
from svc.auth import Actor
from svc.db import Call
from svc.errors import DatabaseError, Problem
from svc.pages import english
from svc.texts import new_id

if TYPE_CHECKING:
    from flask import Response

    from svc.config import Settings

LINK_SECONDS = 15 * 60
# What browsers keep: who is signed in, a sign-in under way, what was just done.
BROWSER, UNDER_WAY, DONE = "browser", "sign-in", "done"
# The SQLSTATE of somebody who is unknown or switched off.
NOT_ACTIVE = "PM001"
# Said by the browser itself, of pages of another site.
FOREIGN = {"cross-site", "same-site"}


def serializer(settings: Settings, purpose: str) -> URLSafeTimedSerializer:
    """Return what signs for one purpose, under our secret; that before it still reads.

    Raises Problem 503 when there is none.
    """
    if not settings.page_secrets:
        raise english.problem("no_page_secret")
    return URLSafeTimedSerializer(settings.page_secrets, salt=f"ccp {purpose}")


def cookie_name(settings: Settings, purpose: str) -> str:
    """Return the name of the cookie for a purpose; with TLS one that no other host can set."""
    name = "ccp" if purpose == BROWSER else f"ccp-{purpose}"
    return f"__Host-{name}" if settings.has_tls else name


def keep(response: Response, purpose: str, held: object, seconds: int | None = None) -> None:
    """Let the browser keep something, signed, out of reach of scripts and other sites."""
    settings = routes.services().settings
    value = str(serializer(settings, purpose).dumps(held))
    name = cookie_name(settings, purpose)
    response.set_cookie(name, value, max_age=seconds, **_kind(settings))


def kept(purpose: str, seconds: int | None) -> Any:  # noqa: ANN401 - as it was given
    """Return what the browser keeps for a purpose, None for what is not ours or older."""
    settings = routes.services().settings
    value = request.cookies.get(cookie_name(settings, purpose), "")
    try:
        return serializer(settings, purpose).loads(value, seconds)
    except BadSignature:
        return None


def forget(response: Response, purpose: str) -> None:
    """Take it out of the browser."""
    settings = routes.services().settings
    response.delete_cookie(cookie_name(settings, purpose), **_kind(settings))


def make_link(settings: Settings, user_name: str) -> str:
    """Return the key of a link that signs in a local user once, within some minutes."""
    return str(serializer(settings, "link").dumps([user_name, new_id(), time.time()]))


def read_link(key: str) -> tuple[Actor, str]:
    """Return whom a link signs in, and its id. Raises Problem 403 when it is not ours or over."""
    try:
        held = serializer(routes.services().settings, "link").loads(key, LINK_SECONDS)
        name, link_id, made = held
    except (BadSignature, ValueError) as error:
        raise english.problem("link_over") from error
    return Actor(user_name=name, token_id=link_id, issued_at=made), link_id


def begin(response: Response, actor: Actor, method: str, link_id: str | None = None) -> None:
    """Sign a browser in, under a new id, and record it; what it was signed in as before ends.

    `method` is `link` or `provider`; `actor` as `auth` makes it, its `token_id` is replaced.
    Raises Problem, psycopg.Error.
    """
    sign_in_id = new_id()
    said = {"sign_in_id": sign_in_id, "method": method, "link_id": link_id, "request_id": None}
    actor = dataclasses.replace(actor, role=None, token_id=sign_in_id)
    call = Call(queries.RECORD_SIGN_IN, said)
    routes.services().database.write(actor, call, request_id="")
    before = current()
    if before is not None:
        with suppress(DatabaseError, Problem):  # who may sign in no more is out already
            _record_end(before)
    _set(response, actor, int(time.time()))


def current() -> Actor | None:
    """Return who is signed in in this browser, None when nobody is or it is over."""
    settings = routes.services().settings
    held = kept(BROWSER, settings.page_idle_seconds)
    if held is None or time.time() - held[-1] > settings.page_life_seconds:
        return None
    name, issuer, sign_in_id, roles, since = held
    g.since = since
    return Actor(name, None, issuer, sign_in_id, None if roles is None else tuple(roles))


def renew(response: Response, actor: Actor) -> None:
    """Count idle time from now on; the end by age stays."""
    if "since" in g:
        _set(response, actor, g.since)


def end(response: Response, actor: Actor) -> None:
    """Sign the browser out, for good. Raises psycopg.Error."""
    g.pop("since", None)
    try:
        _record_end(actor)
    except DatabaseError as error:
        if error.sqlstate != NOT_ACTIVE:  # who may not sign in any more is out already
            raise
    forget(response, BROWSER)


def _record_end(actor: Actor) -> None:
    """Let the database know that a sign-in is over. Raises Problem, psycopg.Error."""
    call = Call(queries.RECORD_SIGN_OUT, {"sign_in_id": actor.token_id, "request_id": None})
    routes.services().database.write(actor, call, request_id="")


def form_token(actor: Actor | None) -> str:
    """Return what a form of this browser carries, so that no other site can send it.

    Raises Problem 503 when there is no secret to make it of.
    """
    secrets = routes.services().settings.page_secrets
    if not secrets:
        raise english.problem("no_page_secret")
    about = f"form {actor.token_id if actor else ''}".encode()
    return hmac.new(secrets[-1], about, "sha256").hexdigest()


def check_form(actor: Actor | None, given: str) -> None:
    """Refuse a form that was not made for this browser. Raises Problem 403."""
    # Not said over plain HTTP, nor by old browsers: then the origin tells.
    foreign = request.headers.get("Sec-Fetch-Site") in FOREIGN or _is_elsewhere()
    if foreign or not hmac.compare_digest(given.encode(), form_token(actor).encode()):
        title, hint = english.OTHER_FORM if is_from_here() else english.FOREIGN_FORM
        raise Problem(status=403, code="foreign_form", title=title, hint=hint)


def is_from_here() -> bool:
    """Tell whether the browser says that a form comes from a page of ours."""
    is_foreign = request.headers.get("Sec-Fetch-Site") in FOREIGN
    return "Origin" in request.headers and not is_foreign and not _is_elsewhere()


def _is_elsewhere() -> bool:
    """Tell whether the page that sends a form says that it is of another host."""
    origin = request.headers.get("Origin")
    if origin is None:
        return False
    host = origin.partition("://")[2]
    base = routes.services().settings.base_url or ""
    return not host or host not in {request.host, urlsplit(base).netloc}


def _set(response: Response, actor: Actor, since: int) -> None:
    """Put a cookie into the browser."""
    roles = None if actor.roles is None else list(actor.roles)
    keep(response, BROWSER, [actor.user_name, actor.issuer, actor.token_id, roles, since])


def _kind(settings: Settings) -> dict[str, Any]:
    """Return the attributes of the cookie."""
    return {"path": "/", "secure": settings.has_tls, "httponly": True, "samesite": "Lax"}
