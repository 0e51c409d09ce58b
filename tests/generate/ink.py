"""The only user of reportlab: pages, text, rules; every text is one operation of its own."""

from __future__ import annotations

import io
from functools import cache

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

BOLD = {
    "Helvetica": "Helvetica-Bold",
    "Times-Roman": "Times-Bold",
    "Courier": "Courier-Bold",
    "Vera": "VeraBd",
}
EMBEDDED = ("Vera", "VeraBd")
"""Come with reportlab; they have some letters that the fonts of every reader lack: Č, Ł, Ž."""


@cache
def _register() -> None:
    for name in EMBEDDED:
        pdfmetrics.registerFont(TTFont(name, f"{name}.ttf"))


@cache
def _drawable(text: str) -> bool:
    """Whether the standard fonts have all letters."""
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


class Ink:
    """A document in one font; the same calls give the same bytes."""

    def __init__(self, title: str, author: str, size: tuple[float, float], font: str) -> None:
        """Start an empty document with pages of ``size`` points."""
        _register()
        self.width, self.height = size
        self._plain, self._bold = font, BOLD[font]
        self._buffer = io.BytesIO()
        self._canvas = Canvas(self._buffer, pagesize=size, pageCompression=1, invariant=1)
        self._canvas.setTitle(title)
        self._canvas.setAuthor(author)

    def text(  # noqa: PLR0913 - a place, a text and its looks
        self, x: float, y: float, text: str, size: float, *, bold: bool = False, right: bool = False
    ) -> None:
        """Draw a text with its start, or its end when ``right``, at a point."""
        font = self._bold if bold else self._plain
        if font not in EMBEDDED and not text.isascii() and not _drawable(text):
            font = EMBEDDED[bold]
        self._canvas.setFont(font, size)
        if right:
            x -= self._canvas.stringWidth(text, font, size)
        self._canvas.drawString(x, y, text)

    def rule(self, y: float, left: float, right: float) -> None:
        """Draw a thin line across."""
        self._canvas.setLineWidth(0.4)
        self._canvas.line(left, y, right, y)

    def shade(self, x: float, y: float, width: float, height: float, grey: float = 0.92) -> None:
        """Fill a box in light grey."""
        self._canvas.setFillGray(grey)
        self._canvas.rect(x, y, width, height, stroke=0, fill=1)
        self._canvas.setFillGray(0)

    def turn(self) -> None:
        """End the page."""
        self._canvas.showPage()

    def finish(self) -> bytes:
        """Return the document."""
        self._canvas.save()
        return self._buffer.getvalue()
