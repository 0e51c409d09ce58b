"""The company's sign-in of the page: the flow, and a provider that misbehaves in every way."""

from __future__ import annotations

import dataclasses
import http.client
import re
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from svc.app import create_app
from svc.config import ConfigurationError, Settings
from svc.keys import PAUSE_SECONDS, Keys
from svc.pages import session
from svc.pages.company import Company
from svc.routes import EXTENSION
from tests.service.conftest import SECRET, make_users
from tests.service.issuer import MACHINE, TENANT
from tests.service.provider import PAGE, PAGE_SECRET, Provider

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from svc.embedded.cluster import Cluster

BASE = "http://127.0.0.1"
ROLES = (("Clerk", "processor"), ("Second", "reviewer"), ("Boss", "admin"))


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    """Yield a provider that is a tenant of Microsoft Entra, by its path."""
    made = Provider(f"/{TENANT}/v2.0")
    yield made
    made.close()


@pytest.fixture
def good(provider: Provider) -> Provider:
    """Return the provider behaving well, for a person with one role."""
    provider.status, provider.is_kind, provider.kind = 200, False, "rsa"
    provider.claims, provider.told, provider.asked = {}, {}, []
    provider.given = []
    provider.person.claims = {
        **{"oid": "person-1", "tid": TENANT, "ver": "2.0", "roles": ["Clerk"]},
        **{"preferred_username": "pia@example.org", "email": "pia@example.org"},
    }
    return provider


@pytest.fixture(scope="module")
def owner(cluster: Cluster, shared_database: str) -> Iterator[psycopg.Connection]:
    """Yield the owner's connection to a database with users and roles of the provider."""
    conninfo = cluster.login("ccp_owner", shared_database).conninfo
    with psycopg.connect(conninfo, autocommit=True) as connection:
        make_users(connection)
        yield connection


@pytest.fixture(scope="module")
def page_settings(
    provider: Provider,
    owner: psycopg.Connection,
    address: Callable[[str], str],
    shared_database: str,
) -> Settings:
    """Return the settings of a service with both registrations."""
    assert owner.info.dbname == shared_database
    return Settings(
        database_url=address(shared_database),
        token_secret=SECRET,
        pool_size=2,
        oidc_issuer=provider.issuer,
        oidc_jwks_url=f"{provider.issuer}/keys",
        oidc_audience=MACHINE,
        oidc_user_claim="oid",
        oidc_scope="access",
        oidc_roles_claim="roles",
        oidc_page_client_id=PAGE,
        oidc_page_secret=PAGE_SECRET.encode(),
        entra_tenant=TENANT,
        base_url=BASE,
    )


@pytest.fixture(scope="module")
def site(page_settings: Settings) -> Iterator[Flask]:
    """Yield the service."""
    app = create_app(page_settings)
    try:
        yield app
    finally:
        app.extensions[EXTENSION].database.close()


@pytest.fixture
def browser(
    site: Flask, page_settings: Settings, good: Provider, owner: psycopg.Connection
) -> Callable[[], FlaskClient]:
    """Return what opens another browser; person-1 is pat, and nobody has asked the provider."""
    owner.execute(
        "DELETE FROM app.user_identities; UPDATE app.users SET role = 'processor', is_active = true"
        " WHERE user_name = 'pat'; UPDATE app.settings SET value = 0"
        " WHERE setting_name = 'directory_makes_users'; DELETE FROM app.role_claims"
    )
    for value, role in ROLES:
        owner.execute("SELECT api.save_role_claim(%s, %s, %s)", (good.issuer, value, role))
    owner.execute("SELECT api.link_identity(%s, 'person-1', 'pat')", (good.issuer,))
    keys = Keys(f"{good.issuer}/keys")
    services = site.extensions[EXTENSION]
    site.extensions[EXTENSION] = dataclasses.replace(services, company=Company(page_settings, keys))
    return site.test_client


def begin(client: FlaskClient, path: str = "/sign-in/company") -> str:
    """Begin to sign in and let the provider do its part; return where it sends the browser."""
    asked = client.get(path)
    assert asked.status_code == 303, asked.text
    parts = urlsplit(asked.headers["Location"])
    connection = http.client.HTTPConnection(parts.netloc, timeout=20)
    connection.request("GET", f"{parts.path}?{parts.query}")
    answer = connection.getresponse()
    connection.close()
    assert answer.status == 302
    return answer.headers["Location"]


def come_back(client: FlaskClient, address: str, **changes: str | None) -> TestResponse:
    """Open the address the provider sent the browser to, with parts of its query changed."""
    parts = urlsplit(address)
    query = {name: given[0] for name, given in parse_qs(parts.query).items()}
    said = {name: value for name, value in {**query, **changes}.items() if value is not None}
    return client.get(parts.path, query_string=said)


