"""Tokens of an issuer: which are taken, what each must be for, and an issuer that is in trouble."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from svc import keys
from svc.auth import Actor, Verifier
from svc.config import ConfigurationError, Settings
from tests.service.conftest import SECRET, running
from tests.service.issuer import (
    API,
    ENTRA_ISSUER,
    ISSUER,
    MACHINE,
    PERSON,
    TENANT,
    Issuer,
    forged,
    stranger_token,
)
from tests.service.test_access import claims, refused, signed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import psycopg
    from werkzeug.test import TestResponse

HOUR = 3600.0


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    """Yield an issuer whose key set is served on this machine."""
    made = Issuer()
    yield made
    made.close()


def generic_settings(issuer: Issuer, **changes: Any) -> Settings:  # noqa: ANN401
    """Return the settings of a service that takes the issuer's tokens."""
    settings = {"database_url": "-", "oidc_issuer": ISSUER, "oidc_jwks_url": issuer.url, **changes}
    return Settings(**settings)


def entra_settings(issuer: Issuer, **environment: str) -> Settings:
    """Return the settings of a service of one Microsoft Entra tenant, from the environment."""
    return Settings.from_environment(
        {
            **{"DATABASE_URL": "-", "CCP_ENTRA_TENANT": TENANT, "CCP_OIDC_AUDIENCE": API},
            **{"CCP_OIDC_JWKS_URL": issuer.url, "CCP_ENTRA_MACHINES": MACHINE},
            **environment,
        }
    )


def taken(verifier: Verifier, token: str) -> Actor:
    """Return who a token is."""
    return verifier.actor(f"Bearer {token}")


def test_tokens_of_the_issuer_name_an_identity(issuer: Issuer) -> None:
    """RS256 and ES256, subject from the claim the settings name; never a user by name."""
    verifier = Verifier(generic_settings(issuer))
    for kid, algorithm in (("rsa", "RS256"), ("ec", "ES256")):
        found = taken(verifier, issuer.token(kid, algorithm, role="admin", roles=["admin"]))
        assert found == Actor("pat", issuer=ISSUER)
        assert found.setting == ""
    by_email = Verifier(generic_settings(issuer, oidc_user_claim="email"))
    found = taken(by_email, issuer.token(email="rae@example.org"))
    assert found == Actor("rae@example.org", issuer=ISSUER)
    with_roles = Verifier(generic_settings(issuer, oidc_roles_claim="groups"))
    for value, roles in ((["a", "b"], ("a", "b")), ("a", ("a",)), (None, ())):
        assert taken(with_roles, issuer.token(groups=value)).roles == roles


def test_tokens_that_only_look_like_the_issuers_are_refused(issuer: Issuer) -> None:
    """Other algorithm, key unknown, foreign issuer, public key used as secret, local token."""
    verifier = Verifier(generic_settings(issuer, oidc_roles_claim="roles"))
    public = issuer.rsa.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    tokens = [
        issuer.token(algorithm="RS512"),
        issuer.token(algorithm="PS256"),
        issuer.token(iss="https://other.example"),
        issuer.token(aud="other"),
        issuer.token(sub="two words"),
        issuer.token(sub="p" * 201),
        issuer.token(roles=[7]),
        issuer.token(roles={"a": 1}),
        issuer.token(roles=["a\0"]),
        issuer.token(nonce="n"),
        jwt.encode(claims(iss=ISSUER), issuer.rsa, algorithm="RS256", headers={"kid": "new"}),
        jwt.encode(claims(iss=ISSUER), issuer.ec, algorithm="ES256", headers={"kid": "rsa"}),
        forged(claims(iss=ISSUER), public),
        jwt.encode(claims(iss=ISSUER), issuer.rsa, algorithm="RS256"),
        stranger_token("rsa"),
        signed(claims()),
    ]
    for token in tokens:
        assert refused(verifier, token).status == 401


