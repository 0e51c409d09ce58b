"""The pages: a second rendering of the surface, for people with a browser.

A path below `/` is a path of the interface without `/api/v1`: what answers JSON there is a list, a
row or a form here, made of the same rows, arguments and comments. A page reads by the same
statements in one transaction and calls by the same handler; no rule stands here.
"""

from __future__ import annotations

import re
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Blueprint, g, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException, MethodNotAllowed, UnsupportedMediaType

from svc import payloads, queries, routes
from svc.db import Call
from svc.errors import DatabaseError, NoConnectionError, Problem, from_database
from svc.pages import (
    calling,
    carrying,
    company,
    english,
    forms,
    generic,
    reading,
    session,
    show,
    views,
)
from svc.routes import imports
from svc.routes.files import take as take_files
from svc.surface import values
from svc.texts import new_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Response
    from flask.typing import ResponseReturnValue

    from svc.db import Row

blueprint = Blueprint("pages", __name__, template_folder="templates", static_folder="static")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
        " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    # Forms tell their own origin, nothing else is told to anybody.
    "Referrer-Policy": "same-origin",
}
OPEN = {
    *("pages.static", "pages.favicon", "pages.sign_in", "pages.use_link"),
    *("pages.go_to_company", "pages.come_from_company"),
}
MULTIPART = "multipart/form-data"
# Whose files are read, and their form looked at, by `payloads.read_form`.
TAKES_FILES = {"pages.hand_in", "pages.take_activity", "pages.call"}
FORM_BODY_FACTOR = 32
# How long what was done waits to be told, and what is told of files that were here before.
DONE_SECONDS, KNOWN_FILES = 60, "known_files"
UNSURE = {HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}
REQUEST_ID = re.compile("[ -~]{1,200}")
OWN_CARD = "PM003"


@blueprint.before_request
def enter() -> ResponseReturnValue | None:
    """Ask who is signed in, and that a form is ours, before anything else."""
    if request.endpoint in OPEN:
        return None
    actor = session.current()
    if actor is None:
        if request.method == "POST" and request.endpoint != "pages.sign_out":
            return keep()
        if "HX-Request" in request.headers:
            # A part of a page cannot say it: the whole page is asked for, and leads to signing in.
            return "", HTTPStatus.UNAUTHORIZED, {"HX-Refresh": "true"}
        here = request.full_path.rstrip("?") if request.method == "GET" else "/"
        return redirect(url_for("pages.sign_in", next=None if here == "/" else here), 303)
    g.actor = actor
    g.surface = routes.services().door.surface
    g.check_form = take_form
    if request.method == "POST" and not (
        request.mimetype == MULTIPART and request.endpoint in TAKES_FILES
    ):
        request.max_content_length = FORM_BODY_FACTOR * routes.services().settings.max_body_bytes
        request.max_form_memory_size = request.max_content_length
        lists = request.form.lists()
        take_form({name: "\n".join(values) for name, values in lists})
    return None


def keep() -> ResponseReturnValue:
    """Tell who sent a form after the end of a sign-in that nothing was done, and keep the input.

    The page sends it once more, now to be looked at: what was made for another sign-in does
    nothing, see `take_form`. Files are not kept: who is not signed in fills no disk.
    """
    if not session.is_from_here():
        return redirect(url_for("pages.sign_in"), 303)
    limit = FORM_BODY_FACTOR * routes.services().settings.max_body_bytes
    has_files = request.mimetype == MULTIPART
    if has_files:
        said = payloads.texts_of(request, limit)
    else:
        request.max_content_length = request.max_form_memory_size = limit
        said = list(request.form.items(multi=True))
    kept = [one for one in said if one[0] != "form_token"]
    shown = {"title": english.OVER, "kept": kept, "has_files": has_files}
    return render_template("over.html", to=request.full_path, **shown), 401


def take_form(form: Mapping[str, str]) -> dict[str, str]:
    """Return what a form says beside what is ours in it. Raises Problem 403 for a foreign one.

    A form has its request id from when it was shown, so sending it twice does it once.
    """
    said = {k: v for k, v in form.items() if k not in forms.OWN and v.strip()}
    g.next = inside(form["next"]) if form.get("next") else ""
    if session.is_from_here():
        g.said = said  # to be shown again, should it be of another sign-in
    session.check_form(g.actor, form.get("form_token", ""))
    g.said = said
    request_id = form.get("request_id", "")
    g.idempotency_key = request_id if REQUEST_ID.fullmatch(request_id) else new_id()
    return said