def sign_in(client: FlaskClient) -> TestResponse:
    """Sign in by the whole flow."""
    return come_back(client, begin(client))


def is_in(client: FlaskClient) -> bool:
    """Tell whether the pages are open to this browser."""
    return client.get("/whoami").status_code == 200


def refused(client: FlaskClient, answer: TestResponse, status: int) -> None:
    """Check that an answer refused and signed nobody in."""
    assert answer.status_code == status, answer.text
    assert not is_in(client)


def test_who_the_company_knows_is_signed_in(
    browser: Callable[[], FlaskClient], good: Provider, owner: psycopg.Connection
) -> None:
    """By one code, recorded, and goes on where they wanted to; the API stays shut."""
    client = browser()
    assert not is_in(client)
    answer = come_back(client, begin(client, "/sign-in/company?next=/months"))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/months")
    assert is_in(client)
    assert "pat" in client.get("/whoami").text
    assert client.get("/api/v1/whoami").status_code == 401
    assert good.asked == ["openid-configuration", "authorize", "token", "keys"]
    newest = owner.execute(
        "SELECT s.user_name, s.method FROM report.sign_ins AS s"
        " ORDER BY s.signed_in_at DESC LIMIT 1"
    ).fetchone()
    assert newest == ("pat", "provider")
    again = browser()
    sign_in(again)
    assert is_in(again)
    assert good.asked[4:] == ["authorize", "token"]


@pytest.mark.parametrize(
    "place",
    [
        "https://example.org/",
        "//example.org",
        "///example.org",
        "/\\example.org",
        "months",
        "/a\nb",
    ],
)
def test_nobody_is_sent_elsewhere(browser: Callable[[], FlaskClient], place: str) -> None:
    """Where to go on is a path of ours or the start."""
    client = browser()
    asked = client.get("/sign-in/company", query_string={"next": place})
    assert asked.status_code == 303
    back = begin(client, asked.request.path + "?" + asked.request.query_string.decode())
    assert come_back(client, back).headers["Location"] == "/"


def test_an_answer_belongs_to_the_browser_that_asked(
    browser: Callable[[], FlaskClient], good: Provider
) -> None:
    """Not another browser (as who makes somebody sign in as them), state, or a second time."""
    first, second = browser(), browser()
    stolen = begin(first)
    refused(second, come_back(second, stolen), 400)
    begin(second)
    refused(second, come_back(second, stolen), 400)
    refused(first, come_back(first, stolen, state="x"), 400)
    refused(first, come_back(first, stolen, state=None), 400)
    refused(first, come_back(first, stolen, iss="https://other.example"), 400)
    refused(first, come_back(first, stolen, code=None, error="access_denied"), 403)
    assert come_back(first, stolen, iss=good.issuer).status_code == 303
    first.delete_cookie("ccp")
    refused(first, come_back(first, stolen), 400)
    assert "token" in good.asked


def test_a_provider_that_names_itself_is_held_to_it(
    browser: Callable[[], FlaskClient], good: Provider
) -> None:
    """An answer without issuer is then somebody else's."""
    good.told = {"authorization_response_iss_parameter_supported": True}
    client = browser()
    address = begin(client)
    refused(client, come_back(client, address, iss=None), 400)
    assert come_back(client, address).status_code == 303


def test_a_code_is_used_once(browser: Callable[[], FlaskClient], good: Provider) -> None:
    """A strict provider refuses; what a kind one gives is for another sign-in."""
    first, second = browser(), browser()
    address = begin(first)
    come_back(first, address)
    assert is_in(first)
    code = parse_qs(urlsplit(address).query)["code"][0]
    refused(second, come_back(second, begin(second), code=code), 403)
    code = parse_qs(urlsplit(begin(browser())).query)["code"][0]
    # Of somebody else, who did not come back: bound to their browser by verifier and nonce.
    good.is_kind = True
    refused(second, come_back(second, begin(second), code=code), 403)


NOW_AND_THEN: list[dict[str, Any]] = [
    {"nonce": "another"},
    {"nonce": None},
    {"exp": 1},
    {"exp": None},
    {"aud": MACHINE},
    {"aud": [PAGE, MACHINE]},
    {"azp": MACHINE},
    {"iss": "https://sts.windows.net/x/"},
    {"ver": "1.0"},
    {"ver": None},
    {"tid": MACHINE},
    {"oid": None},
    {"oid": "two words"},
    {"roles": [7]},
]


