"""Local tokens: revoked one by one, of limited life, and their secret changed under way."""

from __future__ import annotations

import signal
import time
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest

from svc.auth import Verifier, local_token
from svc.config import ConfigurationError, Settings
from svc.texts import new_id
from tests.service.conftest import SECRET, Server
from tests.service.test_access import claims, refused, signed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import psycopg

    from tests.service.conftest import Api

OLD = b"the secret before, long enough for HS256 too"
DAY = 24 * 3600


def test_a_revoked_token_is_refused_at_once_and_the_others_are_not(
    api: Api, connect: Callable[..., psycopg.Connection]
) -> None:
    """By its id, for reading and writing; the same user's other token goes on."""
    lost = new_id()
    tokens = [local_token(SECRET, "pat", "processor", 600, one) for one in (lost, None)]

    def ask(token: str, method: str = "GET") -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return api.call(method, "/sessions", headers=headers).status_code

    assert [ask(token) for token in tokens] == [200, 200]
    with connect("ccp_owner") as owner:
        owner.execute("SELECT api.revoke_token(%s, 'lost')", (lost,))
    assert [ask(token) for token in tokens] == [401, 200]
    assert [ask(token, "POST") for token in tokens] == [401, 201]
    headers = {"Authorization": f"Bearer {tokens[0]}"}
    answer = api.call("GET", "/sessions", headers=headers)
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.get_json()["code"] == "token_revoked"


def test_a_token_lives_no_longer_than_the_setting() -> None:
    """Whoever has the secret cannot sign one for ever; a day unless set otherwise."""
    now = int(time.time())
    for verifier, life in (
        (Verifier(Settings(database_url="-", token_secret=SECRET)), DAY),
        (Verifier(Settings(database_url="-", token_secret=SECRET, token_life_seconds=60)), 60),
    ):
        good = signed(claims(nbf=now, exp=now + life))
        assert verifier.actor(f"Bearer {good}").user_name == "pat"
        assert refused(verifier, signed(claims(nbf=now, exp=now + life + 1))).status == 401


def test_two_secrets_hold_for_a_while() -> None:
    """Tokens of both are taken; when the old one is gone, its tokens are."""
    tokens = [signed(claims(), secret) for secret in (SECRET, OLD)]
    both = Verifier(Settings(database_url="-", token_secret=SECRET, old_token_secret=OLD))
    for token in tokens:
        assert both.actor(f"Bearer {token}").user_name == "pat"
    assert refused(both, signed(claims(), OLD + b"!")).status == 401
    one = Verifier(Settings(database_url="-", token_secret=SECRET))
    assert one.actor(f"Bearer {tokens[0]}").user_name == "pat"
    assert refused(one, tokens[1]).status == 401


def test_the_old_secret_is_read_while_its_file_is_there(tmp_path: Path) -> None:
    """No file is no old secret; a short one is refused as the other is."""
    (tmp_path / "new").write_bytes(SECRET)
    environment = {
        "DATABASE_URL": "-",
        "CCP_TOKEN_SECRET_FILE": str(tmp_path / "new"),
        "CCP_TOKEN_OLD_SECRET_FILE": str(tmp_path / "old"),
    }
    assert Settings.from_environment(environment).old_token_secret is None
    (tmp_path / "old").write_bytes(OLD + b"\n")
    assert Settings.from_environment(environment).old_token_secret == OLD
    assert OLD.decode() not in repr(Settings.from_environment(environment))
    (tmp_path / "old").write_bytes(b"short")
    with pytest.raises(ConfigurationError, match="shorter than 32"):
        Settings.from_environment(environment)


@pytest.fixture
def old_server(settings: Settings, tmp_path: Path) -> Iterator[Server]:
    """Yield a running gunicorn that may have a secret before the present one."""
    running = Server(settings, tmp_path, CCP_TOKEN_OLD_SECRET_FILE=str(tmp_path / "secret.old"))
    yield running
    running.stop()


def test_the_secret_is_changed_without_a_failed_request(old_server: Server, tmp_path: Path) -> None:
    """Move the file, write another, say HUP: tokens of both secrets are answered throughout."""
    new = b"another secret that is long enough for HS256"
    tokens = {secret: local_token(secret, "pat", "processor", 600) for secret in (SECRET, new)}

    def ask(secret: bytes) -> bytes:
        head = f"GET /api/v1/sessions HTTP/1.0\r\nAuthorization: Bearer {tokens[secret]}\r\n\r\n"
        return old_server.send(head.encode())[:12]

    answers: list[bytes] = []
    done = Event()

    def go_on() -> None:
        while not done.is_set():
            answers.append(ask(SECRET))

    client = Thread(target=go_on)
    client.start()
    try:
        (tmp_path / "secret").rename(tmp_path / "secret.old")
        (tmp_path / "secret").write_bytes(new)
        assert ask(new) == b"HTTP/1.0 401"
        old_server.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 20
        while ask(new) != b"HTTP/1.0 200" and time.monotonic() < deadline:
            time.sleep(0.05)
        assert ask(new) == b"HTTP/1.0 200"
    finally:
        done.set()
        client.join()
    assert set(answers) == {b"HTTP/1.0 200"}
