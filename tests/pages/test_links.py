"""Whatever the interface offers is reached from the first page by links and forms alone."""

from __future__ import annotations

import collections
import datetime
import html
import io
import re
from typing import TYPE_CHECKING

from tests.pages.conftest import DATA

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.pages.conftest import Browser
    from tests.service.conftest import Api

SMALL = DATA / "small"
# What stands on the page of the issue, the person or the month itself.
ON_ITS_PAGE = {"list_issue_events", "list_issue_waivers", "decide_match"}
# Offered by the state of one thing: the waiver that waits, what is held, the closed month;
# or beside what a call answered.
BY_STATE = {
    *("approve_waiver", "reject_waiver", "reopen_issue", "release_employee", "reopen_month"),
    *("lift_legal_hold", "confirm_pseudonym", "reject_pseudonym", "lift_pseudonym"),
    *("accept_difference", "propose_difference", "withdraw_alias", "undo_batch", "confirm_drill"),
}
FORM = re.compile(r'<form method="post" action="(/[^"]*)"')
LINK = re.compile(r'href="(/[^"]*)"')


def prepare(api: Api) -> None:
    """Make one of each thing that lists show."""
    month = api.get("/months").get_json()["items"][0]
    session = month["latest_session_id"]
    old = {"activity": (io.BytesIO((DATA / "medium" / "activity.json").read_bytes()), "old.json")}
    checks = [one for page in api.pages("/cutover/checks") for one in page]
    check = next(one["check_code"] for one in checks if one["may_be_waived"])
    today = str(datetime.datetime.now(datetime.UTC).date())
    waiver = {"reason": "Not tried here", "ends_on": today}
    done = [
        api.post("/sessions", "pat"),
        api.post(f"/cutover/checks/{check}/waiver", "ada", **waiver),
        api.call("POST", f"/sessions/{session}/old-results", "pat", data=old),
        api.upload(SMALL / "activity.json", programme="Other"),
    ]
    rows = api.get(f"/sessions/{session}/transactions").get_json()["items"]
    corrections = [{**_seen(rows[0]), "changes": {"purpose": "Told"}}]
    path = f"/sessions/{session}/corrections"
    done.append(api.post(path, "pat", corrections=corrections, reason="Told"))
    batch = f"/sessions/{session}/accounting-batches"
    look = api.post(batch, "pat", people="all")
    done += [
        look,
        api.post(
            batch, "pat", people="all", expected_sha256=look.get_json()["sha256"], reason="Told"
        ),
    ]
    said = {"session_name": "Again", "parent_session_id": session}
    done.append(api.upload(DATA / "medium" / "activity_by_id.json", **said))
    for answer in done:
        assert answer.status_code < 300, answer.text


def _seen(row: dict[str, str]) -> dict[str, str]:
    """Name a receipt as it was seen."""
    return {name: row[name] for name in ("transaction_id", "employee_revision_id")}


def crawl(browser: Browser, surface: object, most: int = 2) -> tuple[set[str], set[str]]:
    """Follow every link, a few of each kind; return what was read and what has a form."""
    adapter = surface.adapter  # type: ignore[attr-defined]

    def name(path: str, method: str) -> str:
        """Return what a path leads to."""
        try:
            endpoint, _ = adapter.match(path.partition("?")[0], method=method)
        except Exception:  # a page of our own
            return re.sub("[0-9a-f-]{36}", "*", path.partition("?")[0])
        return endpoint if isinstance(endpoint, str) else f"{method} {endpoint.__name__}"

    queue, seen, forms = collections.deque(["/"]), set(), set()
    read: collections.Counter[tuple[str, bool]] = collections.Counter()
    while queue:
        path = queue.popleft()
        kind = (name(path, "GET"), "of=" in path)
        if path in seen or read[kind] >= most:
            continue
        seen.add(path)
        read[kind] += 1
        if "/exports/" in path:
            continue  # a file; of a month without PDFs there are no packets
        page = browser.get(path)
        is_there = page.status_code in {200, 303}
        assert is_there or "There is nothing here" in page.text, (path, page.text[-1500:])
        if page.mimetype == "text/html":
            links = (html.unescape(one) for one in LINK.findall(page.text))
            queue += [one.partition("#")[0] for one in links if not one.startswith("/static")]
            forms |= {name(html.unescape(one), "POST") for one in FORM.findall(page.text)}
    return {one for one, _ in read}, forms


def test_everything_is_reached_by_links(month: Api, reader: Callable[[str], Browser]) -> None:
    """Each list, row and file is read somewhere, each call has its form, by nothing but links."""
    prepare(month)
    surface = month.app.extensions["ccp"].door.surface
    read, forms = crawl(reader("ada"), surface)
    wanted = {
        method: {one.name for one in surface.catalog.operations.values() if one.method == method}
        for method in ("GET", "POST")
    }
    parts = {part for one in surface.catalog.operations.values() for part in one.parts.values()}
    missed = wanted["GET"] - read - ON_ITS_PAGE - parts
    missed |= wanted["POST"] - forms - ON_ITS_PAGE - BY_STATE - read
    carried = {f"POST {one}" for one in ("upload", "take_coding", "compare", "attach")}
    carried |= {f"POST {one}" for one in ("take_users", "take_addresses", "import_json")}
    missed |= carried - forms
    assert not missed, sorted(missed)
