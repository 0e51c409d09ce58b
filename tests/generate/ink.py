"""The only user of reportlab: pages, text, rules; every text is one operation of its own."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, NamedTuple

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

BOLD = {
    "Helvetica": "Helvetica-Bold",
    "Times-Roman": "Times-Bold",
    "Courier": "Courier-Bold",
    "Vera": "VeraBd",
}
WIDE = "STSong-Light"
"""Not embedded, known to every reader: Cyrillic, Greek and Chinese letters."""

EMBEDDED = ("Vera", "VeraBd")
"""Come with reportlab; they have some letters that the fonts of every reader lack: Č, Ł, Ž."""


@cache
def _register() -> None:
    for name in EMBEDDED:
        pdfmetrics.registerFont(TTFont(name, f"{name}.ttf"))
    pdfmetrics.registerFont(UnicodeCIDFont(WIDE))


@cache
def _drawable(text: str) -> bool:
    """Whether the standard fonts have all letters."""
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


class Drawn(NamedTuple):
    """A text about to be drawn: where it begins, its font, and how.

    ``kerning``: thousandths of an em by which each letter is moved back, by an array as typesetters
    write it. ``skips_blanks``: the array jumps where a blank would be.
    """

    x: float
    y: float
    text: str
    size: float
    font: str
    kerning: int = 0
    skips_blanks: bool = False

    def width(self, text: str) -> float:
        """Return how wide a text is in this font and size."""
        return float(pdfmetrics.stringWidth(text, self.font, self.size))

    def cut(self, at: int) -> tuple[Drawn, Drawn]:
        """Return the text in two parts that stand where they stood."""
        x = self.x + self.width(self.text[:at])
        return self._replace(text=self.text[:at]), self._replace(x=x, text=self.text[at:])


Change = Callable[[Drawn], Iterable[Drawn]]
"""What to draw in the place of a text."""


class Ink:
    """A document in one font; the same calls give the same bytes.

    ``change`` says of each text what is drawn instead; with ``reverse`` the texts of a page are
    drawn from the last to the first.
    """

    def __init__(  # noqa: PLR0913 - a title, an author, pages, a font and how to draw
        self,
        title: str,
        author: str,
        size: tuple[float, float],
        font: str,
        change: Change | None = None,
        *,
        reverse: bool = False,
    ) -> None:
        """Start an empty document with pages of ``size`` points."""
        self._change = change
        self._reverse = reverse
        self._waiting: list[Drawn] = []
        _register()
        self.width, self.height = size
        self._plain, self._bold = font, BOLD[font]
        self._buffer = io.BytesIO()
        self._canvas: Any = Canvas(self._buffer, pagesize=size, pageCompression=1, invariant=1)
        self._canvas.setTitle(title)
        self._canvas.setAuthor(author)

    def text(  # noqa: PLR0913 - a place, a text and its looks
        self, x: float, y: float, text: str, size: float, *, bold: bool = False, right: bool = False
    ) -> None:
        """Draw a text with its start, or its end when ``right``, at a point."""
        font = self._bold if bold else self._plain
        if not text.isascii() and max(text) >= "\u0370" and not _drawable(text):
            font = WIDE
        elif font not in EMBEDDED and not text.isascii() and not _drawable(text):
            font = EMBEDDED[bold]
        if right:
            x -= self._canvas.stringWidth(text, font, size)
        drawn = Drawn(x, y, text, size, font)
        for each in [drawn] if self._change is None else self._change(drawn):
            if self._reverse:
                self._waiting.append(each)
            else:
                self._draw(each)

    def width_of(self, text: str, size: float) -> float:
        """Return how wide a text of the plain font is."""
        return float(pdfmetrics.stringWidth(text, self._plain, size))

    def _draw(self, drawn: Drawn) -> None:
        """Draw a text, letter by letter where it is kerned."""
        self._canvas.setFont(drawn.font, drawn.size)
        if not drawn.kerning or drawn.font in (*EMBEDDED, WIDE):
            self._canvas.drawString(drawn.x, drawn.y, drawn.text)
            return
        parts = []
        for letter in drawn.text:
            if letter == " " and drawn.skips_blanks:
                parts.append(str(-1000 * drawn.width(" ") / drawn.size))
            else:
                escaped = self._canvas._escape(letter.encode("cp1252").decode("latin-1"))
                parts.append(f"({escaped}) {drawn.kerning}")
        name = self._canvas._doc.getInternalFontName(drawn.font)
        self._canvas._code.append(
            f"BT 1 0 0 1 {drawn.x:.4f} {drawn.y:.4f} Tm {name} {drawn.size} Tf"
            f" [{' '.join(parts)}] TJ ET"
        )

    def _draw_waiting(self) -> None:
        """Draw the texts of a page that is drawn from the last on."""
        for drawn in reversed(self._waiting):
            self._draw(drawn)
        self._waiting.clear()

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
        self._draw_waiting()
        self._canvas.showPage()

    def finish(self) -> bytes:
        """Return the document."""
        self._draw_waiting()
        self._canvas.save()
        return self._buffer.getvalue()
