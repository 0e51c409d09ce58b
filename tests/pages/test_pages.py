"""Pages say what the interface says, to whom it says it, in the words of the database."""

from __future__ import annotations

import hashlib
import html
import re
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from svc import pages

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.pages.conftest import Browser
    from tests.service.conftest import Api

POLICY = "script-src 'self'; style-src 'self'"


def first(api: Api, path: str, **query: str) -> dict[str, str]:
    """Return the first row of a list."""
    rows = api.get(path, **query).get_json()["items"]
    assert rows, path
    row: dict[str, str] = rows[0]
    return row


@pytest.mark.parametrize("user", ["ada", "ron"])
def test_every_operation_has_a_page(
    month: Api, reader: Callable[[str], Browser], user: str
) -> None:
    """Whoever may read it as JSON reads it as a page, and nobody else; what writes has a form."""
    browser = reader(user)
    surface = month.app.extensions["ccp"].door.surface
    session = first(month, "/sessions")
    known = {
        **dict.fromkeys(("session_id", "other_id"), session["session_id"]),
        "month_id": session["month_id"],
        "issue_id": first(month, f"/sessions/{session['session_id']}/issues")["issue_id"],
        "rule_code": "missing_receipt",
    }
    seen = 0
    for name, operation in surface.catalog.operations.items():
        if set(operation.parameters) <= set(known) and operation.method == "GET":
            path = operation.path.format_map(known)
            query = {"month_id": known["month_id"]} if operation.one_of else {}
            as_json = month.get(path, user, **query).status_code
            page = browser.get(path, query_string=query)
            assert page.status_code == as_json, (name, page.text[-800:])
            assert POLICY in page.headers["Content-Security-Policy"]
            assert not re.search(r"<script>|<style| style=| on\w+=", page.text)
            assert len(page.data) < 100_000, name
            seen += 1
    assert seen > 60


def test_the_sql_behind_a_view_is_to_be_copied(
    month: Api, reader: Callable[[str], Browser]
) -> None:
    """It runs as it stands there, for whom the page is open, with what was asked for in it."""
    session = first(month, "/sessions")
    issue = first(month, f"/sessions/{session['session_id']}/issues")
    below = f"/sessions/{session['session_id']}"
    pat = reader("pat")
    paths = ["/", f"/months/{session['month_id']}", f"/issues/{issue['issue_id']}", below]
    paths += [f"{below}/employees/{issue['cardholder_id']}", f"{below}/transactions?q=o'brien"]
    paths += ["/issues?order=due&person=x", "/months?as_of=2025-04-01", "/rules?limit=2"]
    url = month.app.extensions["ccp"].settings.database_url
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET ROLE ccp_processor")
        connection.execute("SELECT set_config('app.actor', 'pat', false)")
        for path in paths:
            behind = re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", pat.get(path).text, re.S)
            assert behind, path
            for one in behind:
                request, _, sql = html.unescape(one).partition("\n\n")
                assert request.startswith("GET /api/v1/")
                connection.execute(sql.encode())


def test_money_dates_and_the_unknown(month: Api, reader: Callable[[str], Browser]) -> None:
    """Two decimals at the right, one form of dates; and the SQL behind it is there to copy."""
    session = first(month, "/sessions")["session_id"]
    page = reader("ron").get(f"/sessions/{session}/transactions").text
    assert re.search(r'<td class="num">-?[\d,]+\.\d\d</td>', page)
    assert re.search(r'<time datetime="2025-03-\d\d">\d\d Mar 2025</time>', page)
    assert f"GET /api/v1/sessions/{session}/transactions" in page
    sql = page.partition("<pre")[2].partition("FROM report.transactions")[2]
    assert f"session_id = &#39;{session}&#39;::uuid" in sql
    assert "NULL::" not in sql.partition("</pre>")[0]


def test_long_lists_are_paged_by_key(month: Api, reader: Callable[[str], Browser]) -> None:
    """Each row once, to the end; what was filtered stays so."""
    session = first(month, "/sessions")["session_id"]
    ron, path, seen = reader("ron"), f"/sessions/{session}/transactions?limit=60&coded=true", 0
    while path:
        page = ron.get(path).text
        seen += page.count("<tr data-row>")
        found = re.search(r'<a href="([^"]+cursor=[^"]+)"', page)
        path = found[1].replace("&amp;", "&") if found else ""
    whole = sum(
        len(rows) for rows in month.pages(f"/sessions/{session}/transactions", coded="true")
    )
    assert seen == whole > 60


