"""People at browsers: what they look at is checked for access by all and for silence of the log."""

from __future__ import annotations

import re
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Browser, Locator, Page

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    *("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]
AXE = resources.files("axe_playwright_python").joinpath("axe.min.js")
REPORTS = (
    "document.addEventListener('securitypolicyviolation', (event) =>"
    " console.error('policy: ' + event.violatedDirective + ' ' + event.blockedURI))"
)
RUN_AXE = "async () => (await axe.run()).violations.map((one) => one.id + ': ' + one.nodes[0].html)"


class Person:
    """Somebody with a browser of their own."""

    def __init__(
        self,
        browser: Browser,
        base: str,
        link: str,
        shots: Path | None = None,
        button: str = "Sign in as",
    ) -> None:
        """Open a browser and sign in by a link, or where another button leads."""
        self.base, self.shots = base, shots
        self.said: list[str] = []
        context = browser.new_context(viewport={"width": 1200, "height": 800})
        context.add_init_script(REPORTS)
        self.page: Page = context.new_page()
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.goto(link)
        self.press(button)

    def _note(self, message: Any) -> None:  # noqa: ANN401
        """Note what the browser complains of; a refusal that a page shows is none."""
        refused = re.search(r"status of 4(00|01|03|04|09|22)", message.text)
        if message.type in {"error", "warning"} and not refused:
            self.said.append(message.text)

    def go(self, path: str) -> Person:
        """Open an address of ours."""
        self.page.goto(self.base + path)
        return self

    def follow(self, name: str) -> Person:
        """Follow the first link whose text begins so."""
        self.page.get_by_role("link", name=re.compile(f"^{re.escape(name)}")).first.click()
        self.page.wait_for_load_state()
        return self

    def unfold(self, name: str) -> Locator:
        """Open what is folded under a name, and return it."""
        holder = self.page.locator("details", has=self.page.locator("summary", has_text=name)).last
        if holder.get_attribute("open") is None:
            holder.locator("> summary").click()
        return holder

    def press(self, name: str, within: Locator | None = None) -> Person:
        """Press a button and wait for what comes of it."""
        place: Any = within or self.page
        with self.page.expect_navigation():
            place.get_by_role("button", name=re.compile(f"^{re.escape(name)}")).first.click()
        return self

    def fill(self, holder: Locator, **said: str) -> Person:
        """Fill inputs of a form by their names."""
        for name, value in said.items():
            field = holder.locator(f"[name='{name.replace('new_', 'new ')}']:visible").first
            if field.evaluate("one => one.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)
        return self

    def do(self, name: str, button: str | None = None, **said: str) -> Person:
        """Unfold a form, fill it and send it."""
        holder = self.unfold(name)
        return self.fill(holder, **said).press(button or name, holder)

    def text(self) -> str:
        """Return what the page says."""
        return str(self.page.locator("#main").inner_text())

    def look(self, name: str = "") -> Person:
        """Check that everybody can use this view, and that the browser had nothing to say."""
        if name and self.shots:
            self.page.screenshot(path=self.shots / f"{name}.png", full_page=True)
        self.page.evaluate(AXE.read_text())
        found = self.page.evaluate(RUN_AXE)
        assert not found, f"{self.page.url}: {found}"
        assert not self.said, f"{self.page.url}: {self.said}"
        return self


def with_browser(work: Callable[[Browser], None]) -> None:
    """Do something with a headless browser."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where it is installed

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            work(browser)
        finally:
            browser.close()