@blueprint.after_request
def leave(response: Response) -> Response:
    """Add what every page carries."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if "actor" in g:
        session.renew(response, g.actor)
    if "told" in g:
        session.forget(response, session.DONE)
    return response


@blueprint.app_template_global()
def own_fields() -> dict[str, str]:
    """Return what every form carries."""
    actor = g.get("actor")
    # What may have been done already goes on under the id it was sent with.
    request_id = g.idempotency_key if g.get("is_unsure") else new_id()
    return {"form_token": session.form_token(actor), "request_id": request_id}


def inside(address: str | None) -> str:
    """Return an address of ours to go to, the first page for any other."""
    address = address or "/"
    # As browsers read it: after two slashes of any kind and number comes a host.
    is_ours = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if is_ours and address.isprintable() else "/"


@blueprint.app_template_global()
def done() -> str | None:
    """Return what was just done in this browser, told once."""
    told = session.kept(session.DONE, DONE_SECONDS) if "actor" in g else None
    if told is None or told[0] != g.actor.token_id:
        return None
    g.told = True
    known = told[1] == KNOWN_FILES
    return english.KNOWN_FILES if known else english.DONE.format(what=english.action(told[1]))


def go(to: str, name: str) -> Response:
    """Go on after a call, where it will be told that it was done."""
    response = make_response(redirect(to, 303))
    session.keep(response, session.DONE, [g.actor.token_id, name], DONE_SECONDS)
    return response


@blueprint.get("/favicon.ico")
def favicon() -> ResponseReturnValue:
    """Answer browsers that ask for it by themselves."""
    return blueprint.send_static_file("icon.svg")


@blueprint.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    """Show how to sign in; with a key whom its link signs in."""
    key = request.args.get("key")
    name = session.read_link(key)[0].user_name if key else None
    ours = routes.services().company
    leave = ours.leave() if ours is not None and request.args.get("left") else None
    shown = {"key": key, "name": name, "has_company": ours is not None, "leave": leave}
    response = make_response(render_template("sign_in.html", title=english.SIGN_IN, **shown))
    if leave is not None:
        # Not a redirect: a form of ours may lead nowhere else.
        response.headers["Refresh"] = f"0; url={leave}"
    return response


@blueprint.post("/sign-in")
def use_link() -> ResponseReturnValue:
    """Sign in by a link; following it alone does nothing, since programs follow links too."""
    session.check_form(None, request.form.get("form_token", ""))
    actor, link_id = session.read_link(request.form.get("key", ""))
    response = make_response(redirect(inside(request.form.get("next")), 303))
    session.begin(response, actor, "link", link_id)
    return response


@blueprint.get("/sign-in/company")
def go_to_company() -> ResponseReturnValue:
    """Send the browser to the company's sign-in."""
    address, held = company.company().begin(inside(request.args.get("next")))
    response = make_response(redirect(address, 303))
    session.keep(response, session.UNDER_WAY, held, company.UNDER_WAY_SECONDS)
    return response


@blueprint.get(company.RETURN_PATH)
def come_from_company() -> ResponseReturnValue:
    """Take the browser back, know who it is, and sign it in."""
    held = session.kept(session.UNDER_WAY, company.UNDER_WAY_SECONDS)
    if held is None:
        raise english.problem("foreign_sign_in")
    actor, claims = company.company().finish(held, request.args)
    company.admit(actor, claims)
    response = make_response(redirect(held[3], 303))
    session.begin(response, actor, "provider")
    session.forget(response, session.UNDER_WAY)
    return response


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """Sign out, here and at the company for who came from there."""
    left = "1" if g.actor.issuer else None
    response = make_response(redirect(url_for("pages.sign_in", left=left), 303))
    session.end(response, g.actor)
    return response


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """Begin with the months."""
    return views.months("list_months", {})


@blueprint.get("/upload")
def upload() -> ResponseReturnValue:
    """Ask for the two reports of a month."""
    return _upload(english.UPLOAD_MONTH, {})


def _upload(title: str, said: Mapping[str, str], problem: Mapping[str, Any] | None = None) -> str:
    """Show the form for them, again with what was said beside the files when it was refused."""
    (months,) = reading.read(reading.Asked("list_months", {}, {"state": "open"}))
    known = [one for one in months["items"] if one["latest_session_id"]]
    shown = {"parents": known, "activity": carrying.form("import_json", {}, {})}
    return render_template("upload.html", title=title, said=said, problem=problem, **shown)


