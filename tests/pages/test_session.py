"""Who is let in, for how long, and that no other site sends our forms."""

from __future__ import annotations

import dataclasses
import html
import io
import logging
import re
import time
from typing import TYPE_CHECKING, Any

from svc.logs import JsonFormatter
from svc.pages import session
from svc.routes import EXTENSION
from tests.pages.conftest import Browser, hidden
from tests.service.conftest import bearer, running

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg
    import pytest

    from svc.config import Settings
    from tests.service.conftest import Api

SignIn = "Callable[[str], Browser]"


def test_nobody_reads_without_signing_in(api: Api) -> None:
    """Each page leads to signing in, and back to where one wanted to go."""
    client = api.app.test_client()
    for path in ("/", "/months", "/users", "/no-such-thing", "/all"):
        answer = client.get(path)
        assert (answer.status_code, answer.location.partition("?")[0]) == (303, "/sign-in")
    assert client.get("/issues?order=due").location == "/sign-in?next=/issues?order%3Ddue"
    assert client.post("/rules/missing_receipt").status_code == 303
    part = client.get("/issues?state=open", headers={"HX-Request": "true"})
    assert (part.status_code, part.headers["HX-Refresh"]) == (401, "true")


def test_a_link_signs_in_once(api: Api, browser: Callable[[str], Browser]) -> None:
    """Following it does nothing yet, since programs follow links, too."""
    key = session.make_link(api.app.extensions[EXTENSION].settings, "pat")
    client = api.app.test_client()
    for _ in range(2):
        page = client.get(f"/sign-in?key={key}")
        assert "Sign in as pat" in page.text
        assert "Set-Cookie" not in page.headers
    assert client.post("/sign-in", data={**hidden(page), "key": key}).status_code == 303
    again = api.app.test_client().post("/sign-in", data={**hidden(page), "key": key})
    assert again.status_code == 403
    assert "link was used already" in again.text.lower()
    assert "does not sign in any more" in client.get(f"/sign-in?key={key}x").text
    assert browser("nobody").entered.status_code == 403


def test_a_link_that_met_no_database_leads_back_to_itself(
    settings: Settings, superuser: psycopg.Connection
) -> None:
    """It was not used, and who followed it has nothing else in hand."""
    with running(dataclasses.replace(settings, lock_timeout=50)) as api:
        key = session.make_link(settings, "pat")
        client = api.app.test_client()
        said = {**hidden(client.get(f"/sign-in?key={key}")), "key": key, "next": "/upload"}
        with superuser.transaction():
            superuser.execute("LOCK TABLE app.users IN ACCESS EXCLUSIVE MODE")
            busy = client.post("/sign-in", data=said)
        assert busy.status_code == 503
        back = re.search(r'href="([^"]+)" role="button"', busy.text)
        assert back is not None
        again = client.get(html.unescape(back[1]))
        assert "Sign in as pat" in again.text
        came = client.post("/sign-in", data={**said, **hidden(again)})
        assert (came.status_code, came.headers["Location"]) == (303, "/upload")


