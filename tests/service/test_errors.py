"""Errors of the database become answers: the table, what is shown, what is tried again."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from psycopg import sql

from svc import errors
from svc.logs import LISTENING, JsonFormatter
from svc.texts import hidden
from tests.service.conftest import running

if TYPE_CHECKING:
    import psycopg

    from svc.config import Settings
    from tests.service.conftest import Api

TABLE = {
    400: ["IV001", "22P02", "22P05", "22003", "22007", "22008", "22021", "54000", "54001"],
    403: ["PM001"],
    404: ["NF001"],
    409: ["ST001", "23505", "23P01"],
    422: ["RL001", "23502", "23503", "23514"],
    503: ["55P03", "40001", "40P01", "08006", "53300", "57P01"],
    504: ["57014"],
    500: ["IV024", "22012", "42501", "P0001", "P0004", "XX000", "42P01", "ZX001"],
}


@pytest.mark.parametrize(
    ("status", "sqlstate"), [(status, state) for status in TABLE for state in TABLE[status]]
)
def test_each_sqlstate_has_its_status(status: int, sqlstate: str) -> None:
    """The table of the conventions, one by one."""
    assert errors.status_of(sqlstate) == status


def test_every_code_of_the_catalogue_is_answered(quiet_superuser: psycopg.Connection) -> None:
    """No code that a client can meet is a 500, but for that of a defect."""
    rows = quiet_superuser.execute(
        "SELECT sqlstate FROM app.error_codes WHERE sqlstate !~ '^ZX|IV024'"
    )
    states = [row[0] for row in rows.fetchall()]
    assert states
    assert all(errors.status_of(state) < 500 for state in states)


def break_create_session(superuser: psycopg.Connection, body: str) -> None:
    """Put a fault into a function of a database; nobody needs it there otherwise."""
    superuser.execute(
        "CREATE OR REPLACE FUNCTION api.create_session(p_session_name text DEFAULT NULL,"
        " p_parent_session_id uuid DEFAULT NULL, p_request_id text DEFAULT NULL,"
        " p_programme text DEFAULT NULL, p_period_start date DEFAULT NULL,"
        " p_period_end date DEFAULT NULL)"
        " RETURNS report.sessions LANGUAGE plpgsql SECURITY DEFINER AS"
        f" $$ BEGIN {body} END $$".encode()
    )


def add_column(superuser: psycopg.Connection, expression: str) -> None:
    """Give the view of sessions in this test's database one column more."""
    row = superuser.execute("SELECT pg_get_viewdef('report.processing_sessions')").fetchone()
    assert row is not None
    statement = sql.SQL(
        "CREATE OR REPLACE VIEW report.processing_sessions AS SELECT v.*, {} AS one FROM ({}) AS v"
    )
    superuser.execute(statement.format(sql.SQL(expression), sql.SQL(row[0].rstrip(";"))))


def raising(sqlstate: str) -> str:
    """Return a statement that raises with everything an error can carry."""
    return (
        f"RAISE EXCEPTION USING ERRCODE = '{sqlstate}', MESSAGE = 'the message',"
        " DETAIL = 'Failing row contains (4111111111111111).', HINT = 'the hint',"
        " COLUMN = 'p_session_name';"
    )


def test_our_own_errors_are_shown_whole(quiet: Api, quiet_superuser: psycopg.Connection) -> None:
    """Message, detail, hint and parameter, with the slug of the catalogue."""
    break_create_session(quiet_superuser, raising("IV008"))
    answer = quiet.post("/sessions")
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
    body = answer.get_json()
    assert body.pop("error_id")
    assert body == {
        "type": "about:blank",
        "status": 400,
        "code": "invalid_argument",
        "title": "the message",
        "detail": "Failing row contains (4111111111111111).",
        "hint": "the hint",
        "field": "session_name",
        "sqlstate": "IV008",
        "errors": [],
    }


@pytest.mark.parametrize("sqlstate", ["23505", "23502", "23514", "23503", "22P02"])
def test_what_the_server_itself_says_is_not_passed_on(
    quiet: Api, quiet_superuser: psycopg.Connection, sqlstate: str
) -> None:
    """Its DETAIL prints rows, its message may print values."""
    break_create_session(quiet_superuser, raising(sqlstate))
    answer = quiet.post("/sessions")
    assert answer.status_code in {400, 409, 422}
    assert "4111" not in answer.text
    assert "message" not in answer.text