@blueprint.post("/upload")
def hand_in() -> ResponseReturnValue:
    """Open a session, hand in both reports, and show how far their reading is."""
    services = routes.services()
    shape = {
        "session_name": values.text,
        "parent_session_id": values.identifier,
        **payloads.MONTH,
        "car": payloads.uploaded_file,
        "receipts": payloads.uploaded_file,
    }
    limit = services.settings.max_upload_bytes
    said = payloads.read_form(request, limit, shape, "car", "receipts")
    files = {name: said[name] for name in ("car", "receipts")}
    try:
        opened = {k: said[k] for k in ("session_name", "parent_session_id")}
        opened["request_id"] = f"{g.idempotency_key} open"
        opened = services.database.write(
            routes.actor(), Call(queries.CREATE_SESSION, opened), request_id=opened["request_id"]
        )
        month = {name: said[name] for name in payloads.MONTH}
        try:
            answer = take_files(opened["session_id"], files, month, g.idempotency_key)
        except (DatabaseError, Problem) as error:
            if not _is_unsure(error):
                # Why it was refused is told, whatever becomes of that.
                with suppress(DatabaseError, NoConnectionError):
                    _cancel(opened)
            raise
    finally:
        for file in files.values():
            file.content.close()
    holder = str(answer["session_id"])
    if holder == str(opened["session_id"]):
        return redirect(f"/sessions/{holder}", 303)
    _cancel(opened)
    return go(f"/sessions/{holder}", KNOWN_FILES)


def _is_unsure(error: DatabaseError | Problem) -> bool:
    """Tell whether a call may be sent again as it is: it was not refused, it came to no end."""
    problem = error if isinstance(error, Problem) else from_database(error, {})
    return problem.status in UNSURE


def _cancel(opened: Row) -> None:
    """Take back the session of a form that handed nothing in, so that it keeps no other away."""
    said = {"session_id": opened["session_id"], "expected_version": opened["version"]}
    said["request_id"] = f"{g.idempotency_key} cancel"
    call = Call(queries.CANCEL_SESSION, said)
    routes.services().database.write(routes.actor(), call, request_id=said["request_id"])


@blueprint.post("/import-json")
def take_activity() -> ResponseReturnValue:
    """Take the file of the program used before."""
    shape = {**imports.SHAPE, "file": payloads.uploaded_file}
    limit = routes.services().settings.max_import_bytes
    said = payloads.read_form(request, limit, shape, "file")
    with said["file"].content as content:
        body = bytearray(content.read())
    said["file_name"] = said["file"].name
    g.operation = "import_json"
    return _answered("import_json", imports.take(body, said, g.idempotency_key))


@blueprint.get("/all")
def everything() -> ResponseReturnValue:
    """Show all there is to read."""
    reading.read()
    return render_template("all.html", title=english.EVERYTHING, groups=generic.everything())


@blueprint.get("/sessions/<uuid:session_id>/employees/<uuid:cardholder_id>")
def person(**path: Any) -> ResponseReturnValue:  # noqa: ANN401
    """Show one person: charges beside receipts."""
    return views.person({name: str(value) for name, value in path.items()})


@blueprint.get("/<path:path>")
def page(path: str) -> ResponseReturnValue:
    """Show what a path of the interface answers, its file, or the form of its call."""
    return routes.services().door.respond(lambda: _page(f"/{path}"))


def _page(path: str) -> ResponseReturnValue:
    """Show it by the surface of the moment."""
    g.surface = routes.services().door.surface
    try:
        endpoint, given = g.surface.adapter.match(path, method="GET")
    except MethodNotAllowed:
        endpoint, given = g.surface.adapter.match(path, method="POST")
        if callable(endpoint):  # it would be called by looking at it
            raise
    if callable(endpoint):
        g.operation = endpoint.__name__
        answer: ResponseReturnValue = endpoint(**given)
        return answer
    g.operation = endpoint
    shown = {name: str(value) for name, value in given.items()}
    pages = {"list": generic.list_page, "row": generic.row_page, "call": generic.form_page}
    shape = reading.served(endpoint).operation.shape
    return views.TAILORED.get(endpoint, pages[shape])(endpoint, shown)


