"""One list, one row, one form: every operation of the surface as a page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import g, render_template, request

from svc.pages import english, forms
from svc.pages.reading import Asked, catalog, is_open, read, served
from svc.surface.catalog import Term
from svc.surface.values import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from svc.db import Row
    from svc.surface.catalog import Column, Operation

PERSON = "/sessions/{session_id}/employees/{cardholder_id}"
# Where a value of a row leads.
LINKS = {
    "issue_id": "/issues/{issue_id}",
    "issue_type": "/issues/{issue_id}",
    "session_id": "/sessions/{session_id}",
    "session_name": "/sessions/{session_id}",
    "latest_session_name": "/sessions/{latest_session_id}",
    "month_id": "/months/{month_id}",
    "month_name": "/months/{month_id}",
    "revision_id": "/revisions/{revision_id}",
    "revision_number": "/revisions/{revision_id}",
    "employee_revision_id": "/revisions/{employee_revision_id}",
    "employee_name": PERSON,
    "batch_number": "/accounting-batches/{target}/{batch_number}",
    "rule_code": "/rules/{rule_code}/versions",
    "attempt_id": "/import-attempts/{attempt_id}/rejects",
}
# For machines, or said by another column.
HIDDEN = re.compile(r".*_(rank|hash|part)$|fingerprint|natural_key|revision_id|cardholder_id")
FORMATS = {"text": "", "name": ""}


@dataclass(frozen=True, slots=True)
class Link:
    """Something to follow."""

    label: str
    path: str
    hint: str = ""


def title(operation: Operation) -> str:
    """Return the title of a page: the last word of its path that is no name."""
    parts = [part for part in operation.path.split("/") if part and "{" not in part]
    return english.words(parts[-1])


def place(template: str, row: Mapping[str, Any]) -> str | None:
    """Fill a path by a row; None where the row does not say all of it."""
    names = re.findall(r"\{(\w+)\}", template)
    if any(row.get(name) is None for name in names):
        return None
    return template.format_map(row)


def link(column: str, row: Mapping[str, Any]) -> str | None:
    """Return where a value of a row leads, if anywhere."""
    template = LINKS.get(column)
    return place(template, row) if template else None


def shown(
    columns: Mapping[str, Column], rows: Sequence[Row], known: Mapping[str, Any]
) -> list[Column]:
    """Return the columns worth a place: none for machines, none that is the same as the path."""
    names = set(columns)

    def is_shown(column: Column) -> bool:
        name = column.name
        if HIDDEN.fullmatch(name) or name in known:
            return False
        if column.type == "uuid":
            return name in LINKS and not names & {name.replace("_id", "_name"), "issue_type"}
        return not rows or any(row.get(name) is not None for row in rows)

    return [column for column in columns.values() if is_shown(column)]


def operations(method: str) -> Iterator[Operation]:
    """Yield what is served and open to who asks."""
    for operation in catalog().operations.values():
        if operation.method == method and is_open(operation):
            yield operation


def below(path: str) -> list[Link]:
    """Return the lists and rows right below a path."""
    pattern = re.compile(re.escape(path) + r"/[a-z-]+")
    return [
        Link(title(operation), operation.path, forms.first_sentence(comment(operation)))
        for operation in operations("GET")
        if pattern.fullmatch(operation.path)
    ]


def everything() -> dict[str, list[Link]]:
    """Return all lists that need no name in their path, by what they are about."""
    found: dict[str, list[Link]] = {}
    for operation in operations("GET"):
        if "{" not in operation.path and not operation.one_of:
            hint = forms.first_sentence(comment(operation))
            found.setdefault(english.words(operation.tag), []).append(
                Link(title(operation), operation.path, hint)
            )
    return found


def comment(operation: Operation) -> str:
    """Return what the database says an operation is."""
    return catalog().sources[operation.target].comment


def calls(path: str, given: Mapping[str, Any], seen: Mapping[str, Any]) -> list[forms.Form]:
    """Return the forms of the calls at a path and right below it, for a row that was seen."""
    pattern = re.compile(re.escape(path) + r"(/[a-z/-]+)?")
    return [
        forms.make(catalog(), served(operation.name), given, {**seen, **given})
        for operation in operations("POST")
        if pattern.fullmatch(operation.path)
    ]


def list_page(name: str, path: Mapping[str, str]) -> str:
    """Show a list with its filters, orders and what can be done there."""
    operation = served(name).operation
    asked = Asked(name, path, request.args)
    needed = [n for n in served(name).required if n not in asked.said]
    if needed or (operation.one_of and not any(n in asked.said for n in operation.one_of)):
        read()
        page: dict[str, Any] = {"items": [], "next_cursor": None}
    else:
        (page,) = read(asked)
    columns = catalog().columns(operation) or {}
    where = operation.path.format_map(path)
    return render_template(
        "list.html",
        title=title(operation),
        about=comment(operation),
        up=parents(path),
        where=where,
        filters=filters(name, asked.said),
        columns=shown(columns, page["items"], path),
        rows=page["items"],
        more=more(where, asked.said, page["next_cursor"]),
        forms=calls(operation.path, path, {}),
    )


def more(where: str, said: Mapping[str, Any], cursor: str | None) -> str | None:
    """Return the address of the next page."""
    return f"{where}?{urlencode({**said, 'cursor': cursor})}" if cursor else None


def filters(name: str, said: Mapping[str, Any]) -> list[forms.Field]:
    """Return the inputs that narrow and order a list."""
    one = served(name)
    kinds = {**one.given, **one.filters}
    if one.operation.orders:
        kinds["order"] = Kind("text", Term(), tuple(one.operation.orders))
    if one.operation.as_of:
        kinds["as_of"] = Kind("text", catalog().term("as_of"))
    fields = []
    for filter_name, kind in kinds.items():
        if filter_name.endswith("_id") and filter_name not in one.required:
            continue  # set by links
        options = kind.allowed or (("true", "false") if kind.type == "boolean" else ())
        control = "select" if options else forms.INPUTS.get(kind.type, "search")
        value, hint = str(said.get(filter_name, "")), kind.term.meaning
        required = filter_name in one.required
        label = english.words(filter_name)
        fields.append(forms.Field(filter_name, label, hint, control, required, value, options))
    return fields


def row_page(name: str, path: Mapping[str, str]) -> str:
    """Show one row, its parts, what stands below it and what can be done with it."""
    operation = served(name).operation
    (row,) = read(Asked(name, path, request.args))
    columns = catalog().columns(operation) or {}
    parts = {
        part: (catalog().columns(served(target).operation), row.pop(part, None))
        for part, target in operation.parts.items()
    }
    return render_template(
        "row.html",
        title=str(row.get("session_name") or row.get("month_name") or title(operation)),
        about=comment(operation),
        up=parents({k: v for k, v in path.items() if len(path) > 1}),
        where=operation.path.format_map(path),
        columns=shown(columns, [row], {}),
        row=row,
        parts=parts,
        lists=[Link(x.label, x.path.format_map(path), x.hint) for x in below(operation.path)],
        forms=calls(operation.path, path, row),
        live=row.get("status") == "processing",
    )


def form_page(name: str, path: Mapping[str, str]) -> str:
    """Show the form of a call alone; what the address says is put into it, to be seen."""
    read()
    said = forms.Refused(request.args.to_dict(), {})
    form = forms.make(catalog(), served(name), path, path, said)
    return render_template(
        "form.html", title=form.label, form_hint=form.hint, one=form, up=parents(path)
    )


def parents(path: Mapping[str, str]) -> list[Link]:
    """Return what stands above a page."""
    labels = {"month_id": "Month", "session_id": "Submission", "issue_id": "Issue"}
    return [Link(labels[name], LINKS[name].format_map(path)) for name in labels if path.get(name)]


def page_of(path: str) -> tuple[str, dict[str, str]] | None:
    """Return the row operation a path of the pages leads to, None when it leads to another."""
    adapter = g.surface.adapter
    endpoint, given = adapter.match(path, method="GET")
    return (endpoint, {k: str(v) for k, v in given.items()}) if isinstance(endpoint, str) else None