def test_links_and_cookies_are_over_after_a_while(
    api: Api, browser: Callable[[str], Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link after a quarter of an hour; a cookie when idle, and after half a day in any case."""
    settings = api.app.extensions[EXTENSION].settings
    key = session.make_link(settings, "pat")
    pat = browser("pat")
    now = time.time()
    client = api.app.test_client()
    for passed, is_in in ((899, True), (901, False)):
        monkeypatch.setattr(time, "time", lambda passed=passed: now + passed)
        assert (client.get(f"/sign-in?key={key}").status_code == 200) is is_in
    for minute in range(15, 12 * 60, 45):
        monkeypatch.setattr(time, "time", lambda minute=minute: now + 60 * minute)
        assert pat.get("/months").status_code == 200
    monkeypatch.setattr(time, "time", lambda: now + 12 * 3600 + 5)
    assert pat.get("/months").status_code == 303
    monkeypatch.setattr(time, "time", lambda: now)
    rae = browser("rae")
    monkeypatch.setattr(time, "time", lambda: now + 3605)
    assert rae.get("/months").status_code == 303


def test_the_cookie_is_closed_to_scripts_and_other_sites(
    settings: Settings, browser: Callable[[str], Browser]
) -> None:
    """With TLS it is sent by TLS only, under a name that no other host can set."""
    cookie = browser("pat").entered.headers["Set-Cookie"]
    assert cookie.startswith("ccp=")
    assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    with running(dataclasses.replace(settings, base_url="https://cards.example.com")) as api:
        cookie = Browser(api.app, "pat").entered.headers["Set-Cookie"]
    assert cookie.startswith("__Host-ccp=")
    assert "Secure" in cookie.split("; ")
    assert "Domain" not in cookie


def test_signing_out_is_for_good(
    api: Api, browser: Callable[[str], Browser], superuser: psycopg.Connection
) -> None:
    """Whoever has kept the cookie gets nowhere; another browser of the person goes on."""
    pat, other = browser("pat"), browser("pat")
    kept = pat.client.get_cookie("ccp")
    assert kept is not None
    assert pat.send("/sign-out", pat.get("/months")).location == "/sign-in"
    assert pat.get("/months").status_code == 303
    thief = api.app.test_client()
    thief.set_cookie("ccp", kept.value)
    assert thief.get("/months").status_code == 303
    assert other.get("/months").status_code == 200
    rows = superuser.execute(
        "SELECT method, signed_out_at IS NULL FROM app.sign_ins ORDER BY signed_in_at"
    ).fetchall()
    assert rows == [("link", False), ("link", True)]


def test_a_new_sign_in_ends_the_one_before(
    api: Api, browser: Callable[[str], Browser], superuser: psycopg.Connection
) -> None:
    """Of that browser, whoever it was; a link that signs nobody in ends nothing."""
    pat, other = browser("pat"), browser("pat")
    kept = pat.client.get_cookie("ccp")
    assert kept is not None
    page = pat.get("/sign-in?key=x")
    assert pat.send("/sign-in", page, key="x").status_code == 403
    assert pat.get("/months").status_code == 200
    key = session.make_link(api.app.extensions[EXTENSION].settings, "rae")
    assert pat.send("/sign-in", pat.get(f"/sign-in?key={key}"), key=key).status_code == 303
    assert "rae" in pat.get("/months").text
    thief = api.app.test_client()
    thief.set_cookie("ccp", kept.value)
    assert thief.get("/months").status_code == 303
    assert other.get("/months").status_code == 200
    rows = superuser.execute(
        "SELECT u.user_name, s.signed_out_at IS NULL FROM app.sign_ins AS s"
        " JOIN app.users AS u ON u.user_id = s.user_id ORDER BY s.signed_in_at"
    ).fetchall()
    assert rows == [("pat", False), ("pat", True), ("rae", True)]


def test_keys_and_codes_are_in_no_log(
    api: Api, browser: Callable[[str], Browser], caplog: pytest.LogCaptureFixture
) -> None:
    """Neither of a link that is good or over, nor what a company's sign-in sends back."""
    with caplog.at_level(logging.DEBUG):
        key = session.make_link(api.app.extensions[EXTENSION].settings, "pat")
        client = api.app.test_client()
        for query in (f"key={key}", "key=wrong-secret", "code=wrong-secret"):
            client.get(f"/sign-in?{query}")
            client.get(f"/sign-in/return?{query}")
        browser("pat")
    lines = [JsonFormatter().format(one) for one in caplog.records]
    assert len(lines) > 6
    assert not [one for one in lines if key in one or "wrong-secret" in one]


def test_a_user_who_is_switched_off_is_out(
    browser: Callable[[str], Browser], connect: Callable[..., psycopg.Connection]
) -> None:
    """With the next request, whatever the cookie says."""
    pat = browser("pat")
    owner = connect("ccp_owner")
    owner.execute("SELECT api.save_user('pat', p_is_active => false, p_expected_version => 1)")
    owner.commit()
    page = pat.get("/months")
    assert (page.status_code, page.location) == (303, "/sign-in")
    # Nor is it good again when the user is.
    owner.execute("SELECT api.save_user('pat', p_is_active => true, p_expected_version => 2)")
    owner.commit()
    assert pat.get("/months").status_code == 303


def test_cookies_and_tokens_open_one_door_each(api: Api, browser: Callable[[str], Browser]) -> None:
    """The cookie is no way into the interface, the token none into the pages."""
    pat = browser("pat")
    assert pat.get("/api/v1/months").status_code == 401
    headers = {"Authorization": bearer("pat")}
    assert api.app.test_client().get("/months", headers=headers).status_code == 303


def test_a_form_of_another_site_does_nothing(browser: Callable[[str], Browser]) -> None:
    """Without its token, with that of somebody else, or sent from another page."""
    pat, rae = browser("pat"), browser("rae")
    page = pat.get("/sessions")
    good = {**hidden(page), "session_name": "Mine"}
    foreign = hidden(rae.get("/sessions"))["form_token"]
    for said in ({**good, "form_token": ""}, {**good, "form_token": foreign}):
        assert pat.client.post("/sessions", data=said).status_code == 403
    strange = {"Sec-Fetch-Site": "cross-site"}
    assert pat.client.post("/sessions", data=good, headers=strange).status_code == 403
    for origin in ("null", "https://evil.example", "http://localhost:81"):
        headers = {"Origin": origin}
        assert pat.client.post("/sessions", data=good, headers=headers).status_code == 403
    assert "Mine" not in pat.get("/sessions").text
    ours = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert pat.client.post("/sessions", data=good, headers=ours).status_code == 303
    assert pat.client.post("/sessions", data=good).status_code == 303
    assert pat.get("/sessions").text.count(">Mine</a>") == 1


def test_a_form_with_files_is_looked_at_too(browser: Callable[[str], Browser]) -> None:
    """It neither signs anybody out nor makes a call unseen; and looking makes no call."""
    pat = browser("pat")
    foreign: dict[str, Any] = {"data": {"form_token": "x"}, "content_type": "multipart/form-data"}
    assert pat.client.post("/sign-out", **foreign).status_code == 403
    assert pat.client.post("/sessions", **foreign).status_code == 415
    assert pat.client.post("/users.csv", **foreign).status_code == 403
    assert pat.get("/months").status_code == 200
    body: dict[str, Any] = {"data": "{}", "content_type": "application/json"}
    assert pat.client.get("/import-json", **body).status_code == 405
    assert pat.client.post("/import-json", **body).status_code == 403


def test_a_form_with_files_sent_twice_does_it_once(
    browser: Callable[[str], Browser], superuser: psycopg.Connection
) -> None:
    """Its request id is the one from when it was shown."""
    ada = browser("ada")
    said = hidden(ada.get("/users"))
    for _ in range(2):
        file = (io.BytesIO(b"user_name,role\nnew,processor\n"), "users.csv")
        assert ada.client.post("/users.csv", data={**said, "file": file}).status_code == 200
    kept = superuser.execute(
        "SELECT call_name FROM app.answered_requests WHERE request_id = %s", (said["request_id"],)
    ).fetchall()
    assert kept == [("save_users",)]


def test_what_was_done_is_told_once(api: Api, browser: Callable[[str], Browser]) -> None:
    """In that browser, of that sign-in, and by nothing that others can write."""
    pat, other = browser("pat"), browser("pat")
    made = pat.send("/sessions", pat.get("/sessions"), session_name="Told")
    told = pat.client.get_cookie("ccp-done")
    assert told is not None
    assert "Done: Open an empty session" in pat.get(made.location).text
    assert "Done:" not in pat.get(made.location).text
    assert pat.client.get_cookie("ccp-done") is None
    for value in (told.value, told.value.replace(".", "x.", 1), "x"):
        other.client.set_cookie("ccp-done", value)
        assert "Done:" not in other.get(made.location).text


def test_a_page_leads_nowhere_else(browser: Callable[[str], Browser]) -> None:
    """Where to go on is an address of ours or the first page."""
    pat = browser("pat")
    slashes = ("//evil.example", "///evil.example", "/\\evil.example", "//[")
    for place in ("https://evil.example", *slashes, "javascript:1"):
        answer = pat.send("/sessions", pat.get("/sessions"), session_name="x", next=place)
        assert answer.location.startswith("/sessions/") or answer.location == "/", place
