"""Typed values: read from JSON, from a query or a cursor, and described as JSON Schema.

A value is judged before SQL is asked, so that the answer names every wrong one at once. The
database judges again: psql is a door too.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import json
import re
import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from svc.surface.catalog import Term

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

TEXT_MAXIMUM = 10_000
PAGE_SIZE = re.compile("[1-9][0-9]?|100")
WHOLE = re.compile("-?[0-9]{1,19}")
DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})"
)
MONEY = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,2})?")
NUMBER = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,10})?")
UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
RANGES = {"integer": (-(2**31), 2**31 - 1), "bigint": (-(2**63), 2**63 - 1)}
MONEY_PATTERN = r"^-?[0-9]+\.[0-9]{2}$"


# What is expected where a value is of the wrong kind; ranges and lists are told as they are.
EXPECTED = {
    "not_text": "a text",
    "invalid_text": "text without NUL and without halves of a character",
    "not_a_number": "digits, at most ten of them decimals, such as 0.15",
    "not_an_amount": "digits with at most two decimals, such as 1200.00",
    "not_an_integer": "a whole number",
    "not_a_boolean": "true or false",
    "not_a_uuid": "an id such as 01a2b3c4-0000-7000-8000-000000000001",
    "not_a_date": "a day that is, written YYYY-MM-DD",
    "not_an_instant": "an instant with its offset, such as 2026-11-27T12:00:00Z",
    "not_a_list": "a list that is not empty",
    "not_a_list_of_objects": "a list of objects",
    "not_an_object": "an object",
    "not_1_to_100": "1 to 100",
}


class BadValueError(ValueError):
    """A value of the wrong kind; the message is the slug told to the caller."""

    def __init__(
        self,
        code: str,
        allowed: Sequence[str] | None = None,
        members: Mapping[int, BadValueError] | None = None,
        expected: str | None = None,
    ) -> None:
        """Say what is wrong, what would be right, in a list which members."""
        super().__init__(code)
        self.allowed = allowed
        self.expected = expected or EXPECTED.get(code)
        self.members = members or {}

    def told(self, path: str) -> list[dict[str, Any]]:
        """Tell each place that is wrong, the value itself or its members, below a path."""
        if self.members:
            return [
                told
                for place, error in self.members.items()
                for told in error.told(f"{path}[{place}]")
            ]
        told: dict[str, Any] = {"path": path, "code": str(self)}
        if self.allowed is not None:
            told["allowed"] = list(self.allowed)
        if self.expected is not None:
            told["detail"] = f"expected {self.expected}"
        return [told]


@dataclass(frozen=True, slots=True)
class Kind:
    """What one value may be: its type in the database, its term, its closed list."""

    type: str
    term: Term
    allowed: tuple[str, ...] | None = None

    def from_json(self, value: object) -> Any:  # noqa: ANN401 - as many types as values
        """Read a value of a JSON body. Raises BadValueError."""
        if self.type == "jsonb":
            return self._json(value)
        if self.type.endswith("[]"):
            return self._list(value)
        if self.type == "boolean":
            if not isinstance(value, bool):
                raise BadValueError("not_a_boolean")
            return value
        if self.type in RANGES:
            if not isinstance(value, int) or isinstance(value, bool):
                raise BadValueError("not_an_integer")
            return self._in_range(value)
        if self.type == "numeric" and isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        return self.from_text(value)

    def from_text(self, value: object) -> Any:  # noqa: ANN401
        """Read a value of a path, query or cursor. Raises BadValueError."""
        return READERS[self.type](self, value)

    def read_text(self, value: object) -> str:
        """Read text that PostgreSQL can hold, of the closed list where there is one."""
        written = text(value)
        if self.allowed is not None and written not in self.allowed:
            raise BadValueError("not_allowed", self.allowed)
        length = len(written.strip())
        if self.term.most is not None and length > self.term.most:
            raise BadValueError("too_long", expected=f"at most {self.term.most} characters")
        if self.term.least is not None and length < self.term.least:
            raise BadValueError("too_short", expected=f"at least {self.term.least} characters")
        return written

    def read_whole(self, value: object) -> int:
        """Read a whole number."""
        if not (isinstance(value, str) and WHOLE.fullmatch(value)):
            raise BadValueError("not_an_integer")
        return self._in_range(int(value))

    def read_number(self, value: object) -> Decimal:
        """Read a decimal number, never a binary one."""
        pattern = MONEY if self.term.is_money else NUMBER
        if not (isinstance(value, str) and pattern.fullmatch(value)):
            raise BadValueError("not_an_amount" if self.term.is_money else "not_a_number")
        number = Decimal(value)
        self._compare(number)
        return number

    def read_boolean(self, value: object) -> bool:
        """Read `true` or `false`, as a query says it."""
        if not isinstance(value, str) or value not in {"true", "false"}:
            raise BadValueError("not_a_boolean")
        return value == "true"

    def _in_range(self, value: int) -> int:
        """Refuse what the type or the term does not hold."""
        least, most = RANGES[self.type]
        if not least <= value <= most:
            raise BadValueError("out_of_range", expected=f"{least} to {most}")
        self._compare(value)
        return value

    def _compare(self, value: int | Decimal) -> None:
        """Refuse a number outside the range of the term."""
        least, most = self.term.least, self.term.most
        if (least is not None and value < least) or (most is not None and value > most):
            bounds = (("at least", least), ("at most", most))
            said = " and ".join(f"{words} {one}" for words, one in bounds if one is not None)
            raise BadValueError("out_of_range", expected=said)

    def _list(self, value: object) -> list[Any]:
        """Read a list, not empty, of values of one kind; no null among them."""
        if not (isinstance(value, list) and value):
            raise BadValueError("not_a_list")
        if self.term.most is not None and len(value) > self.term.most:
            raise BadValueError("too_many", expected=f"at most {self.term.most}")
        item = self.item
        read, wrong = [], {}
        for place, member in enumerate(value):
            try:
                read.append(item.from_json(member))
            except BadValueError as error:
                wrong[place] = error
        if wrong:
            raise BadValueError("wrong_members", members=wrong)
        return read

    @property
    def item(self) -> Kind:
        """Return the kind of the members of a list: its term's range is that of the list."""
        term = Term(is_money=self.term.is_money)
        return Kind(self.type.removesuffix("[]"), term, self.allowed)

    def _json(self, value: object) -> str:
        """Read an object or a list of objects; what is in them is the database's to judge."""
        if self.term.json_kind == "list":
            if not isinstance(value, list):
                raise BadValueError("not_a_list_of_objects")
            others = [place for place, item in enumerate(value) if not isinstance(item, dict)]
            if others:
                wrong = {place: BadValueError("not_an_object") for place in others}
                raise BadValueError("not_a_list_of_objects", members=wrong)
        elif not isinstance(value, dict):
            raise BadValueError("not_an_object")
        written = json.dumps(value, ensure_ascii=False)
        try:
            written.encode()
        except UnicodeEncodeError as error:
            raise BadValueError("invalid_text") from error
        return written

    def schema(self) -> dict[str, Any]:
        """Describe a value that is asked for; a closed list is described by its name elsewhere."""
        if self.type.endswith("[]"):
            schema: dict[str, Any] = {"type": "array", "minItems": 1, "items": self.item.schema()}
            return schema if self.term.most is None else {**schema, "maxItems": self.term.most}
        if self.type == "jsonb" and self.term.json_kind == "list":
            return {"type": "array", "items": {"type": "object"}}
        schema = dict(SCHEMAS[self.type])
        lengths = self.type in {"text", "name"}
        names = ("minLength", "maxLength") if lengths else ("minimum", "maximum")
        if self.type in {"text", "name", *RANGES}:
            limits = zip(names, (self.term.least, self.term.most), strict=True)
            schema.update({name: limit for name, limit in limits if limit is not None})
        return schema