def test_texts_of_people_stay_texts(browser: Callable[[str], Browser]) -> None:
    """Whatever somebody writes is shown as it was written."""
    pat = browser("pat")
    name = "<b onclick=x>Bold</b> & 'more'"
    pat.send("/sessions", pat.get("/sessions"), session_name=name)
    page = pat.get("/sessions").text
    assert "&lt;b onclick=x&gt;Bold&lt;/b&gt; &amp; &#39;more&#39;" in page
    assert "<b onclick" not in page


def test_a_refusal_keeps_the_input_and_says_what_to_do(browser: Callable[[str], Browser]) -> None:
    """The error of the database, its hint, the place that is wrong, and the form as it was."""
    ada = browser("ada")
    page = ada.get("/users")
    answer = ada.send("/users", page, user_name="new", role="processor", email="no address")
    assert answer.status_code == 400
    assert 'value="new"' in answer.text
    assert "This was not done" in answer.text
    again = ada.send("/users", page, user_name="new", role="boss")
    assert "not allowed" in again.text
    assert "processor" in again.text
    assert ada.send("/users", page, user_name="new", role="processor").status_code == 303
    assert browser("ron").send("/users", page, user_name="x").status_code == 403


def test_a_stale_page_overwrites_nothing(month: Api, reader: Callable[[str], Browser]) -> None:
    """The slower one sees what the other did, with the own input; sent again it is decided."""
    session = first(month, "/sessions")["session_id"]
    issue = first(month, f"/sessions/{session}/issues", resolved="false")
    path = f"/issues/{issue['issue_id']}"
    pat, rae = reader("pat"), reader("rae")
    page = pat.get(path)
    assert rae.send(f"{path}/note", rae.get(path), note="Seen the slip").status_code == 303
    late = pat.send(f"{path}/resolve", page, method="corrected", notes="It is fine")
    assert late.status_code == 409
    for words in ("Seen the slip", "It is fine", "What somebody else did meanwhile"):
        assert words in late.text
    assert month.get(path).get_json()["state"] == "open"
    done = pat.send(f"{path}/resolve", late, method="corrected", notes="It is fine")
    assert done.status_code == 303
    assert month.get(path).get_json()["resolution_notes"] == "It is fine"


def test_what_nobody_showed_is_not_decided_about(
    month: Api, reader: Callable[[str], Browser]
) -> None:
    """Another refusal before it makes no stale page a new one."""
    session = first(month, "/sessions")["session_id"]
    issue = first(month, f"/sessions/{session}/issues", resolved="false")
    path = f"/issues/{issue['issue_id']}"
    pat, rae = reader("pat"), reader("rae")
    page = pat.get(path)
    assert rae.send(f"{path}/note", rae.get(path), note="Wait for me").status_code == 303
    wrong = pat.send(f"{path}/resolve", page, method="nonsense", notes="Mine")
    assert wrong.status_code == 400
    assert "Wait for me" not in wrong.text
    late = pat.send(f"{path}/resolve", wrong, method="corrected", notes="Mine")
    assert late.status_code == 409
    assert "Wait for me" in late.text