@blueprint.post("/<path:path>")
def call(path: str) -> ResponseReturnValue:
    """Make the call of a form and go where it came from, or show what it answers."""
    return routes.services().door.respond(lambda: _call(f"/{path}"))


def _call(path: str) -> ResponseReturnValue:
    """Make it by the surface of the moment."""
    g.surface = routes.services().door.surface
    endpoint, given = g.surface.adapter.match(path, method="POST")
    if callable(endpoint):
        g.operation = endpoint.__name__
        return _answered(endpoint.__name__, endpoint(**given))
    g.operation = endpoint
    if "said" not in g:
        raise UnsupportedMediaType
    g.names = g.surface.names[endpoint]
    g.body = calling.BODIES.get(endpoint, forms.body)(reading.served(endpoint), g.said)
    shown = {name: str(value) for name, value in given.items()}
    return _answered(endpoint, g.surface.handler.answer(endpoint, shown))


def _answered(name: str, answered: Any) -> ResponseReturnValue:  # noqa: ANN401
    """Go on after a call: to what it made, show what it answers, or back."""
    body = answered[0] if isinstance(answered, tuple) else answered
    headers = answered[2] if isinstance(answered, tuple) and len(answered) > 2 else {}
    made = headers.get("Location", "").removeprefix("/api/v1")
    if not made and calling.is_told(name, body):
        reading.read()
        shown = {**generic.answered(name, body), **calling.after(name, body)}
        return render_template(
            "answer.html", title=english.action(name), back=inside(g.next), **shown
        )
    return go(made or inside(g.next), name)


def answer_problem(problem: Problem) -> ResponseReturnValue:
    """Show an error: the database's words, what to do next, and the form that led to it."""
    if problem.status == HTTPStatus.UNAUTHORIZED:
        is_form = request.method == "POST" and "said" in g
        response = make_response(keep() if is_form else redirect(url_for("pages.sign_in"), 303))
        session.forget(response, session.BROWSER)
        g.pop("since", None)
        return response
    told = problem.body(g.error_id)
    found: dict[str, Any] = {"back": inside(g.get("next"))}
    if problem.code in english.TOLD:
        told["title"], told["hint"] = english.TOLD[problem.code]
        told |= {"detail": None, "errors": []}
    if problem.sqlstate == session.NOT_ACTIVE:
        found = {"back": url_for("pages.sign_in"), "back_label": english.SIGN_IN}
    if request.endpoint == "pages.use_link" and problem.status in UNSURE:
        # The link is as good as before.
        key, then = (request.form.get(name) for name in ("key", "next"))
        again = url_for("pages.sign_in", key=key, next=then)
        found = {"back": again, "back_label": english.SIGN_IN}
    g.is_unsure = problem.status in UNSURE and "idempotency_key" in g
    headers = dict(problem.headers)
    if "actor" in g and (problem.status < HTTPStatus.INTERNAL_SERVER_ERROR or g.is_unsure):
        try:
            if request.endpoint == "pages.hand_in":
                page = _upload(english.ERROR, g.get("said", {}), told)
                return page, problem.status, headers
            found |= _kept(problem)
        except (DatabaseError, NoConnectionError, Problem, HTTPException, LookupError):
            pass
    page = render_template("problem.html", title=english.ERROR, problem=told, **found)
    if told["code"] == "issuer_unavailable" and request.method == "GET":
        # Who comes while another one asks, or at the first moment, need not come back by hand.
        headers["Refresh"] = "5"
    return page, problem.status, headers


def _kept(problem: Problem) -> dict[str, Any]:
    """Return what was sent, to be sent again: as it is where it came to no end, else in its form.

    Raises Problem, psycopg.Error, PoolTimeout, LookupError.
    """
    if g.is_unsure and request.mimetype != MULTIPART:
        sent = [one for one in request.form.items(multi=True) if one[0] not in {*own_fields()}]
        return {"kept": [*own_fields().items(), *sent]}
    reading.read()
    # Nobody is asked to send again what is refused whatever it says.
    is_over = "said" not in g or problem.sqlstate == OWN_CARD
    return {} if is_over else calling.form_again(problem)


for one in (show.cell, show.money, english.words, english.say, english.action, english.option):
    blueprint.add_app_template_filter(one)
for helper in (inside, generic.link, views.can, views.decision):
    blueprint.add_app_template_global(helper)
blueprint.add_app_template_global(carrying.form, "taking")
blueprint.record_once(lambda state: state.app.jinja_env.globals.update(english=english))
