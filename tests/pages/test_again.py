"""What was refused, in the way or too late is settled on the page that says so."""

from __future__ import annotations

import collections
import dataclasses
import html
import io
import re
from typing import TYPE_CHECKING, Any

import pytest

from svc.errors import Problem
from svc.pages import company, views
from tests.pages.conftest import DATA, HIDDEN, Browser, hidden
from tests.pages.test_forms import fields
from tests.pages.test_pages import first
from tests.service.conftest import running

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg
    from werkzeug.test import TestResponse

    from svc.config import Settings
    from tests.service.conftest import Api

SMALL = DATA / "small"
LONG = "9" * 5000


def reports(**content: bytes) -> dict[str, Any]:
    """Return the two files of a month, or others in their place."""
    names = ("car", "receipts")
    return {
        name: (io.BytesIO(content.get(name, (SMALL / f"{name}.pdf").read_bytes())), f"{name}.pdf")
        for name in names
    }


def sessions(api: Api) -> list[tuple[str, str]]:
    """Tell the sessions of the list."""
    rows = api.get("/sessions").get_json()["items"]
    return [(row["session_id"], row["status"]) for row in rows]


def test_files_that_are_here_lead_to_their_submission(
    api: Api, browser: Callable[[str], Browser]
) -> None:
    """The session that was opened for them is taken back; that of an old form stays as it is."""
    pat = browser("pat")
    page = pat.get("/upload")
    made = pat.send("/upload", page, **reports())
    (one,) = sessions(api)
    assert made.location == f"/sessions/{one[0]}"
    waits = pat.get(made.location).text
    assert "What can be done" not in waits
    assert "The files wait to be read." in waits
    assert "being read" not in waits
    for _ in range(2):
        again = pat.send("/upload", pat.get("/upload"), **reports())
        assert again.status_code == 303
        assert again.location == f"/sessions/{one[0]}"
        assert "handed in before" in pat.get(again.location).text
        assert sessions(api) == [one]
    other = pat.send("/upload", page, **reports(car=b"%PDF-1.4 another"))
    assert other.status_code == 409
    assert sessions(api) == [one]


def test_a_refused_upload_keeps_what_was_said_and_holds_nothing(
    api: Api, browser: Callable[[str], Browser]
) -> None:
    """Name and month are there again, and the month can be followed at once."""
    api.upload(SMALL / "activity.json")
    ((parent, status),) = sessions(api)
    pat = browser("pat")
    said = {"session_name": "Second try", "parent_session_id": parent}
    refused = pat.send("/upload", pat.get("/upload"), **reports(car=b""), **said)
    assert refused.status_code == 400
    assert sessions(api) == [(parent, status)]
    assert 'name="session_name" value="Second try"' in refused.text
    assert f'value="{parent}" selected' in refused.text
    done = pat.send("/upload", refused, **reports(), **said)
    assert done.status_code == 303
    assert len(sessions(api)) == 2


def correct(pat: Browser, receipt: dict[str, str], **said: str) -> TestResponse:
    """Correct the purpose of a receipt as it was seen."""
    seen = {name: receipt[name] for name in ("transaction_id", "employee_revision_id")}
    page = pat.get("/upload")
    path = f"/sessions/{receipt['session_id']}/corrections"
    return pat.send(path, page, **{**seen, "old purpose": "x", **said})