def test_a_local_secret_does_not_open_the_issuers_door(issuer: Issuer) -> None:
    """With both kinds on, each token is checked by its own kind's issuer and keys."""
    verifier = Verifier(generic_settings(issuer, token_secret=SECRET))
    assert taken(verifier, signed(claims())).user_name == "pat"
    assert refused(verifier, signed(claims(iss=ISSUER))).status == 401
    assert refused(verifier, issuer.token(iss="ccp-local")).status == 401


def test_a_scope_is_asked_for_where_the_settings_say_so(issuer: Issuer) -> None:
    """As a list or as words; another one is not enough."""
    verifier = Verifier(generic_settings(issuer, oidc_scope="ccp"))
    good: list[dict[str, Any]] = [{"scope": "openid ccp"}, {"scp": ["ccp"]}]
    for given in good:
        assert taken(verifier, issuer.token(**given)).user_name == "pat"
    bad: list[dict[str, Any]] = [{}, {"scope": "ccp2 openid"}, {"scp": []}]
    for given in bad:
        assert refused(verifier, issuer.token(**given)).code == "insufficient_scope"


def test_a_person_of_entra_is_the_oid_and_nothing_that_can_be_renamed(issuer: Issuer) -> None:
    """With the roles the directory gave; programs that are listed as well."""
    verifier = Verifier(entra_settings(issuer))
    person = Actor(PERSON, issuer=ENTRA_ISSUER, roles=("Processor",))
    assert taken(verifier, issuer.entra_token()) == person
    assert taken(verifier, issuer.entra_token(scp="mail access", idtyp="user")) == person
    machine = issuer.machine_token(oid=MACHINE, roles=["Reader"])
    assert taken(verifier, machine) == Actor(MACHINE, issuer=ENTRA_ISSUER, roles=("Reader",))
    # Too many groups make the directory send a pointer instead; groups are not looked at.
    overage = issuer.entra_token(_claim_names={"groups": "src1"}, roles=None)
    assert taken(verifier, overage).roles == ()


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"nonce": "n", "scp": None, "azp": None}, 401, "wrong_token"),
        ({"ver": "1.0", "iss": f"https://sts.windows.net/{TENANT}/"}, 401, "wrong_token"),
        ({"ver": "1.0", "aud": f"api://{API}"}, 401, "wrong_token"),
        ({"ver": "1.0"}, 401, "wrong_token"),
        ({"ver": None}, 401, "wrong_token"),
        ({"tid": API}, 401, "invalid_token"),
        ({"tid": None}, 401, "invalid_token"),
        ({"aud": MACHINE}, 401, "invalid_token"),
        ({"iss": f"https://login.microsoftonline.com/{API}/v2.0"}, 401, "invalid_token"),
        ({"oid": None}, 401, "invalid_token"),
        ({"scp": None}, 403, "insufficient_scope"),
        ({"scp": "access2"}, 403, "insufficient_scope"),
        ({"scp": None, "idtyp": "user"}, 403, "insufficient_scope"),
        ({"idtyp": "app"}, 401, "wrong_token"),
        ({"idtyp": "app", "scp": None, "azp": API}, 403, "client_not_listed"),
        ({"idtyp": "app", "scp": None, "azp": None}, 403, "client_not_listed"),
        ({"scp": 7}, 401, "invalid_token"),
    ],
    ids=str,
)
def test_an_entra_token_for_something_else_is_refused(
    issuer: Issuer, changes: dict[str, object], status: int, code: str
) -> None:
    """Signed by the tenant, and an ID token, of version 1, of another tenant, API or client."""
    problem = refused(Verifier(entra_settings(issuer)), issuer.entra_token(**changes))
    assert (problem.status, problem.code) == (status, code)


