"""The pool, one transaction a request, role, actor and the single retry."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, LiteralString, NamedTuple, TypeAlias, TypeVar, cast

import psycopg
from psycopg.adapt import AdaptersMap, Dumper
from psycopg.pq import Format
from psycopg.rows import dict_row
from psycopg.types.json import set_json_loads
from psycopg_pool import ConnectionPool

from svc import queries
from svc.config import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from psycopg.abc import Buffer

    from svc.auth import Actor
    from svc.config import Settings

Row: TypeAlias = dict[str, Any]
Connection: TypeAlias = psycopg.Connection[Row]

Result = TypeVar("Result")

APPLICATION_NAME = "ccp-service"
LOGIN = "ccp_service"
CALLED = re.compile(r"\b((?:api|audit|report)\.\w+)\(")
ARGUMENT = re.compile(r"\b(p_\w+) =>")
# libpq never shrinks its send buffer: a connection that carried more than this is not kept.
LARGE_PARAMETER_BYTES = 4 * 1024 * 1024
# More than the surface has statements: else they would be dropped and prepared in turn.
PREPARED_MAXIMUM = 500
FETCHED_ROWS = 1000
# In milliseconds; read once at start and after a deployment.
SURFACE_TIMEOUT = 30_000

# So that a server that vanished without a word is noticed within about a minute (libpq).
ALIVE: Mapping[str, int] = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}

# The server ended the connection (or, without a state, it is found dead): tried once more when
# nothing had been answered yet.
ENDED_BY_SERVER = (None, "57P01", "57P02", "57P03", "57P05")

# Worth one more try: lost to others by chance, or planned before a view got a new column.
RETRIED = (
    psycopg.errors.SerializationFailure,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.LockNotAvailable,
    psycopg.errors.FeatureNotSupported,
)


# How a server says that it only reads: when a transaction is to write, or when it writes.
READ_ONLY = (
    psycopg.errors.ActiveSqlTransaction,
    psycopg.errors.FeatureNotSupported,
    psycopg.errors.ReadOnlySqlTransaction,
)


class _DeadConnectionError(Exception):
    """The connection had ended before it answered anything, so nothing was done over it."""


class Call(NamedTuple):
    """One statement of `queries`, or composed of the surface, and its parameters."""

    statement: LiteralString | bytes
    parameters: Mapping[str, Any]


class _TextDumper(Dumper):
    """Sends a bytearray, already checked to be UTF-8, as text without copying it."""

    format = Format.BINARY
    oid = psycopg.adapters.types["text"].oid

    def dump(self, obj: bytearray) -> Buffer:
        """Return the bytes as they are."""
        return obj


Look: TypeAlias = "Callable[[Call], Iterator[Row]]"
"""Makes a call and yields its rows."""


class Database:
    """The service's way to the database: every call binds its values and runs as one actor."""

    def __init__(self, settings: Settings) -> None:
        """Prepare a closed pool; `open` connects it."""
        self._settings = settings
        self.error_slugs: Mapping[str, str] = {}
        self.surface_number: int | None = None
        adapters = AdaptersMap(psycopg.adapters)
        adapters.register_dumper(bytearray, _TextDumper)
        set_json_loads(partial(json.loads, parse_float=Decimal), adapters)
        self._pool = ConnectionPool[Connection](
            settings.database_url,
            kwargs={
                "row_factory": dict_row,
                "context": _Context(adapters),
                "client_encoding": "UTF8",
                "application_name": APPLICATION_NAME,
                **ALIVE,
            },
            min_size=1,
            max_size=settings.pool_size,
            timeout=settings.pool_timeout_seconds,
            # Short, so that the pauses between attempts do not grow to minutes: after an outage
            # the next request makes the next attempt.
            reconnect_timeout=settings.pool_timeout_seconds,
            # No check of connections given out: it is a round trip a request, and waits longer and
            # longer over each dead one. See _once_more.
            configure=_prepare_where_it_lasts,
            open=False,
            name="ccp",
        )

    def open(self, *, wait: bool = True) -> None:
        """Connect and read the error catalogue; without `wait` each call connects when it can.

        Raises PoolTimeout or psycopg.Error when the database is away or not deployed: then this
        pool is used up, without `wait` it never is; ConfigurationError when the login or the
        version is another one.
        """
        self._pool.open(wait=wait, timeout=self._settings.pool_timeout_seconds)
        if not wait:
            return
        found = self.check()
        if found["login"] != LOGIN:
            raise ConfigurationError(f"DATABASE_URL logs in as {found['login']}, not as {LOGIN}")
        if found["missing"]:
            raise ConfigurationError(
                f"the database is of another version, without {', '.join(found['missing'])}:"
                " deploy it, or take the service that belongs to it"
            )

    def close(self) -> None:
        """Give all connections back."""
        self._pool.close()

    def check(self) -> Row:
        """Ask the database for the error catalogue, which needs a deployed schema and a role.

        Returns who we are there, whether it takes writes, how far sealing lags behind writing, and
        in `missing` what this service calls and the database does not have. Raises PoolTimeout or
        psycopg.Error.
        """
        calls = [
            Call(queries.ERROR_CATALOGUE, {}),
            Call(queries.READINESS, {}),
            Call(queries.MISSING_FUNCTIONS, {"needed": json.dumps(_needed())}),
        ]
        catalogue, [readiness], missing = self._run(None, calls, read_only=True)
        self.error_slugs = {row["sqlstate"]: row["slug"] for row in catalogue}
        return {**readiness, "missing": [row["name"] for row in missing]}

    def metrics(self) -> list[Row]:
        """Return the figures for a monitoring system. Raises PoolTimeout, psycopg.Error."""
        return self._run(None, [Call(queries.METRICS, {})], read_only=True)[0]

    def surface(self) -> Row:
        """Return what the database says of the HTTP surface. Raises PoolTimeout, psycopg.Error."""
        calls = [Call(queries.SURFACE, {})]
        rows = self._run(None, calls, read_only=True, timeout=SURFACE_TIMEOUT)[0]
        return cast("Row", rows[0]["surface"])

    def read(self, actor: Actor, *calls: Call) -> list[list[Row]]:
        """Return the rows of each call, all of one state, seen by one read-only transaction.

        Raises psycopg.Error, PoolTimeout, Problem when the actor's role is not what it claims.
        """
        return self._run(actor, calls, read_only=True)

    def write(
        self, actor: Actor, call: Call, *, request_id: str, timeout: int | None = None
    ) -> Row:
        """Return the one row that a call of a writing function answers, committed.

        `timeout` is in milliseconds. Raises as `read` does.
        """
        rows = self._run(actor, [call], read_only=False, request_id=request_id, timeout=timeout)[0]
        return rows[0]

    def note(self, actor: Actor, call: Call) -> bool:
        """Make a call that writes something down; False on a server that takes no writes.

        Raises as `read` does.
        """
        try:
            self.write(actor, call, request_id="")
        except READ_ONLY:
            if self.check()["is_writable"]:
                raise
            return False
        return True

    def look(
        self, actor: Actor, work: Callable[[Look], Result], *, role: str | None = None
    ) -> Result:
        """Return what `work` makes of rows in one read-only transaction that sees one state.

        `work` is given a function that makes a call and yields its rows, a thousand fetched at a
        time; it is begun once more when it lost a race. `role` is as for `converse`. Raises as
        `read` does, and what `work` raises.
        """
        opening = self._opening(actor, read_only=True, request_id="", timeout=None)
        return self._once_more(lambda: self._looked(actor, work, role, opening))

    def converse(
        self,
        actor: Actor,
        work: Callable[[Callable[[Call], list[Row]]], Result],
        *,
        role: str | None = None,
        request_id: str = "",
        timeout: int | None = None,
    ) -> Result:
        """Return what `work` makes of calls in one writing transaction, committed at its end.

        `work` is given a function that makes a call and returns its rows; it keeps no client
        waiting, and is begun once more when it lost a race. `role` is for system users, who have
        no role of their own. Raises as `read` does, and what `work` raises.
        """
        opening = self._opening(actor, read_only=False, request_id=request_id, timeout=timeout)
        return self._once_more(lambda: self._conversation(actor, work, role, opening))

    def _once_more(self, attempt: Callable[[], Result]) -> Result:
        """Make an attempt, and one more when it lost a race or began on a dead connection.

        A server that ends one idle connection has mostly ended all: they are let go together.
        """
        try:
            return attempt()
        except RETRIED:
            pass
        except _DeadConnectionError:
            self._pool.drain()
        try:
            return attempt()
        except _DeadConnectionError as error:
            raise error.__cause__ or error from None

    def _open_request(
        self,
        connection: Connection,
        opening: Mapping[str, str],
        actor: Actor | None,
        role: str | None,
    ) -> None:
        """Open the transaction, ask who acts, and take their role, or the one that is given.

        What only reads sees one state, whatever others commit between its statements. The first
        wait of a request is in here: the connection answers, or it was dead.
        """
        try:
            if opening["read_only"] == "on":
                connection.execute(queries.ONE_STATE, prepare=False)
            opened = connection.execute(queries.OPEN_REQUEST, opening)
            if actor is None:
                opened.fetchone()
            elif role is None:
                user = connection.execute(queries.SIGN_IN, actor.credentials).fetchone() or {}
                self.surface_number = user["surface_number"]
                role = actor.database_role(user["role"])
        except psycopg.OperationalError as error:
            if error.sqlstate in ENDED_BY_SERVER:
                raise _DeadConnectionError from error
            raise
        if role is not None:
            connection.execute(queries.TAKE_ROLE, {"role": role})

    def _conversation(
        self,
        actor: Actor,
        work: Callable[[Callable[[Call], list[Row]]], Result],
        role: str | None,
        opening: Mapping[str, str],
    ) -> Result:
        """Carry out a conversation once."""
        with self._pool.connection() as connection:
            self._open_request(connection, opening, actor, role)
            result = work(lambda call: connection.execute(*call).fetchall())
            with connection.pipeline():
                connection.execute(queries.PROVE, prepare=False)
                connection.execute(queries.COMMIT, prepare=False)
        return result

    def _looked(
        self,
        actor: Actor,
        work: Callable[[Look], Result],
        role: str | None,
        opening: Mapping[str, str],
    ) -> Result:
        """Look once."""
        with self._pool.connection() as connection:
            self._open_request(connection, opening, actor, role)
            connection.execute(queries.OPEN_LOOK)

            def rows(call: Call) -> Iterator[Row]:
                """Yield the rows of a call as they are fetched."""
                with connection.cursor(name="rows") as cursor:
                    cursor.itersize = FETCHED_ROWS
                    yield from cursor.execute(*call)

            return work(rows)

    def _opening(
        self, actor: Actor | None, *, read_only: bool, request_id: str, timeout: int | None
    ) -> dict[str, str]:
        """Return the settings a transaction opens with."""
        return {
            "actor": actor.setting if actor else "",
            "request_id": request_id,
            "read_only": "on" if read_only else "off",
            "statement_timeout": str(timeout or self._settings.statement_timeout),
            "lock_timeout": str(self._settings.lock_timeout),
            "idle_timeout": str(self._settings.idle_timeout),
        }

    def _run(
        self,
        actor: Actor | None,
        calls: Sequence[Call],
        *,
        read_only: bool,
        request_id: str = "",
        timeout: int | None = None,
    ) -> list[list[Row]]:
        """Run the calls as one transaction, and once more when it lost a race."""
        opening = self._opening(actor, read_only=read_only, request_id=request_id, timeout=timeout)
        return self._once_more(lambda: self._transaction(actor, opening, calls))

    def _transaction(
        self, actor: Actor | None, opening: Mapping[str, str], calls: Sequence[Call]
    ) -> list[list[Row]]:
        """Two round trips: who is it; then role, calls, proof and COMMIT together."""
        with self._pool.connection() as connection:
            with connection.pipeline():
                self._open_request(connection, opening, actor, None)
                cursors = [connection.execute(*call) for call in calls]
                if opening["read_only"] == "off":
                    connection.execute(queries.PROVE, prepare=False)
                # Not connection.commit(): inside a pipeline it waits for answers without having
                # sent all of a large parameter. Leaving the pipeline sends everything.
                connection.execute(queries.COMMIT, prepare=False)
            rows = [cursor.fetchall() for cursor in cursors]
            if any(_is_large(value) for call in calls for value in call.parameters.values()):
                connection.close()
        return rows


class _Context:
    """Carries our adapters into new connections."""

    connection = None

    def __init__(self, adapters: AdaptersMap) -> None:
        self.adapters = adapters


def _needed() -> list[dict[str, Any]]:
    """Return what `queries` calls: each function with the arguments it is given."""
    return [
        {"name": name, "arguments": ARGUMENT.findall(text)}
        for constant, text in vars(queries).items()
        if constant.isupper()
        for name in CALLED.findall(text)
    ]


def _prepare_where_it_lasts(connection: Connection) -> None:
    """Let a new connection keep every statement prepared, or none behind a pooler.

    A pooler answers under a process number of its own. It gives each transaction whichever
    connection to the server is free, where what was prepared on another is unknown.
    """
    server = connection.execute(queries.SERVER_PROCESS, prepare=False).fetchone() or {}
    connection.rollback()
    if server["process"] == connection.info.backend_pid:
        connection.prepared_max = PREPARED_MAXIMUM
    else:
        connection.prepare_threshold = None


def _is_large(value: object) -> bool:
    """Whether sending this left a large buffer behind."""
    return isinstance(value, (bytes, bytearray)) and len(value) > LARGE_PARAMETER_BYTES
