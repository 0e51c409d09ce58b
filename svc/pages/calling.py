"""The body of a call from what people put into its form; what is shown of its answer or refusal."""

from __future__ import annotations

import dataclasses
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import g, request
from werkzeug.exceptions import HTTPException

from svc.pages import english, forms
from svc.pages.reading import MOST, Asked, catalog, read, served

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from svc.db import Row
    from svc.errors import Problem
    from svc.surface.serving import Served

# Calls whose answer is worth a look of its own.
TOLD = {"resolve_issues", "undo_batch", "export_lines", "take_coding", "approve_alias"}
# What of a receipt is corrected beside where it is shown.
CODING = (
    *("coding_type", "job_number", "job_phase", "cost_type", "gl_account", "gl_description"),
    *("purpose", "merchant_name", "transaction_date", "amount"),
)


def is_told(name: str, answer: object) -> bool:
    """Tell whether the answer of a call is to be shown, not only that it is done."""
    return name in TOLD and isinstance(answer, dict)


def after(name: str, answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return the form that does what an answer only looked at."""
    if name == "export_lines" and answer.get("batch_number") is None and answer.get("sha256"):
        path = {"session_id": request.path.split("/")[2]}
        again = forms.make(catalog(), served(name), path, path)
        said = {**g.said, "expected_sha256": answer["sha256"]}
    elif name == "resolve_issues" and answer.get("outcome") == "dry_run":
        again = forms.make(catalog(), served(name), {}, {})
        said = {**g.said, "dry_run": "false"}
    else:
        return {}
    hidden = {key: value for key, value in said.items() if value is not None}
    return {
        "again": dataclasses.replace(again, fields=(), hidden={**again.hidden, **hidden}),
        "again_label": again.label,
    }


def _decide_match(one: Served, said: Mapping[str, str]) -> dict[str, Any]:
    """Read a decision about pairs: a charge that stands alone is of every receipt."""
    body = forms.body(one, said)
    charges, receipts = body.get("charge_ids", []), body.get("transaction_ids", [])
    if len(charges) == 1 and len(receipts) > 1:
        body["charge_ids"] = charges * len(receipts)
    elif len(receipts) == 1 and len(charges) > 1:
        body["transaction_ids"] = receipts * len(charges)
    return body


def _correct(one: Served, said: Mapping[str, str]) -> dict[str, Any]:
    """Read the correction of one receipt: what is another now than when it was shown."""
    if "corrections" in said or "transaction_id" not in said:
        return forms.body(one, said)
    changes = {
        name: value
        for name in CODING
        if (value := request.form.get(f"new {name}", "")) != request.form.get(f"old {name}", "")
    }
    correction = {
        "transaction_id": said["transaction_id"],
        "employee_revision_id": said.get("employee_revision_id"),
        "changes": {name: value or None for name, value in changes.items()},
    }
    return {"corrections": [correction], "reason": said.get("reason")}


def _many(one: Served, said: Mapping[str, str]) -> dict[str, Any]:
    """Read a decision about many issues: those that were ticked, at the versions seen."""
    body = forms.body(one, {name: value for name, value in said.items() if name != "item"})
    items = [item.partition(" ") for item in said.get("item", "").splitlines()]
    if items:
        body["items"] = [
            {"issue_id": issue_id, "expected_version": int(version)}
            for issue_id, _, version in items
            if version.isdecimal()
        ]
    return body


# What people write into a form beside texts.
WRITTEN = {"jsonb", "numeric[]"}
# Of a row whose events are not shown: how it stands now.
STANDING = ("status", "state", "version", "revision_number", "origin", "reason")

BODIES: dict[str, Callable[[Served, Mapping[str, str]], dict[str, Any]]] = {
    "decide_match": _decide_match,
    "correct_transactions": _correct,
    "resolve_issues": _many,
}


def form_again(problem: Problem) -> dict[str, Any]:
    """Return the form that was refused with its input kept, and what others did meanwhile.

    Where it shows what others did the form names what is there now, so that sending it again is a
    decision about that. Raises Problem, psycopg.Error, LookupError.
    """
    endpoint, given = g.surface.adapter.match(request.path, method="POST")
    path = {name: str(value) for name, value in given.items()}
    is_stale = problem.status == HTTPStatus.CONFLICT
    seen: Row = {}
    changes: list[Row] = []
    columns: list[str] = []
    # What the call is below, or else the page its form stood on.
    above, page = request.path.rpartition("/")[0], urlsplit(g.next).path
    is_ours = endpoint in BODIES
    for place in (page,) if is_ours else (above, above.rpartition("/")[0], page):
        seen, changes, columns = _now_at(place)
        if seen:
            break
    shown = changes if is_stale else []
    told: dict[str, Any] = {"changes": shown, "change_columns": columns, "next": g.next}
    if callable(endpoint):
        return told
    wrong = {
        one["path"].partition("[")[0]: str(one.get("code", "")).replace("_", " ")
        for one in problem.errors
        if one.get("path")
    }
    if problem.field and not wrong:
        wrong = {problem.field: problem.title}
    # Only who is shown what others did decides about that; else what was seen goes on.
    newer = {k: v for k, v in seen.items() if k in {"version", "revision_id"}}
    newer = newer if shown else {}
    kept = {forms.SEEN.get(k, k): v for k, v in g.said.items() if k in forms.SEEN}
    kept |= {k: v for k, v in g.said.items() if k.endswith("_id")}
    refused = forms.Refused(g.said, wrong)
    again = forms.make(catalog(), served(endpoint), path, {**kept, **newer, **path}, refused)
    return {**told, "form_again": _as_said(served(endpoint), again, newer) if is_ours else again}


def _as_said(one: Served, again: forms.Form, newer: Mapping[str, Any]) -> forms.Form:
    """Return a form whose body we read as it was sent: texts to be changed, the rest kept."""
    said = dict(g.said)
    for name, shown in {**forms.SEEN, "employee_revision_id": "revision_id"}.items():
        if name in said and shown in newer:
            said[name] = str(newer[shown])
    kinds = {field.name: one.given[field.name].type for field in again.fields}
    fields = [
        field
        for field in again.fields
        if kinds[field.name] == "text" or (field.name in said and kinds[field.name] in WRITTEN)
    ]
    for name in CODING:
        value = request.form.get(f"new {name}", "")
        if value != request.form.get(f"old {name}", ""):
            label = english.words(name)
            fields.append(
                forms.Field(f"new {name}", label, "", "text", required=False, value=value)
            )
    names = {field.name for field in fields}
    hidden = {name: value for name, value in said.items() if name not in names}
    return dataclasses.replace(again, fields=fields, hidden=hidden)


def _now_at(back: str) -> tuple[Row, list[Row], list[str]]:
    """Return the row a form was shown for as it is now, and what happened to it last."""
    parts = back.strip("/").split("/")
    if len(parts) == 4 and parts[2] == "employees":
        session, who = {"session_id": parts[1]}, {"cardholder_id": parts[3]}
        people, revisions = read(
            Asked("list_session_employees", session, who),
            Asked("list_revisions", {}, {**session, **who, "limit": MOST}),
        )
        columns = ["revision_number", "origin", "reason", "processed_at"]
        return people["items"][0], revisions["items"][-3:], columns
    try:
        endpoint, given = g.surface.adapter.match(back, method="GET")
    except HTTPException:
        return {}, [], []
    path = {name: str(value) for name, value in given.items()}
    columns = ["happened_at", "user_name", "from_state", "to_state", "method", "note"]
    if endpoint == "get_issue":
        row, events = read(Asked(endpoint, path), Asked("list_issue_events", path))
        expected = str(g.said.get("expected_version", ""))
        seen = int(expected) if expected.isdecimal() else 0
        return row, [one for one in events["items"] if one["issue_version"] > seen], columns
    if endpoint == "get_month":
        row, events = read(Asked(endpoint, path), Asked("list_month_events", path))
        return row, events["items"][-3:], ["happened_at", "user_name", "kind", "reason"]
    if isinstance(endpoint, str) and served(endpoint).operation.shape == "row":
        (row,) = read(Asked(endpoint, path))
        columns = [name for name in STANDING if row.get(name) is not None]
        return row, [row] if columns else [], columns
    return {}, [], []
