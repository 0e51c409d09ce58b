"""Who may come in: tokens, users, roles."""

from __future__ import annotations

import hmac
import json
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.utils import base64url_encode

from svc.auth import Actor, Verifier, local_token
from svc.config import Settings
from svc.errors import Problem
from tests.service.conftest import DATA, SECRET

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import psycopg

    from tests.service.conftest import Api

ISSUER = "https://issuer.example"
NO_KEY: Any = None
Claims = dict[str, Any]


def claims(**changes: object) -> Claims:
    """Return the claims of a good local token with some changed; None takes one away."""
    now = int(time.time())
    good = {"iss": "ccp-local", "aud": "ccp", "sub": "pat", "nbf": now, "exp": now + 600}
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def signed(changed: Claims, key: bytes = SECRET, algorithm: str = "HS256") -> str:
    """Return a token with these claims."""
    return jwt.encode(changed, key, algorithm=algorithm)


def forged(changed: Claims, public_key: bytes) -> str:
    """Return a token whose HS256 secret is somebody's public key, which PyJWT will not sign."""
    unsigned = jwt.encode(changed, NO_KEY, algorithm="none").split(".")[1]
    head = base64url_encode(b'{"alg":"HS256","kid":"rsa","typ":"JWT"}') + b"." + unsigned.encode()
    signature = hmac.digest(public_key, head, "sha256")
    return (head + b"." + base64url_encode(signature)).decode()


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
        token = local_token(SECRET, "pat", role, 600)
        assert local.actor(f"Bearer {token}") == Actor("pat", role)


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": None},
        {"nbf": None},
        {"iss": None},
        {"aud": None},
        {"sub": None},
        {"exp": int(time.time()) - 90},
        {"nbf": int(time.time()) + 900},
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
    """Who is switched off is out with the next request, whatever the token says."""
    assert api.get("/sessions", user="rae").status_code == 200
    with connect("ccp_owner") as owner:
        owner.execute(
            "SELECT FROM api.save_user('rae', p_is_active => false, p_expected_version => 1)"
        )
    assert api.get("/sessions", user="rae").status_code == 403


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


class Issuer:
    """An OIDC issuer with one RSA and one elliptic key, serving its key set."""

    def __init__(self) -> None:
        """Make the keys."""
        self.rsa = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.ec = ec.generate_private_key(ec.SECP256R1())
        self.keys = {
            "keys": [
                {
                    **jwt.algorithms.RSAAlgorithm.to_jwk(self.rsa.public_key(), as_dict=True),
                    "kid": "rsa",
                },
                {
                    **jwt.algorithms.ECAlgorithm.to_jwk(self.ec.public_key(), as_dict=True),
                    "kid": "ec",
                },
            ]
        }
        self.url = ""

    def token(self, kid: str, algorithm: str, **changes: object) -> str:
        """Sign a token."""
        key = self.rsa if kid == "rsa" else self.ec
        changed = claims(**{"iss": ISSUER, **changes})
        return jwt.encode(changed, key, algorithm=algorithm, headers={"kid": kid})


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    """Yield an issuer whose key set is served on this machine."""
    made = Issuer()

    class Handler(BaseHTTPRequestHandler):
        """Serve the key set."""

        def do_GET(self) -> None:
            """Answer with the keys."""
            body = json.dumps(made.keys).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    web = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=web.serve_forever)
    thread.start()
    made.url = f"http://127.0.0.1:{web.server_port}/keys"
    yield made
    web.shutdown()
    thread.join()
    web.server_close()


def oidc(url: str, **changes: Any) -> Verifier:  # noqa: ANN401
    """Return a verifier of the issuer's tokens."""
    settings = {"database_url": "-", "oidc_issuer": ISSUER, "oidc_jwks_url": url, **changes}
    return Verifier(Settings(**settings))


def test_tokens_of_the_issuer_are_taken(issuer: Issuer) -> None:
    """RS256 and ES256, and the user from the claim that the settings name."""
    verifier = oidc(issuer.url)
    for kid, algorithm in (("rsa", "RS256"), ("ec", "ES256")):
        token = issuer.token(kid, algorithm, role="reviewer")
        assert verifier.actor(f"Bearer {token}") == Actor("pat", "reviewer")
    by_email = oidc(issuer.url, oidc_user_claim="email")
    token = issuer.token("rsa", "RS256", email="rae")
    assert by_email.actor(f"Bearer {token}") == Actor("rae", None)


def test_tokens_that_only_look_like_the_issuers_are_refused(issuer: Issuer) -> None:
    """Other algorithm, key unknown, foreign issuer, public key used as secret, local token."""
    verifier = oidc(issuer.url)
    public = issuer.rsa.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    tokens = [
        issuer.token("rsa", "RS512"),
        issuer.token("rsa", "PS256"),
        issuer.token("rsa", "RS256", iss="https://other.example"),
        issuer.token("rsa", "RS256", aud="other"),
        issuer.token("rsa", "RS256", role="root"),
        jwt.encode(claims(iss=ISSUER), issuer.rsa, algorithm="RS256", headers={"kid": "new"}),
        jwt.encode(claims(iss=ISSUER), issuer.ec, algorithm="ES256", headers={"kid": "rsa"}),
        forged(claims(iss=ISSUER), public),
        jwt.encode(claims(iss=ISSUER), issuer.rsa, algorithm="RS256"),
        signed(claims()),
    ]
    for token in tokens:
        assert refused(verifier, token).status == 401


def test_a_local_secret_does_not_open_the_issuers_door(issuer: Issuer) -> None:
    """With both kinds on, each token is checked by its own kind's issuer and keys."""
    verifier = oidc(issuer.url, token_secret=SECRET)
    assert verifier.actor(f"Bearer {signed(claims())}").user_name == "pat"
    assert refused(verifier, signed(claims(iss=ISSUER))).status == 401
    assert refused(verifier, issuer.token("rsa", "RS256", iss="ccp-local")).status == 401


def test_an_issuer_that_is_away_is_said_so(issuer: Issuer) -> None:
    """Not the caller's fault: 503."""
    verifier = oidc("http://127.0.0.1:9/keys")
    assert refused(verifier, issuer.token("rsa", "RS256")).status == 503