def test_a_v1_token_is_refused_with_the_setting_to_change(issuer: Issuer) -> None:
    """The commonest mistake; but a stranger who says v1 is told nothing."""
    verifier = Verifier(entra_settings(issuer))
    old = issuer.entra_token(ver="1.0", iss=f"https://sts.windows.net/{TENANT}/")
    assert "requestedAccessTokenVersion" in (refused(verifier, old).hint or "")
    head, body, signature = old.split(".")
    changed = f"{head}.{body}.{'A' * len(signature)}"
    assert refused(verifier, changed).code == "invalid_token"


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({"CCP_ENTRA_TENANT": "common"}, "one tenant"),
        ({"CCP_ENTRA_TENANT": TENANT.upper()}, "one tenant"),
        ({"CCP_OIDC_AUDIENCE": f"api://{API}"}, "client id of the API"),
        ({"CCP_OIDC_ISSUER": ISSUER}, "issuer of CCP_ENTRA_TENANT"),
        ({"CCP_OIDC_USER_CLAIM": "preferred_username"}, "are their oid"),
        ({"CCP_OIDC_SCOPE": ""}, "CCP_OIDC_SCOPE"),
        ({"CCP_ENTRA_MACHINES": f"{MACHINE}, build server"}, "CCP_ENTRA_MACHINES"),
    ],
    ids=str,
)
def test_settings_that_would_not_check_entra_are_refused(
    issuer: Issuer, environment: dict[str, str], reason: str
) -> None:
    """At the start, in one line."""
    with pytest.raises(ConfigurationError, match=reason):
        entra_settings(issuer, **environment)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Return a function that sets the clock of the keys on by so many seconds."""
    now = [1000.0]
    monkeypatch.setattr("svc.keys.time.monotonic", lambda: now[0])

    def later(seconds: float) -> None:
        now[0] += seconds

    return later


def test_an_issuer_that_was_never_reached_is_said_so(issuer: Issuer) -> None:
    """Not the caller's fault: 503, and at most one try in half a minute."""
    issuer.status = 503
    verifier = Verifier(generic_settings(issuer))
    for _ in range(5):
        problem = refused(verifier, issuer.token())
        assert (problem.status, problem.code) == (503, "issuer_unavailable")
    assert issuer.fetches == 1


def test_a_known_key_is_good_for_a_day_without_the_issuer(
    issuer: Issuer, clock: Callable[[float], None]
) -> None:
    """Almost a day after the last answer it is used, a day after it is not."""
    verifier = Verifier(generic_settings(issuer))
    taken(verifier, issuer.token())
    issuer.status = 503
    clock(keys.KEPT_SECONDS - 1)
    assert taken(verifier, issuer.token()).user_name == "pat"
    clock(keys.PAUSE_SECONDS + 1)
    assert refused(verifier, issuer.token()).status == 503


def test_strangers_do_not_hold_up_who_has_a_good_token(
    issuer: Issuer, clock: Callable[[float], None]
) -> None:
    """While four unsigned tokens with unknown keys wait for an issuer that hangs, one passes."""
    verifier = Verifier(generic_settings(issuer))
    taken(verifier, issuer.token())
    issuer.open.clear()
    clock(keys.PAUSE_SECONDS + 1)
    strangers = [
        Thread(target=refused, args=(verifier, stranger_token(f"k{number}"))) for number in range(4)
    ]
    for stranger in strangers:
        stranger.start()
    while issuer.fetches < 2:
        pass
    # None of these waits: they come back although the issuer answers nobody.
    assert taken(verifier, issuer.token()).user_name == "pat"
    assert refused(verifier, issuer.token(kid="rsa", algorithm="RS512")).status == 401
    assert refused(verifier, stranger_token("k9")).status == 503
    assert any(stranger.is_alive() for stranger in strangers)
    issuer.open.set()
    for stranger in strangers:
        stranger.join()
    assert issuer.fetches == 2


