"""Forms made of the arguments of a call, and what people put into them as its JSON body."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from svc.pages import english

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from svc.surface.catalog import Catalog
    from svc.surface.serving import Served
    from svc.surface.values import Kind

LONG = 300
# What a form carries beside the arguments of its call.
OWN = {"form_token", "request_id", "next"}
INPUTS = {"date": "date", "integer": "number", "bigint": "number"}
# What a row shows under one name and a call expects under another.
SEEN = {"expected_version": "version", "expected_revision_id": "revision_id"}


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
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A form for one call."""

    operation: str
    path: str
    label: str
    hint: str
    fields: Sequence[Field]
    hidden: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refused:
    """What was put into a form that was refused, and what is wrong with it by input."""

    said: Mapping[str, str]
    wrong: Mapping[str, str]


def make(
    catalog: Catalog,
    served: Served,
    path: Mapping[str, Any],
    seen: Mapping[str, Any],
    refused: Refused | None = None,
) -> Form:
    """Make the form of a call below a path, for a row that was seen, with what was said before."""
    said = refused.said if refused else {}
    wrong = refused.wrong if refused else {}
    hidden, fields = {}, []
    for name, kind in served.given.items():
        shown = SEEN.get(name, name)
        is_seen = seen.get(shown) is not None and (name in SEEN or name.endswith("_id"))
        if is_seen:
            hidden[name] = str(seen[shown])
        else:
            value = str(said.get(name, seen.get(name, "") or ""))
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
        wrong,
    )


def body(served: Served, said: Mapping[str, str]) -> dict[str, Any]:
    """Return what was put into a form as the JSON body of its call; what is empty is not said."""
    read: dict[str, Any] = {}
    for name, text in said.items():
        kind = served.given.get(name)
        if name in OWN or not text.strip():
            continue
        read[name] = text if kind is None else _value(kind.type, text)
    return read


def _value(kind: str, text: str) -> Any:  # noqa: ANN401 - as many types as values
    """Write text as the JSON value of a type; what does not fit is left for the call to refuse."""
    try:
        if kind in {"integer", "bigint"}:
            return int(text)
        if kind == "boolean":
            return {"true": True, "false": False}.get(text, text)
        if kind == "jsonb":
            return json.loads(text)
        if kind.endswith("[]"):
            items = [line.strip() for line in text.splitlines() if line.strip()]
            return [_value(kind.removesuffix("[]"), item) for item in items]
    except (ValueError, RecursionError):
        pass
    return text.strip() if kind in {"numeric", "uuid"} else text.replace("\r\n", "\n")


def first_sentence(comment: str) -> str:
    """Return the first sentence of a comment."""
    sentence, found, _ = comment.partition(". ")
    return f"{sentence}." if found else comment
