"""Log lines: one JSON object each, without bodies, tokens or card numbers."""

from __future__ import annotations

import json
import logging
import traceback
from typing import TYPE_CHECKING

import psycopg

from svc.texts import hidden

if TYPE_CHECKING:
    from types import TracebackType

# For gunicorn, whose own lines take the same form.
CONFIGURATION = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "svc.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"level": "WARNING", "handlers": ["stderr"]},
    "loggers": {
        "ccp": {"level": "INFO"},
        # Its warning that a refused call left a pipeline early says nothing the refusal does not.
        "psycopg": {"level": "ERROR"},
        "psycopg.pool": {"level": "WARNING"},
        # gunicorn keeps its lines to itself unless told otherwise.
        "gunicorn.error": {"level": "INFO", "propagate": True},
        "gunicorn.access": {"level": "WARNING", "propagate": True},
    },
}


# gunicorn's line with addresses of ours and its own process, which nobody else words: digits and
# dots that must be read as they are.
LISTENING = "Listening at: %s (%s)"


class JsonFormatter(logging.Formatter):
    """One line a record; JSON escapes CR, LF and everything outside ASCII."""

    def format(self, record: logging.LogRecord) -> str:
        """Make the line; what a caller put into `extra={"fields": …}` becomes its members."""
        line = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[1]:
            line["error"] = describe(record.exc_info[1])
            line["frames"] = frames(record.exc_info[2])
        line = {name: told(value) for name, value in line.items()}
        if record.msg == LISTENING:
            line["message"] = record.getMessage()
        return json.dumps(line)


def told(value: object) -> object:
    """Return a value as a line holds it: a number as it is, a text without card numbers."""
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, list):
        return [told(one) for one in value]
    return hidden(str(value))


def describe(error: BaseException) -> str:
    """Tell what happened, without the row values that DETAIL of a database error prints."""
    name = type(error).__name__
    if isinstance(error, psycopg.Error) and error.sqlstate is not None:
        diag = error.diag
        return f"{name} {error.sqlstate}: {diag.message_primary} ({diag.context or 'no context'})"
    return f"{name}: {error}"


def frames(trace: TracebackType | None) -> list[str]:
    """Tell where it happened: file, line and function, outermost first."""
    return [
        f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)
    ]
