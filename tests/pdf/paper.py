"""Pages made of texts at places, without a PDF around them."""

from collections.abc import Iterable, Sequence
from typing import Final

from svc.pdf.cells import Cell, Rows, in_rows
from svc.pdf.report_table import HEADS

Placed = tuple[float, str]
"""A text and where it begins."""

SIZE: Final = 8.0
LETTER: Final = 4.0
"""Points that every letter takes."""

STEP: Final = 12.0
TOP: Final = 1000.0
PLACES: Final[tuple[float, ...]] = (0, 60, 120, 140, 190, 290, 400, 480, 620, 700, 780, 860, 940)
_NAMES: Final = (
    *("trans_date", "posted_date", "level", "number", "merchant", "city", "group", "product"),
    *("ppu", "quantity", "gross", "discount", "net"),
)
COLUMNS: Final[dict[str, float]] = dict(zip(HEADS, PLACES, strict=True))
"""Where each column of the report begins."""


def cell(x: float, y: float, text: str, size: float = SIZE) -> Cell:
    """Return a text at a place."""
    step = LETTER * size / SIZE
    starts = tuple(x + step * n for n in range(len(text)))
    return Cell(text, x, x + step * len(text), y, size, starts)


def page(rows: Iterable[Sequence[Placed]]) -> Rows:
    """Return a page of these rows, from the top, one line below the other."""
    return in_rows(
        cell(x, TOP - STEP * n, text) for n, row in enumerate(rows) for x, text in row if text
    )


def columns(**texts: str | None) -> list[Placed]:
    """Return a row of the table: `trans_date`, `merchant`, … up to `net`."""
    places = dict(zip(_NAMES, PLACES, strict=True))
    return [(places[name], text) for name, text in texts.items() if text is not None]