@pytest.mark.parametrize("claims", NOW_AND_THEN, ids=str)
def test_a_token_for_something_else_signs_nobody_in(
    browser: Callable[[], FlaskClient], good: Provider, claims: dict[str, Any]
) -> None:
    """Of another sign-in, over, for the API, of version 1, of another tenant."""
    client = browser()
    good.claims = claims
    refused(client, sign_in(client), 403)
    good.claims = {}
    sign_in(client)
    assert is_in(client)


@pytest.mark.parametrize("kind", ["none", "secret", "RS512"])
def test_a_token_signed_otherwise_signs_nobody_in(
    browser: Callable[[], FlaskClient], good: Provider, kind: str
) -> None:
    """Not at all, by the client's secret, by another algorithm."""
    client = browser()
    good.kind = kind
    refused(client, sign_in(client), 403)


def test_the_provider_takes_another_key_in_the_middle(
    browser: Callable[[], FlaskClient], good: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who comes half a minute after the last look at the keys notices nothing."""
    client, other = browser(), browser()
    sign_in(client)
    now = [0.0]
    real = time.monotonic
    monkeypatch.setattr("svc.keys.time.monotonic", lambda: real() + now[0])
    address = begin(other)
    good.roll()
    refused(other, come_back(other, address), 403)
    now[0] += PAUSE_SECONDS
    sign_in(other)
    assert is_in(other)
    assert is_in(client)


def test_a_provider_in_trouble_is_said_so(
    browser: Callable[[], FlaskClient], good: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Away before and after the browser went there, hanging; and who is in stays in."""
    client, there = browser(), browser()
    good.status = 503
    assert client.get("/sign-in/company").status_code == 503
    asked = len(good.asked)
    good.status = 200
    assert client.get("/sign-in/company").status_code == 503
    assert len(good.asked) == asked, "asked again within half a minute"
    assert "Refresh" in client.get("/sign-in/company").headers, "it tries again by itself"
    monkeypatch.setattr("svc.pages.company.PAUSE_SECONDS", -1)
    sign_in(there)
    address = begin(client)
    good.status = 500
    refused(client, come_back(client, address), 503)
    good.status = 200
    monkeypatch.setattr("svc.pages.company.ANSWER_SECONDS", 0.2)
    good.open.clear()
    refused(client, come_back(client, address), 503)
    good.open.set()
    assert is_in(there)


def test_an_old_discovery_document_is_good_until_there_is_another(
    browser: Callable[[], FlaskClient], good: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a day it is asked for anew; a provider that does not answer that keeps nobody out."""
    client, other = browser(), browser()
    sign_in(client)
    monkeypatch.setattr("svc.pages.company.KEPT_SECONDS", -1)
    monkeypatch.setattr("svc.pages.company.PAUSE_SECONDS", -1)
    good.told, good.asked = {"issuer": "https://other.example"}, []
    sign_in(other)
    assert is_in(other)
    assert good.asked.count("openid-configuration") > 1


def test_an_end_of_session_that_is_not_safe_is_not_gone_to(
    browser: Callable[[], FlaskClient], good: Provider
) -> None:
    """Signing out ends here then."""
    good.told = {"end_session_endpoint": "http://example.org/"}
    assert "Refresh" not in browser().get("/sign-in?left=1").headers


@pytest.mark.parametrize(
    "told",
    [
        {"issuer": "https://other.example"},
        {"token_endpoint": None},
        {"token_endpoint": "http://example.org/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
    ids=str,
)
def test_a_discovery_document_of_somebody_else_is_none(
    browser: Callable[[], FlaskClient], good: Provider, told: dict[str, Any]
) -> None:
    """Other issuer, no endpoint, or one that is not safe."""
    good.told = told
    assert browser().get("/sign-in/company").status_code == 503


def test_a_role_taken_away_is_taken_away(
    browser: Callable[[], FlaskClient], good: Provider, owner: psycopg.Connection
) -> None:
    """At the next request when it was here, at the next sign-in when it was there."""
    client = browser()
    sign_in(client)
    assert is_in(client)
    owner.execute("UPDATE app.users SET is_active = false WHERE user_name = 'pat'")
    assert not is_in(client)
    refused(client, sign_in(client), 403)
    owner.execute("UPDATE app.users SET is_active = true WHERE user_name = 'pat'")
    sign_in(client)
    owner.execute("SELECT api.save_role_claim(%s, 'Clerk', NULL, 1)", (good.issuer,))
    assert not is_in(client)
    for roles in ([], None, ["Second", "Boss"]):
        good.claims = {"roles": roles, "_claim_names": {"groups": "src1"}}
        refused(client, sign_in(client), 403)


def test_users_follow_the_directory_where_an_administrator_says_so(
    browser: Callable[[], FlaskClient], good: Provider, owner: psycopg.Connection
) -> None:
    """Made with one role, given another, in the name of the directory."""
    client = browser()
    good.claims = {"oid": "person-2", "preferred_username": "new@example.org"}
    refused(client, sign_in(client), 403)
    owner.execute(
        "SELECT api.save_setting('directory_makes_users', 1, s.version)"
        " FROM report.settings AS s WHERE s.setting_name = 'directory_makes_users'"
    )
    sign_in(client)
    assert "new@example.org" in client.get("/whoami").text
    good.claims["roles"] = ["Second"]
    sign_in(client)
    assert is_in(client)
    found = owner.execute(
        "SELECT u.user_name, h.role FROM audit.users_history AS h"
        " JOIN app.users AS u ON u.user_id = h.audit_actor"
        " WHERE h.user_name = 'new@example.org' ORDER BY h.audit_seq"
    ).fetchall()
    assert found == [("directory", "processor"), ("directory", "reviewer")]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"oidc_page_client_id": MACHINE}, "another registration"),
        ({"base_url": None}, "CCP_BASE_URL"),
        ({"base_url": "http://example.org"}, "CCP_BASE_URL"),
        ({"oidc_issuer": None, "oidc_jwks_url": None, "entra_tenant": None}, "CCP_OIDC_ISSUER"),
    ],
    ids=str,
)
def test_settings_that_would_not_check_the_page_are_refused(
    page_settings: Settings, changes: dict[str, Any], reason: str
) -> None:
    """At the start, in one line."""
    kept = {name: getattr(page_settings, name) for name in page_settings.__dataclass_fields__}
    with pytest.raises(ConfigurationError, match=reason):
        Settings(**{**kept, **changes})


def test_signing_out_ends_it_here_and_there(
    browser: Callable[[], FlaskClient], good: Provider
) -> None:
    """The browser goes on to the provider's end of session; a cookie from before opens nothing."""
    client = browser()
    sign_in(client)
    kept = client.get_cookie("ccp")
    assert kept is not None
    found = re.search(r'name="form_token" value="(\w+)"', client.get("/months").text)
    assert found is not None
    assert client.post("/sign-out", data={"form_token": "x"}).status_code == 403
    assert is_in(client)
    left = client.post("/sign-out", data={"form_token": found[1]}, follow_redirects=True)
    refresh = left.headers["Refresh"]
    assert refresh.startswith(f"0; url={good.issuer}/end?client_id={PAGE}&post_logout_redirect_uri")
    assert not is_in(client)
    client.set_cookie("ccp", kept.value)
    assert not is_in(client)


def test_the_way_to_the_company_is_shown(browser: Callable[[], FlaskClient]) -> None:
    """Where there is one, and nothing of it where there is none."""
    client = browser()
    assert 'href="/sign-in/company?next=' in client.get("/months", follow_redirects=True).text
    services = client.application.extensions[EXTENSION]
    client.application.extensions[EXTENSION] = dataclasses.replace(services, company=None)
    assert "/sign-in/company" not in client.get("/sign-in").text
    assert client.get("/sign-in/company").status_code == 404
    assert client.get("/sign-in/return").status_code == 400


def test_no_token_of_the_company_is_kept(
    browser: Callable[[], FlaskClient],
    page_settings: Settings,
    good: Provider,
    cluster: Cluster,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Not in the database or its log, whatever file holds them, nor in logs and cookies of ours."""
    caplog.set_level("DEBUG")
    client = browser()
    assert sign_in(client).status_code == 303
    good.claims = {"exp": 1}
    refused(browser(), sign_in(browser()), 403)
    assert len(good.given) == 2
    cookie = client.get_cookie("ccp")
    assert cookie is not None
    held = session.serializer(page_settings, "browser").loads(cookie.value)
    for part in (part for token in good.given for part in token.split(".")[1:]):
        assert part not in str(held)
        assert part not in caplog.text
    assert good.kept_in(cluster.folder) == []
    # The look finds what there is, once it is written to the files.
    with cluster.login().connect() as superuser:
        superuser.execute(f"COMMENT ON DATABASE postgres IS '{good.given[0]}'")
        superuser.commit()
        superuser.execute("CHECKPOINT")
        assert good.kept_in(cluster.folder)
        superuser.execute("COMMENT ON DATABASE postgres IS NULL")


def test_an_id_token_opens_nothing_of_the_api(
    browser: Callable[[], FlaskClient], good: Provider
) -> None:
    """It is for the page's registration; with the API's it still is an ID token."""
    for claims in ({}, {"aud": MACHINE}):
        good.claims = claims
        headers = {"Authorization": f"Bearer {good.id_token('n')}"}
        assert browser().get("/api/v1/whoami", headers=headers).status_code == 401
