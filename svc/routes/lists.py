"""Users and addresses as CSV: a view on its way out, a list for one call on its way in.

Texts become the kind their column has where they read as one; what does not is left as it is, and
the database says what is wrong with that row.
"""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from flask import request

from svc import payloads, queries, routes
from svc.db import Call
from svc.errors import Problem
from svc.surface import values

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import LiteralString

    from flask.typing import ResponseReturnValue

BODY_BYTES: Final = 4 * 1024 * 1024
# What a program of tables takes for a formula, once wide and small forms are plain ones: before
# the first letter or digit there is one of these signs.
FORMULA: Final = re.compile(r"[^\w=+@\u2212-]*[=+@\u2212-]")
TRUTH: Final = {"true": True, "false": False}


class Listed(NamedTuple):
    """A list: what reads it, what takes it, and its columns."""

    read: LiteralString
    take: LiteralString
    columns: tuple[str, ...]


LISTS: Final = {
    "users": Listed(
        queries.USERS,
        queries.SAVE_USERS,
        ("user_name", "email", "role", "cardholder_id", "is_active", "version"),
    ),
    "addresses": Listed(
        queries.ADDRESSES,
        queries.SAVE_ADDRESSES,
        ("cardholder_id", "employee_id", "employee_name", "email", "is_quiet", "version"),
    ),
}


def sending(name: str) -> Callable[[], ResponseReturnValue]:
    """Return what sends a list."""

    def send() -> ResponseReturnValue:
        """Send the list as CSV."""
        payloads.read_query(request, {})
        listed = LISTS[name]
        (rows,) = routes.services().database.read(routes.actor(), Call(listed.read, {}))
        file = io.StringIO()
        # Always quoted: a program that parts at another sign leaves a text in one cell.
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(listed.columns)
        writer.writerows([written(row[column]) for column in listed.columns] for row in rows)
        headers = {
            "Content-Type": "text/csv; charset=utf-8",
            "Content-Disposition": f'attachment; filename="{name}.csv"',
        }
        return file.getvalue(), 200, headers

    send.__name__ = f"send_{name}"
    return send


def taking(name: str) -> Callable[[], ResponseReturnValue]:
    """Return what takes a list."""

    def take() -> ResponseReturnValue:
        """Take the list, or tell what would become of each row."""
        shape: payloads.Shape = {"file": payloads.uploaded_file, "dry_run": values.boolean}
        form = payloads.read_form(request, BODY_BYTES, shape, "file")
        with form["file"].content as content:
            rows = read(content.read(), LISTS[name].columns)
        request_id = routes.request_id()
        said = {
            "rows": json.dumps(rows),
            "dry_run": bool(form["dry_run"]),
            "request_id": request_id,
        }
        call = Call(LISTS[name].take, said)
        row = routes.services().database.write(routes.actor(), call, request_id=request_id)
        return row["answer"], 200

    take.__name__ = f"take_{name}"
    return take


def is_marked(text: str) -> bool:
    """Tell whether a text is written with ' before it: as a formula would be, and one with '."""
    return text.startswith("'") or bool(FORMULA.match(unicodedata.normalize("NFKC", text)))


def written(value: object) -> str:
    """Return the text of a cell; one that could be taken for a formula begins with '."""
    if isinstance(value, bool):
        return str(value).lower()
    text = "" if value is None else str(value)
    return f"'{text}" if is_marked(text) else text


def read(content: bytes, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the rows of a file: an empty cell is null, a column that is not there says nothing.

    Raises Problem 400 for what is no CSV in UTF-8 with these columns.
    """
    try:
        lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
    except (ValueError, csv.Error) as error:
        raise _unreadable("a CSV file in UTF-8") from error
    head = [name.strip().lower() for name in lines[0]] if lines else []
    if not head or not set(head) <= set(columns) or len(set(head)) < len(head):
        raise _unreadable(f"a first line of {', '.join(columns)}, each once at most")
    rows = [line for line in lines[1:] if any(cell.strip() for cell in line)]
    if any(len(line) != len(head) for line in rows):
        raise _unreadable(f"{len(head)} cells in each line, as in the first")
    for number, line in enumerate(rows, 1):
        if "\0" in "".join(line):
            raise _unreadable(f"printed characters, not the NUL in row {number} below the names")
    return [
        {name: cell(name, text) for name, text in zip(head, line, strict=True)} for line in rows
    ]


def cell(name: str, text: str) -> Any:  # noqa: ANN401 - what JSON knows
    """Return what a cell says."""
    text = text.strip()
    if text.startswith("'") and is_marked(text[1:]):
        text = text[1:]
    if not text:
        return None
    if name == "version" and text.isascii() and text.isdigit():
        return int(text[:20])
    if name in {"is_active", "is_quiet"}:
        return TRUTH.get(text.lower(), text)
    return text


def _unreadable(expected: str) -> Problem:
    """Make a 400 for a file that cannot be read."""
    return Problem(
        status=400,
        code="invalid_parameter",
        title="the file is not the list that is taken here",
        detail=f"expected {expected}",
        field="file",
    )
