"""Bodies on a real wire: broken, too large, of the wrong kind; a worker killed in the middle."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.service.conftest import DATA, receive, request_head

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.service.conftest import Server

SMALL = (DATA / "small" / "activity.json").read_bytes()
CHUNKED = "Transfer-Encoding: chunked"
WAITING = """
SELECT 1 FROM pg_stat_activity WHERE application_name = 'ccp-service'
    AND datname = current_database() AND wait_event_type = 'Lock'
"""


def chunks(body: bytes, size: int = 4000) -> bytes:
    """Return a body in chunks."""
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def length(body: bytes) -> str:
    """Return the header that announces a body."""
    return f"Content-Length: {len(body)}"


def status(answer: bytes) -> int:
    """Return the status of a raw answer."""
    return int(answer.split(b" ", 2)[1])


def content(answer: bytes) -> dict[str, Any]:
    """Return the JSON of a raw answer."""
    parsed: dict[str, Any] = json.loads(answer.split(b"\r\n\r\n", 1)[1])
    return parsed


def test_bodies_on_the_wire(server: Server, superuser: psycopg.Connection) -> None:
    """Every way a body can be wrong has its 4xx; after all of them a good one works."""
    path = "/import-json"
    big = b'{"A": "' + b"x" * 2_000_000 + b'"}'
    wrong = {
        "cut off": (400, [length(SMALL)], SMALL[:-100]),
        "chunk cut off": (400, [CHUNKED], chunks(SMALL)[:-500]),
        "no last chunk": (400, [CHUNKED], chunks(SMALL)[:-5]),
        "chunk size is no number": (400, [CHUNKED], b"zz\r\n{}\r\n0\r\n\r\n"),
        "chunk longer than said": (400, [CHUNKED], b"2\r\n{}garbage\r\n0\r\n\r\n"),
        "announced too large": (413, ["Content-Length: 999999999999"], b""),
        "just too large": (413, [length(big)], big),
        "chunked too large": (413, [CHUNKED], chunks(big, 100_000)),
        "packed": (415, [length(SMALL), "Content-Encoding: gzip"], SMALL),
        "packed twice": (415, [length(SMALL), "Content-Encoding: identity, br"], SMALL),
    }
    for case, (expected, headers, body) in wrong.items():
        answer = server.post(path, body, *headers)
        assert answer, case
        assert status(answer) == expected, (case, answer)
        assert b"application/problem+json" in answer, case
        assert content(answer)["error_id"], case
    small_limit = server.post("/sessions", b'{"session_name": "%s"}' % (b"x" * 2000), CHUNKED)
    assert status(small_limit) in {400, 413}
    attempts = superuser.execute("SELECT count(*) FROM app.import_attempts").fetchone()
    assert attempts == (0,)
    assert status(server.post(path, chunks(SMALL), CHUNKED)) == 201
    log = server.log.read_text()
    assert "Traceback" not in log
    assert all(json.loads(line) for line in log.splitlines())


@pytest.mark.parametrize("size", [1001, 2**64])
@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/sessions", "application/json"),
        ("/issues/resolve", "application/json"),
        ("/sessions/00000000-0000-7000-8000-000000000000/files", "multipart/form-data; boundary=x"),
        ("/import-json", "application/json"),
    ],
)
def test_a_chunk_larger_than_the_body_may_be_ends_at_once(
    quiet_server: Server, path: str, kind: str, size: int
) -> None:
    """413 while the client keeps its connection and sends nothing more; a chunk that fits waits."""
    if size == 1001 and path != "/sessions":
        size = 2**40
    head = request_head(path, CHUNKED).replace(b"application/json", kind.encode())
    with quiet_server.connect() as connection:
        connection.sendall(head + b"%x\r\n{" % size)
        assert status(receive(connection)) == 413
    fits = quiet_server.send(head + b"%x\r\n{" % 1000)
    assert status(fits) == 400


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "",
        "multipart/form-data",
        "application/json; charset=latin-1",
    ],
)
def test_other_types_are_refused(quiet_server: Server, content_type: str) -> None:
    """415, and the hint says what would do."""
    head = request_head("/import-json", length(SMALL)).replace(
        b"Content-Type: application/json", f"Content-Type: {content_type}".encode()
    )
    answer = quiet_server.send(head + SMALL)
    assert status(answer) == 415
    assert "application/json" in content(answer)["hint"]


def test_nothing_is_read_of_a_stranger(quiet_server: Server) -> None:
    """401 comes before the body does."""
    with quiet_server.connect() as connection:
        connection.sendall(
            b"POST /api/v1/import-json HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n"
            b"Content-Type: application/json\r\nConnection: close\r\n\r\n"
        )
        connection.settimeout(10)
        assert status(connection.recv(65536)) == 401


def test_a_client_that_goes_away_leaves_nothing(
    server: Server, superuser: psycopg.Connection
) -> None:
    """Half a file, then silence: no session, no attempt, and the next request works."""
    with server.connect() as connection:
        connection.sendall(request_head("/import-json", length(SMALL)) + SMALL[:5000])
    assert status(server.post("/import-json", SMALL, length(SMALL))) == 201
    assert superuser.execute("SELECT count(*) FROM report.sessions").fetchone() == (1,)


def workers(server: Server) -> list[int]:
    """Return the process ids of gunicorn's workers."""
    children = f"/proc/{server.process.pid}/task/{server.process.pid}/children"
    with open(children, encoding="ascii") as file:  # noqa: PTH123 - no path methods on procfs
        return [int(pid) for pid in file.read().split()]


