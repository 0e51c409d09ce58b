"""One list, one row, one form: every operation of the surface as a page."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import render_template, request

from svc.pages import carrying, english, forms, show
from svc.pages.reading import MOST, OURS, Asked, catalog, is_open, read, served
from svc.surface.catalog import Column, Term
from svc.surface.values import UUID, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from svc.db import Row
    from svc.surface.catalog import Operation

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
    "run_id": "/parallel-runs/{run_id}",
    "code_kind": "/codes/{code_kind}",
    "batch_id": "/issues/batches/{batch_id}/undo",
}
# Of which others a row is compared with one: a list of them, and what they have in common.
OTHERS = {
    "get_session": ("list_sessions", ("month_id",)),
    "get_revision": ("list_revisions", ("session_id", "cardholder_id")),
}
# Whose lists belong to a row that stands alone.
TAGS = {"get_cutover": "migration"}
# For machines, or said by another column.
HIDDEN = re.compile(
    r".*_(rank|hash|part)$|fingerprint|finder|natural_key|revision_id|cardholder_id"
)


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


def answered(name: str, answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an answer says, in columns: what it is as a whole, and its lists.

    Of what the catalog does not know the values tell whether they are numbers.
    """
    operation = catalog().operations.get(name)
    known = (operation and catalog().columns(operation)) or {}
    facts, lists = [], []
    for key, value in answer.items():
        if not isinstance(value, list):
            facts += [known.get(key) or _column(key, value)] if value is not None else []
        elif value and isinstance(value[0], dict):
            columns = (catalog().members(known[key]) if key in known else None) or {
                one: _column(one, item) for one, item in value[0].items()
            }
            rows = [{**answer, **one} for one in value]
            lists.append((key, shown(columns, rows, {}), rows))
    return {"answer": answer, "facts": facts, "lists": lists}


def _column(name: str, value: object) -> Column:
    """Make a column of a value."""
    return Column(name, "numeric" if show.is_number(value) else "text", "", None)


def operations(method: str) -> Iterator[Operation]:
    """Yield what is served and open to who asks."""
    for operation in catalog().operations.values():
        if operation.method == method and is_open(operation):
            yield operation


def below(path: str, given: Mapping[str, Any], shown: Iterable[str] = ()) -> list[Link]:
    """Return the lists and rows right below a path that is given, but for those shown with it."""
    pattern = re.compile(re.escape(path) + r"/[a-z-]+")
    return [
        Link(title(operation), to, forms.first_sentence(comment(operation)))
        for operation in operations("GET")
        if pattern.fullmatch(operation.path)
        and operation.name not in shown
        and (to := place(operation.path, given))
    ]


def sent(path: str, given: Mapping[str, Any]) -> list[Link]:
    """Return the files that are sent from right below a path that is given."""
    return [
        Link(english.action(name), to)
        for name, template, reader in carrying.sendings(path)
        if is_open(catalog().operations[reader]) and (to := place(template, given))
    ]


def is_there(row: Mapping[str, Any]) -> bool:
    """Tell whether a submission has what follows from its files; other rows have what they have."""
    return row.get("status") in {None, "completed"} or "session_name" not in row


def everything() -> dict[str, list[Link]]:
    """Return all that needs no name in its path, by what it is about.

    Of calls those that stand below no list, where their forms are.
    """
    found: dict[str, list[Link]] = {}
    read_at = {one.path for one in operations("GET")}
    alone = (one for one in operations("POST") if one.path.rpartition("/")[0] not in read_at)
    for operation in (*operations("GET"), *(one for one in alone if one.path not in read_at)):
        if "{" not in operation.path and not operation.one_of:
            hint = forms.first_sentence(comment(operation))
            label = (
                title(operation) if operation.method == "GET" else english.action(operation.name)
            )
            found.setdefault(english.words(operation.tag), []).append(
                Link(label, operation.path, hint)
            )
    return found


def comment(operation: Operation) -> str:
    """Return what the database says an operation is."""
    return catalog().sources[operation.target].comment


def calls(path: str, given: Mapping[str, Any], seen: Mapping[str, Any]) -> list[forms.Form]:
    """Return the forms of the calls at a path and right below it, for a row that was seen."""
    pattern = re.compile(re.escape(path) + r"(/[a-z/-]+)?")
    made = [
        forms.make(catalog(), served(operation.name), given, {**seen, **given})
        for operation in operations("POST")
        if pattern.fullmatch(operation.path)
    ]
    return made + taken(path, given, seen)