def test_a_stale_receipt_is_settled_wherever_it_was_opened(
    month: Api, reader: Callable[[str], Browser]
) -> None:
    """From the work list, with a scan, and going back: each names the revision that holds now."""
    session = first(month, "/sessions")["session_id"]
    path = f"/sessions/{session}/transactions"
    receipt = month.get(path).get_json()["items"][-1]
    who = receipt["cardholder_id"]
    pat = reader("pat")

    def now() -> str:
        """Return the current revision of the person."""
        found = first(month, f"/sessions/{session}/employees", cardholder_id=who)
        return found["revision_id"]

    assert (
        correct(pat, receipt, **{"new purpose": "One", "reason": "Word of one"}).status_code < 400
    )
    late = correct(pat, receipt, **{"new purpose": "Two", "reason": "Mine", "next": "/issues?q=x"})
    assert late.status_code == 409
    assert "Word of one" in late.text
    assert "One" in late.text.partition("<table")[2].partition("</table>")[0]
    kept = fields(late, f"/sessions/{session}/corrections")
    assert (kept["employee_revision_id"], kept["new purpose"]) == (now(), "Two")
    assert ">Mine</textarea>" in late.text
    kept["reason"] = "Mine"
    assert pat.client.post(f"/sessions/{session}/corrections", data=kept).status_code == 303

    scan = {"file": (io.BytesIO((SMALL / "car.pdf").read_bytes()), "scan.pdf"), "reason": "Late"}
    to = f"{path}/{receipt['transaction_id']}/attachment"
    stale = {"expected_revision_id": receipt["employee_revision_id"]}
    late = pat.send(to, pat.get("/upload"), **scan, **stale)
    assert late.status_code == 409, late.text
    kept = fields(late, to)
    assert kept["expected_revision_id"] == now()
    kept["file"] = (io.BytesIO((SMALL / "car.pdf").read_bytes()), "scan.pdf")
    assert pat.client.post(to, data=kept).status_code == 303

    old = receipt["employee_revision_id"]
    back = fields(pat.get(f"/revisions/{old}"), f"/revisions/{old}/restore")
    assert back["expected_revision_id"] == now()
    stale = {**back, **stale, "expected_revision_id": first_of(month, session, who)[1]}
    late = pat.client.post(f"/revisions/{old}/restore", data={**stale, "reason": "As it was"})
    assert late.status_code == 409, late.text
    kept = fields(late, f"/revisions/{old}/restore")
    assert kept["expected_revision_id"] == now()
    done = pat.client.post(f"/revisions/{old}/restore", data={**kept, "reason": "As it was"})
    assert done.status_code == 303

    # Why something was done before is no reason for what is done next.
    person = pat.get(f"/sessions/{session}/employees/{who}").text
    hold = person.partition(f'/employees/{who}/hold"')[2].partition("</form>")[0]
    assert 'name="reason"' in hold
    assert "As it was" not in hold


def first_of(api: Api, session: str, who: str) -> list[str]:
    """Return the revisions of a person, from the first one."""
    rows = api.get("/revisions", session_id=session, cardholder_id=who).get_json()["items"]
    return [row["revision_id"] for row in rows]


def test_only_what_is_listed_is_open_where_not_all_was_read() -> None:
    """A receipt whose match was not read is not told to have no charge."""
    found: dict[str, list[dict[str, Any]]] = {
        "charges": [],
        "matches": [],
        "transactions": [{"transaction_id": 1}, {"transaction_id": 2}],
        "open_charges": [],
        "open_receipts": [{"transaction_id": 2}],
    }
    assert [one["transaction_id"] for one in views._side_by_side(found, [])[2]] == [1, 2]
    left = views._side_by_side(found, ["matches"])[2]
    assert [one["transaction_id"] for one in left] == [2]


def test_what_was_in_the_way_is_sent_again_as_it_is(
    settings: Settings, superuser: psycopg.Connection
) -> None:
    """Under its own id, so that it is done once; and nothing is said of what programs send."""
    with running(dataclasses.replace(settings, lock_timeout=50)) as api:
        pat = Browser(api.app, "pat")
        said = {**hidden(pat.get("/upload")), "session_name": "Kept name"}
        with superuser.transaction():
            superuser.execute("LOCK TABLE app.processing_sessions IN ACCESS EXCLUSIVE MODE")
            busy = pat.client.post("/sessions", data=said)
            upload = pat.client.post("/upload", data={**said, **reports()})
        for answer in (busy, upload):
            assert answer.status_code == 503
            assert "Idempotency" not in answer.text
            assert "not done twice" in answer.text
        kept = {name: html.unescape(value) for name, value in HIDDEN.findall(busy.text)}
        assert (kept["session_name"], kept["request_id"]) == ("Kept name", said["request_id"])
        for _ in range(2):
            assert pat.client.post("/sessions", data=kept).status_code == 303
        assert len(sessions(api)) == 1


def test_a_conflict_shows_what_stands_there_now(
    api: Api, browser: Callable[[str], Browser]
) -> None:
    """The value somebody else gave, and what the form is about stays what it is."""
    ada = browser("ada")
    page = ada.get("/settings?of=due_days_high")
    said = {**fields(page, "/settings"), "next": "/settings?of=due_days_high"}
    other = {"setting_name": "due_days_high", "value": "17"}
    assert api.post("/settings", "ada", None, **other, expected_version=1).status_code == 200
    late = ada.client.post("/settings", data={**said, "value": "23"})
    assert late.status_code == 409
    shown = late.text.partition("What somebody else did")[2].partition("</table>")[0]
    assert "<td>17" in shown
    assert '<input type="hidden" name="setting_name" value="due_days_high">' in late.text
    kept = fields(late, "/settings")
    assert (kept["value"], kept["expected_version"]) == ("23", "2")
    assert ada.client.post("/settings", data=kept).status_code == 303


