"""ID tokens of the company's sign-in: who somebody is, told to the page once and to nobody else."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any

import jwt

from svc.auth import ENTRA_VERSION, LEEWAY_SECONDS, OIDC_ALGORITHMS, SUBJECT, Actor, roles_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from svc.config import Settings
    from svc.keys import Keys


def read_id_token(
    settings: Settings, keys: Keys, token: object, nonce: str
) -> tuple[Actor, Mapping[str, Any]]:
    """Return who the token says signed in, and its claims.

    It must be for the page's registration and for the sign-in with this nonce. Raises
    PyJWTError, ValueError, TypeError, or UnavailableError when the keys cannot be had.
    """
    if not isinstance(token, str):
        raise TypeError("no ID token")
    kid = jwt.get_unverified_header(token).get("kid")
    if not isinstance(kid, str):
        raise jwt.InvalidAlgorithmError("no key named")
    client = settings.oidc_page_client_id
    claims = jwt.decode(
        token,
        keys.key(kid),
        algorithms=OIDC_ALGORITHMS,
        issuer=settings.oidc_issuer,
        audience=client,
        leeway=LEEWAY_SECONDS,
        options={"require": ["aud", "iss", "exp", "iat", "sub", "nonce"]},
    )
    if not hmac.compare_digest(str(claims["nonce"]).encode(), nonce.encode()):
        raise ValueError("another sign-in")
    if claims.get("azp", client) != client or (claims["aud"] != client and "azp" not in claims):
        raise ValueError("for somebody else, too")
    if settings.entra_tenant is not None and (
        claims.get("ver") != ENTRA_VERSION or claims.get("tid") != settings.entra_tenant
    ):
        raise ValueError("another tenant or version")
    subject = claims.get(settings.oidc_user_claim)
    if not (isinstance(subject, str) and SUBJECT.fullmatch(subject)):
        raise ValueError("no subject")
    roles = roles_of(claims, settings.oidc_roles_claim)
    return Actor(subject, issuer=settings.oidc_issuer, roles=roles), claims
