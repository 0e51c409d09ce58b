"""The company's sign-in for browsers: authorization code with PKCE, at a registration of its own.

What belongs to one sign-in under way (state, nonce, verifier) stands in a signed cookie of that
browser, so no other browser can end what this one began. Of the answer only the ID token is used,
once, to know who it is; no token of the company is kept.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import secrets
import ssl
import threading
import time
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode, urlsplit

import jwt

from svc import queries, routes
from svc.auth import Actor
from svc.config import is_trustworthy
from svc.db import Call
from svc.errors import Problem
from svc.id_tokens import read_id_token
from svc.keys import UnavailableError
from svc.pages import english
from svc.texts import hidden

if TYPE_CHECKING:
    from collections.abc import Mapping

    from svc.config import Settings
    from svc.keys import Keys

DIRECTORY: Final = Actor(user_name="directory")
DIRECTORY_ROLE: Final = "ccp_worker"
UNDER_WAY_SECONDS: Final = 600
ANSWER_SECONDS = 5.0
ANSWER_BYTES: Final = 256 * 1024
KEPT_SECONDS: Final = 24 * 3600
PAUSE_SECONDS: Final = 30
ENDPOINTS: Final = ("authorization_endpoint", "token_endpoint")
RETURN_PATH: Final = "/sign-in/return"


class Company:
    """The company's sign-in, as its discovery document describes it."""

    def __init__(self, settings: Settings, keys: Keys) -> None:
        """Remember where it is; it is asked when somebody first signs in."""
        self.settings = settings
        self.keys = keys
        self._asking = threading.Lock()
        self._document: Mapping[str, Any] = {}
        self._asked_at = self._told_at = float("-inf")

    def document(self) -> Mapping[str, Any]:
        """Return the discovery document. Raises Problem 503 while there is none.

        One that is older than a day is asked for anew, and good until there is another. One request
        at a time asks, and none in the half minute after, whatever came of it.
        """
        now = time.monotonic()
        if now - self._told_at > KEPT_SECONDS and self._asking.acquire(blocking=False):
            try:
                if now - self._asked_at > PAUSE_SECONDS:
                    self._asked_at = now
                    self._document, self._told_at = self._discover(), now
            except Problem:
                if not self._document:
                    raise
            finally:
                self._asking.release()
        if not self._document:
            raise english.problem("issuer_unavailable")
        return self._document

    def _discover(self) -> Mapping[str, Any]:
        """Ask for the document. Raises Problem 503 when there is none, or none of this issuer."""
        issuer = self.settings.oidc_issuer or ""
        status, told = ask("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        addresses = [told.get(name) for name in ENDPOINTS]
        if (
            status != http.client.OK
            or told.get("issuer") != issuer
            or not all(isinstance(one, str) and is_trustworthy(one) for one in addresses)
        ):
            raise english.problem("issuer_unavailable")
        return told

    @property
    def return_address(self) -> str:
        """Return where the company sends browsers back to, as it is registered there."""
        return f"{(self.settings.base_url or '').rstrip('/')}{RETURN_PATH}"

    def begin(self, next_path: str) -> tuple[str, list[str]]:
        """Return where to send a browser, and what it has to bring back. Raises Problem 503."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        challenge = hashlib.sha256(verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "response_mode": "query",
            "client_id": self.settings.oidc_page_client_id,
            "redirect_uri": self.return_address,
            "scope": "openid profile email",
            "state": state,
            "nonce": nonce,
            "code_challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        address = f"{self.document()['authorization_endpoint']}"
        joint = "&" if "?" in address else "?"
        return f"{address}{joint}{urlencode(asked)}", [state, nonce, verifier, next_path]

    def finish(self, held: list[str], answer: Mapping[str, str]) -> tuple[Actor, Mapping[str, Any]]:
        """Return who signed in, and the claims. Raises Problem."""
        state, nonce, verifier, _ = held
        issuer = answer.get("iss")
        document = self.document()
        names_itself = document.get("authorization_response_iss_parameter_supported") is True
        if (
            not hmac.compare_digest(answer.get("state", "").encode(), state.encode())
            or (names_itself and issuer is None)
            or issuer not in {None, self.settings.oidc_issuer}
        ):
            raise english.problem("foreign_sign_in")
        if not answer.get("code"):
            raise english.problem("sign_in_refused", hidden(str(answer.get("error"))[:100]))
        said = {
            "grant_type": "authorization_code",
            "code": answer["code"],
            "redirect_uri": self.return_address,
            "client_id": self.settings.oidc_page_client_id or "",
            "code_verifier": verifier,
        }
        if self.settings.oidc_page_secret is not None:
            said["client_secret"] = self.settings.oidc_page_secret.decode()
        status, told = ask("POST", document["token_endpoint"], urlencode(said).encode())
        if status >= http.client.INTERNAL_SERVER_ERROR:
            raise english.problem("issuer_unavailable")
        if status != http.client.OK:
            raise english.problem("sign_in_refused", hidden(str(told.get("error"))[:100]))
        try:
            return read_id_token(self.settings, self.keys, told.get("id_token"), nonce)
        except UnavailableError as error:
            raise english.problem("issuer_unavailable") from error
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError) as error:
            raise english.problem("sign_in_unsound") from error

    def leave(self) -> str | None:
        """Return where a browser signs out of the company too, None where it cannot."""
        try:
            address = self.document().get("end_session_endpoint")
        except Problem:
            return None
        if not (isinstance(address, str) and is_trustworthy(address)):
            return None
        back = {
            "client_id": self.settings.oidc_page_client_id,
            "post_logout_redirect_uri": f"{(self.settings.base_url or '').rstrip('/')}/",
        }
        return f"{address}{'&' if '?' in address else '?'}{urlencode(back)}"


def ask(method: str, address: str, body: bytes | None = None) -> tuple[int, dict[str, Any]]:
    """Make one request, follow nothing, and return status and object. Raises Problem 503."""
    parts = urlsplit(address)
    host, path = (
        parts.hostname or "",
        f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}",
    )
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(
            host, parts.port, timeout=ANSWER_SECONDS, context=context
        )
    else:
        connection = http.client.HTTPConnection(host, parts.port, timeout=ANSWER_SECONDS)
    kind = {} if body is None else {"Content-Type": "application/x-www-form-urlencoded"}
    try:
        connection.request(method, path, body, {"Accept": "application/json", **kind})
        response = connection.getresponse()
        content = response.read(ANSWER_BYTES)
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise english.problem("issuer_unavailable") from error
    finally:
        connection.close()
    try:
        told = json.loads(content)
    except (ValueError, RecursionError):
        told = None
    return response.status, told if isinstance(told, dict) else {}


def company() -> Company:
    """Return the company's sign-in. Raises Problem 404 when there is none."""
    found = routes.services().company
    if found is None:
        raise english.problem("no_company_sign_in")
    return found


def admit(actor: Actor, claims: Mapping[str, Any]) -> None:
    """Let the database know who comes, as the directory. Raises psycopg.Error, PoolTimeout."""
    given = [claims.get(name) for name in ("preferred_username", "email", "name")]
    names = [one for one in given if isinstance(one, str) and one.strip()]
    said = {
        **actor.credentials,
        # One that reads the same everywhere; the database refuses another.
        "user_name": next((one for one in names if one.isascii()), next(iter(names), None)),
        "email": claims["email"] if isinstance(claims.get("email"), str) else None,
    }
    call = Call(queries.ADMIT_IDENTITY, said)
    routes.services().database.converse(DIRECTORY, lambda ask: ask(call), role=DIRECTORY_ROLE)