def test_the_issuer_is_asked_once_in_half_a_minute_also_after_a_failure(
    issuer: Issuer, clock: Callable[[float], None]
) -> None:
    """Unknown keys cause no more; what came of the last try decides between 401 and 503."""
    verifier = Verifier(generic_settings(issuer))
    taken(verifier, issuer.token())
    for _ in range(20):
        assert refused(verifier, stranger_token("new")).status == 401
    assert issuer.fetches == 1
    issuer.status = 500
    clock(keys.PAUSE_SECONDS)
    for _ in range(20):
        assert refused(verifier, stranger_token("new")).status == 503
    assert issuer.fetches == 2
    clock(keys.PAUSE_SECONDS - 1)
    assert refused(verifier, stranger_token("new")).status == 503
    assert issuer.fetches == 2
    issuer.status = 200
    clock(1)
    assert refused(verifier, stranger_token("new")).status == 401
    assert issuer.fetches == 3


def test_new_keys_come_and_withdrawn_ones_go(
    issuer: Issuer, clock: Callable[[float], None]
) -> None:
    """A new key is found half a minute after the last fetch; a withdrawn one goes in an hour."""
    issuer.published = {"rsa"}
    verifier = Verifier(generic_settings(issuer))
    taken(verifier, issuer.token())
    issuer.published = {"ec"}
    assert refused(verifier, issuer.token("ec", "ES256")).status == 401
    assert taken(verifier, issuer.token()).user_name == "pat"
    clock(HOUR)
    taken(verifier, issuer.token())
    while issuer.fetches < 2 or verifier_is_fetching(verifier):
        pass
    assert taken(verifier, issuer.token("ec", "ES256")).user_name == "pat"
    assert refused(verifier, issuer.token()).status == 401


def verifier_is_fetching(verifier: Verifier) -> bool:
    """Tell whether a fetch is under way."""
    return verifier.keys is not None and verifier.keys._fetching.locked()


LINK = "SELECT FROM api.link_identity(%s, %s, %s, %s)"
MAP = "SELECT FROM api.save_role_claim(%s, %s, %s)"


def test_an_identity_acts_as_the_user_it_is_linked_to(
    issuer: Issuer, settings: Settings, connect: Callable[..., psycopg.Connection]
) -> None:
    """Over HTTP: unknown, linked, with the wrong, no and two roles, linked to somebody else."""
    owner = connect("ccp_owner", autocommit=True)
    over_http = entra_settings(issuer, DATABASE_URL=settings.database_url)
    with running(over_http) as api:

        def ask(path: str = "/sessions", method: str = "GET", **changes: object) -> TestResponse:
            token = issuer.entra_token(**changes)
            return api.call(method, path, headers={"Authorization": f"Bearer {token}"})

        assert ask().get_json()["code"] == "unknown_identity"
        owner.execute(LINK, (ENTRA_ISSUER, PERSON, "pat", None))
        assert ask().get_json()["code"] == "role_not_mapped"
        owner.execute(MAP, (ENTRA_ISSUER, "Processor", "processor"))
        owner.execute(MAP, (ENTRA_ISSUER, "Clerk", "processor"))
        owner.execute(MAP, (ENTRA_ISSUER, "Admin", "admin"))
        assert ask().status_code == 200
        assert ask(roles=["Processor", "Clerk", "not mapped"]).status_code == 200
        assert ask(method="POST").status_code == 201
        for roles, code in (
            (["Admin"], "role_mismatch"),
            (["Admin", "Processor"], "role_not_mapped"),
            ([], "role_not_mapped"),
            (None, "role_not_mapped"),
            (["processor"], "role_not_mapped"),
        ):
            answer = ask(roles=roles)
            assert (answer.status_code, answer.get_json()["code"]) == (403, code)
        # The oid says who it is, not a name that somebody chose.
        assert ask(oid=API, preferred_username="pat", sub="pat").status_code == 403
        owner.execute(LINK, (ENTRA_ISSUER, PERSON, "rae", 1))
        assert ask().get_json()["code"] == "role_mismatch"
        owner.execute(LINK, (ENTRA_ISSUER, PERSON, None, 2))
        assert ask().get_json()["code"] == "unknown_identity"
        found = owner.execute("SELECT DISTINCT s.user_name FROM report.sessions AS s").fetchall()
    assert found == [("pat",)]
