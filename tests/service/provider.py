"""A company's sign-in on this machine: strict as a real one, and misbehaving on demand."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.service.answering import Answering

if TYPE_CHECKING:
    from pathlib import Path

PAGE = "99999999-0000-4000-8000-00000000000e"
PAGE_SECRET = "a secret that only page and provider know"  # noqa: S105 - invented
RETURN = "http://127.0.0.1/sign-in/return"
Claims = dict[str, Any]


@dataclass
class Person:
    """Whom the provider signs in without asking."""

    subject: str = "person-1"
    claims: Claims = field(default_factory=lambda: {"preferred_username": "pia@example.org"})


def _holds(file: Path, parts: list[bytes]) -> bool:
    """Tell whether a file holds one of these; one that goes away meanwhile holds nothing."""
    try:
        content = file.read_bytes()
    except OSError:
        return False
    return any(part in content for part in parts)


class Provider(Answering):
    """Discovery, keys, authorization, token and end of session, with switches for trouble.

    `status` is what it answers unless it is 200; while `open` is cleared it answers nobody.
    `claims` changes the ID token, None takes a claim away. `kind` signs it otherwise.
    `is_kind` lets a code be used again and does not look at the verifier. `back` is where it sends
    browsers; `given` are the tokens it gave.
    """

    def __init__(self, path: str = "") -> None:
        """Make a key and serve below this path."""
        self.person = Person()
        self.claims: Claims = {}
        self.told: Claims = {}
        self.kind = "rsa"
        self.status = 200
        self.is_kind = False
        self.back = RETURN
        self.given: list[str] = []
        self.asked: list[str] = []
        self._codes: dict[str, dict[str, str]] = {}
        self._keys: dict[str, rsa.RSAPrivateKey] = {}
        self.roll()
        super().__init__()
        self.issuer = f"{self.root}{path}"

    def roll(self) -> None:
        """Take another key; the one before is withdrawn at once."""
        self.kid = secrets.token_hex(4)
        self._keys = {self.kid: rsa.generate_private_key(public_exponent=65537, key_size=2048)}

    def answer(self, path: str, form: dict[str, str]) -> tuple[int, Claims, str | None]:
        """Answer a request: status, object, and where to go on."""
        parts = urlsplit(path)
        what = parts.path.rsplit("/", 1)[1]
        self.asked.append(what)
        self.open.wait()
        if self.status != 200:
            return self.status, {"error": "trouble"}, None
        query = {name: given[0] for name, given in parse_qs(parts.query).items()}
        if what == "authorize":
            return self._authorize(query)
        if what == "token":
            return self._token(form)
        if what == "keys":
            return 200, {"keys": [self._public(kid) for kid in self._keys]}, None
        return 200, self._document(), None

    def _document(self) -> Claims:
        """Return the discovery document."""
        ends = {
            f"{name}_endpoint": f"{self.issuer}/{path}"
            for name, path in (("authorization", "authorize"), ("token", "token"))
        }
        more = {"issuer": self.issuer, "end_session_endpoint": f"{self.issuer}/end"}
        return {**ends, **more, "jwks_uri": f"{self.issuer}/keys", **self.told}

    def _public(self, kid: str) -> Claims:
        """Return a key as it is published."""
        key = jwt.algorithms.RSAAlgorithm.to_jwk(self._keys[kid].public_key(), as_dict=True)
        return {**key, "kid": kid}

    def _authorize(self, query: dict[str, str]) -> tuple[int, Claims, str | None]:
        """Sign the person in and send the browser back with a code."""
        wanted = {"response_type": "code", "client_id": PAGE, "redirect_uri": self.back}
        if (
            any(query.get(name) != value for name, value in wanted.items())
            or query.get("code_challenge_method") != "S256"
            or len(query.get("code_challenge", "")) != 43
            or "openid" not in query.get("scope", "").split()
        ):
            return 400, {"error": "invalid_request"}, None
        code = secrets.token_urlsafe(8)
        self._codes[code] = query
        back = {"code": code, "state": query["state"]}
        if self.told.get("authorization_response_iss_parameter_supported"):
            back["iss"] = self.issuer
        return 302, {}, f"{self.back}?{urlencode(back)}"

    def _token(self, form: dict[str, str]) -> tuple[int, Claims, str | None]:
        """Give an ID token for a code, once, to who began."""
        code = form.get("code", "")
        asked = self._codes.get(code) if self.is_kind else self._codes.pop(code, None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked is None or (asked["code_challenge"] != challenge and not self.is_kind):
            return 400, {"error": "invalid_grant"}, None
        if form.get("client_secret") != PAGE_SECRET or form.get("redirect_uri") != self.back:
            return 401, {"error": "invalid_client"}, None
        self.given.append(self.id_token(asked["nonce"]))
        return 200, {"token_type": "Bearer", "id_token": self.given[-1]}, None

    def kept_in(self, folder: Path) -> list[Path]:
        """Return the files below a folder that hold a part of a token it gave."""
        parts = [part.encode() for token in self.given for part in token.split(".")[1:]]
        files = (one for one in folder.rglob("*") if one.is_file() and not one.is_symlink())
        return [one for one in files if _holds(one, parts)]

    def id_token(self, nonce: str) -> str:
        """Sign an ID token as the switches say."""
        now = int(time.time())
        good: Claims = {
            **{"iss": self.issuer, "aud": PAGE, "sub": self.person.subject, "nonce": nonce},
            **{"iat": now, "exp": now + 600, **self.person.claims, **self.claims},
        }
        given = {name: value for name, value in good.items() if value is not None}
        key: Any = self._keys[self.kid]
        if self.kind == "rsa":
            return jwt.encode(given, key, algorithm="RS256", headers={"kid": self.kid})
        if self.kind == "none":
            no_key: Any = None
            return jwt.encode(given, no_key, algorithm="none", headers={"kid": self.kid})
        if self.kind == "secret":
            return jwt.encode(given, PAGE_SECRET, algorithm="HS256", headers={"kid": self.kid})
        return jwt.encode(given, key, algorithm="RS512", headers={"kid": self.kid})
