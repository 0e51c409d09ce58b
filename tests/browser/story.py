"""The example month from its two PDFs to its closing: one works, the second one approves."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from svc.embedded.machine import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.people import Person

EXAMPLES = ROOT / "examples"
ISSUE = "/issues/"


def upload(pat: Person, folder: Path = EXAMPLES, name: str = "Example month") -> None:
    """Hand in both reports and see them read."""
    pat.go("/months").look()
    pat.follow("Upload").look("upload")
    page = pat.page
    page.locator("[name=car]").set_input_files(folder / "car.pdf")
    page.locator("[name=receipts]").set_input_files(folder / "receipts.pdf")
    page.locator("[name=session_name]").first.fill(name)
    pat.press("Hand in")
    page.get_by_role("link", name=re.compile("^Go on with the month")).wait_for(timeout=900_000)
    pat.look("submission").follow("Go on with the month").look("month")
    assert "What keeps this month open" in pat.text()


def correct(pat: Person) -> None:
    """Code what lacks coding, each where its issue is shown."""
    for _ in range(3):
        pat.follow("Months").follow("2025-03").follow("Open the work list").look("work_list")
        pat.follow("Missing coding info").look("issue")
        form = pat.page.locator("form[action$='/corrections']").first
        coding = {"coding_type": "gl_coding", "gl_account": "6120.100"}
        pat.fill(form, **{f"new_{name}": value for name, value in coding.items()}, reason="Told")
        pat.press("Correct the receipt", form)
        assert "Done: Correct receipts" in pat.text()
    pat.follow("Months").follow("2025-03").follow("Open the work list")
    assert "Missing coding info" not in pat.text()


def by_keys(pat: Person) -> None:
    """Go down the work list, tick, decide, open, note and search as one types, without a mouse."""
    keys, page = pat.go("/issues").page.keyboard, pat.page
    for key in "jjkx":
        keys.press(key)
    boxes = page.locator("tr[data-row] input[type=checkbox]")
    assert [box.is_checked() for box in boxes.all()[:2]] == [True, False]
    keys.press("r")
    assert page.evaluate("document.activeElement.name") == "method"
    page.locator("tr[data-row]").nth(1).focus()
    with page.expect_navigation():
        keys.press("Enter")
    keys.press("n")
    assert page.evaluate("document.activeElement.name") == "note"
    whose = pat.go("/issues").page.locator("tr[data-row] td:nth-child(3)").first.inner_text()
    keys.press("/")
    keys.type(whose)
    page.wait_for_url(re.compile(f"person={whose}"))
    people = page.locator("tr[data-row] td:nth-child(3)")
    people.filter(has_not_text=whose).first.wait_for(state="detached")
    assert people.count()


def conflict(pat: Person, rae: Person) -> None:
    """Two decide one issue: the slower one sees what the other did, and keeps the own input."""
    pat.go("/issues").follow("Missing receipt")
    address = pat.page.url.removeprefix(pat.base)
    rae.go(address).do("Add a note", note="The diner sends a copy").look()
    pat.do("Resolve", method="explained", notes="A copy is on its way")
    assert "The diner sends a copy" in pat.text()
    assert pat.page.locator("[name=notes]").input_value() == "A copy is on its way"
    pat.look("conflict").press("Resolve")
    assert "Done: Resolve" in pat.text()


def propose(pat: Person, rae: Person) -> None:
    """Propose what is above the limit of one; the second one approves."""
    pat.go("/issues").follow("Missing all receipts")
    address = pat.page.url.removeprefix(pat.base)
    pat.do("Resolve", method="explained", notes="He left, the bank has copies")
    assert "above" in pat.text()
    pat.look().go(address).do(
        "Propose to a second person", "Propose", proposed_method="explained", notes="He left"
    )
    rae.go(address).look("proposal")
    assert "proposes to decide it as explained" in rae.text()
    rae.do("Approve", note="Seen the copies")


def too_late(pat: Person, sign_in: str) -> None:
    """Send a form after the end of the sign-in: it is there again for who signed in anew."""
    pat.go("/issues").follow("Missing receipt")
    form = pat.fill(pat.unfold("Add a note"), note="Called the diner").unfold("Add a note")
    pat.page.context.clear_cookies()
    pat.press("Add a note", form)
    assert "Nothing was done" in pat.text()
    pat.look("too_late")
    beside = pat.page.context.new_page()
    beside.goto(sign_in)
    with beside.expect_navigation():
        beside.get_by_role("button", name=re.compile("^Sign in as")).click()
    beside.close()
    pat.press("I am signed in again")
    assert pat.page.locator("[name=note]").input_value() == "Called the diner"
    pat.look().press("Add a note")
    assert "Done: Add a note" in pat.text()


def in_bulk(pat: Person, rae: Person) -> None:
    """Decide all that is left at once, first looked at, then done; what is above goes to two."""
    for who in (pat, pat, rae):
        who.go("/issues")
        boxes = who.page.locator("input[name=item]").all()
        for box in boxes:
            box.check()
        if boxes:
            form = who.page.locator("#bulk")
            who.fill(form, method="explained", notes="As people told").press("Go on", form)
            assert "Nothing is written yet" in who.text()
            who.press("Decide many").look("bulk")
    assert "Nothing waits here" in rae.go("/issues").text(), rae.text()


def close(pat: Person, rae: Person) -> None:
    """Hand over, and the second one closes."""
    pat.follow("Months").follow("2025-03").look("to_hand_over")
    pat.do("Hand over to accounting", people="finished")
    pat.look("batch").press("Hand over")
    pat.follow("Months").follow("2025-03")
    if "Receipts that accounting does not have" in pat.text():
        pat.do("Accept what is not posted", reason="Paid by hand")
    rae.follow("Months").follow("2025-03")
    if "Sign off below" in rae.text():
        rae.do("Sign off", note="Looked through")
    rae.look("to_close").do("Close the month", reason="All is settled")
    assert "Nothing of it changes any more" in rae.text(), rae.text()
    rae.look("closed")


def month_of_work(pat: Person, rae: Person, sign_in: str) -> None:
    """All of it, in this order."""
    upload(pat)
    correct(pat)
    too_late(pat, sign_in)
    by_keys(pat)
    conflict(pat, rae)
    propose(pat, rae)
    in_bulk(pat, rae)
    close(pat, rae)
