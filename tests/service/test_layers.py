"""The shape of the service itself: where SQL is, who imports whom, what is described."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import svc
from svc import queries
from svc.config import ConfigurationError, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.service.conftest import Api

FOLDER = Path(svc.__file__).parent
LAYERS = {
    "config": set(),
    "texts": set(),
    "errors": {"texts"},
    "queries": set(),
    "logs": {"texts"},
    "keys": set(),
    "auth": {"config", "errors", "keys", "texts"},
    "id_tokens": {"auth", "config", "keys"},
    "chunks": set(),
    "payloads": {"chunks", "errors", "surface"},
    "surface/catalog": set(),
    "surface/values": {"surface.catalog"},
    "surface/statements": {"surface.catalog"},
    "surface/by_hand": set(),
    "db": {"auth", "config", "queries"},
}
SQL = re.compile(
    r"\b(select\b.+\bfrom|insert\s+into|update\b.+\bset|delete\s+from|set_config)\b", re.I | re.S
)

# These talk to a server of their own making, before there is anything to call.
OWN_CONNECTION = {"embedded", "verify_audit.py", "queries.py"}

# Composes SQL of names of the catalog; see test_surface.
COMPOSER = "surface/statements.py"


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Yield the service's own modules."""
    for file in sorted(FOLDER.rglob("*.py")):
        name = file.relative_to(FOLDER)
        if name.parts[0] not in OWN_CONNECTION:
            yield str(name), ast.parse(file.read_text())


def test_sql_stands_in_one_module() -> None:
    """No string of any other module is a statement; one module puts some together."""
    found = [
        (name, node.value)
        for name, tree in modules()
        if name != COMPOSER
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and SQL.search(node.value)
        and not isinstance(node.value, bytes)
        and ast.get_docstring(tree) != node.value
    ]
    assert found == []


def test_each_statement_is_one_constant() -> None:
    """Upper case, one statement, no input put into the text."""
    names = [name for name in vars(queries) if not name.startswith("_") and name != "annotations"]
    for name in names:
        assert name.isupper()
        assert ";" not in getattr(queries, name)
    tree = ast.parse((FOLDER / "queries.py").read_text())
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr | ast.BinOp)]