def _read_uuid(_: Kind, value: object) -> uuid.UUID:
    """Read a uuid in its usual form."""
    if not (isinstance(value, str) and UUID.fullmatch(value)):
        raise BadValueError("not_a_uuid")
    return uuid.UUID(value)


def _read_day(_: Kind, value: object) -> datetime.date:
    """Read a date written YYYY-MM-DD."""
    written = text(value)
    try:
        if DAY.fullmatch(written):
            return datetime.date.fromisoformat(written)
    except ValueError:
        pass
    raise BadValueError("not_a_date")


def _read_instant(_: Kind, value: object) -> datetime.datetime:
    """Read an instant with its offset from UTC."""
    written = text(value)
    try:
        if INSTANT.fullmatch(written):
            return datetime.datetime.fromisoformat(written)
    except ValueError:
        pass
    raise BadValueError("not_an_instant")


READERS: dict[str, Callable[[Kind, object], Any]] = {
    "text": Kind.read_text,
    "name": Kind.read_text,
    "integer": Kind.read_whole,
    "bigint": Kind.read_whole,
    "numeric": Kind.read_number,
    "boolean": Kind.read_boolean,
    "uuid": _read_uuid,
    "date": _read_day,
    "timestamp with time zone": _read_instant,
}

SCHEMAS: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "name": {"type": "string"},
    "integer": {"type": "integer"},
    "bigint": {"type": "integer"},
    "numeric": {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"},
    "boolean": {"type": "boolean"},
    "uuid": {"type": "string", "format": "uuid"},
    "date": {"type": "string", "format": "date"},
    "timestamp with time zone": {"type": "string", "format": "date-time"},
    "interval": {"type": "string", "format": "duration"},
    "jsonb": {"type": "object", "additionalProperties": True},
}