def taken(path: str, given: Mapping[str, Any], seen: Mapping[str, Any]) -> list[forms.Form]:
    """Return the forms of what takes files right below a path, for a row that was seen."""
    return [
        one.form(name, given, seen)
        for name, one in carrying.takings(path)
        if is_open(catalog().operations[one.may])
        and (not one.states or seen.get("status") in one.states)
    ]


def keys(operation: Operation) -> list[str]:
    """Return what tells the rows of a list apart; a place in it does not."""
    return [name.removeprefix("-") for name in operation.keys if name != "#"]


def of(operation: Operation, row: Mapping[str, Any]) -> list[str]:
    """Return what names a row in its list."""
    return [str(row[name]) for name in keys(operation)]


def item_path(operation: Operation) -> str:
    """Return the path below which the calls of single rows of a list are."""
    return operation.path.replace("/months/{month_id}/", "/sessions/{session_id}/") + "/{"


def changing(operation: Operation) -> list[Operation]:
    """Return the calls that change a row of a list, named by its keys."""
    return [
        one
        for one in operations("POST")
        if one.path == operation.path
        and {"expected_version", *keys(operation)} <= set(served(one.name).given)
    ]


def opener(
    operation: Operation, path: Mapping[str, Any], said: Mapping[str, Any]
) -> Callable[[Mapping[str, Any]], str | None] | None:
    """Return what tells where a row of a list is opened; None when there is no more to it.

    A row that is an operation of its own is that; another one is shown by its list.
    """
    begin = item_path(operation)
    if PERSON.startswith(begin) or not keys(operation):
        return None
    found = [one for method in ("GET", "POST") for one in operations(method)]
    found = [one for one in found if one.path.startswith(begin)]
    alone = re.compile(re.escape(begin.removesuffix("/{")) + r"(/\{\w+\})+")
    for one in found:
        if one.shape == "row" and alone.fullmatch(one.path):
            return lambda row: place(one.path, {**row, **path})
    if not found and not changing(operation):
        return None
    where = operation.path.format_map(path)
    query = {name: value for name, value in said.items() if name != "of"}
    return lambda row: f"{where}?{urlencode({**query, 'of': of(operation, row)}, doseq=True)}"


def list_page(name: str, path: Mapping[str, str]) -> str:
    """Show a list with its filters, orders and what can be done there; or one row of it."""
    operation = served(name).operation
    asked = Asked(name, path, request.args)
    needed = [n for n in served(name).required if n not in asked.said]
    if needed or (operation.one_of and not any(n in asked.said for n in operation.one_of)):
        read()
        page: dict[str, Any] = {"items": [], "next_cursor": None}
    else:
        (page,) = read(asked)
    chosen = request.args.getlist("of")
    for row in page["items"]:
        if chosen and of(operation, row) == chosen:
            return item_page(operation, path, row)
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
        opened=opener(operation, path, asked.said),
        more=more(where, asked.said, page["next_cursor"]),
        forms=calls(operation.path, path, {}),
        sent=sent(operation.path, path),
        is_gone=bool(chosen),
    )


def item_page(operation: Operation, path: Mapping[str, str], row: Row) -> str:
    """Show one row of a list, what stands below it and what can be done with it."""
    where = operation.path.format_map(path)
    known = {**row, **path}
    begin = item_path(operation)
    lists = [
        Link(title(one), to, forms.first_sentence(comment(one)))
        for one in operations("GET")
        if one.path.startswith(begin) and (to := place(one.path, known))
    ]
    made = [
        forms.make(catalog(), served(one.name), known, known, keys=keys(operation))
        for one in changing(operation)
    ]
    for one in operations("POST"):
        if one.path.startswith(begin) and place(one.path, known):
            made.append(forms.make(catalog(), served(one.name), known, known))
    made += taken(f"{begin}{keys(operation)[-1]}}}", known, row)
    named = identity(of(operation, row)) is None
    return render_template(
        "row.html",
        title=" ".join(map(english.words, of(operation, row))) if named else title(operation),
        up=[*parents(path), Link(title(operation), back(where))],
        where=request.full_path,
        columns=shown(catalog().columns(operation) or {}, [row], {}),
        row=row,
        parts={},
        lists=lists,
        forms=[by_month(one) for one in made],
        sent=[],
        object_id=identity(of(operation, row)),
    )


