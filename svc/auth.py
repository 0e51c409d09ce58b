"""A verified token becomes an actor; nothing else knows tokens.

Two kinds are taken: HS256 signed with a secret of this machine, and RS256 or ES256 of one OIDC
issuer, checked against its published keys. Each kind has its own fixed algorithms, issuer and
audience, so a token cannot choose how it is checked. A local token names a user; a token of the
issuer names an identity, and the database knows whose it is.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import jwt

from svc.errors import RETRY_AFTER, Problem
from svc.keys import Keys, UnavailableError
from svc.texts import new_id

if TYPE_CHECKING:
    from svc.config import Settings

LOCAL_ISSUER = "ccp-local"
LOCAL_AUDIENCE = "ccp"
LOCAL_ALGORITHMS = ("HS256",)
OIDC_ALGORITHMS = ("RS256", "ES256")
REQUIRED_CLAIMS = ["aud", "iss", "exp", "nbf", "sub"]
LEEWAY_SECONDS = 60
MAXIMUM_NAME_LENGTH = 200
TOKEN_ID = re.compile("[0-9a-f]{32}")
SUBJECT = re.compile("[!-~]{1,200}")
ENTRA_VERSION = "2.0"
ENTRA_OLD_VERSION = "1.0"

# The closed map from the role of a user to the role taken in the database.
DATABASE_ROLES = {
    "admin": "ccp_admin",
    "processor": "ccp_processor",
    "reviewer": "ccp_reviewer",
    "read_only": "ccp_read_only",
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who a token says is acting.

    `user_name` is the user's name or, with an `issuer`, the subject the issuer knows the user by.
    `role` is what a local token claims, or None; `roles` what the issuer says, None when that is
    not looked at; `token_id` names a token that can be revoked; `issued_at` is when the token was
    made, in seconds of the epoch, None for a session of a browser, which is ended by its id.
    """

    user_name: str
    role: str | None = None
    issuer: str | None = None
    token_id: str | None = None
    roles: tuple[str, ...] | None = None
    issued_at: float | None = field(default=None, compare=False)

    @property
    def setting(self) -> str:
        """Return what app.actor begins with: the user, nobody while only an identity is known."""
        return self.user_name if self.issuer is None else ""

    @property
    def credentials(self) -> dict[str, Any]:
        """Return the parameters of signing in."""
        return {
            "issuer": self.issuer,
            "subject": self.user_name,
            "token_id": self.token_id,
            "roles": None if self.roles is None else list(self.roles),
            "issued_at": self.issued_at,
        }

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
        self.keys = Keys(settings.oidc_jwks_url) if settings.oidc_jwks_url is not None else None

    def actor(self, authorization: str | None) -> Actor:
        """Find the actor named by an Authorization header.

        Raises Problem 401 when there is none or it does not hold, 403 when the token is good and
        its client or scope is not, 503 when the issuer's keys cannot be had.
        """
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise _unauthorized("missing_token", "a bearer token is needed")
        try:
            return self._actor(token.strip())
        except UnavailableError as error:
            raise Problem(
                status=503,
                code="issuer_unavailable",
                title="the token issuer's keys cannot be fetched",
                headers=dict(RETRY_AFTER),
            ) from error
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError) as error:
            raise _unauthorized("invalid_token", "the token is not valid") from error

    def _actor(self, token: str) -> Actor:
        """Check one token. Raises PyJWTError, ValueError, UnavailableError or Problem."""
        header = jwt.get_unverified_header(token)
        if header.get("alg") in LOCAL_ALGORITHMS:
            return self._local_actor(token)
        return self._oidc_actor(token, header)

    def _local_actor(self, token: str) -> Actor:
        """Check a token of this machine. Raises PyJWTError or ValueError."""
        claims = self._local_claims(token)
        name, role, token_id = claims["sub"], claims.get("role"), claims["jti"]
        if "role" in claims and not (isinstance(role, str) and role in DATABASE_ROLES):
            raise ValueError("unknown role")
        if not (isinstance(name, str) and name.isprintable() and name.strip()):
            raise ValueError("no user name")
        if len(name) > MAXIMUM_NAME_LENGTH:
            raise ValueError("user name too long")
        if not TOKEN_ID.fullmatch(token_id):
            raise ValueError("no token id")
        if claims["exp"] - claims["nbf"] > self._settings.token_life_seconds:
            raise ValueError("life too long")
        return Actor(user_name=name, role=role, token_id=token_id, issued_at=issued_at(claims))

    def _local_claims(self, token: str) -> dict[str, Any]:
        """Claims of a token of this machine, under its secret or the one before. Raises PyJWTError.

        Two secrets hold for as long as both are set, so that one can be changed under way.
        """
        for secret in (self._settings.token_secret, self._settings.old_token_secret):
            if secret is None:
                continue
            try:
                return jwt.decode(
                    token,
                    secret,
                    algorithms=LOCAL_ALGORITHMS,
                    issuer=LOCAL_ISSUER,
                    audience=LOCAL_AUDIENCE,
                    leeway=LEEWAY_SECONDS,
                    options={"require": [*REQUIRED_CLAIMS, "jti"]},
                )
            except jwt.InvalidSignatureError:
                continue
        raise jwt.InvalidSignatureError("no secret of ours signed it")

    def _oidc_actor(self, token: str, header: dict[str, Any]) -> Actor:
        """Check a token of the issuer. Raises as `_actor` does."""
        kid = header.get("kid")
        if self.keys is None or not isinstance(kid, str):
            raise jwt.InvalidAlgorithmError("not a token that is taken here")
        settings = self._settings
        try:
            claims = jwt.decode(
                token,
                self.keys.key(kid),
                algorithms=OIDC_ALGORITHMS,
                issuer=settings.oidc_issuer,
                audience=settings.oidc_audience,
                leeway=LEEWAY_SECONDS,
                options={"require": REQUIRED_CLAIMS},
            )
        except (jwt.InvalidIssuerError, jwt.InvalidAudienceError):
            # The signature holds, so this tells a stranger nothing.
            claims = jwt.decode(token, options={"verify_signature": False})
            if settings.entra_tenant is not None and claims.get("ver") == ENTRA_OLD_VERSION:
                raise _old_version() from None
            raise
        if "nonce" in claims:
            raise _wrong_token("an ID token opens nothing here", "send an access token of the API")
        if settings.entra_tenant is not None:
            _check_entra(settings, claims)
        elif settings.oidc_scope is not None:
            _check_scope(settings.oidc_scope, claims)
        subject = claims.get(settings.oidc_user_claim)
        if not (isinstance(subject, str) and SUBJECT.fullmatch(subject)):
            raise ValueError("no subject")
        return Actor(
            user_name=subject,
            issuer=settings.oidc_issuer,
            roles=roles_of(claims, settings.oidc_roles_claim),
            issued_at=issued_at(claims),
        )