@pytest.mark.parametrize("sqlstate", ["P0001", "42501", "22012", "ZX001", "42P01"])
def test_a_defect_shows_only_where_to_look(
    quiet: Api,
    quiet_superuser: psycopg.Connection,
    caplog: pytest.LogCaptureFixture,
    sqlstate: str,
) -> None:
    """Code and error_id; the log line with that id has the rest, without row or card."""
    break_create_session(quiet_superuser, raising(sqlstate))
    with caplog.at_level(logging.INFO, "ccp"):
        answer = quiet.post("/sessions")
    assert answer.status_code == 500
    body = answer.get_json()
    assert set(body) == {"type", "title", "status", "code", "error_id"}
    assert body["code"] == body["title"].replace(" ", "_") == "internal_error"
    lines = [json.loads(JsonFormatter().format(record)) for record in caplog.records]
    (line,) = [line for line in lines if line["message"] == "failed"]
    assert line["request_id"] == body["error_id"]
    assert f"{sqlstate}: the message" in line["error"]
    assert "create_session" in line["error"]
    assert "4111" not in json.dumps(lines)


def test_a_lost_race_is_tried_once_more(api: Api, superuser: psycopg.Connection) -> None:
    """The first try fails, the second does the work: the caller sees nothing of it."""
    superuser.execute("CREATE SEQUENCE public.tries")
    superuser.execute("GRANT ALL ON SCHEMA public TO PUBLIC")
    superuser.execute("GRANT ALL ON SEQUENCE public.tries TO PUBLIC")
    made = "RETURN (SELECT s FROM report.sessions AS s LIMIT 1);"
    api.post("/sessions")
    for sqlstate in ("40001", "40P01", "55P03"):
        superuser.execute("ALTER SEQUENCE public.tries RESTART")
        break_create_session(
            superuser,
            f"IF nextval('public.tries') = 1 THEN {raising(sqlstate)} END IF; {made}",
        )
        assert api.post("/sessions").status_code == 201
        superuser.execute("ALTER SEQUENCE public.tries RESTART")
        break_create_session(superuser, f"PERFORM nextval('public.tries'); {raising(sqlstate)}")
        answer = api.post("/sessions")
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
        assert superuser.execute("SELECT nextval('public.tries')").fetchone() == (3,)


def test_a_statement_that_takes_too_long_is_504(
    settings: Settings, superuser: psycopg.Connection
) -> None:
    """The limit is set with each request, and the connection serves the next one."""
    with running(replace(settings, statement_timeout=200)) as api:
        break_create_session(superuser, "PERFORM pg_sleep(10);")
        answer = api.post("/sessions")
        assert (answer.status_code, answer.get_json()["code"]) == (504, "timeout")
        assert api.get("/sessions").status_code == 200


def test_a_new_column_does_not_break_open_connections(
    settings: Settings, superuser: psycopg.Connection
) -> None:
    """A view that grew while the service ran: the prepared plan is made anew."""
    with running(replace(settings, pool_size=1)) as api:
        # After five times psycopg prepares a statement.
        assert {api.get("/sessions").status_code for _ in range(7)} == {200}
        add_column(superuser, "1")
        assert api.get("/sessions").status_code == 200


def test_lost_connections_are_replaced(api: Api, superuser: psycopg.Connection) -> None:
    """The next request works after the server ended all connections."""
    assert api.get("/sessions").status_code == 200
    superuser.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    assert api.get("/sessions").status_code == 200


def test_a_database_that_is_away_is_503(settings: Settings, superuser: psycopg.Connection) -> None:
    """Not ready, busy for calls, and alive all the same."""
    with running(replace(settings, pool_timeout_seconds=1)) as api:
        client = api.app.test_client()
        superuser.execute("ALTER ROLE ccp_service NOLOGIN")
        try:
            superuser.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE usename = 'ccp_service' AND datname = current_database()"
            )
            assert client.get("/readyz").status_code == 503
            assert api.get("/sessions").status_code == 503
            assert client.get("/healthz").status_code == 200
        finally:
            superuser.execute("ALTER ROLE ccp_service LOGIN")
        deadline = time.monotonic() + 60
        while client.get("/readyz").status_code != 200:
            assert time.monotonic() < deadline


@pytest.mark.parametrize(("minutes", "is_late"), [(14, False), (16, True)])
def test_readiness_says_when_sealing_is_late(
    api: Api, superuser: psycopg.Connection, *, minutes: int, is_late: bool
) -> None:
    """What was committed a quarter of an hour ago and is not sealed is an alarm, and no outage."""
    superuser.execute("SELECT audit.seal()")
    superuser.execute(
        "INSERT INTO audit.commits (started_at, user_id, login_name, role_name, is_dirty)"
        " SELECT now() - make_interval(mins => %s), user_id, 'ccp_owner', 'none', false"
        " FROM app.users WHERE user_name = 'deployment'",
        (minutes,),
    )
    answer = api.app.test_client().get("/readyz")
    assert (answer.status_code, answer.get_json()["status"]) == (200, "ready")
    assert ("seal_lag_seconds" in answer.get_json()) is is_late


