"""Issues are listed, worked on and decided."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, LiteralString, NamedTuple

from flask import Blueprint, request

from svc import payloads, queries, routes
from svc.db import Call
from svc.errors import Problem

if TYPE_CHECKING:
    import uuid

    from flask.typing import ResponseReturnValue

    from svc.db import Row

blueprint = Blueprint("issues", __name__, url_prefix="/issues")

BULK_FACTOR = 32
"""How much larger than other bodies a list of issues may be."""


class Order(NamedTuple):
    """One order of the work list: the statement, and the column it goes on after."""

    query: LiteralString
    key: str


ORDERS = {
    "age": Order(queries.WORK_LIST_BY_AGE, "first_identified_at"),
    "due": Order(queries.WORK_LIST_BY_DUE, "due_rank"),
    "severity": Order(queries.WORK_LIST_BY_SEVERITY, "severity_rank"),
    "dollars": Order(queries.WORK_LIST_BY_DOLLARS, "amount_rank"),
    "person": Order(queries.WORK_LIST_BY_PERSON, "employee_name"),
}


class Step(NamedTuple):
    """One step of an issue's life: the call, what its body may hold, what it must."""

    query: LiteralString
    shape: payloads.Shape
    required: tuple[str, ...] = ()


NOTE: payloads.Shape = {"note": payloads.text}
STEPS = {
    "resolve": Step(
        queries.RESOLVE_ISSUE, {"method": payloads.text, "notes": payloads.text}, ("method",)
    ),
    "start": Step(queries.START_ISSUE, NOTE),
    "suspend": Step(queries.SUSPEND_ISSUE, NOTE, ("note",)),
    "reopen": Step(queries.REOPEN_ISSUE, NOTE, ("note",)),
    "note": Step(queries.NOTE_ISSUE, NOTE, ("note",)),
    "false-positive": Step(queries.MARK_FALSE_POSITIVE, {"reason": payloads.text}, ("reason",)),
    "assign": Step(queries.ASSIGN_ISSUE, {**NOTE, "user_name": payloads.text}),
    "waiver": Step(
        queries.PROPOSE_WAIVER,
        {
            "reason_class": payloads.text,
            "reason": payloads.text,
            "amount_limit": payloads.money,
            "ends_on": payloads.day,
        },
        ("reason_class", "reason", "amount_limit", "ends_on"),
    ),
    "waiver/approve": Step(queries.APPROVE_WAIVER, NOTE),
    "waiver/reject": Step(queries.REJECT_WAIVER, NOTE, ("note",)),
}


@blueprint.get("")
def work_list() -> ResponseReturnValue:
    """List open issues of a session or of somebody, in one of several orders."""
    order = ORDERS.get(request.args.get("order", "age"))
    if order is None:
        raise _wrong("order", "unknown")
    filters, (key, issue_id), size = routes.read_page(
        {
            "order": payloads.text,
            "session_id": payloads.identifier,
            "assignee": payloads.text,
            "state": payloads.text,
            "severity": payloads.text,
            "rule": payloads.text,
            "person": payloads.text,
            "overdue": payloads.boolean,
        },
        payloads.text,
        payloads.identifier,
    )
    if filters["session_id"] is None and filters["assignee"] is None:
        raise _wrong("session_id", "missing")
    parameters = {**filters, "after_key": key, "after_issue_id": issue_id, "limit": size + 1}
    (rows,) = routes.services().database.read(routes.actor(), Call(order.query, parameters))
    return routes.page(rows, size, order.key, "issue_id")


@blueprint.get("/<uuid:issue_id>")
def show(issue_id: uuid.UUID) -> ResponseReturnValue:
    """Show one issue."""
    (issues,) = routes.services().database.read(
        routes.actor(), Call(queries.ISSUE, {"issue_id": issue_id})
    )
    return _only(issues)


@blueprint.get("/<uuid:issue_id>/events")
def events(issue_id: uuid.UUID) -> ResponseReturnValue:
    """List what happened to an issue, in order."""
    _, (after,), size = routes.read_page({}, payloads.place)
    parameters = {"issue_id": issue_id, "after_version": after, "limit": size + 1}
    issues, rows = routes.services().database.read(
        routes.actor(),
        Call(queries.ISSUE, {"issue_id": issue_id}),
        Call(queries.ISSUE_EVENTS, parameters),
    )
    _only(issues)
    return routes.page(rows, size, "issue_version")


def step(issue_id: uuid.UUID, name: str) -> ResponseReturnValue:
    """Take one step with an issue as it was when the caller saw it."""
    wanted = STEPS[name]
    services = routes.services()
    request_id = routes.request_id()
    parameters = payloads.read_object(
        request,
        services.settings.max_body_bytes,
        {"expected_version": payloads.integer, **wanted.shape},
        "expected_version",
        *wanted.required,
    )
    return services.database.write(
        routes.actor(),
        Call(wanted.query, {**parameters, "issue_id": issue_id, "request_id": request_id}),
        request_id=request_id,
    )


for _name in STEPS:
    blueprint.add_url_rule(
        f"/<uuid:issue_id>/{_name}",
        endpoint=_name.replace("/", "-"),
        view_func=step,
        defaults={"name": _name},
        methods=["POST"],
    )


@blueprint.post("/resolve")
def resolve_many() -> ResponseReturnValue:
    """Resolve the issues of a list or of a filter, each with its own answer."""
    services = routes.services()
    request_id = routes.request_id()
    parameters = payloads.read_object(
        request,
        BULK_FACTOR * services.settings.max_body_bytes,
        {
            "items": payloads.objects,
            "filter": payloads.an_object,
            "method": payloads.text,
            "notes": payloads.text,
            "atomic": payloads.truth,
            "dry_run": payloads.truth,
        },
    )
    lists = {
        name: None if parameters[name] is None else json.dumps(parameters[name])
        for name in ("items", "filter")
    }
    switches = {name: bool(parameters[name]) for name in ("atomic", "dry_run")}
    answer = services.database.write(
        routes.actor(),
        Call(queries.RESOLVE_ISSUES, {**parameters, **lists, **switches, "request_id": request_id}),
        request_id=request_id,
    )
    return dict(answer["answer"])


def _only(issues: list[Row]) -> Row:
    """Return the one issue that was asked for. Raises Problem 404."""
    if not issues:
        raise Problem(status=404, code="no_such_issue", title="no such issue", field="issue_id")
    return issues[0]


def _wrong(name: str, code: str) -> Problem:
    """Make a 400 about one parameter."""
    return Problem(
        status=400,
        code="invalid_parameter",
        title="a parameter is wrong, unknown or missing",
        field=name,
        errors=[{"path": name, "code": code}],
    )