def test_a_correction_that_was_refused_is_kept(
    month: Api, reader: Callable[[str], Browser]
) -> None:
    """What was typed stands in the form again, with what was seen; sent again it is made."""
    session = first(month, "/sessions")["session_id"]
    receipt = first(month, f"/sessions/{session}/transactions")
    pat, path = reader("pat"), f"/sessions/{session}/corrections"
    person = f"/sessions/{session}/employees/{receipt['cardholder_id']}"
    assert f'action="{path}"' not in pat.get(person).text
    page = pat.get(f"{person}?at={receipt['transaction_id']}")
    assert page.text.count(f'action="{path}"') == 1
    said = {name: receipt[name] for name in ("transaction_id", "employee_revision_id")}
    said |= {"old purpose": receipt["purpose"] or "", "new purpose": "Lunch <b> with all"}
    refused = pat.send(path, page, **said)
    assert refused.status_code == 400
    kept = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', refused.text))
    assert kept["new purpose"] == "Lunch &lt;b&gt; with all"
    assert kept["transaction_id"] == receipt["transaction_id"]
    kept["new purpose"] = "Lunch with all"
    assert pat.send(path, refused, **{**kept, "reason": "Told"}).status_code == 303
    row = first(month, path, cardholder_id=receipt["cardholder_id"])
    assert row["transaction_id"] == receipt["transaction_id"]
    said |= {"old purpose": "One\r\ntwo", "new purpose": "Onetwo"}  # as browsers send it
    said |= {"old merchant_name": receipt["merchant_name"], "new merchant_name": "HARBOR"}
    newest = first(
        month, f"/sessions/{session}/transactions", transaction_id=said["transaction_id"]
    )
    said |= {"employee_revision_id": newest["employee_revision_id"], "reason": "The merchant"}
    assert pat.send(path, page, **said).status_code == 303
    rows = month.get(path, cardholder_id=receipt["cardholder_id"]).get_json()["items"]
    assert [row["field_group"] for row in rows if row["reason"] == "The merchant"] == ["merchant"]


def test_a_filter_keeps_what_the_list_is_of(month: Api, reader: Callable[[str], Browser]) -> None:
    """What a link has set is sent with what is chosen, though it is not shown."""
    session = first(month, "/sessions")["session_id"]
    page = reader("ron").get(f"/revisions?session_id={session}").text
    assert f'<input type="hidden" name="session_id" value="{session}">' in page
    assert 'name="cardholder_id"' not in page


def test_an_address_puts_nothing_into_a_page(month: Api, reader: Callable[[str], Browser]) -> None:
    """No way out, no words as ours, nothing hidden into a form, no SQL beside its values."""
    session = first(month, "/sessions")["session_id"]
    issue = first(month, f"/sessions/{session}/issues")["issue_id"]
    pat = reader("pat")
    for place in ("javascript:alert(1)", "https://evil.example", "///evil.example"):
        page = pat.get(f"/issues/{issue}", query_string={"next": place}).text
        assert "evil.example" not in page.partition("<details class=")[0]
        assert "javascript:" not in page
    form = pat.get(f"/issues/{issue}/resolve?expected_version=7&version=7&notes=x").text
    assert 'type="hidden" name="expected_version"' not in form
    assert '<input type="number" name="expected_version" value="7"' in form
    value = "(NULL:: IS NULL OR true AND ' FROM x"
    page = pat.get(f"/sessions/{session}/transactions", query_string={"q": value}).text
    assert "&#39;(NULL:: IS NULL OR true AND &#39;&#39; FROM x&#39;" in page


@pytest.mark.parametrize(("user", "is_linked"), [("rae", True), ("ron", False)])
def test_packets_are_linked_for_who_may_read_them(
    month: Api, reader: Callable[[str], Browser], user: str, *, is_linked: bool
) -> None:
    """Of one person and of all people: nobody gets a file that is refused."""
    session = first(month, "/sessions")["session_id"]
    person = first(month, f"/sessions/{session}/employees")["cardholder_id"]
    one = reader(user)
    for path in (f"/sessions/{session}", f"/sessions/{session}/employees/{person}"):
        page = one.get(path)
        assert page.status_code == 200
        assert ("/exports/packets" in page.text) is is_linked


def test_files_are_routes_of_the_pages_too(month: Api, reader: Callable[[str], Browser]) -> None:
    """The same bytes as over the interface, by the cookie."""
    session = first(month, "/sessions")["session_id"]
    path = f"/sessions/{session}/exports/import.csv"
    file = reader("ron").get(path)
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert file.data == month.get(path).data


def test_files_of_others_are_as_released() -> None:
    """By the sums that are noted beside them."""
    folder = Path(pages.__file__).parent / "static"
    noted = re.findall(
        r"^\| `(\S+)` \|.* `([0-9a-f]{64})` \|$", (folder / "README.md").read_text(), re.M
    )
    assert [name for name, _ in noted] == ["htmx.min.js", "pico.min.css"]
    for name, checksum in noted:
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == checksum
