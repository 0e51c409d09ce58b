"""The keys of a token issuer: kept for a day, fetched so that one in trouble stops nobody.

A key that is known is used without waiting for anything. One request at a time asks the issuer,
at most once in half a minute whatever came of it; the others go on with what is known. From the
first hour on a request that finds its key also has the set read anew, in the background.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import jwt

if TYPE_CHECKING:
    from collections.abc import Mapping

FETCH_SECONDS = 5
PAUSE_SECONDS = 30
REFRESH_SECONDS = 3600
KEPT_SECONDS = 24 * 3600


class UnavailableError(Exception):
    """The issuer's keys cannot be had just now: whether the token is good is not known."""


class UnknownKeyError(jwt.InvalidTokenError):
    """The issuer has no such key."""


class Keys:
    """The published keys of one issuer, by their id."""

    def __init__(self, url: str) -> None:
        """Remember where the keys are; they are fetched when first needed."""
        self._client = jwt.PyJWKClient(url, cache_jwk_set=False, timeout=FETCH_SECONDS)
        self._fetching = threading.Lock()
        self._keys: Mapping[str, jwt.PyJWK] = {}
        self._fetched_at: float | None = None
        self._tried_at: float | None = None

    def key(self, kid: str) -> jwt.PyJWK:
        """Return the key with this id.

        Raises UnknownKeyError when the issuer does not have it, UnavailableError when that cannot
        be told.
        """
        age = self._age(self._fetched_at)
        if age < KEPT_SECONDS and (known := self._keys.get(kid)) is not None:
            if age >= REFRESH_SECONDS and self._may_try():
                threading.Thread(target=self._fetch, args=(0,), daemon=True).start()
            return known
        # Who has keys to go on with never waits for a fetch under way; who has none must.
        self._fetch(0 if age < KEPT_SECONDS else FETCH_SECONDS)
        if self._age(self._fetched_at) >= KEPT_SECONDS:
            raise UnavailableError
        if (known := self._keys.get(kid)) is not None:
            return known
        if self._fetched_at != self._tried_at:
            raise UnavailableError
        raise UnknownKeyError("unknown key")

    def _age(self, since: float | None) -> float:
        """Return the seconds since an instant, more than anything when it never was."""
        return float("inf") if since is None else time.monotonic() - since

    def _may_try(self) -> bool:
        """Whether the last try, successful or not, is long enough ago."""
        return self._age(self._tried_at) >= PAUSE_SECONDS

    def _fetch(self, patience: float) -> None:
        """Ask the issuer unless that was done just now; keep what was known when it fails.

        Waits so many seconds for a fetch that is under way.
        """
        if not self._fetching.acquire(timeout=patience):
            return
        try:
            if self._may_try():
                tried_at = self._tried_at = time.monotonic()
                keys = self._client.get_signing_keys()
                self._keys = {key.key_id: key for key in keys if key.key_id is not None}
                self._fetched_at = tried_at
        except (jwt.PyJWTError, OSError, ValueError):
            return
        finally:
            self._fetching.release()