def test_more_than_a_page_of_obstacles_is_told(
    month: Api, reader: Callable[[str], Browser]
) -> None:
    """With all that block, and where the others stand."""
    row = first(month, "/months")
    page = reader("ron").get(f"/months/{row['month_id']}").text
    obstacles = sum(len(one) for one in month.pages(f"/months/{row['month_id']}/obstacles"))
    assert obstacles > 100
    assert f"<strong>Issues that block</strong>: {row['open_blocking']}." in page
    assert f'<a href="/months/{row["month_id"]}/obstacles">Show all</a>' in page


def test_a_refused_closing_leads_to_what_keeps_the_month_open(
    month: Api, reader: Callable[[str], Browser]
) -> None:
    """The page of the month tells it with links; the list of the interface helps nobody here."""
    rae, row = reader("rae"), first(month, "/months")
    where = f"/months/{row['month_id']}"
    answer = rae.send(f"{where}/close", rae.get(where), reason="done", next=where)
    assert answer.status_code == 422
    assert "something keeps the month open" in answer.text.lower()
    assert f'<a href="{where}"' in answer.text
    assert "obstacles[" not in answer.text


def test_what_is_the_own_card_is_not_asked_for_again(
    api: Api, browser: Callable[[str], Browser], connect: Callable[..., psycopg.Connection]
) -> None:
    """It would be refused again, whatever is said."""
    session = api.upload(DATA / "small" / "activity.json").get_json()["session_id"]
    issue = first(api, f"/sessions/{session}/issues", resolved="false")
    own = "SELECT api.save_user('pat', p_cardholder_id => %s, p_expected_version => 1)"
    connect("ccp_owner", autocommit=True).execute(own, (issue["cardholder_id"],))
    pat, where = browser("pat"), f"/issues/{issue['issue_id']}"
    answer = pat.send(f"{where}/resolve", pat.get(where), method="explained", notes="mine")
    assert answer.status_code == 403
    assert "own_card" in answer.text
    assert "Your input" not in answer.text


