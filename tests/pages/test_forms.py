"""Forms of rows, of files and of pairs: what was seen goes along, what was said is never lost."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.pages.conftest import DATA, HIDDEN

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.test import TestResponse

    from tests.pages.conftest import Browser
    from tests.service.conftest import Api

HERE = {"Origin": "http://localhost"}


def fields(page: TestResponse, action: str) -> dict[str, Any]:
    """Return what the form of an action carries, with what stands in its inputs."""
    form = page.text.partition(f'action="{action}"')[2].partition("</form>")[0]
    assert form, page.text[-3000:]
    shown = re.findall(r'<input type="(?!hidden)\w+" name="([^"]+)" value="([^"]*)"', form)
    chosen = re.findall(r'<select name="([^"]+)".*?</select>', form, re.S)
    picked = {
        name: found[1]
        for name in chosen
        if (found := re.search(rf'name="{name}".*?value="([^"]*)" selected', form, re.S))
    }
    return {**dict(HIDDEN.findall(form)), **dict(shown), **picked}


def test_a_row_of_a_list_is_changed_as_it_was_seen(
    api: Api, browser: Callable[[str], Browser]
) -> None:
    """Its values stand in the form, its key and version go along; a stale one changes nothing."""
    ada = browser("ada")
    page = ada.get("/users?of=pat")
    said = fields(page, "/users")
    assert said["user_name"] == "pat"
    assert said["role"] == "processor"
    assert said["expected_version"].isdecimal()
    one = ada.client.post("/users", data={**said, "email": "pat@example.com"})
    assert one.status_code == 303
    late = ada.client.post("/users", data={**said, "request_id": "late", "email": "p@example.com"})
    assert late.status_code == 409
    assert "What somebody else did meanwhile" in late.text
    assert 'value="p@example.com"' in late.text
    again = ada.client.post("/users", data=fields(late, "/users"))
    assert again.status_code == 303
    users = api.get("/users", "ada").get_json()["items"]
    assert {row["user_name"]: row["email"] for row in users}["pat"] == "p@example.com"
    assert "does not stand in this list" in ada.get("/users?of=nobody").text


@pytest.mark.parametrize(
    "written", ['{"limit": 1, "limit": 2500}', '{"limit": NaN}', '{"note": "\\ud800"}']
)
def test_json_of_a_form_is_read_as_strictly_as_a_body(
    browser: Callable[[str], Browser], written: str
) -> None:
    """Double keys, NaN and half of a pair change nothing, and the field is named."""
    ada = browser("ada")
    said = fields(ada.get("/rules?of=over_limit"), "/rules/over_limit")
    answer = ada.client.post("/rules/over_limit", data={**said, "parameters": written})
    assert answer.status_code in {400, 422}
    assert "Parameters: " in answer.text


@pytest.mark.parametrize("kept", ["of another sign-in", "after the end"])
def test_what_was_sent_too_late_is_shown_again(
    browser: Callable[[str], Browser], kept: str
) -> None:
    """Nothing is done, nothing is lost, and only who looked at it sends it again."""
    ada = browser("ada")
    said = fields(ada.get("/users"), "/users")
    said |= {"user_name": "newcomer", "role": "reviewer"}
    token = said["form_token"]
    ada.send("/sign-out", ada.get("/months"))
    if kept == "after the end":
        page = ada.client.post("/users", data=said, headers=HERE)
        assert page.status_code == 401
        assert "Nothing was done" in page.text
        assert token not in page.text
        said = {name: value.strip() for name, value in HIDDEN.findall(page.text)}
        assert said["user_name"] == "newcomer"
    again = browser("ada")
    assert "newcomer" not in again.get("/users").text
    foreign = again.client.post("/users", data=said, headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403
    assert "newcomer" not in foreign.text
    shown = again.client.post("/users", data=said, headers=HERE)
    assert shown.status_code == 403
    assert "of another sign-in" in shown.text
    assert "newcomer" not in again.get("/users").text.partition("<main")[2].partition("<form")[0]
    sent = fields(shown, "/users")
    assert (sent["user_name"], sent["role"]) == ("newcomer", "reviewer")
    assert again.client.post("/users", data=sent, headers=HERE).status_code == 303
    assert "newcomer" in again.get("/users").text


@pytest.mark.parametrize("size", [1, 5_000_000], ids=["small", "large"])
def test_texts_beside_files_that_came_too_late_are_kept(
    browser: Callable[[str], Browser], size: int
) -> None:
    """Files are chosen anew, and what was said beside them stands in the form again."""
    ada = browser("ada")
    path = "/import-json"
    said = fields(ada.get("/upload"), path) | {"session_name": "Our \N{EURO SIGN} month"}
    ada.send("/sign-out", ada.get("/months"))
    parts = [f'name="{name}"\r\n\r\n{value}' for name, value in said.items()]
    parts.append(f'name="file"; filename="activity.json"\r\n\r\n{"x" * size}')
    body = "".join(f"--b\r\nContent-Disposition: form-data; {one}\r\n" for one in parts)
    kind = "multipart/form-data; boundary=b"
    late = ada.client.post(path, data=f"{body}--b--\r\n", content_type=kind, headers=HERE)
    assert late.status_code == 401
    assert "choose them anew" in late.text
    assert said["form_token"] not in late.text
    kept = {name: value.strip() for name, value in HIDDEN.findall(late.text)}
    assert kept["session_name"] == said["session_name"]
    again = browser("ada")
    shown = again.client.post(path, data=kept, headers=HERE)
    assert shown.status_code == 403
    assert fields(shown, path)["session_name"] == said["session_name"]
    assert '<input type="file" name="file"' in shown.text
    assert ada.client.post(path, data=body, content_type=kind).status_code == 303
    broken = ada.client.post(path, data=body[:90], content_type=kind, headers=HERE)
    assert broken.status_code == 401


def test_who_may_nothing_can_sign_out(
    browser: Callable[[str], Browser], connect: Callable[..., object]
) -> None:
    """Also of a page that says no."""
    ron = browser("ron")
    page = ron.get("/users")
    assert page.status_code == 403
    assert 'action="/sign-out"' in page.text


def test_lists_and_months_come_in_by_files(api: Api, browser: Callable[[str], Browser]) -> None:
    """Each row is told what becomes of it; only looked at, nothing is written; else it is."""
    ada = browser("ada")
    page = ada.get("/users")
    for dry, count in (("true", 0), ("false", 1)):
        file = io.BytesIO(b"user_name,role\nkim,reviewer\nx,boss\n")
        said = {"file": (file, "users.csv"), "dry_run": dry, "request_id": f"list {dry}"}
        answer = ada.send("/users.csv", page, **said)
        assert answer.status_code == 200
        assert "refused" in answer.text
        names = [row["user_name"] for row in api.get("/users", "ada").get_json()["items"]]
        assert names.count("kim") == count
    upload = ada.get("/upload")
    activity = DATA / "small" / "activity.json"
    said = {"dry_run": "true", "file": (io.BytesIO(activity.read_bytes()), "a.json")}
    assert ada.send("/import-json", upload, **said).status_code == 200
    assert api.get("/sessions").get_json()["items"] == []
    said = {"dry_run": "false", "file": (io.BytesIO(activity.read_bytes()), "a.json")}
    made = ada.send("/import-json", upload, **said, request_id="for good")
    assert made.status_code == 303, made.text
    session = made.headers["Location"].partition("?")[0]
    assert session.startswith("/sessions/")
    compared = fields(ada.get(session), f"{session}/old-results")
    compared |= {"activity": (io.BytesIO(activity.read_bytes()), "a.json")}
    compared |= {"import_csv": (io.BytesIO(b""), "")}
    answer = ada.client.post(f"{session}/old-results", data=compared)
    assert answer.status_code == 303, answer.text
    run = ada.get(answer.headers["Location"])
    assert run.status_code == 200
    assert "Report (Markdown)" in run.text
    broken = fields(ada.get(session), f"{session}/coding.xlsx") | {"reason": "Kept words"}
    broken |= {"file": (io.BytesIO(b"{}"), "x.xlsx")}
    refused = ada.client.post(f"{session}/coding.xlsx", data=broken)
    assert refused.status_code >= 400
    assert "Kept words" in refused.text


def test_which_belongs_to_which_is_said(month: Api, reader: Callable[[str], Browser]) -> None:
    """Two and two are nothing until each pair is chosen, with its dollars where it is split."""
    pat = reader("pat")
    page = pat.get("/months")
    ids = [f"01a00000-0000-7000-8000-00000000000{n}" for n in range(4)]
    said = {"decision": "confirm", "reason": "Told", "expected_version": "1"}
    for pairs in ({"charge_ids": ids[:2], "transaction_ids": ids[2:3]}, {}):
        answer = pat.send("/matches/decide", page, **said, **pairs)
        assert answer.status_code == 422
        assert "which one it belongs to" in answer.text
    pairs = {"pair": [f"{ids[0]} {ids[2]}", f"{ids[1]} {ids[3]}"], "pair_amount": ["1.00", ""]}
    for decision in ("split", "confirm"):
        answer = pat.send("/matches/decide", page, **{**said, "decision": decision}, **pairs)
        assert answer.status_code == 422
        assert "the dollars of each pair" in answer.text
        assert "1.00" in answer.text


def test_as_of_a_day_is_as_of_its_end(month: Api, reader: Callable[[str], Browser]) -> None:
    """A day is asked for, an instant is read, and the day stands in the input."""
    page = reader("ron").get("/months?as_of=2020-01-31").text
    assert "as_of=2020-01-31T23%3A59%3A59.999999Z" in page
    assert 'type="date" name="as_of" value="2020-01-31"' in page
    assert "2025-03</a>" not in page


def test_a_change_of_a_rule_is_tried_and_then_made(
    month: Api, reader: Callable[[str], Browser]
) -> None:
    """On a month chosen by its name; nothing is written until it is made, as it was tried."""
    ada = reader("ada")
    rule = "/rules?of=missing_purpose"
    said = fields(ada.get(rule), "/rules/missing_purpose/try")
    ids = re.findall(r'<option value="([0-9a-f-]{36})">2025-03', ada.get(rule).text)
    assert ids == [row["month_id"] for row in month.get("/months").get_json()["items"]]
    said |= {"enabled": "true", "blocks": "true"}
    refused = ada.client.post("/rules/missing_purpose/try", data=said)
    assert refused.status_code == 400
    tried = ada.client.post("/rules/missing_purpose/try", data={**said, "month_id": ids[0]})
    assert tried.status_code == 200, tried.text
    assert re.search(r"<dt>Month</dt>\s*<dd>\s*2025-03", tried.text)
    assert re.search(r"<dt>People judged</dt>\s*<dd>\s*[1-9]", tried.text)
    assert re.search(r'<a href="/sessions/[^/]+/employees/[^"]+">\s*[A-Z]+</a>', tried.text)
    versions = month.get("/rules/missing_purpose/versions", "ada").get_json()["items"]
    assert len(versions) == 1
    made = ada.client.post("/rules/missing_purpose", data=fields(tried, "/rules/missing_purpose"))
    assert made.status_code == 303, made.text
    newest = month.get("/rules/missing_purpose/versions", "ada").get_json()["items"][0]
    assert (newest["version"], newest["enabled"], newest["blocks"]) == (2, True, True)
    late = ada.client.post("/rules/missing_purpose", data=fields(tried, "/rules/missing_purpose"))
    assert late.status_code == 303, "the same form again is the same call"
    assert len(month.get("/rules/missing_purpose/versions", "ada").get_json()["items"]) == 2
