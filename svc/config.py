"""Settings of the service, read once from the environment."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

MINIMUM_SECRET_BYTES = 32
MEBIBYTE = 1024 * 1024
GUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ENTRA = "https://login.microsoftonline.com"
ENTRA_USER_CLAIM = "oid"
WHOLE_NUMBER = re.compile(r"[1-9][0-9]{0,9}")
# What a server takes as a time limit.
LARGEST = 2**31 - 1


class ConfigurationError(Exception):
    """A setting is missing or wrong; the message is one line that names it."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the service needs to know to run.

    Sizes are bytes, times are milliseconds unless the name says seconds.
    At least one of `token_secret` and `oidc_issuer` is set. With `entra_tenant` the issuer is that
    tenant of Microsoft Entra and its tokens are checked as such.
    """

    database_url: str = field(repr=False)
    token_secret: bytes | None = field(default=None, repr=False)
    old_token_secret: bytes | None = field(default=None, repr=False)
    token_life_seconds: int = 24 * 3600
    oidc_issuer: str | None = None
    oidc_jwks_url: str | None = None
    oidc_audience: str = "ccp"
    oidc_user_claim: str = "sub"
    oidc_scope: str | None = None
    oidc_roles_claim: str | None = None
    oidc_page_client_id: str | None = None
    oidc_page_secret: bytes | None = field(default=None, repr=False)
    entra_tenant: str | None = None
    entra_machines: frozenset[str] = frozenset()
    pool_size: int = 8
    pool_timeout_seconds: int = 5
    statement_timeout: int = 15_000
    import_timeout: int = 120_000
    lock_timeout: int = 3_000
    idle_timeout: int = 10_000
    max_import_bytes: int = 128 * MEBIBYTE
    max_upload_bytes: int = 201 * MEBIBYTE
    max_body_bytes: int = 64 * 1024
    mirror_directory: Path | None = None
    base_url: str | None = None
    page_secret: bytes | None = field(default=None, repr=False)
    old_page_secret: bytes | None = field(default=None, repr=False)
    page_idle_seconds: int = 3600
    page_life_seconds: int = 12 * 3600

    def __post_init__(self) -> None:
        """Refuse settings that cannot work. Raises ConfigurationError."""
        if not self.database_url:
            raise ConfigurationError("DATABASE_URL is not set")
        if self.token_secret is None and self.oidc_issuer is None:
            raise ConfigurationError("neither CCP_TOKEN_SECRET_FILE nor CCP_OIDC_ISSUER is set")
        secrets = {
            "CCP_TOKEN_SECRET_FILE": self.token_secret,
            "CCP_TOKEN_OLD_SECRET_FILE": self.old_token_secret,
            "CCP_PAGE_SECRET_FILE": self.page_secret,
            "CCP_PAGE_OLD_SECRET_FILE": self.old_page_secret,
        }
        for name, secret in secrets.items():
            if secret is not None and len(secret) < MINIMUM_SECRET_BYTES:
                raise ConfigurationError(
                    f"the secret in {name} is shorter than {MINIMUM_SECRET_BYTES} bytes"
                )
        if self.base_url is not None and not is_trustworthy(self.base_url):
            raise ConfigurationError("CCP_BASE_URL must be an https address")
        if (self.oidc_issuer is None) != (self.oidc_jwks_url is None):
            raise ConfigurationError("CCP_OIDC_ISSUER and CCP_OIDC_JWKS_URL belong together")
        if self.oidc_jwks_url is not None and not is_trustworthy(self.oidc_jwks_url):
            raise ConfigurationError("CCP_OIDC_JWKS_URL must be an https address")
        if self.entra_tenant is not None:
            self._check_entra()
        if self.oidc_page_client_id is not None:
            self._check_page()

    def _check_entra(self) -> None:
        """Refuse settings under which an Entra token would not be checked as one."""
        if not GUID.fullmatch(self.entra_tenant or ""):
            raise ConfigurationError("CCP_ENTRA_TENANT must be the id of one tenant, a GUID")
        if not GUID.fullmatch(self.oidc_audience):
            raise ConfigurationError("CCP_OIDC_AUDIENCE must be the client id of the API, a GUID")
        if f"/{self.entra_tenant}/" not in (self.oidc_issuer or ""):
            raise ConfigurationError("CCP_OIDC_ISSUER is not the issuer of CCP_ENTRA_TENANT")
        if self.oidc_user_claim != ENTRA_USER_CLAIM:
            raise ConfigurationError("CCP_OIDC_USER_CLAIM: people of Microsoft Entra are their oid")
        if not self.oidc_scope or not self.oidc_roles_claim:
            raise ConfigurationError(
                "Microsoft Entra needs CCP_OIDC_SCOPE and CCP_OIDC_ROLES_CLAIM"
            )
        if not all(map(GUID.fullmatch, self.entra_machines)):
            raise ConfigurationError("CCP_ENTRA_MACHINES must be client ids, GUIDs with commas")

    @property
    def page_secrets(self) -> list[bytes]:
        """Return what cookies are signed under, the newest last: own secrets or the tokens'."""
        own = [self.old_page_secret, self.page_secret]
        both = own if self.page_secret else [self.old_token_secret, self.token_secret]
        return [secret for secret in both if secret is not None]

    @property
    def has_tls(self) -> bool:
        """Tell whether browsers come by TLS: CCP_BASE_URL says so."""
        return urlsplit(self.base_url or "").scheme == "https"

    def _check_page(self) -> None:
        """Refuse settings under which the company's sign-in of the page would not be checked."""
        if not (self.oidc_issuer and is_trustworthy(self.oidc_issuer)):
            raise ConfigurationError("CCP_OIDC_PAGE_CLIENT_ID needs an https CCP_OIDC_ISSUER")
        if self.oidc_page_client_id == self.oidc_audience:
            raise ConfigurationError(
                "CCP_OIDC_PAGE_CLIENT_ID must be another registration than CCP_OIDC_AUDIENCE"
            )
        if self.base_url is None:
            raise ConfigurationError("CCP_OIDC_PAGE_CLIENT_ID needs CCP_BASE_URL")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the settings from environment variables.

        Raises ConfigurationError for a missing, unreadable or senseless value.
        """
        env = os.environ if environment is None else environment
        env = {**_entra_defaults(env.get("CCP_ENTRA_TENANT")), **env}
        return cls(
            database_url=env.get("DATABASE_URL", ""),
            token_secret=_read_secret(env, "CCP_TOKEN_SECRET_FILE"),
            old_token_secret=_read_secret(env, "CCP_TOKEN_OLD_SECRET_FILE", needed=False),
            token_life_seconds=token_life(env),
            oidc_issuer=env.get("CCP_OIDC_ISSUER") or None,
            oidc_jwks_url=env.get("CCP_OIDC_JWKS_URL") or None,
            oidc_audience=env.get("CCP_OIDC_AUDIENCE", cls.oidc_audience),
            oidc_user_claim=env.get("CCP_OIDC_USER_CLAIM", cls.oidc_user_claim),
            oidc_scope=env.get("CCP_OIDC_SCOPE") or None,
            oidc_roles_claim=env.get("CCP_OIDC_ROLES_CLAIM") or None,
            oidc_page_client_id=env.get("CCP_OIDC_PAGE_CLIENT_ID") or None,
            oidc_page_secret=_read_secret(env, "CCP_OIDC_PAGE_SECRET_FILE"),
            entra_tenant=env.get("CCP_ENTRA_TENANT") or None,
            entra_machines=frozenset(env.get("CCP_ENTRA_MACHINES", "").replace(",", " ").split()),
            pool_size=_integer(env, "CCP_POOL_SIZE", cls.pool_size),
            pool_timeout_seconds=_integer(
                env, "CCP_POOL_TIMEOUT_SECONDS", cls.pool_timeout_seconds
            ),
            statement_timeout=_integer(env, "CCP_STATEMENT_TIMEOUT_MS", cls.statement_timeout),
            import_timeout=_integer(env, "CCP_IMPORT_TIMEOUT_MS", cls.import_timeout),
            lock_timeout=_integer(env, "CCP_LOCK_TIMEOUT_MS", cls.lock_timeout),
            idle_timeout=_integer(env, "CCP_IDLE_TIMEOUT_MS", cls.idle_timeout),
            max_import_bytes=_integer(env, "CCP_MAX_IMPORT_BYTES", cls.max_import_bytes),
            max_upload_bytes=_integer(env, "CCP_MAX_UPLOAD_BYTES", cls.max_upload_bytes),
            max_body_bytes=_integer(env, "CCP_MAX_BODY_BYTES", cls.max_body_bytes),
            mirror_directory=_directory(env, "CCP_MIRROR_DIRECTORY"),
            base_url=env.get("CCP_BASE_URL") or None,
            page_secret=_read_secret(env, "CCP_PAGE_SECRET_FILE"),
            old_page_secret=_read_secret(env, "CCP_PAGE_OLD_SECRET_FILE", needed=False),
            page_idle_seconds=_integer(env, "CCP_PAGE_IDLE_SECONDS", cls.page_idle_seconds),
            page_life_seconds=_integer(env, "CCP_PAGE_LIFE_SECONDS", cls.page_life_seconds),
        )


def _integer(env: Mapping[str, str], name: str, default: int) -> int:
    """Read a whole number above zero that the server takes, too. Raises ConfigurationError."""
    text = env.get(name)
    if text is None:
        return default
    if not WHOLE_NUMBER.fullmatch(text) or int(text) > LARGEST:
        raise ConfigurationError(f"{name} must be a whole number from 1 to {LARGEST}")
    return int(text)


def _directory(env: Mapping[str, str], name: str) -> Path | None:
    """Read the path of a directory, from the root. Raises ConfigurationError."""
    text = env.get(name)
    if not text:
        return None
    if not Path(text).is_absolute():
        raise ConfigurationError(f"{name} must be a path from the root")
    return Path(text)


def own_address(env: Mapping[str, str] = os.environ) -> tuple[str, str]:
    """Read the address and the port at which the service listens. Raises ConfigurationError."""
    port = env.get("PORT", "8000")
    if not re.fullmatch("[0-9]{1,5}", port) or int(port) >= 2**16:
        raise ConfigurationError("PORT must be the number of a port, at most 65535")
    return env.get("CCP_BIND", "127.0.0.1"), port


def own_size(env: Mapping[str, str] = os.environ) -> tuple[int, int]:
    """Read how many processes serve, and how many requests each at once.

    Raises ConfigurationError.
    """
    return _integer(env, "CCP_WORKERS", 2), _integer(env, "CCP_POOL_SIZE", Settings.pool_size)


def token_life(env: Mapping[str, str]) -> int:
    """Read for how many seconds a local token may be good. Raises ConfigurationError."""
    return _integer(env, "CCP_TOKEN_LIFE_SECONDS", Settings.token_life_seconds)


def _entra_defaults(tenant: str | None) -> dict[str, str]:
    """Return the settings that follow from a tenant of Microsoft Entra, each to be overridden."""
    if not tenant:
        return {}
    return {
        "CCP_OIDC_ISSUER": f"{ENTRA}/{tenant}/v2.0",
        "CCP_OIDC_JWKS_URL": f"{ENTRA}/{tenant}/discovery/v2.0/keys",
        "CCP_OIDC_USER_CLAIM": ENTRA_USER_CLAIM,
        "CCP_OIDC_SCOPE": "access",
        "CCP_OIDC_ROLES_CLAIM": "roles",
    }


def _read_secret(env: Mapping[str, str], name: str, *, needed: bool = True) -> bytes | None:
    """Read the secret in the file a variable names, without the line end, None without variable.

    A file that is not `needed` may be missing. Raises ConfigurationError.
    """
    file = env.get(name)
    if not file:
        return None
    try:
        return Path(file).read_bytes().strip()
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not needed:
            return None
        raise ConfigurationError(f"{name} cannot be read: {error.strerror}") from error


def is_trustworthy(url: str) -> bool:
    """Whether keys fetched from here cannot be swapped on the way: TLS, or this machine."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    loopback = parts.hostname in {"127.0.0.1", "::1", "localhost"}
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and loopback)
    )