def test_a_person_whose_lists_are_cut_is_told_so(
    month: Api, reader: Callable[[str], Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which list is not whole, and where all of it is."""
    session = first(month, "/sessions")["session_id"]
    lists = f"/sessions/{session}/transactions"
    rows = [row for page in month.pages(lists) for row in page]
    ((who, number),) = collections.Counter(row["cardholder_id"] for row in rows).most_common(1)
    assert number > 1
    path = f"/sessions/{session}/employees/{who}"
    link = f'<a href="{lists}?cardholder_id={who}">Show all</a>'
    assert link not in reader("pat").get(path).text
    monkeypatch.setattr(views, "MOST", "1")
    page = reader("pat").get(path).text
    assert "Only the first 100 are shown: Transactions" in page
    assert link in page


def test_files_are_offered_where_there_are_some(
    api: Api, browser: Callable[[str], Browser]
) -> None:
    """Of a submission that was discarded there is neither a file nor a bridge."""
    said = {"period_start": "2021-05-01", "period_end": "2021-05-31"}
    waits = api.upload(SMALL / "activity.json", **said)
    assert waits.status_code == 202, waits.text
    session = waits.get_json()["session_id"]
    pat = browser("pat")
    for is_discarded in (False, True):
        page = pat.get(f"/sessions/{session}").text
        assert f"/sessions/{session}/corrections" in page
        for one in ("exports/activity.json", "bridge"):
            assert f'href="/sessions/{session}/{one}"' not in page
        if not is_discarded:
            form = page.partition(f'action="/sessions/{session}/discard"')[2]
            seen = dict(HIDDEN.findall(form.partition("</form>")[0]))
            done = pat.client.post(
                f"/sessions/{session}/discard", data={**seen, "reason": "Another month"}
            )
            assert done.status_code == 303, done.text
    whole = api.upload(SMALL / "activity.json").get_json()["session_id"]
    page = pat.get(f"/sessions/{whole}").text
    for one in ("exports/activity.json", "bridge"):
        assert f'href="/sessions/{whole}/{one}"' in page


def test_a_value_that_is_none_is_told_what_would_be_one(
    month: Api, reader: Callable[[str], Browser]
) -> None:
    """Beside its input, in the address, and who may where a role does not."""
    pat, rae, ron = map(reader, ("pat", "rae", "ron"))
    row = first(month, "/months")
    path = f"/months/{row['month_id']}/sign-off"
    page = rae.get(f"/months/{row['month_id']}")
    wrong = rae.send(path, page, expected_version="many", reason="x")
    assert "expected a whole number" in wrong.text
    assert "expected an instant with its offset" in pat.get("/months?as_of=2025-02-30").text
    refused = ron.get("/upload")
    said = {**dict(HIDDEN.findall(refused.text)), "session_name": "x"}
    answer = ron.client.post("/sessions", data=said)
    assert answer.status_code == 403
    assert "expected one of admin, processor" in answer.text


def test_what_makes_no_sense_is_refused(month: Api, reader: Callable[[str], Browser]) -> None:
    """Numbers that are none, pairs that are none: an error of the caller, never of ours."""
    session = first(month, "/sessions")["session_id"]
    issue = first(month, f"/sessions/{session}/issues", resolved="false")["issue_id"]
    pat = reader("pat")
    page = pat.get("/upload")
    many = {"method": "explained", "notes": "x", "dry_run": "true"}
    one = {"method": "explained", "notes": "x", "next": f"/issues/{issue}"}
    tries: list[tuple[str, dict[str, Any]]] = [
        (f"/issues/{issue}/resolve", {**one, "expected_version": LONG}),
        ("/issues/resolve", {**many, "item": f"{issue} {LONG}"}),
        ("/issues/resolve", {**many, "item": f"{issue} first"}),
        ("/matches/decide", {"pair": "abc", "decision": "confirm", "reason": "x"}),
    ]
    for path, said in tries:
        answer = pat.client.post(path, data={**dict(HIDDEN.findall(page.text)), **said})
        assert answer.status_code in {400, 409, 422}, (path, answer.text[:2000])


def test_what_is_not_set_up_says_so(settings: Settings) -> None:
    """No secret to sign in by, an address of the company's sign-in that is none."""
    ours = dataclasses.replace(
        settings,
        token_secret=None,
        oidc_issuer="https://a.example",
        oidc_jwks_url="https://a.example/keys",
    )
    with running(ours) as api:
        answer = api.app.test_client().post("/sign-in", data={"key": "x"})
        assert answer.status_code == 503
        assert "nobody can sign in" in answer.text.lower()
    with pytest.raises(Problem, match="issuer_unavailable"):
        company.ask("GET", f"http://{'a' * 70}.example/")


def test_the_next_page_is_of_the_list_alone(month: Api, reader: Callable[[str], Browser]) -> None:
    """Nothing that fits is not nothing at all; how is asked for."""
    pat = reader("pat")
    row = first(month, "/months")
    work = pat.get(f"/issues?month_id={row['month_id']}&limit=2").text
    found = re.search(r'<a href="([^"]+cursor=[^"]+)"', work)
    assert found
    assert re.search(r'<select name="method" required', work)
    nothing = pat.get("/months?as_of=2020-01-31").text
    assert "Nothing here" in nothing
    assert "No month is here yet" not in nothing


def test_who_puts_somebody_on_hold_late_sees_that_hold(
    month: Api, reader: Callable[[str], Browser]
) -> None:
    """With its reason, although a hold makes no revision; the own reason is kept."""
    session = first(month, "/sessions")["session_id"]
    person = first(month, f"/sessions/{session}/employees", status="unfinished")["cardholder_id"]
    path = f"/sessions/{session}/employees/{person}"
    pat, rae = reader("pat"), reader("rae")
    page = pat.get(path)
    held = rae.send(f"{path}/hold", rae.get(path), reason="Asks the bank", next=path)
    assert held.status_code == 303
    late = pat.send(f"{path}/hold", page, reason="On leave", next=path)
    assert late.status_code == 409
    changes = late.text.partition("What somebody else did meanwhile")[2].partition("</table>")[0]
    assert "on hold" in changes
    assert "Asks the bank" in changes
    assert 'value="On leave"' in late.text or ">On leave<" in late.text
    assert pat.send(f"{path}/release", pat.get(path), next=path).status_code == 303


def test_a_second_programme_is_said_where_files_are_handed_in(
    api: Api, browser: Callable[[str], Browser]
) -> None:
    """By both forms; the month is one of its own then."""
    pat = browser("pat")
    made = pat.send("/upload", pat.get("/upload"), **reports(), programme="Fleet")
    assert made.status_code == 303, made.text
    file = (io.BytesIO((SMALL / "activity.json").read_bytes()), "a.json")
    said = {"file": file, "programme": "Travel", "dry_run": "false"}
    assert pat.send("/import-json", pat.get("/upload"), **said).status_code == 303
    assert [row["programme"] for row in api.get("/months").get_json()["items"]] == ["Travel"]
    assert (
        'value="Fleet"'
        in pat.send("/upload", pat.get("/upload"), **reports(car=b""), programme="Fleet").text
    )
