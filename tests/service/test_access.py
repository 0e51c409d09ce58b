"""Who may come in: tokens, users, roles."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from jwt.utils import base64url_encode

from svc.auth import Actor, Verifier, local_token
from svc.config import Settings
from svc.errors import Problem
from tests.service.conftest import DATA, SECRET, bearer

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg

    from tests.service.conftest import Api

NO_KEY: Any = None
Claims = dict[str, Any]


def claims(**changes: object) -> Claims:
    """Return the claims of a good local token with some changed; None takes one away.

    A difference of time means the instant so long from now.
    """
    now = int(time.time())
    good = {
        **{"iss": "ccp-local", "aud": "ccp", "sub": "pat", "jti": "0" * 32},
        **{"nbf": now, "exp": now + 600},
    }
    given = {
        name: now + int(value.total_seconds()) if isinstance(value, timedelta) else value
        for name, value in changes.items()
    }
    return {name: value for name, value in {**good, **given}.items() if value is not None}


def signed(changed: Claims, key: bytes = SECRET, algorithm: str = "HS256") -> str:
    """Return a token with these claims."""
    return jwt.encode(changed, key, algorithm=algorithm)


@pytest.fixture
def local() -> Verifier:
    """Return a verifier of local tokens only."""
    return Verifier(Settings(database_url="-", token_secret=SECRET))


def refused(verifier: Verifier, token: str) -> Problem:
    """Return what a token is refused with."""
    with pytest.raises(Problem) as caught:
        verifier.actor(f"Bearer {token}")
    return caught.value


def test_a_local_token_names_its_user_and_role(local: Verifier) -> None:
    """What local_token signs is taken, with and without a role."""
    for role in ("processor", None):
        token = local_token(SECRET, "pat", role, 600, "7" * 32)
        assert local.actor(f"Bearer {token}") == Actor("pat", role, token_id="7" * 32)


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": None},
        {"nbf": None},
        {"iss": None},
        {"aud": None},
        {"sub": None},
        {"exp": timedelta(seconds=-90)},
        {"nbf": timedelta(seconds=900)},
        {"iss": "somebody"},
        {"aud": "something"},
        {"aud": ["a", "b"]},
        {"sub": 7},
        {"sub": ""},
        {"sub": "pat\0"},
        {"sub": "p\nat"},
        {"sub": "p" * 201},
        {"role": "superuser"},
        {"role": ""},
        {"role": ["admin"]},
        {"role": 1},
        {"role": "ccp_admin"},
        {"exp": "soon"},
        {"jti": None},
        {"jti": ""},
        {"jti": 7},
        {"jti": "A" * 32},
        {"jti": "0" * 33},
    ],
    ids=str,
)
def test_a_token_with_a_wrong_claim_is_refused(local: Verifier, changes: Claims) -> None:
    """Each required claim must be there and right; a role must be one of ours."""
    assert refused(local, signed(claims(**changes))).status == 401


def test_a_null_role_claim_is_refused(local: Verifier) -> None:
    """A role that is there and empty is not the same as none."""
    assert refused(local, signed({**claims(), "role": None})).status == 401


def test_clocks_may_differ_by_a_minute_only(local: Verifier) -> None:
    """Expired 30 seconds ago is taken, 90 seconds ago is not (above)."""
    token = signed(claims(exp=int(time.time()) - 30))
    assert local.actor(f"Bearer {token}").user_name == "pat"


def test_a_token_signed_otherwise_is_refused(local: Verifier) -> None:
    """Another secret, another algorithm, no algorithm, no token at all."""
    other = b"another secret of at least thirty-two bytes"
    unsigned = jwt.encode(claims(), NO_KEY, algorithm="none")
    wide = jwt.encode(claims(), SECRET * 2, algorithm="HS512")
    deep = base64url_encode(b'{"alg":' + b"[" * 5000).decode() + ".e30.x"
    good = signed(claims())
    for token in (signed(claims(), other), unsigned, wide, deep, good[:-3], "a.b.c", "x"):
        assert refused(local, token).status == 401


@pytest.mark.parametrize("header", [None, "", "Bearer", "Basic cGF0OnBhdA==", "Bearer "])
def test_without_a_token_nothing_is_answered(month: Api, header: str | None) -> None:
    """The answer asks for a bearer token and says no more."""
    client = month.app.test_client()
    headers = {"Authorization": header} if header is not None else {}
    answer = client.get("/api/v1/sessions", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.get_json()["code"] == "missing_token"


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/openapi.json"])
def test_what_stands_at_the_root_needs_no_token(month: Api, path: str) -> None:
    """The three are open."""
    assert month.app.test_client().get(path).status_code == 200


@pytest.mark.parametrize("user", ["nobody", "deployment", "worker"])
def test_an_unknown_or_system_user_is_refused(month: Api, user: str) -> None:
    """A good signature does not make a user."""
    answer = month.get("/sessions", user=user)
    assert answer.status_code == 403
    assert answer.get_json()["code"] == "unknown_actor"


def test_an_inactive_user_is_refused(api: Api, connect: Callable[..., psycopg.Connection]) -> None:
    """Out with the next request, whatever the token says, and with that token for good."""
    before = {"Authorization": bearer("rae")}
    assert api.call("GET", "/sessions", headers=before).status_code == 200
    change = "SELECT FROM api.save_user('rae', p_is_active => %s, p_expected_version => %s)"
    with connect("ccp_owner", autocommit=True) as owner:
        owner.execute(change, (False, 1))
        assert api.call("GET", "/sessions", headers=before).status_code == 403
        owner.execute(change, (True, 2))
    answer = api.call("GET", "/sessions", headers=before)
    assert (answer.status_code, answer.get_json()["code"]) == (401, "token_revoked")
    after = {"Authorization": f"Bearer {local_token(SECRET, 'rae', None, 600)}"}
    assert api.call("GET", "/sessions", headers=after).status_code == 200


def test_a_role_claim_must_be_the_role_in_the_database(api: Api) -> None:
    """A token cannot raise its user."""
    token = local_token(SECRET, "ron", "admin", 600)
    answer = api.call("GET", "/sessions", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 403
    assert answer.get_json()["code"] == "role_mismatch"


@pytest.mark.parametrize(
    ("user", "may_write"), [("ada", True), ("pat", True), ("rae", False), ("ron", False)]
)
def test_who_may_write_is_decided_by_grants(api: Api, user: str, *, may_write: bool) -> None:
    """Administrators and processors open sessions and import; the others are told 403."""
    expected = 201 if may_write else 403
    assert api.post("/sessions", user=user).status_code == expected
    assert api.upload(DATA / "small" / "activity.json", user=user).status_code == expected
    assert api.upload(b"\xff", user=user).status_code == (400 if may_write else 403)
    assert api.get("/sessions", user=user).status_code == 200
