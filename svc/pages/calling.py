"""The body of a call from what people put into its form; what is shown of its answer or refusal."""

from __future__ import annotations

import dataclasses
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from flask import g, request
from werkzeug.exceptions import HTTPException

from svc.errors import Problem
from svc.pages import carrying, english, forms, generic
from svc.pages.reading import MOST, Asked, catalog, read, served
from svc.surface.statements import ANSWER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from svc.db import Row
    from svc.surface.serving import Served

# Calls whose answer is worth a look of its own.
TOLD = {
    *("resolve_issues", "undo_batch", "export_lines", "approve_alias", "import_json"),
    *("take_coding", "take_users", "take_addresses", "compare", "try_rule"),
}
# What a pair names: a charge and a receipt.
PAIR = ("charge_id", "transaction_id")
# What of a receipt is corrected beside where it is shown.
CODING = (
    *("coding_type", "job_number", "job_phase", "cost_type", "gl_account", "gl_description"),
    *("purpose", "merchant_name", "transaction_date", "amount"),
)
# Browsers send line ends as two characters, and none from an input of one line.
LINE_END = re.compile("[\r\n]")


def is_told(name: str, answer: object) -> bool:
    """Tell whether the answer of a call is to be shown, not only that it is done.

    It is where nothing else shows it: one value, what became of each item, what would become.
    """
    if not isinstance(answer, dict):
        return False
    listed = (value for value in answer.values() if isinstance(value, list) and value)
    return (
        name in TOLD
        or set(answer) == {ANSWER}
        or g.get("said", {}).get("dry_run") == "true"
        or any(isinstance(value[0], dict) for value in listed)
    )


