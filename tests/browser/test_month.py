"""Two people close the example month in their browsers, and each role sees what it may."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser import story
from tests.browser.conftest import in_browsers, link

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.people import Person

# What stands below the lists of everything, and what belongs to a month.
VIEWS = (
    *("/all", "/upload", "/rules/missing_receipt/versions", "/cutover/checks?of=1"),
    *("/users?of=pat", "/rules?of=missing_receipt", "/months?as_of=2025-04-01"),
)
BELOW = ("issues", "employees", "charges", "transactions", "matches", "bridges", "events")


def test_two_people_close_the_month(site: str) -> None:
    """From the two PDFs on; then the others look at it, and all sign out."""

    def work(person: Callable[[str], Person]) -> None:
        pat, rae = person("pat"), person("rae")
        story.month_of_work(pat, rae, link(site, "pat"))
        month = rae.page.url.partition("?")[0].removeprefix(site)
        ada, ron = person("ada"), person("ron")
        lists = ada.go("/all").page.locator("dl a")
        whole = lists.evaluate_all("all => all.map(one => one.getAttribute('href'))")
        for path in (*whole, *VIEWS, *(f"{month}/{name}" for name in BELOW)):
            ada.go(path).look()
            fits(ada)
        ada.go(month).follow("Submissions of this month").follow("Example month").look("files")
        ada.follow("Audit trail of this").look("history")
        for path in ("/users", "/sign-ins"):
            assert "Nothing here" not in ada.go(path).look().text()
            assert "your role does not permit this" in ron.go(path).text().lower()
        ron.go(month).look()
        assert ron.page.get_by_role("button").all_inner_texts() == ["Sign out", "Show"]
        ron.follow("ROWANBIRCHWHISTLE").look("person")
        narrow(ron, "person")
        for path in (month, "/issues", "/upload", "/rules?of=missing_receipt", "/months"):
            narrow(ada.go(path))
        for who in (pat, rae, ada, ron):
            who.press("Sign out").look()
            assert who.go(month).page.url.startswith(f"{site}/sign-in")

    in_browsers(work, site)


def fits(who: Person) -> None:
    """Read the page on a small screen and at twice the size: only tables move sideways."""
    for width in (320, 600):  # 1200 pixels at 200 % are 600
        who.page.set_viewport_size({"width": width, "height": 640})
        assert who.page.evaluate("document.documentElement.scrollWidth") <= width, who.page.url
    who.page.set_viewport_size({"width": 1200, "height": 800})


def narrow(who: Person, name: str = "") -> None:
    """Read a page in the dark and on a small screen, then print it without what is for screens."""
    fits(who)
    who.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    who.page.set_viewport_size({"width": 320, "height": 640})
    who.look(name and f"{name}_dark")
    who.page.set_viewport_size({"width": 1200, "height": 800})
    who.page.emulate_media(color_scheme="light", media="print")
    assert who.page.locator("nav, form, .behind, .noprint").locator("visible=true").count() == 0
    for table in who.page.locator(".wide").all():
        assert table.evaluate("one => getComputedStyle(one).overflowX") == "visible"
    who.look()
    assert who.page.pdf().startswith(b"%PDF")
    who.page.emulate_media(media="screen", color_scheme="light")