def wait_for(condition: Callable[[], object]) -> None:
    """Wait until a condition holds, at most a minute."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_killed_worker_leaves_one_complete_session(
    server: Server, superuser: psycopg.Connection
) -> None:
    """Kill -9 while the import runs; the request repeated under its key gives one session."""
    key = "Idempotency-Key: killed-1"
    answers: list[bytes] = []

    def send() -> None:
        with server.connect() as connection:
            connection.sendall(request_head("/import-json", length(SMALL), key) + SMALL)
            answers.append(receive(connection))

    (pid,) = workers(server)
    with psycopg.connect(superuser.info.dsn) as blocker:
        blocker.execute("LOCK TABLE app.processing_sessions IN ACCESS EXCLUSIVE MODE")
        client = threading.Thread(target=send)
        client.start()
        wait_for(lambda: superuser.execute(WAITING).fetchone())
        os.kill(pid, signal.SIGKILL)
        client.join()
    assert answers == [b""]
    wait_for(lambda: b" 200 " in server.send(b"GET /readyz HTTP/1.0\r\n\r\n"))
    repeated = server.post("/import-json", SMALL, length(SMALL), key)
    assert status(repeated) == 201
    assert superuser.execute("SELECT count(*) FROM report.sessions").fetchone() == (1,)
    session = content(repeated)["session_id"]
    people = superuser.execute(
        "SELECT count(*) FROM report.employee_revisions WHERE session_id = %s", (session,)
    ).fetchone()
    assert people == (6,)


def test_the_process_answers_while_an_import_waits(
    server: Server, superuser: psycopg.Connection
) -> None:
    """A call that waits for the database does not hold up healthz."""
    with psycopg.connect(superuser.info.dsn) as blocker:
        blocker.execute("LOCK TABLE app.processing_sessions IN ACCESS EXCLUSIVE MODE")
        client = threading.Thread(target=server.post, args=("/import-json", SMALL, length(SMALL)))
        client.start()
        wait_for(lambda: superuser.execute(WAITING).fetchone())
        assert b" 200 " in server.send(b"GET /healthz HTTP/1.0\r\n\r\n")
        assert superuser.execute(WAITING).fetchone()
    client.join()