def after(name: str, answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return the form that does what an answer only looked at."""
    if name == "export_lines" and answer.get("batch_number") is None and answer.get("sha256"):
        path = {"session_id": request.path.split("/")[2]}
        again = forms.make(catalog(), served(name), path, path)
        said = {**g.said, "expected_sha256": answer["sha256"]}
    elif name == "resolve_issues" and answer.get("outcome") == "dry_run":
        again = forms.make(catalog(), served(name), {}, {})
        said = {**g.said, "dry_run": "false"}
    elif name == "try_rule":
        rule = {"rule_code": str(answer["rule_code"])}
        again = forms.make(catalog(), served("save_rule"), rule, rule)
        kept = {key: value for key, value in g.said.items() if key in served("save_rule").given}
        said = {**kept, "expected_version": str(answer["version"])}
    else:
        return {}
    hidden = {key: value for key, value in said.items() if value is not None}
    return {
        "again": dataclasses.replace(again, fields=(), hidden={**again.hidden, **hidden}),
    }


def _decide_match(one: Served, said: Mapping[str, str]) -> dict[str, Any]:
    """Read a decision about pairs: each as it was put together, with its dollars beside it.

    Raises Problem 422 where it is not said which belongs to which.
    """
    ours = {"pair", "pair_amount"}
    body = forms.body(one, {name: value for name, value in said.items() if name not in ours})
    pairs = [pair.split() for pair in said.get("pair", "").splitlines() if pair]
    amounts = said.get("pair_amount", "").replace("\r\n", "\n").split("\n")
    amounts = [amount.strip() for amount in amounts if amount.strip()]
    is_split = body.get("decision") == "split"
    if any(len(pair) != len(PAIR) for pair in pairs):
        raise english.problem("unclear_pairs", field="pair")
    if pairs:
        body["charge_ids"], body["transaction_ids"] = map(list, zip(*pairs, strict=True))
    charges, receipts = body.get("charge_ids", []), body.get("transaction_ids", [])
    if not charges or len(charges) != len(receipts):
        raise english.problem("unclear_pairs", field="pair")
    if len(amounts) != (len(charges) if is_split else 0):
        raise english.problem("unclear_dollars", field="pair_amount")
    return {**body, "amounts": amounts} if is_split else body


def _correct(one: Served, said: Mapping[str, str]) -> dict[str, Any]:
    """Read the correction of one receipt: what is another now than when it was shown."""
    if "corrections" in said or "transaction_id" not in said:
        return forms.body(one, said)
    changes = {
        name: value
        for name in CODING
        if LINE_END.sub("", value := request.form.get(f"new {name}", ""))
        != LINE_END.sub("", request.form.get(f"old {name}", ""))
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
            {"issue_id": issue_id, "expected_version": forms.value_of("integer", version)}
            for issue_id, _, version in items
        ]
    return body


# What people write into a form beside texts.
WRITTEN = {"jsonb"}
# What a form says it saw, by what a row is now.
NEWER = {
    "expected_version": "version",
    "expected_revision_id": "current_revision_id",
    "employee_revision_id": "current_revision_id",
}
# What happened to a row, and what is shown of it.
EVENTS = {
    "get_issue": (
        "list_issue_events",
        ["happened_at", "user_name", "from_state", "to_state", "method", "note"],
    ),
    "get_month": ("list_month_events", ["happened_at", "user_name", "kind", "reason"]),
}
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
    query = parse_qs(urlsplit(g.next).query)
    is_ours = endpoint in BODIES
    receipt = path.get("transaction_id") or g.said.get("transaction_id")
    if receipt and "session_id" in path:
        seen, changes, columns = _person_of(path["session_id"], receipt)
    for place in (page,) if is_ours else (above, above.rpartition("/")[0], page):
        if seen:
            break
        seen, changes, columns = _now_at(place, query if place == page else {})
    shown = changes if is_stale else []
    told: dict[str, Any] = {"changes": shown, "change_columns": columns, "next": g.next}
    wrong = {
        one["path"].partition("[")[0]: one.get("detail")
        or str(one.get("code", "")).replace("_", " ")
        for one in problem.errors
        if one.get("path")
    }
    if problem.field and not wrong:
        wrong = {problem.field: problem.title}
    if callable(endpoint):
        made = _with_files(endpoint.__name__, path, wrong, seen if shown else {})
        return {**told, "form_again": made}
    # Only who is shown what others did decides about that; else what was seen goes on.
    newer = {"version": seen.get("version"), "current_revision_id": seen.get("revision_id")}
    newer = {k: v for k, v in newer.items() if v is not None} if shown else {}
    kept = {forms.SEEN[k][0]: v for k, v in g.said.items() if k in forms.SEEN}
    kept |= {k: v for k, v in g.said.items() if k.endswith("_id")}
    keys = _keys(endpoint, page) if "of" in query else None
    kept |= {k: g.said[k] for k in keys or () if k in g.said}
    refused = forms.Refused(g.said, wrong)
    now = {**kept, **newer, **path}
    again = forms.make(catalog(), served(endpoint), path, now, refused, keys)
    return {**told, "form_again": _as_said(served(endpoint), again, newer) if is_ours else again}


def _keys(endpoint: str, page: str) -> list[str] | None:
    """Return what names the row of a list that a call changes, which stays what it is."""
    try:
        name, _ = g.surface.adapter.match(page, method="GET")
    except HTTPException:
        return None
    listed = catalog().operations.get(name) if isinstance(name, str) else None
    if listed is None or endpoint not in {one.name for one in generic.changing(listed)}:
        return None
    return generic.keys(listed)


def _with_files(
    name: str, path: Mapping[str, str], wrong: Mapping[str, str], seen: Mapping[str, Any]
) -> forms.Form | None:
    """Return the form of a call that takes files with its other input; files are chosen anew."""
    if name not in carrying.TAKINGS:
        return None
    revision = seen.get("revision_id") or g.said.get("expected_revision_id")
    made = carrying.form(name, path, {"employee_revision_id": revision})
    fields = [
        dataclasses.replace(one, value=g.said.get(one.name, ""), wrong=wrong.get(one.name, ""))
        for one in made.fields
    ]
    return dataclasses.replace(made, fields=fields)


def _as_said(one: Served, again: forms.Form, newer: Mapping[str, Any]) -> forms.Form:
    """Return a form whose body we read as it was sent: texts to be changed, the rest kept."""
    said = dict(g.said)
    for name, shown in NEWER.items():
        if name in said and shown in newer:
            said[name] = str(newer[shown])
    kinds = {field.name: one.given[field.name].type for field in again.fields}
    fields = [
        field
        for field in again.fields
        if kinds[field.name] == "text" or (field.name in said and kinds[field.name] in WRITTEN)
    ]
    if "pair_amount" in said:
        label, hint = english.words("pair_amount"), english.HINTS["pair_amount"]
        amounts = said["pair_amount"]
        fields.append(
            forms.Field("pair_amount", label, hint, "textarea", required=False, value=amounts)
        )
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


def _person_of(session_id: str, receipt: str) -> tuple[Row, list[Row], list[str]]:
    """Return the person of a receipt as `_now_at` does; nothing where it is there no more."""
    session = {"session_id": session_id}
    (page,) = read(Asked("list_session_transactions", session, {"transaction_id": receipt}))
    for one in page["items"]:
        return _person(session_id, str(one["cardholder_id"]))
    return {}, [], []


def _person(session_id: str, cardholder_id: str) -> tuple[Row, list[Row], list[str]]:
    """Return a person's row as it is now, and what was made and said of it last."""
    session, who = {"session_id": session_id}, {"cardholder_id": cardholder_id}
    people, revisions, corrections = read(
        Asked("list_session_employees", session, who),
        Asked("list_revisions", {}, {**session, **who, "limit": MOST}),
        Asked("list_session_corrections", session, {**who, "limit": MOST}),
    )
    made = [
        {"happened_at": one["processed_at"], "kind": one["origin"], "reason": one["reason"]}
        for one in revisions["items"][-3:]
    ]
    made += [
        {
            **{"happened_at": one["said_at"], "kind": one["field_group"], "reason": one["reason"]},
            **{"user_name": one["said_by_name"], "value": one["value"]},
        }
        for one in corrections["items"][-3:]
    ]
    made.sort(key=lambda one: str(one["happened_at"]))
    row: Row = people["items"][0] if people["items"] else {}
    if row:
        # A hold makes no revision: it is how the person stands.
        made.append({"kind": row["status"], "reason": row["hold_reason"]})
    return row, made, ["happened_at", "user_name", "kind", "value", "reason"]


def _now_at(back: str, query: Mapping[str, list[str]]) -> tuple[Row, list[Row], list[str]]:
    """Return the row a form was shown for as it is now, and what happened to it last."""
    parts = back.strip("/").split("/")
    if len(parts) == 4 and parts[2] == "employees":
        return _person(parts[1], parts[3])
    try:
        endpoint, given = g.surface.adapter.match(back, method="GET")
    except HTTPException:
        return {}, [], []
    path = {name: str(value) for name, value in given.items()}
    if endpoint in EVENTS:
        listed, columns = EVENTS[endpoint]
        row, events = read(Asked(endpoint, path), Asked(listed, path))
        seen = forms.value_of("integer", g.said.get("expected_version", ""))
        since = seen if isinstance(seen, int) else 0
        # Those of an issue tell at which version they happened; of a month the last ones are shown.
        newer = [one for one in events["items"] if one.get("issue_version", since + 1) > since]
        return row, newer if endpoint == "get_issue" else newer[-3:], columns
    if endpoint == "get_revision":
        (row,) = read(Asked(endpoint, path))
        return _person(str(row["session_id"]), str(row["cardholder_id"]))
    row = {}
    if isinstance(endpoint, str) and served(endpoint).operation.shape == "row":
        (row,) = read(Asked(endpoint, path))
    elif isinstance(endpoint, str) and "of" in query:
        (page,) = read(Asked(endpoint, path, {name: one[0] for name, one in query.items()}))
        operation = served(endpoint).operation
        found = [one for one in page["items"] if generic.of(operation, one) == query["of"]]
        row = found[0] if found else {}
    known = catalog().operations
    name = g.get("operation")
    taken = served(name).given if name in known else {}
    given = [name for name in taken if name not in STANDING]
    columns = [name for name in (*given, *STANDING) if row.get(name) is not None]
    return row, [row] if columns else [], columns