def test_reads_cannot_write(api: Api, superuser: psycopg.Connection) -> None:
    """A view that writes is stopped: reads run read-only."""
    superuser.execute("CREATE TABLE public.written (at timestamptz)")
    superuser.execute("GRANT ALL ON SCHEMA public TO PUBLIC")
    superuser.execute("GRANT ALL ON public.written TO PUBLIC")
    superuser.execute(
        "CREATE FUNCTION public.write() RETURNS boolean LANGUAGE sql VOLATILE"
        " AS 'INSERT INTO public.written VALUES (now()) RETURNING true'"
    )
    add_column(superuser, "public.write()")
    assert api.post("/sessions").status_code == 201
    written = superuser.execute("DELETE FROM public.written").rowcount
    answer = api.get("/sessions")
    assert answer.status_code == 500
    assert written > 0
    assert superuser.execute("SELECT count(*) FROM public.written").fetchone() == (0,)


def test_nothing_of_a_request_stays_on_the_connection(settings: Settings) -> None:
    """Role, actor and limits end with the transaction, as a pooler in between needs it."""
    with running(replace(settings, pool_size=1)) as api:
        api.post("/sessions")
        api.post("/sessions", user="ron")
        database = api.app.extensions["ccp"].database
        with database._pool.connection() as connection:
            row = connection.execute(
                "SELECT current_user, current_setting('app.actor', true) AS actor,"
                " bool_and(s.setting = s.reset_val) AS as_before FROM pg_settings AS s"
                " WHERE s.name ~ 'timeout|read_only'"
            ).fetchone()
        assert row == {"current_user": "ccp_service", "actor": "", "as_before": True}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("DELETE", "/sessions", 405),
        ("PUT", "/import-json", 405),
        ("GET", "/issues/00000000-0000-7000-8000-000000000000/resolve", 405),
    ],
)
def test_unknown_paths_and_methods_are_problems_too(
    quiet: Api, method: str, path: str, status: int
) -> None:
    """One kind of error answer everywhere."""
    answer = quiet.call(method, path)
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert answer.get_json()["code"] in {"not_found", "method_not_allowed"}
    assert (status == 405) == ("Allow" in answer.headers)


def test_every_answer_carries_the_security_headers(quiet: Api) -> None:
    """Good and bad alike."""
    client = quiet.app.test_client()
    for answer in (client.get("/healthz"), client.get("/no"), quiet.get("/sessions")):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_log_line_is_one_line_without_card_numbers() -> None:
    """CR and LF are escaped; digits as long as a card number are hidden, ids are not."""
    record = logging.LogRecord("ccp", logging.INFO, "", 0, "a\r\nb 4111 1111-1111 1111", None, None)
    record.fields = {"user": "x\ny", "path": "/a/01a204ce-85c7-7099-8a27-123456789012", "n": 12}
    line = JsonFormatter().format(record)
    assert "\n" not in line
    assert "\r" not in line
    assert "1111" not in line
    assert json.loads(line)["path"].endswith("-123456789012")
    assert json.loads(line)["message"] == "a\r\nb [card number]"
    # Where gunicorn listens is read as it is, and nobody else says it in these words.
    address = ("http://10.100.200.30:8000", 88021)
    for words, said in (
        (LISTENING, "Listening at: http://10.100.200.30:8000 (88021)"),
        ("%s %s", "http://[card number]"),
    ):
        record = logging.LogRecord("gunicorn.error", logging.INFO, "", 0, words, address, None)
        assert json.loads(JsonFormatter().format(record))["message"] == said


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("/sessions/4111.1111.1111.1111", "/sessions/[card number]"),
        ("PAN4111111111111111X", "PAN[card number]X"),
        ("4111 - 1111 - 1111 - 1111 12/27", "[card number]"),
        ("\uff14" * 16, "[card number]"),
        ("411111111111", "411111111111"),
        ("4111----1111----1111----1111", "4111----1111----1111----1111"),
        ("6" * 32, "6" * 32),
        ("12345678-1234-7123-8123-123456789012", "12345678-1234-7123-8123-123456789012"),
    ],
)
def test_texts_of_callers_are_told_without_card_numbers(text: str, told: str) -> None:
    """Whatever stands between the digits, and of which script they are."""
    assert hidden(text) == told
