"""Values as people read them, and the request and SQL behind a view as text to copy."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

from markupsafe import Markup, escape

from svc.pages import english

if TYPE_CHECKING:
    from collections.abc import Mapping

    from svc.db import Call

BOUND = re.compile(r"%\((\w+)\)s")
CENTS = Decimal("0.01")
NUMBERS = {"numeric", "integer", "bigint"}


def money(value: Decimal | None) -> str:
    """Return dollars with two decimals; what is not known says so."""
    return english.UNKNOWN if value is None else f"{value:,.2f}"


def is_number(value: object) -> bool:
    """Tell whether a value is one of those that stand below each other by their last digit."""
    is_text = isinstance(value, str) and re.fullmatch(r"-?\d+\.\d\d", value) is not None
    return is_text or (isinstance(value, int | Decimal) and not isinstance(value, bool))


def day(value: date) -> Markup:
    """Return a day, always in one form."""
    return Markup('<time datetime="{}">{}</time>').format(
        value.isoformat(), value.strftime("%d %b %Y")
    )


def instant(value: datetime) -> Markup:
    """Return an instant in UTC, to the minute."""
    utc = value.astimezone(UTC)
    return Markup('<time datetime="{}">{}</time>').format(
        utc.isoformat(), utc.strftime("%d %b %Y, %H:%M")
    )


def cell(value: object, kind: str = "") -> Markup:  # noqa: PLR0911 - one line for each kind
    """Return a value of a type of the database as HTML."""
    if value is None:
        return Markup('<span class="none">{}</span>').format(
            english.UNKNOWN if kind == "numeric" else english.NONE
        )
    if isinstance(value, bool):
        return escape(english.YES if value else english.NO)
    if isinstance(value, Decimal):
        return escape(f"{value:,.2f}" if value == value.quantize(CENTS) else f"{value:,}")
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, UUID):
        return Markup('<code title="{}">…{}</code>').format(value, str(value)[-6:])
    if isinstance(value, dict):
        pairs = [(english.words(key), cell(item)) for key, item in value.items()]
        items = [Markup("<li>{}: {}</li>").format(*pair) for pair in pairs]
        return Markup('<ul class="plain">{}</ul>').format(Markup("").join(items))
    if isinstance(value, list):
        if value and isinstance(value[0], dict | list):
            items = [Markup("<li>{}</li>").format(cell(item)) for item in value]
            return Markup('<ul class="plain">{}</ul>').format(Markup("").join(items))
        return Markup(", ").join(cell(item) for item in value)
    return escape(str(value).replace("_", " ") if kind == "code" else str(value))


def request_text(method: str, path: str, query: Mapping[str, Any]) -> str:
    """Return the request of the interface that answers the same."""
    said = urlencode({name: value for name, value in query.items() if value is not None})
    return f"{method} /api/v1{path}{'?' if said else ''}{said}"


def sql_text(call: Call) -> str:
    """Return a call as SQL that runs in psql, its values written out."""
    statement = call.statement
    text = statement.decode() if isinstance(statement, bytes) else str(statement)
    text = text.partition("*/ ")[2] or text
    said = {name for name, value in call.parameters.items() if value is not None}
    # What was not said goes first, so that no value is taken for a part of the statement.
    text = BOUND.sub(lambda found: found[0] if found[1] in said else "NULL", text)
    text = _without_nothing(text)
    return f"{BOUND.sub(lambda found: _literal(call.parameters[found[1]]), text)};"


def _literal(value: object) -> str:
    """Write a value as SQL."""
    if value is None:
        return "NULL"
    if isinstance(value, bool | int | Decimal):
        return str(value).lower() if isinstance(value, bool) else f"'{value}'"
    if isinstance(value, list):
        return "ARRAY[" + ", ".join(_literal(item) for item in value) + "]"
    text = json.dumps(value, default=str) if isinstance(value, dict) else str(value)
    return "'" + text.replace("'", "''") + "'"


def _without_nothing(text: str) -> str:
    """Leave out conditions on what was not asked for: they narrow nothing."""
    begin = "(NULL::"
    while (start := text.find(begin)) >= 0 and " IS NULL OR " in text[start : start + 60]:
        depth = 0
        for end in range(start, len(text)):
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            if depth == 0:
                break
        text = text[:start] + "true" + text[end + 1 :]
    text = text.replace("true AND ", "").replace(" AND true", "").replace(" WHERE true", "")
    return re.sub(r" (FROM|WHERE|ORDER BY|LIMIT|AND) ", r"\n\1 ", text)
