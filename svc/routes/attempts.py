"""Handing in a file leaves its record, whatever ended it."""

from __future__ import annotations

import contextlib
import logging
from http import HTTPStatus
from typing import TYPE_CHECKING

from svc import errors, queries, routes
from svc.db import Call
from svc.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from svc.db import Row

log = logging.getLogger("ccp")

OVER_TIME = "57014"


@contextlib.contextmanager
def recorded(describe: Callable[[], list[Row]], request_id: str) -> Iterator[None]:
    """Hand in files; what a time limit, a lost connection or a defect ends is recorded.

    `describe` gives name, size and SHA-256 of each file. The record is a transaction of its own,
    since that of the import is gone. Raises what the handing in raised.
    """
    try:
        yield
    except (Problem, errors.NoConnectionError):
        # Told before anything of the file was read, or no connection to record it over.
        raise
    except Exception as error:
        if _is_failure(error):
            for file in describe():
                _record(file, error, request_id)
        raise


def _is_failure(error: Exception) -> bool:
    """Tell whether this is no refusal, which the database itself would have recorded."""
    if not isinstance(error, errors.DatabaseError):
        return True
    return errors.from_database(error, {}).status >= HTTPStatus.INTERNAL_SERVER_ERROR


def _record(file: Row, error: Exception, request_id: str) -> None:
    """Record one file; where that fails too, the log has it."""
    sqlstate = getattr(error, "sqlstate", None)
    cause = "a defect of the service"
    if isinstance(error, errors.DatabaseError):
        cause = errors.origin(error)
    call = Call(
        queries.REFUSE_IMPORT,
        {
            **file,
            "code": "time_limit" if sqlstate == OVER_TIME else "interrupted",
            "reason": f"the import was ended by {cause}",
            "request_id": request_id,
        },
    )
    try:
        routes.services().database.write(routes.actor(), call, request_id=request_id)
    except (errors.DatabaseError, Problem) as second:
        fields = {"idempotency_key": request_id, "sqlstate": sqlstate}
        log.error("attempt not recorded", exc_info=second, extra={"fields": fields})