def test_imports_point_downward() -> None:
    """A layer knows only those below it; psycopg is known to three modules."""
    for name, tree in modules():
        imported = {
            alias.name if isinstance(node, ast.Import) else f"{node.module}.{alias.name}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        }
        layer = name.removesuffix(".py")
        if layer in LAYERS:
            ours = {found for found in imported if found.startswith("svc.")}
            allowed = tuple(f"svc.{below}" for below in LAYERS[layer])
            assert not [found for found in ours if not found.startswith(allowed)], name
        if name.startswith("routes/"):
            assert not any(found.startswith("svc.app") for found in imported), name
            assert not any(found.startswith("psycopg") for found in imported), name


def test_the_description_names_every_route(api: Api) -> None:
    """And no route that is not there; every reference leads somewhere."""
    document = api.app.test_client().get("/openapi.json").get_json()
    described = {
        (path, method.upper()) for path, item in document["paths"].items() for method in item
    }
    surface = api.app.extensions["ccp"].door.surface
    below = [(f"/api/v1{rule.rule}", rule) for rule in surface.adapter.map.iter_rules()]
    root = [
        (rule.rule, rule)
        for rule in api.app.url_map.iter_rules()
        if not rule.endpoint.startswith("pages.")
    ]
    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path), method)
        for path, rule in below + root
        if not path.startswith("/api/v1/<path")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert described == routes
    schemas = document["components"]["schemas"]
    names = re.findall(r"#/components/schemas/(\w+)", str(document))
    assert set(names) == set(schemas)


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({}, "DATABASE_URL"),
        ({"DATABASE_URL": "x"}, "CCP_TOKEN_SECRET_FILE"),
        ({"DATABASE_URL": "x", "CCP_TOKEN_SECRET_FILE": "/no/such/file"}, "CCP_TOKEN_SECRET_FILE"),
        ({"DATABASE_URL": "x", "CCP_TOKEN_SECRET_FILE": "/dev/null"}, "shorter than 32"),
        ({"DATABASE_URL": "x", "CCP_OIDC_ISSUER": "a"}, "belong together"),
        (
            {"DATABASE_URL": "x", "CCP_OIDC_ISSUER": "a", "CCP_OIDC_JWKS_URL": "http://b"},
            "https",
        ),
        (
            {"DATABASE_URL": "x", "CCP_OIDC_ISSUER": "a", "CCP_OIDC_JWKS_URL": "file:///b"},
            "https",
        ),
        ({"DATABASE_URL": "x", "CCP_POOL_SIZE": "many"}, "CCP_POOL_SIZE"),
        ({"DATABASE_URL": "x", "CCP_POOL_SIZE": "0"}, "CCP_POOL_SIZE"),
        ({"DATABASE_URL": "x", "CCP_LOCK_TIMEOUT_MS": "-5"}, "CCP_LOCK_TIMEOUT_MS"),
        # More than the server takes: it would be told as a wrong login.
        ({"DATABASE_URL": "x", "CCP_LOCK_TIMEOUT_MS": "2147483648"}, "CCP_LOCK_TIMEOUT_MS"),
    ],
    ids=str,
)
def test_bad_settings_fail_at_start(environment: dict[str, str], reason: str) -> None:
    """One line that names the setting."""
    with pytest.raises(ConfigurationError, match=reason) as caught:
        Settings.from_environment(environment)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "has_tls"),
    [
        ("https://cards.example.com", True),
        ("HTTPS://cards.example.com", True),
        ("http://127.0.0.1:8000", False),
        ("cards.example.com", None),
        ("https:cards.example.com", None),
        ("http://cards.example.com", None),
        ("https://[cards", None),
    ],
)
def test_the_address_of_the_service_says_whether_there_is_tls(
    address: str, *, has_tls: bool | None
) -> None:
    """However it is spelled; what is no such address is refused, with or without other settings."""
    if has_tls is None:
        with pytest.raises(ConfigurationError, match="CCP_BASE_URL must be an https address"):
            Settings(database_url="-", token_secret=bytes(32), base_url=address)
    else:
        made = Settings(database_url="-", token_secret=bytes(32), base_url=address)
        assert made.has_tls is has_tls


@pytest.mark.parametrize(
    "name", ["CCP_TOKEN_OLD_SECRET_FILE", "CCP_PAGE_SECRET_FILE", "CCP_PAGE_OLD_SECRET_FILE"]
)
def test_a_short_secret_is_named(tmp_path: Path, name: str) -> None:
    """By the setting that it comes from."""
    (tmp_path / "good").write_bytes(bytes(range(65, 97)))
    (tmp_path / "short").write_bytes(b"short")
    environment = {"DATABASE_URL": "-", "CCP_TOKEN_SECRET_FILE": str(tmp_path / "good")}
    with pytest.raises(ConfigurationError, match=f"{name} is shorter than 32 bytes"):
        Settings.from_environment({**environment, name: str(tmp_path / "short")})


def test_settings_come_from_the_environment(tmp_path: Path) -> None:
    """Nothing secret shows in a repr."""
    secret = tmp_path / "secret"
    secret.write_text("s" * 40 + "\n")
    settings = Settings.from_environment(
        {
            "DATABASE_URL": "postgresql://ccp_service:word@host/ccp",
            "CCP_TOKEN_SECRET_FILE": str(secret),
            "CCP_POOL_SIZE": "3",
        }
    )
    assert settings.pool_size == 3
    assert settings.token_secret == b"s" * 40
    assert "word" not in repr(settings)
    assert "sss" not in repr(settings)