def by_month(made: forms.Form) -> forms.Form:
    """Return a form in which a month that was handed in is chosen by its name."""
    if not any(one.name == "month_id" for one in made.fields):
        return made
    (page,) = read(Asked("list_months", {}, {"limit": MOST}))
    names = {
        str(one["month_id"]): f"{one['month_name']} {one['programme']}".strip()
        for one in page["items"]
        if one["latest_session_id"]
    }
    fields = [
        dataclasses.replace(one, input="select", options=tuple(names), labels=names)
        if one.name == "month_id"
        else one
        for one in made.fields
    ]
    return dataclasses.replace(made, fields=fields)


def back(where: str) -> str:
    """Return the address of the list a row is shown of."""
    query = [(name, value) for name, value in request.args.items(multi=True)]
    kept = [one for one in query if one[0] != "of"]
    return f"{where}?{urlencode(kept)}" if kept else where


def identity(names: Iterable[str]) -> str | None:
    """Return the id under which the audit trail knows something, None for what has none."""
    ids = [name for name in names if UUID.fullmatch(name)]
    return ids[-1] if ids else None


def more(where: str, said: Mapping[str, Any], cursor: str | None) -> str | None:
    """Return the address of the next page."""
    query = {name: value for name, value in said.items() if name not in OURS}
    return f"{where}?{urlencode({**query, 'cursor': cursor})}" if cursor else None


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
            if value := request.args.get(filter_name):  # set by links, and kept
                fields.append(forms.Field(filter_name, "", "", "hidden", False, value))
            continue
        options = kind.allowed or (("true", "false") if kind.type == "boolean" else ())
        control = "select" if options else forms.INPUTS.get(kind.type, "search")
        value, hint = str(said.get(filter_name, "")), kind.term.meaning
        if filter_name == "as_of":
            control, value = "date", value[:10]
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
    seen = dict(row)
    if name == "get_revision":
        # Another one is gone back to from the one that holds now.
        session, who = {"session_id": row["session_id"]}, {"cardholder_id": row["cardholder_id"]}
        (people,) = read(Asked("list_session_employees", session, who, optional=True))
        for one in people.get("items", []):
            seen["current_revision_id"] = one["revision_id"]
    # A bridge is of a month that was read; of another submission its lists alone are shown.
    kept = () if is_there(row) else [one.name for one in operations("GET") if one.shape == "row"]
    lists = below(operation.path, path, [*operation.parts.values(), *kept])
    tag = TAGS.get(name)
    if tag:
        lists += everything().get(english.words(tag), [])
    return render_template(
        "row.html",
        title=str(row.get("session_name") or row.get("month_name") or title(operation)),
        about=comment(operation),
        up=parents({k: v for k, v in {**row, **path}.items() if k not in path or len(path) > 1}),
        where=operation.path.format_map(path),
        columns=shown(columns, [row], {}),
        row=row,
        parts=parts,
        lists=lists,
        forms=calls(operation.path, path, seen),
        sent=sent(operation.path, path) if is_there(row) else [],
        others=others(name, path, row),
        object_id=identity(path.values()),
        live=row.get("status") == "processing",
    )


def others(name: str, path: Mapping[str, str], row: Row) -> list[Link]:
    """Return what a row can be compared with: others of its month or of its person."""
    if name not in OTHERS:
        return []
    listed, common = OTHERS[name]
    if any(row.get(one) is None for one in common):
        return []
    (page,) = read(Asked(listed, {}, {**{one: row[one] for one in common}, "limit": MOST}))
    key, links = next(iter(path)), []
    for other in page["items"]:
        # Ids are in the order of time: what was before stands first.
        old, new = sorted((str(row[key]), str(other[key])))
        label = (
            other.get("session_name") or f"{english.words('revision')} {other['revision_number']}"
        )
        if old != new:
            links.append(Link(str(label), f"{served(listed).operation.path}/{old}/compare/{new}"))
    return links


def form_page(name: str, path: Mapping[str, str]) -> str:
    """Show the form of a call alone; what the address says is put into it, to be seen."""
    read()
    said = forms.Refused(request.args.to_dict(), {})
    form = by_month(forms.make(catalog(), served(name), path, path, said))
    return render_template(
        "form.html", title=form.label, form_hint=form.hint, one=form, up=parents(path)
    )


def parents(path: Mapping[str, str]) -> list[Link]:
    """Return what stands above a page."""
    labels = {
        "month_id": english.MONTH,
        "session_id": english.SUBMISSION,
        "issue_id": english.ISSUE,
    }
    return [Link(labels[name], LINKS[name].format_map(path)) for name in labels if path.get(name)]
