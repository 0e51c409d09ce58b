"""The surface that is rows: a new one is served by a running service, a wrong one stops nothing."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from svc.surface import catalog, statements
from tests.service.conftest import running

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg

    from svc.config import Settings
    from tests.service.conftest import Api

ADD = (
    "INSERT INTO app.surface_operations (operation, tag, method, path, shape, target, keys)"
    " VALUES ('list_probes', 'probes', 'GET', '/probes', 'list', %s, %s)"
)


def add(owner: psycopg.Connection, target: str = "report.settings", *keys: str) -> None:
    """Put one row on the surface, as a change of the schema does."""
    owner.execute(ADD, (target, list(keys or ["setting_name"])))
    owner.commit()


def described(api: Api) -> set[str]:
    """Return the paths of the description."""
    return set(api.app.test_client().get("/openapi.json").get_json()["paths"])


def test_a_new_row_is_a_new_operation(api: Api, connect: Callable[..., psycopg.Connection]) -> None:
    """Without restart or signal, at the first request, described as the others; with 405 too."""
    assert api.get("/probes").status_code == 404
    assert "/api/v1/probes" not in described(api)
    add(connect("ccp_owner"))
    answer = api.get("/probes", limit="2")
    assert answer.status_code == 200, answer.get_json()
    assert len(answer.get_json()["items"]) == 2
    assert set(api.call("PUT", "/probes").headers["Allow"].split(", ")) == {"GET", "HEAD"}
    assert "/api/v1/probes" in described(api)
    assert {row["setting_name"] for page in api.pages("/probes", limit="3") for row in page} == {
        row["setting_name"] for page in api.pages("/settings") for row in page
    }


def test_other_requests_notice_a_new_row_as_well(
    api: Api, connect: Callable[..., psycopg.Connection]
) -> None:
    """Whatever is asked first after the change."""
    add(connect("ccp_owner"))
    assert api.get("/sessions").status_code == 200
    assert "/api/v1/probes" in described(api)


def test_no_request_fails_while_the_surface_changes(
    api: Api, connect: Callable[..., psycopg.Connection]
) -> None:
    """Requests go on over twenty changes; what that is gone is 404 afterwards."""
    owner = connect("ccp_owner")
    done = threading.Event()
    answers: list[int] = []

    def ask() -> None:
        """Ask until the changes are made."""
        while not done.is_set():
            answers.append(api.get("/sessions").status_code)
            answers.append(api.post("/sessions").status_code)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(10):
        add(owner)
        owner.execute("DELETE FROM app.surface_operations WHERE operation = 'list_probes'")
        owner.commit()
    done.set()
    for thread in threads:
        thread.join()
    assert set(answers) == {200, 201}
    assert api.get("/sessions").status_code == 200
    assert api.get("/probes").status_code == 404


def test_a_wrong_row_leaves_the_old_surface(
    api: Api, connect: Callable[..., psycopg.Connection]
) -> None:
    """A reading is taken whole or not at all, and the next right one is taken."""
    owner = connect("ccp_owner")
    owner.execute("UPDATE app.surface_operations SET path = '/rows' WHERE operation = 'list_rules'")
    add(owner, "report.nothing")
    assert api.get("/rules").status_code == 200
    assert api.get("/rows").status_code == 404
    assert api.get("/rules").status_code == 200
    owner.execute("DELETE FROM app.surface_operations WHERE operation = 'list_probes'")
    owner.commit()
    assert api.get("/rows").status_code == 200
    assert api.get("/rules").status_code == 404


def test_a_service_starts_without_a_wrong_row_and_says_so(
    connect: Callable[..., psycopg.Connection], request: pytest.FixtureRequest
) -> None:
    """The rest is served; readiness names the row and what it lacks."""
    owner = connect("ccp_owner")
    add(owner, "report.settings", "probe")
    api: Api = request.getfixturevalue("api")
    assert api.get("/settings").status_code == 200
    assert api.get("/probes").status_code == 404
    answer = api.app.test_client().get("/readyz").get_json()
    fault = {"operation": "list_probes", "fault": "key probe is no column"}
    # It may also say that the seal is late, on a server that has run for a while.
    assert (answer["status"], answer["faults"]) == ("ready", [fault])


def test_a_function_that_lost_an_argument_is_called_anew(
    api: Api, superuser: psycopg.Connection
) -> None:
    """The call fails at the door, the surface is read again, and the body with it."""
    assert api.post("/sessions", session_name="One").status_code == 201
    superuser.execute("DROP FUNCTION api.create_session(text, uuid, text, text, date, date)")
    superuser.execute(
        "CREATE FUNCTION api.create_session(p_session_name text, p_request_id text DEFAULT NULL)"
        " RETURNS report.sessions LANGUAGE sql SECURITY DEFINER AS"
        " 'SELECT s FROM report.sessions AS s WHERE p_session_name = ''Two'' LIMIT 1'"
    )
    superuser.execute("GRANT EXECUTE ON FUNCTION api.create_session(text, text) TO ccp_processor")
    answer = api.post("/sessions", session_name="Two")
    assert answer.status_code == 201, answer.get_json()
    assert answer.get_json()["session_name"] == "One"
    missing = api.post("/sessions")
    assert missing.status_code == 400
    assert missing.get_json()["errors"] == [{"path": "session_name", "code": "missing"}]


def test_a_row_gives_no_right(api: Api, connect: Callable[..., psycopg.Connection]) -> None:
    """What a role may not read it is refused at the door."""
    add(connect("ccp_owner"), "report.users", "user_name")
    assert api.get("/probes", user="ada").status_code == 200
    answer = api.get("/probes", user="ron")
    assert (answer.status_code, answer.get_json()["code"]) == (403, "not_permitted")


@pytest.mark.parametrize("name", ["a b", "a;b", 'a"b', "a.b", "Ä", "A", "", "a%s"])
def test_names_that_need_quotes_are_refused(name: str) -> None:
    """Nothing but plain names gets into a statement, whoever wrote the row."""
    operation = catalog.Operation(
        name="probe",
        tag="probes",
        method="GET",
        path="/probes",
        shape="list",
        target="report.probes",
        keys=(name,),
        as_of=None,
        one_of=(),
        names={},
        fixed={},
        parts={},
        status=200,
        location=None,
        body_factor=1,
        filters=(),
        orders={},
    )
    source = catalog.Source(
        name="report.probes",
        is_function=False,
        row_name="report.probes",
        comment="",
        roles=(),
        errors=(),
        arguments={},
    )
    seen = catalog.Catalog(
        number=1,
        faults=(),
        operations={},
        parents={},
        terms={},
        lists={},
        sources={"report.probes": source},
        rows={"report.probes": {name: catalog.Column(name, "text", None, None)}},
    )
    keys = statements.keys(seen, operation, operation.keys)
    with pytest.raises(statements.CompositionError):
        statements.page(seen, operation, keys, as_of=False)


def test_a_get_is_not_told_to_send_a_key(settings: Settings, superuser: psycopg.Connection) -> None:
    """Busy: a POST is repeated under its key, a GET is just repeated."""
    with running(replace(settings, lock_timeout=50)) as api, superuser.transaction():
        superuser.execute("LOCK TABLE app.processing_sessions IN ACCESS EXCLUSIVE MODE")
        reading_hint = api.get("/sessions").get_json()["hint"]
        writing_hint = api.post("/sessions").get_json()["hint"]
    assert reading_hint == "repeat the request"
    assert writing_hint == "repeat the request with the same Idempotency-Key"


def test_errors_speak_of_the_key_as_http_does(api: Api) -> None:
    """And somebody else's key is one's own: nothing is told of their call."""
    assert api.post("/sessions", key="one", session_name="A").status_code == 201
    answer = api.post("/sessions", key="one", session_name="B")
    body = answer.get_json()
    assert (answer.status_code, body["code"]) == (409, "request_reused")
    assert body["field"] == "Idempotency-Key"
    assert "request id" not in str(body)
    other = api.post("/sessions", user="ada", key="one", session_name="B")
    assert other.status_code == 201
    assert other.get_json()["session_name"] == "B"


def test_what_an_administrator_saves(api: Api) -> None:
    """Settings, users, calendar, merchants, codes; repeated under its key the same answer."""
    steps: list[tuple[str, dict[str, Any], str, Any]] = [
        (
            "/settings",
            {"setting_name": "due_days_high", "value": 4, "expected_version": 1},
            "value",
            "4",
        ),
        ("/users", {"user_name": "zoe", "role": "reviewer"}, "role", "reviewer"),
        (
            "/logins",
            {"login_name": "zoe_login", "user_name": "zoe", "expected_version": 1},
            "logins",
            ["zoe_login"],
        ),
        ("/logins", {"login_name": "zoe_login", "expected_version": 2}, "logins", []),
        (
            "/calendar",
            {"calendar_day": "2027-12-24", "is_business_day": False, "description": "Eve"},
            "description",
            "Eve",
        ),
        ("/calendar", {"calendar_day": "2027-12-24", "expected_version": 1}, "description", "Eve"),
        ("/prohibited-merchants", {"pattern": "casino", "reason": "No"}, "pattern", "CASINO"),
        (
            "/spending-limits",
            {"merchant_group": "fuel", "limit_amount": "200.00"},
            "limit_amount",
            "200.00",
        ),
        (
            "/codes/job",
            {"codes": [{"code": "1"}, {"code": "2"}], "expected_version": 1},
            "answer",
            2,
        ),
    ]
    for number, (path, body, member, value) in enumerate(steps):
        answer = api.post(path, user="ada", key=f"k{number}", **body)
        assert answer.status_code == 200, answer.get_json()
        assert answer.get_json()[member] == value
        again = api.post(path, user="ada", key=f"k{number}", **body)
        assert again.get_json() == answer.get_json()
        assert api.post(path, user="pat", **body).status_code == 403
    assert api.post("/calendar", user="ada", calendar_day="2027-12-24").status_code == 404
    assert api.get("/calendar").get_json()["items"] == []
    assert api.get("/whoami", user="rae").get_json()["role"] == "reviewer"