def text(value: object) -> str:
    """Read text that PostgreSQL can hold. Raises BadValueError."""
    if not isinstance(value, str):
        raise BadValueError("not_text")
    if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise BadValueError("invalid_text")
    if len(value) > TEXT_MAXIMUM:
        raise BadValueError("too_long", expected=f"at most {TEXT_MAXIMUM} characters")
    return value


IDENTIFIER = Kind("uuid", Term())


def identifier(value: object) -> uuid.UUID:
    """Read a uuid in its usual form. Raises BadValueError."""
    return _read_uuid(IDENTIFIER, value)


def boolean(value: object) -> bool:
    """Read `true` or `false`, as a query says it. Raises BadValueError."""
    return Kind("boolean", Term()).read_boolean(value)


DAY_KIND = Kind("date", Term())


def day(value: object) -> datetime.date:
    """Read a date written YYYY-MM-DD. Raises BadValueError."""
    return _read_day(DAY_KIND, value)


def page_size(value: object) -> int:
    """Read how many rows a page holds, 1 to 100. Raises BadValueError."""
    if not (isinstance(value, str) and PAGE_SIZE.fullmatch(value)):
        raise BadValueError("not_1_to_100")
    return int(value)


def cursor(kinds: Sequence[Kind]) -> Callable[[Any], list[Any]]:
    """Make a reader of opaque cursors that hold one value of each kind."""

    def read(value: object) -> list[Any]:
        """Read the key of the last row seen. Raises BadValueError."""
        try:
            keys = json.loads(base64.urlsafe_b64decode(text(value).encode()))
            return [kind.from_text(key) for kind, key in zip(kinds, keys, strict=True)]
        except (ValueError, TypeError, RecursionError, binascii.Error) as error:
            raise BadValueError("not_a_cursor") from error

    return read


def make_cursor(keys: Iterable[object]) -> str:
    """Make the opaque cursor for the row with these keys."""
    return base64.urlsafe_b64encode(json.dumps([str(key) for key in keys]).encode()).decode()
