"""Forms made of the arguments of a call, and what people put into them as its JSON body."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from svc import payloads
from svc.pages import english

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from svc.surface.catalog import Catalog
    from svc.surface.serving import Served
    from svc.surface.values import Kind

LONG = 400
# What a form carries beside the arguments of its call.
OWN = {"form_token", "request_id", "next"}
INPUTS = {"date": "date", "integer": "number", "bigint": "number"}
# What a row shows under one of these names and a call expects under another.
SEEN = {
    "expected_version": ("version",),
    "expected_revision_id": ("current_revision_id", "revision_id", "employee_revision_id"),
}
# Why somebody does something now; what was said before about something else is no reason for it.
SAID_ANEW = {"reason", "note", "notes"}


@dataclass(frozen=True, slots=True)
class Field:
    """One input: what it is, its closed list, its value."""

    name: str
    label: str
    hint: str
    input: str
    required: bool
    value: str = ""
    options: Sequence[str] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    wrong: str = ""
    accept: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A form for one call."""

    operation: str
    path: str
    label: str
    hint: str
    fields: Sequence[Field]
    hidden: Mapping[str, str] = field(default_factory=dict)

    @property
    def has_files(self) -> bool:
        """Tell whether it carries files."""
        return any(one.input == "file" for one in self.fields)


@dataclass(frozen=True, slots=True)
class Refused:
    """What was put into a form that was refused, and what is wrong with it by input."""

    said: Mapping[str, str]
    wrong: Mapping[str, str]


def make(  # noqa: PLR0913, PLR0917 - what a form is made of
    catalog: Catalog,
    served: Served,
    path: Mapping[str, Any],
    seen: Mapping[str, Any],
    refused: Refused | None = None,
    keys: Sequence[str] | None = None,
) -> Form:
    """Make the form of a call below a path, for a row that was seen, with what was said before.

    What names the row is hidden: its ids, or these keys where the row itself is changed.
    """
    said = refused.said if refused else {}
    wrong = refused.wrong if refused else {}
    hidden, fields = {}, []
    for name, kind in served.given.items():
        shown = next((one for one in SEEN.get(name, (name,)) if seen.get(one) is not None), None)
        is_key = name.endswith("_id") if keys is None else name in keys
        if shown is not None and (name in SEEN or is_key):
            hidden[name] = written(seen[shown])
        else:
            before = None if name in SAID_ANEW else seen.get(name)
            value = said[name] if name in said else written(before)
            fields.append(_field(name, kind, served, value, wrong.get(name, "")))
    comment = catalog.sources[served.operation.target].comment
    return Form(
        served.operation.name,
        served.operation.path.format_map(path),
        english.action(served.operation.name),
        first_sentence(comment),
        fields,
        hidden,
    )


def written(value: object) -> str:
    """Write a value as an input holds it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return as_json(value)
    if isinstance(value, list):
        return "\n".join(written(one) for one in value)
    return str(value)


def as_json(value: object) -> str:
    """Write a value as JSON; a number keeps its digits, and stays a number."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{json.dumps(k)}: {as_json(v)}' for k, v in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(as_json, value))}]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value, default=str)


def _field(name: str, kind: Kind, served: Served, value: str, wrong: str) -> Field:
    """Make one input."""
    options: Sequence[str] = kind.allowed or ()
    if kind.type == "boolean":
        control, options = "select", ("true", "false")
    elif kind.type.endswith("[]") or kind.type == "jsonb":
        control = "textarea"
    elif options:
        control = "select"
    else:
        long = kind.type == "text" and (kind.term.most or 0) >= LONG
        control = "textarea" if long else INPUTS.get(kind.type, "text")
    return Field(
        name,
        english.words(name),
        kind.term.meaning,
        control,
        name in served.required,
        value,
        options,
        wrong=wrong,
    )


def body(served: Served, said: Mapping[str, str]) -> dict[str, Any]:
    """Return what was put into a form as the JSON body of its call; what is empty is not said."""
    read: dict[str, Any] = {}
    for name, text in said.items():
        kind = served.given.get(name)
        if name in OWN or not text.strip():
            continue
        read[name] = text if kind is None else value_of(kind.type, text)
    return read


def value_of(kind: str, text: str) -> Any:  # noqa: ANN401 - as many types as values
    """Write text as the JSON value of a type; what does not fit is left for the call to refuse."""
    try:
        if kind in {"integer", "bigint"}:
            return int(text)
        if kind == "boolean":
            return {"true": True, "false": False}.get(text, text)
        if kind == "jsonb":
            return payloads.read_json(text)
        if kind.endswith("[]"):
            items = [line.strip() for line in text.splitlines() if line.strip()]
            return [value_of(kind.removesuffix("[]"), item) for item in items]
    except (ValueError, RecursionError):
        pass
    return text.strip() if kind in {"numeric", "uuid"} else text.replace("\r\n", "\n")


def first_sentence(comment: str) -> str:
    """Return the first sentence of a comment."""
    sentence, found, _ = comment.partition(". ")
    return f"{sentence}." if found else comment
