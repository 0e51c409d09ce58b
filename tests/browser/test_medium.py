"""Two people close a month of sixty people in their browsers, file by file and pair by pair."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

import openpyxl

from tests.browser import story
from tests.browser.conftest import in_browsers
from tests.service.conftest import DATA
from tests.service.test_coding import places, put

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.browser.people import Person

MONTH = "2025-03"
# A charge and a receipt of this person differ by a cent.
NEAR = "JUNOFENNIMARK"
ALONE, BOTH = 500, 5000  # what a processor and a reviewer decide alone
SPLIT = "308.06"


def at_month(who: Person) -> Person:
    """Go to the month by its links."""
    return who.follow("Months").follow(MONTH)


def code(pat: Person, folder: Path) -> None:
    """Fetch the coding spreadsheet, fill it in, look what would become of it, and hand it in."""
    at_month(pat)
    with pat.page.expect_download() as coming:
        pat.page.get_by_role("link", name="Coding spreadsheet").click()
    file = folder / "coding.xlsx"
    coming.value.save_as(file)
    book = openpyxl.load_workbook(file)
    sheet = book["Coding"]
    assert "Receipt" in places(sheet)
    for row in range(2, sheet.max_row + 1):
        put(sheet, row, Coding="gl_coding", GL_Account="6120.100", Purpose="for the crew")
    book.save(file)
    for only_look in ("true", "false"):
        holder = pat.unfold("Take a filled-in coding spreadsheet")
        holder.locator("[name=file]").set_input_files(file)
        pat.fill(holder, reason="As told by mail", dry_run=only_look).press("Take", holder)
        assert re.search(r"Refused\s+0", pat.text()), pat.text()[:2000]
        pat.look("coding").press("Back")
    assert "Missing coding info" not in pat.text()


def pair(pat: Person, decision: str, **said: str) -> None:
    """Tick a charge and a receipt, say which belongs to which, and decide."""
    for side in ("charge", "receipt"):
        pat.page.locator(f"input[name={side}]").first.check()
    pat.press("Decide what is ticked").look("pairs")
    form = pat.page.locator("#pairs form")
    pat.fill(form, decision=decision, reason="Told", **said).press("Decide", form)


def settle(pat: Person, scan: Path) -> None:
    """Split, take back, confirm, reject and confirm again; hold and release; attach; correct."""
    at_month(pat).follow(NEAR).look("person_open")
    pair(pat, "split")
    assert "the dollars of each pair" in pat.text()
    pat.look().press("Back")
    pair(pat, "split", pair_amount=SPLIT)
    assert "Done: Decide a match" in pat.text(), pat.text()
    pat.do("Take back", reason="It is one cent more")
    pair(pat, "confirm")
    assert "difference" in pat.text()
    assert pat.page.locator("input[name=charge]").count() == 0
    met = pat.page.locator("tr[data-row]").count()
    pat.do("Reject", reason="Of another lunch")
    pair(pat, "confirm")
    assert pat.page.locator("tr[data-row]").count() == met
    pat.do("Put on hold", reason="Asks for a receipt")
    assert "On hold: Asks for a receipt" in pat.look().text()
    pat.do("Release", reason="Came in")
    assert "On hold" not in pat.text()
    pat.page.get_by_role("link", name="Correct", exact=True).first.click()
    pat.page.locator("summary", has_text="Attach a scan").first.click()
    holder = pat.page.locator("form[enctype]").first
    holder.locator("[name=file]").set_input_files(scan)
    pat.fill(holder, reason="Came in later").press("Attach", holder)
    assert "Done: Attach a scan" in pat.text(), pat.text()


def decide(who: Person, most: int) -> None:
    """Decide in bulk, page by page, all that one decides alone; each is tried once."""
    tried: set[str] = set()
    while True:
        who.go("/issues")
        rows = who.page.locator("tr[data-row]").evaluate_all(
            "rows => rows.map(row => [row.querySelector('[name=item]').value.split(' ')[0],"
            " row.cells[5].innerText.replaceAll(',', '')])"
        )
        # One decision covers ten times as much as one issue.
        left, chosen = Decimal(10 * most), []
        for place, (issue, text) in enumerate(rows):
            dollars = Decimal(text) if re.fullmatch(r"[\d.]+", text) else Decimal(0)
            if issue not in tried and dollars <= min(Decimal(most), left):
                left -= dollars
                tried.add(issue)
                chosen.append(place)
        if not chosen:
            return
        for place in chosen:
            who.page.locator("input[name=item]").nth(place).check()
        form = who.page.locator("#bulk")
        who.fill(form, method="explained", notes="As people told").press("Go on", form)
        assert "Nothing is written yet" in who.text()
        who.press("Decide many")
        assert "Take a bulk decision back" in who.text(), who.text()[:2000]


def propose_rest(pat: Person, rae: Person) -> None:
    """Propose what is above the limit of one; the other one approves it."""
    while pat.go("/issues").page.locator("tr[data-row]").count():
        pat.page.locator("tr[data-row] a").first.click()
        pat.page.wait_for_load_state()
        address = pat.page.url.removeprefix(pat.base)
        pat.do("Propose to a second person", "Propose", proposed_method="explained", notes="Told")
        rae.go(address).do("Approve", note="Seen it")
        assert "Done: Approve" in rae.text(), rae.text()


def test_two_people_close_a_month_of_sixty(site: str, tmp_path: Path) -> None:
    """From the PDFs to the closed month and back, the second one approving what needs two."""
    scan = tmp_path / "scan.pdf"
    scan.write_bytes((DATA / "small" / "car.pdf").read_bytes())

    def work(person: Callable[[str], Person]) -> None:
        pat, rae = person("pat"), person("rae")
        story.upload(pat, DATA / "medium", "Medium")
        code(pat, tmp_path)
        settle(pat, scan)
        decide(pat, ALONE)
        decide(rae, BOTH)
        propose_rest(pat, rae)
        story.close(pat, rae)
        ada = at_month(person("ada"))
        ada.do("Open the month again", reason="A receipt came late")
        assert "What keeps this month open" in ada.text()

    in_browsers(work, site)
