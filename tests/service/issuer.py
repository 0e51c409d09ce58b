"""A token issuer on this machine: two keys, a key set that is served, and switches for trouble."""

from __future__ import annotations

import hmac
import json
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.utils import base64url_encode

from tests.service.answering import Answering

ISSUER = "https://issuer.example"
TENANT = "99999999-0000-4000-8000-00000000000a"
API = "99999999-0000-4000-8000-00000000000b"
MACHINE = "99999999-0000-4000-8000-00000000000c"
PERSON = "99999999-0000-4000-8000-00000000000d"
ENTRA_ISSUER = f"https://login.microsoftonline.com/{TENANT}/v2.0"
NO_KEY: Any = None
Claims = dict[str, Any]


class Issuer(Answering):
    """An issuer with one RSA and one elliptic key.

    `fetches` counts how often its keys were asked for. While `status` is not 200 it answers that;
    while `open` is cleared it answers nobody.
    """

    def __init__(self) -> None:
        """Make the keys and serve them."""
        self.rsa = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.ec = ec.generate_private_key(ec.SECP256R1())
        self.published = {"rsa", "ec"}
        self.fetches = 0
        self.status = 200
        super().__init__()
        self.url = f"{self.root}/keys"

    def answer(self, path: str, form: dict[str, str]) -> tuple[int, Claims, str | None]:
        """Answer with the keys, when and how the switches say."""
        del path, form
        self.fetches += 1
        self.open.wait()
        return self.status, self.key_set(), None

    def key_set(self) -> dict[str, Any]:
        """Return the keys that are published."""
        keys = {
            "rsa": jwt.algorithms.RSAAlgorithm.to_jwk(self.rsa.public_key(), as_dict=True),
            "ec": jwt.algorithms.ECAlgorithm.to_jwk(self.ec.public_key(), as_dict=True),
        }
        return {"keys": [{**keys[kid], "kid": kid} for kid in sorted(self.published)]}

    def token(self, kid: str = "rsa", algorithm: str = "RS256", **changes: object) -> str:
        """Sign a token of a generic issuer for the subject pat; None takes a claim away."""
        now = int(time.time())
        good = {"iss": ISSUER, "aud": "ccp", "sub": "pat", "nbf": now, "exp": now + 600}
        return self.sign({**good, **changes}, kid, algorithm)

    def entra_token(self, **changes: object) -> str:
        """Sign a v2 access token of a person as Microsoft Entra makes them."""
        now = int(time.time())
        good = {
            **{"iss": ENTRA_ISSUER, "aud": API, "tid": TENANT, "ver": "2.0", "oid": PERSON},
            **{"sub": "pairwise", "azp": MACHINE, "scp": "access", "roles": ["Processor"]},
            **{"preferred_username": "ada", "name": "Ada", "nbf": now, "exp": now + 600},
        }
        return self.sign({**good, **changes}, "rsa", "RS256")

    def machine_token(self, **changes: object) -> str:
        """Sign a v2 access token of a program."""
        return self.entra_token(**{"scp": None, "idtyp": "app", **changes})

    def sign(self, claims: Claims, kid: str, algorithm: str) -> str:
        """Sign the claims that are not None."""
        key = self.rsa if kid == "rsa" else self.ec
        given = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(given, key, algorithm=algorithm, headers={"kid": kid})


def forged(claims: Claims, public_key: bytes) -> str:
    """Return a token whose HS256 secret is somebody's public key, which PyJWT will not sign."""
    unsigned = jwt.encode(claims, NO_KEY, algorithm="none").split(".")[1]
    head = base64url_encode(b'{"alg":"HS256","kid":"rsa","typ":"JWT"}') + b"." + unsigned.encode()
    signature = hmac.digest(public_key, head, "sha256")
    return (head + b"." + base64url_encode(signature)).decode()


def stranger_token(kid: str) -> str:
    """Return what anybody can write: a head that names a key, and no signature."""
    head = base64url_encode(json.dumps({"alg": "RS256", "kid": kid}).encode()).decode()
    return f"{head}.e30.AAAA"
