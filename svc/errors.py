"""From SQLSTATE to HTTP: one table, and the problem+json answer made from it (RFC 9457)."""

from __future__ import annotations

import dataclasses
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import psycopg
import psycopg_pool

from svc.texts import hidden

if TYPE_CHECKING:
    from collections.abc import Mapping

STATUS_OF_STATE = {
    **dict.fromkeys(["22P02", "22P05", "22003", "22007", "22008", "22021", "54000", "54001"], 400),
    **dict.fromkeys(["23505", "23P01"], 409),
    **dict.fromkeys(["23502", "23503", "23514"], 422),
    **dict.fromkeys(["55P03", "40001", "40P01", "57P01", "57P02", "57P03"], 503),
    "25001": 503,
    "57014": 504,
    "PM073": 401,
    # Recorded by the database itself, and our defect all the same.
    "IV024": 500,
}
STATUS_OF_CLASS = {"IV": 400, "PM": 403, "NF": 404, "ST": 409, "RL": 422, "08": 503, "53": 503}

FUNCTION = re.compile(r'(?:SQL|PL/pgSQL) function "?([a-z0-9_.]+)')

NOT_PERMITTED = "not_permitted"
# For states that the catalogue of the database does not name.
SLUG_OF_STATUS = {
    400: "invalid_input",
    401: "invalid_token",
    403: NOT_PERMITTED,
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "too_large",
    415: "unsupported_media_type",
    422: "rule_broken",
    500: "internal_error",
    503: "busy",
    504: "timeout",
}
RETRY_AFTER = {"Retry-After": "1"}
# A transaction that is to write was begun on a server which only reads: a standby.
READ_ONLY = "25001"
# What a route may have to catch, without knowing the driver.
DatabaseError = psycopg.Error
NoConnectionError = psycopg_pool.PoolTimeout
# What HTTP calls things that the database names otherwise.
HTTP_NAMES = {"request_id": "Idempotency-Key", "app.actor": "Authorization"}


@dataclasses.dataclass(eq=False, kw_only=True)
class Problem(Exception):  # noqa: N818 - the word of RFC 9457
    """What a caller is told instead of an answer.

    `title` is the stable message, `detail` what was expected and got, `hint` the next step,
    `field` the offending parameter or path, `errors` one `{path, code}` per place.
    """

    status: int
    code: str
    title: str
    detail: str | None = None
    hint: str | None = None
    field: str | None = None
    sqlstate: str | None = None
    errors: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    headers: dict[str, str] = dataclasses.field(default_factory=dict)

    def __str__(self) -> str:
        """Return what a log needs: no data of the caller."""
        return f"{self.status} {self.code}"

    def body(self, error_id: str) -> dict[str, Any]:
        """Make the answer; a defect of ours shows only its code and where to look."""
        known = {"type": "about:blank", "status": self.status, "code": self.code}
        if self.status == HTTPStatus.INTERNAL_SERVER_ERROR:
            return {**known, "title": "internal error", "error_id": error_id}
        return {
            **known,
            "title": self.title,
            "detail": self.detail,
            "hint": self.hint,
            # Of a name that is unknown nothing is known: it may be a card number.
            "field": hidden(self.field) if self.field else None,
            "sqlstate": self.sqlstate,
            "errors": [
                {**one, "path": hidden(one["path"])} if one.get("path") else one
                for one in self.errors
            ],
            "error_id": error_id,
        }


def status_of(sqlstate: str) -> int:
    """Give the HTTP status of an SQLSTATE; what is in no table is our defect."""
    return STATUS_OF_STATE.get(sqlstate) or STATUS_OF_CLASS.get(sqlstate[:2], 500)


def slug_of_status(status: int) -> str:
    """Give a slug to an answer that comes without one."""
    return SLUG_OF_STATUS.get(status, "invalid_request")


def internal_error() -> Problem:
    """Make what is shown of a defect."""
    return Problem(status=500, code="internal_error", title="internal error")


def origin(error: psycopg.Error) -> str:
    """Tell what ended a call and where, without any value: SQLSTATE and function."""
    found = FUNCTION.search(error.diag.context or "")
    place = f" in {found[1]}" if found else ""
    return f"{error.sqlstate or 'a lost connection'}{place}"