def _check_entra(settings: Settings, claims: dict[str, Any]) -> None:
    """Check what a token of Microsoft Entra is for. Raises Problem or ValueError."""
    if claims.get("ver") != ENTRA_VERSION:
        raise _old_version()
    if claims.get("tid") != settings.entra_tenant:
        raise ValueError("another tenant")
    if claims.get("idtyp") != "app":
        _check_scope(settings.oidc_scope or "", claims)
    elif "scp" in claims:
        raise _wrong_token("the token is a user's and a program's at once", "ask for a new token")
    elif claims.get("azp") not in settings.entra_machines:
        raise _forbidden(
            "client_not_listed", "this program is not listed", "add it to CCP_ENTRA_MACHINES"
        )


def _check_scope(wanted: str, claims: dict[str, Any]) -> None:
    """Check that a user let the client act at this API. Raises Problem 403 or ValueError."""
    given = claims.get("scp", claims.get("scope", ""))
    if not isinstance(given, str | list):
        raise ValueError("the scope is no text")
    scopes = given.split() if isinstance(given, str) else given
    if wanted not in scopes:
        raise _forbidden(
            "insufficient_scope",
            "the token was not given for this API",
            f"ask the issuer for the scope {wanted}",
        )


def roles_of(claims: dict[str, Any], name: str | None) -> tuple[str, ...] | None:
    """Return the roles the issuer names, None when they are not looked at. Raises ValueError."""
    if name is None:
        return None
    values = claims.get(name, [])
    values = [values] if isinstance(values, str) else values
    if not (isinstance(values, list) and all(isinstance(value, str) for value in values)):
        raise ValueError("roles are no texts")
    if any("\0" in value for value in values):
        raise ValueError("a role holds NUL")
    return tuple(values)


def issued_at(claims: dict[str, Any]) -> float:
    """Return when a token was made, at the latest when it began to hold. Raises ValueError."""
    return float(claims.get("iat", claims["nbf"]))


def local_token(
    secret: bytes, user_name: str, role: str | None, lifetime_s: int, token_id: str | None = None
) -> str:
    """Sign a token of this machine for a user, valid from now for `lifetime_s` seconds.

    Each has an id of its own, by which it can be revoked.
    """
    made = time.time()
    now = int(made)
    claims: dict[str, Any] = {
        "iss": LOCAL_ISSUER,
        "aud": LOCAL_AUDIENCE,
        "sub": user_name,
        # To the fraction: who was switched off and on again may have one in the same second.
        "iat": made,
        "nbf": now,
        "exp": now + lifetime_s,
        "jti": token_id or new_id(),
    }
    if role is not None:
        claims["role"] = role
    return jwt.encode(claims, secret, algorithm=LOCAL_ALGORITHMS[0])


def _unauthorized(code: str, title: str, hint: str | None = None) -> Problem:
    """Make a 401; which check of an unproved token failed is nobody's business but the log's."""
    return Problem(
        status=HTTPStatus.UNAUTHORIZED,
        code=code,
        title=title,
        hint=hint,
        headers={"WWW-Authenticate": "Bearer"},
    )


def _wrong_token(title: str, hint: str) -> Problem:
    """Make a 401 for a token that is genuine and meant for something else."""
    return _unauthorized("wrong_token", title, hint)


def _old_version() -> Problem:
    """Make the 401 for a v1 token of Microsoft Entra, which says how to get the other."""
    return _wrong_token(
        "this is a v1 token",
        "set requestedAccessTokenVersion to 2 in the manifest of the API's registration",
    )


def _forbidden(code: str, title: str, hint: str) -> Problem:
    """Make a 403 for a token that is good and may not be used here."""
    return Problem(status=HTTPStatus.FORBIDDEN, code=code, title=title, hint=hint)
