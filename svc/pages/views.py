"""Views of their own, where looking at two things side by side is the work."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from flask import render_template, request

from svc.pages import carrying, english, forms, generic, show
from svc.pages.calling import CODING
from svc.pages.reading import MOST, OURS, Asked, catalog, is_open, read, served

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from svc.db import Row

WAITING = ("awaiting_decision", "open", "processing", "failed")
# What is offered first for an issue; the database says what its state allows.
STEPS = ("resolve_issue", "propose_decision", "mark_false_positive", "start_issue", "suspend_issue")
MORE_STEPS = ("assign_issue", "propose_waiver", "note_issue")
CLOSED_STEPS = ("reopen_issue", "note_issue")
MONTH_STEPS = (
    *("sign_off_month", "accept_unposted", "close_month", "close_past_month", "reopen_month"),
    "place_legal_hold",
)
SECOND_STEPS = ("approve_waiver", "reject_waiver")


def can(name: str) -> bool:
    """Tell whether an operation is served and open to who asks."""
    operation = catalog().operations.get(name)
    return operation is not None and is_open(operation)


def form(name: str, path: Mapping[str, Any], seen: Mapping[str, Any]) -> forms.Form | None:
    """Return the form of a call for a row that was seen, None when it is not open to who asks."""
    return forms.make(catalog(), served(name), path, {**seen, **path}) if can(name) else None


def forms_of(
    names: Sequence[str], path: Mapping[str, Any], seen: Mapping[str, Any]
) -> list[forms.Form]:
    """Return the forms of several calls that are open to who asks."""
    made = [form(name, path, seen) for name in names]
    return [one for one in made if one is not None]


def decision(kind: str, charge: object, receipt: object, version: int) -> forms.Form:
    """Return the form that decides about one pair of a person at this version."""
    hidden = {"decision": kind, "charge_ids": str(charge), "transaction_ids": str(receipt)}
    hidden["expected_version"] = str(version)
    label = english.DECIDE_PAIR[kind]
    return forms.Form("decide_match", "/matches/decide", label, "", (carrying.REASON,), hidden)


def months(name: str, path: Mapping[str, str]) -> str:
    """Show all months, and what waits before it is in one."""
    waiting = [Asked("list_sessions", {}, {"status": status}) for status in WAITING]
    page, *others = read(Asked(name, path, request.args), *waiting)
    return render_template(
        "months.html",
        title=english.words("months"),
        rows=page["items"],
        waiting=[row for other in others for row in other["items"]],
        filters=generic.filters(name, request.args),
        more=generic.more("/months", request.args, page["next_cursor"]),
        where="/months",
        is_narrowed=any(v for k, v in request.args.items() if k not in OURS),
    )


def month(name: str, path: Mapping[str, str]) -> str:
    """Show a month: what keeps it open, totals, issues by rule, people, what can be done."""
    said = {key: value for key, value in request.args.items() if key != "as_of"}
    row, obstacles, rules, bridge, people, events = read(
        Asked(name, path),
        Asked("list_month_obstacles", path, {"limit": MOST}),
        Asked("list_month_open_by_rule", path, {"limit": MOST}),
        Asked("get_month_bridge", path, optional=True),
        Asked("list_month_employees", path, said),
        Asked("list_month_events", path, {"limit": MOST}),
    )
    kinds: dict[str, list[Row]] = {}
    for one in obstacles["items"]:
        kinds.setdefault(one["kind"], []).append(one)
    session = {"session_id": row["latest_session_id"]}
    where = f"/months/{path['month_id']}"
    return render_template(
        "month.html",
        title=row["month_name"],
        month=row,
        where=where,
        obstacles=kinds,
        has_more_obstacles=obstacles["next_cursor"] is not None,
        # What is not known comes first.
        rules=sorted(
            rules["items"], key=lambda one: (one["dollars"] is not None, -(one["dollars"] or 0))
        ),
        most=max([rule["dollars"] or 0 for rule in rules["items"]], default=0) or 1,
        people=people["items"],
        more=generic.more(where, said, people["next_cursor"]),
        filters=generic.filters("list_month_employees", said),
        events=events["items"],
        steps={one: form(one, path, row) for one in MONTH_STEPS},
        hand_over=form("export_lines", session, {}) if session["session_id"] else None,
        session_forms=generic.taken("/sessions/{session_id}", session, {"status": "completed"})
        if session["session_id"]
        else [],
        sent=generic.sent("/sessions/{session_id}", session),
        lists=generic.below("/months/{month_id}", path),
        lists_of_month=[
            generic.Link(label, f"{to}?month_id={path['month_id']}")
            for to, label in english.OF_MONTH
        ],
        object_id=path["month_id"],
        up=[],
        bridge=bridge,
    )


def person(path: Mapping[str, str]) -> str:
    """Show charges beside receipts, the pairs joined, and what is to be decided."""
    session = {"session_id": path["session_id"]}
    whose = path["cardholder_id"]
    about = {"cardholder_id": whose, "limit": MOST}
    names = (
        *("employees", "charges", "transactions", "matches", "open_charges", "open_receipts"),
        *("issues", "bridges"),
    )
    asked = [Asked(f"list_session_{name}", session, about) for name in names]
    read_lists = read(*asked)
    found = {name: answer["items"] for name, answer in zip(names, read_lists, strict=True)}
    cut = {
        name: f"{served(one.operation).operation.path.format_map(session)}?cardholder_id={whose}"
        for name, one, answer in zip(names, asked, read_lists, strict=True)
        if answer["next_cursor"]
    }
    if not found["employees"]:
        raise english.problem("person_not_found")
    row = found["employees"][0]
    pairs, open_charges, open_receipts = _side_by_side(found, cut)
    open_issues = [one for one in found["issues"] if one["is_open"]]
    return render_template(
        "person.html",
        title=row["employee_name"],
        person=row,
        where=generic.PERSON.format_map(path),
        pairs=pairs,
        open_charges=open_charges,
        open_receipts=open_receipts,
        issues=sorted(open_issues, key=lambda one: (not one["blocks"], one["issue_type"])),
        decided=[one for one in found["issues"] if not one["is_open"]],
        bridge=found["bridges"][0] if found["bridges"] else None,
        has_charges=bool(found["charges"]),
        cut=cut,
        ticked=[*request.args.getlist("charge"), *request.args.getlist("receipt")],
        pairing=_pairing(open_charges, open_receipts),
        coding=CODING,
        corrects=can("correct_transactions"),
        at=request.args.get("at", ""),
        decides=can("decide_match"),
        object_id=path["cardholder_id"],
        hold=form("release_employee" if row["status"] == "on_hold" else "hold_employee", path, row),
        up=generic.parents(session),
    )


def _pairing(charges: Sequence[Row], receipts: Sequence[Row]) -> list[Row]:
    """Return of what was ticked each of the longer side, with what it may belong to."""
    ids = request.args.getlist("charge"), request.args.getlist("receipt")
    ours = [one for one in charges if str(one["charge_id"]) in ids[0]]
    theirs = [one for one in receipts if str(one["transaction_id"]) in ids[1]]
    names = (("posted_date", "net_amount"), ("transaction_date", "amount"))
    sides = [
        [(one, _about(one, *name)) for one in side]
        for side, name in zip((ours, theirs), names, strict=True)
    ]
    longer, shorter = sides if len(ours) > len(theirs) else reversed(sides)
    if not shorter:
        return []
    pairs = []
    for one, label in longer:
        both = [({**other, **one}, words) for other, words in shorter]
        options = [(f"{two['charge_id']} {two['transaction_id']}", words) for two, words in both]
        pairs.append({"label": label, "options": options})
    return pairs


def _about(row: Row, day: str, amount: str) -> str:
    """Name a charge or receipt in a line."""
    date = show.day(row[day]).striptags() if row[day] else english.UNKNOWN
    return f"{row['merchant_name']}, {date}, {show.money(row[amount])}"


def _side_by_side(
    found: Mapping[str, list[Row]], cut: Collection[str]
) -> tuple[list[Row], list[Row], list[Row]]:
    """Join charges and receipts: those that met, charges left open, receipts left open.

    Where not all matches were read, a receipt without one is open only where it is listed so.
    """
    charges = {one["charge_id"]: one for one in found["charges"]}
    receipts = {one["transaction_id"]: one for one in found["transactions"]}
    met: dict[Any, list[Row]] = {}
    for match in found["matches"]:
        receipt = receipts.get(match["transaction_id"], {})
        met.setdefault(match["charge_id"], []).append({**match, "receipt": receipt})
    pairs: list[Row] = []
    for key, matches in met.items():
        pairs.append({"charge": charges.get(key, {}), "matches": matches})
    pairs.sort(key=lambda one: str(dict(one["charge"]).get("posted_date")))
    matched = {one["transaction_id"] for one in found["matches"]}
    near = {one["transaction_id"]: one for one in found["open_receipts"]}
    left = [
        {**receipt, "open": near.get(key, {})}
        for key, receipt in receipts.items()
        if key not in matched and (key in near or "matches" not in cut)
    ]
    return pairs, found["open_charges"], left


def work(name: str, path: Mapping[str, str]) -> str:
    """Show the work list with what is decided for many at once."""
    said = request.args.to_dict()
    if not any(said.get(one) for one in ("session_id", "month_id", "assignee")):
        (everything,) = read(Asked("list_months", {}, {"state": "open"}))
        if everything["items"]:
            said["month_id"] = str(everything["items"][0]["month_id"])
    asked = [one for one in ("session_id", "month_id", "assignee") if said.get(one)]
    months_open, *page = read(
        Asked("list_months", {}, {"limit": MOST}), *([Asked(name, path, said)] if asked else [])
    )
    rows = page[0]["items"] if page else []
    bulk = form("resolve_issues", {}, {})
    asks = [
        dataclasses.replace(one, required=one.required or one.name == "method")
        for one in (bulk.fields if bulk else ())
        if one.name in {"method", "notes"}
    ]
    names = {str(one["month_id"]): str(one["month_name"]) for one in months_open["items"]}
    chosen = forms.Field("month_id", english.MONTH, "", "select", required=False)
    chosen = dataclasses.replace(
        chosen, value=said.get("month_id", ""), options=tuple(names), labels=names
    )
    return render_template(
        "work.html",
        title=english.WORK_LIST,
        rows=rows,
        said=said,
        filters=[chosen, *(one for one in generic.filters(name, said) if one.name != chosen.name)],
        more=generic.more("/issues", said, page[0]["next_cursor"] if page else None),
        where="/issues",
        bulk=bulk and dataclasses.replace(bulk, fields=asks),
    )


def issue(name: str, path: Mapping[str, str]) -> str:
    """Show an issue: what was found, what happened since, and every step."""
    row, events, waivers = read(
        Asked(name, path), Asked("list_issue_events", path), Asked("list_issue_waivers", path)
    )
    seen = {"version": row["version"]}
    proposed = [one for one in waivers["items"] if one["verdict"] is None]
    waits = bool(proposed) and row["state"] == "waiting"
    first = SECOND_STEPS if waits else (STEPS if row["is_open"] else CLOSED_STEPS)
    rest = (*STEPS, *MORE_STEPS) if waits else (MORE_STEPS if row["is_open"] else ())
    session = {"session_id": row["session_id"]}
    receipts: list[Row] = []
    if row["transaction_id"]:
        (receipt,) = read(
            Asked("list_session_transactions", session, {"transaction_id": row["transaction_id"]})
        )
        receipts = receipt["items"]
    return render_template(
        "issue.html",
        title=english.words(row["issue_type"]),
        issue=row,
        where=f"/issues/{path['issue_id']}",
        events=events["items"],
        proposed=proposed,
        first=forms_of(first, path, seen),
        rest=forms_of(rest, path, seen),
        receipts=receipts,
        coding=CODING,
        corrects=can("correct_transactions"),
        object_id=path["issue_id"],
        up=generic.parents(session),
    )


TAILORED: dict[str, Callable[[str, Mapping[str, str]], str]] = {
    "list_months": months,
    "get_month": month,
    "list_work": work,
    "get_issue": issue,
}