def from_database(
    error: psycopg.Error,
    catalogue: Mapping[str, str],
    names: Mapping[str, str] | None = None,
    *,
    has_key: bool = True,
) -> Problem:
    """Answer an error the database raised; `catalogue` gives SQLSTATE its slug.

    `names` tells what the request calls arguments, `has_key` whether it has an Idempotency-Key.
    DETAIL is passed on for our own classes only: that of class 23 prints the whole row.
    """
    sqlstate = error.sqlstate
    if sqlstate is None:
        away = isinstance(error, psycopg.OperationalError | psycopg_pool.PoolTimeout)
        return _busy(None, has_key=has_key) if away else internal_error()
    if sqlstate == "42501" and error.diag.context is None:
        # Refused at the door: the role has no grant for the call itself. Inside a function
        # there is a context, and a missing grant is our defect.
        return Problem(
            status=403,
            code=NOT_PERMITTED,
            title="your role does not permit this",
            sqlstate=sqlstate,
        )
    status = status_of(sqlstate)
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return internal_error()
    if sqlstate == READ_ONLY:
        return Problem(
            status=503,
            code="read_only_server",
            title="this server only reads",
            hint="it is a standby: send what writes to the primary",
            sqlstate=sqlstate,
            headers=dict(RETRY_AFTER),
        )
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return _busy(sqlstate, has_key=has_key)
    ours = sqlstate[:2] in STATUS_OF_CLASS
    code = catalogue.get(sqlstate) or slug_of_status(status)
    field = _field(error.diag.column_name, names or {}) if ours else None
    detail = _worded(error.diag.message_detail) if ours else None
    return Problem(
        status=status,
        code=code,
        title=_worded(error.diag.message_primary if ours else None) or code.replace("_", " "),
        detail=detail,
        hint=_worded(error.diag.message_hint) if ours else None,
        field=field,
        sqlstate=sqlstate,
        errors=_places(field, detail, code),
        headers={"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else {},
    )


def from_refusal(answer: Mapping[str, Any]) -> Problem:
    """Answer a file that an import function refused and recorded.

    `answer` is the function's own: code, sqlstate, message, hint, path, rejects.
    """
    sqlstate = answer.get("sqlstate")
    status = status_of(sqlstate) if sqlstate else 400
    return Problem(
        status=status,
        code=answer.get("code") or slug_of_status(status),
        title=answer.get("message") or "the file was refused",
        detail=answer.get("detail"),
        hint=answer.get("hint"),
        field=answer.get("path"),
        sqlstate=sqlstate,
        errors=list(answer.get("rejects") or []),
    )


def unready(error: psycopg.Error) -> tuple[str, str]:
    """Tell what is missing when the first questions fail, and in words: database, version, role."""
    state = error.sqlstate or ""
    if state in {"42501", "22023", "42704"}:
        return "role", "the login is not ccp_service, or the bootstrap script was not run"
    if state.startswith(("42", "3F")):
        return "version", "the database is not deployed, or not in the version of this service"
    return "database", "the database cannot be reached; why stands in the lines before"


def _field(column: str | None, names: Mapping[str, str]) -> str | None:
    """Give the parameter of an error the name it has in the request."""
    name = (column or "").removeprefix("p_")
    return names.get(name) or HTTP_NAMES.get(name, name) or None


def _places(field: str | None, detail: str | None, code: str) -> list[dict[str, Any]]:
    """List what is wrong inside an argument, each place with what was expected and got.

    The detail of such an error has a line for each place but the first, which is its field.
    """
    if field is None or detail is None or not re.search(r"[.\[]", field):
        return []
    first, *others = detail.split("\n")
    places = [{"path": field, "code": code, "detail": first}]
    for line in others:
        path, found, told = line.partition(": ")
        if found:
            places.append({"path": path, "code": code, "detail": told})
    return places


def _worded(text: str | None) -> str | None:
    """Speak of a request id as HTTP does."""
    return text.replace("request id", HTTP_NAMES["request_id"]) if text else text


def _busy(sqlstate: str | None, *, has_key: bool) -> Problem:
    """Answer that the database is away, or others were in the way twice: try again."""
    under = " with the same Idempotency-Key" if has_key else ""
    return Problem(
        status=503,
        code="busy",
        title="the database is busy or away",
        hint=f"repeat the request{under}",
        sqlstate=sqlstate,
        headers=dict(RETRY_AFTER),
    )
