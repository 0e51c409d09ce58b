"""The body of a call from what people put into its form; what is shown of its answer or refusal."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import g, request
from werkzeug.exceptions import HTTPException

from svc.pages import forms
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


BODIES: dict[str, Callable[[Served, Mapping[str, str]], dict[str, Any]]] = {
    "decide_match": _decide_match,
    "correct_transactions": _correct,
    "resolve_issues": _many,
}


def form_again(problem: Problem) -> dict[str, Any]:
    """Return the form that was refused with its input kept, and what others did meanwhile.

    The form names what is there now, so that sending it again is a decision about that. Raises
    Problem, psycopg.Error, LookupError.
    """
    endpoint, given = g.surface.adapter.match(request.path, method="POST")
    path = {name: str(value) for name, value in given.items()}
    seen: Row = {}
    changes: list[Row] = []
    columns: list[str] = []
    # What the call is below, or else the page its form stood on.
    above = request.path.rpartition("/")[0]
    for place in (above, above.rpartition("/")[0], urlsplit(g.next).path):
        seen, changes, columns = _now_at(place)
        if seen:
            break
    if callable(endpoint) or endpoint in BODIES:
        return {"changes": changes, "change_columns": columns}
    wrong = {
        one["path"].partition("[")[0]: str(one.get("code", "")).replace("_", " ")
        for one in problem.errors
        if one.get("path")
    }
    if problem.field and not wrong:
        wrong = {problem.field: problem.title}
    # What was seen goes on as it was where its page is not known.
    kept = {forms.SEEN.get(k, k): v for k, v in g.said.items() if k in forms.SEEN}
    kept |= {k: v for k, v in g.said.items() if k.endswith("_id")}
    seen = {**kept, **{k: v for k, v in seen.items() if k in {"version", "revision_id"}}, **path}
    refused = forms.Refused(g.said, wrong)
    again = forms.make(catalog(), served(endpoint), path, seen, refused)
    is_stale = problem.status == 409
    return {
        "form_again": again,
        "changes": changes if is_stale else [],
        "change_columns": columns,
        "next": g.next,
    }


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
        return read(Asked(endpoint, path))[0], [], []
    return {}, [], []
