"""A verified token becomes an actor; nothing else knows tokens.

Two kinds are taken: HS256 signed with a secret of this machine, and RS256 or ES256 of one OIDC
issuer, checked against its published keys. Each kind has its own fixed algorithms, issuer and
audience, so a token cannot choose how it is checked.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jwt

from svc.errors import Problem

if TYPE_CHECKING:
    from svc.config import Settings

LOCAL_ISSUER = "ccp-local"
LOCAL_AUDIENCE = "ccp"
LOCAL_ALGORITHMS = ("HS256",)
OIDC_ALGORITHMS = ("RS256", "ES256")
REQUIRED_CLAIMS = ["aud", "iss", "exp", "nbf", "sub"]
LEEWAY_SECONDS = 60
KEYS_TIMEOUT_SECONDS = 5
MAXIMUM_NAME_LENGTH = 200

# The closed map from the role of a user to the role taken in the database.
DATABASE_ROLES = {
    "admin": "ccp_admin",
    "processor": "ccp_processor",
    "reviewer": "ccp_reviewer",
    "read_only": "ccp_read_only",
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who a token says is acting; `role` is what it claims, or None when it claims nothing."""

    user_name: str
    role: str | None

    def database_role(self, role: str) -> str:
        """Give the database role for the user's role there.

        Raises Problem 403 when the token claims another role than the database knows.
        """
        if self.role is not None and self.role != role:
            raise Problem(
                status=403,
                code="role_mismatch",
                title="the token's role is not the user's role",
                hint="ask for a new token",
            )
        return DATABASE_ROLES[role]


class Verifier:
    """Checks bearer tokens as the settings say."""

    def __init__(self, settings: Settings) -> None:
        """Prepare the keys; those of the OIDC issuer are fetched when first needed."""
        self._settings = settings
        self._keys = (
            jwt.PyJWKClient(settings.oidc_jwks_url, timeout=KEYS_TIMEOUT_SECONDS)
            if settings.oidc_jwks_url is not None
            else None
        )

    def actor(self, authorization: str | None) -> Actor:
        """Find the actor named by an Authorization header.

        Raises Problem 401 when there is none or it does not hold, 503 when the issuer's keys
        cannot be had.
        """
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise _unauthorized("missing_token", "a bearer token is needed")
        try:
            return self._actor(token.strip())
        except jwt.PyJWKClientConnectionError as error:
            raise Problem(
                status=503,
                code="issuer_unavailable",
                title="the token issuer's keys cannot be fetched",
            ) from error
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError) as error:
            raise _unauthorized("invalid_token", "the token is not valid") from error

    def _actor(self, token: str) -> Actor:
        """Check one token. Raises PyJWTError or ValueError."""
        header = jwt.get_unverified_header(token)
        if header.get("alg") in LOCAL_ALGORITHMS:
            claims = self._local_claims(token)
            name = claims["sub"]
        else:
            claims = self._oidc_claims(token, header)
            name = claims.get(self._settings.oidc_user_claim)
        role = claims.get("role")
        if "role" in claims and not (isinstance(role, str) and role in DATABASE_ROLES):
            raise ValueError("unknown role")
        if not (isinstance(name, str) and name.isprintable() and name.strip()):
            raise ValueError("no user name")
        if len(name) > MAXIMUM_NAME_LENGTH:
            raise ValueError("user name too long")
        return Actor(user_name=name, role=role)

    def _local_claims(self, token: str) -> dict[str, Any]:
        """Claims of a token of this machine. Raises PyJWTError."""
        if self._settings.token_secret is None:
            raise jwt.InvalidAlgorithmError("local tokens are off")
        return jwt.decode(
            token,
            self._settings.token_secret,
            algorithms=LOCAL_ALGORITHMS,
            issuer=LOCAL_ISSUER,
            audience=LOCAL_AUDIENCE,
            leeway=LEEWAY_SECONDS,
            options={"require": REQUIRED_CLAIMS},
        )

    def _oidc_claims(self, token: str, header: dict[str, Any]) -> dict[str, Any]:
        """Claims of a token of the issuer. Raises PyJWTError."""
        kid = header.get("kid")
        if self._keys is None or not isinstance(kid, str):
            raise jwt.InvalidAlgorithmError("not a token that is taken here")
        return jwt.decode(
            token,
            self._keys.get_signing_key(kid),
            algorithms=OIDC_ALGORITHMS,
            issuer=self._settings.oidc_issuer,
            audience=self._settings.oidc_audience,
            leeway=LEEWAY_SECONDS,
            options={"require": REQUIRED_CLAIMS},
        )


def local_token(secret: bytes, user_name: str, role: str | None, lifetime_s: int) -> str:
    """Sign a token of this machine for a user, valid from now for `lifetime_s` seconds."""
    now = int(time.time())
    claims: dict[str, Any] = {
        "iss": LOCAL_ISSUER,
        "aud": LOCAL_AUDIENCE,
        "sub": user_name,
        "iat": now,
        "nbf": now,
        "exp": now + lifetime_s,
    }
    if role is not None:
        claims["role"] = role
    return jwt.encode(claims, secret, algorithm=LOCAL_ALGORITHMS[0])


def _unauthorized(code: str, title: str) -> Problem:
    """Make a 401; which check failed is nobody's business but the log's."""
    return Problem(status=401, code=code, title=title, headers={"WWW-Authenticate": "Bearer"})
