"""The cells of one page, from where PDFium says its characters stand.

Programs that write PDFs cut, join and order texts as they like; what they all keep is where each
letter is on the page. So a cell is made of letters that stand side by side on one baseline, however
they were drawn. Whether two cells belong together is for those to say who know the layout.
"""

from collections.abc import Iterable
from itertools import pairwise
from typing import Final, NamedTuple

CELL_GAP: Final = 0.45
"""Ems between two letters that make them letters of two cells."""

BLANK_GAP: Final = 0.12
"""Ems between two letters that stand for a blank nobody drew."""

BACK: Final = 0.25
"""Ems the pen may go back (kerning) within a cell."""

ROW_HEIGHT: Final = 0.35
"""Ems by which the baselines of one row may differ."""

SAME_PLACE: Final = 0.2
"""Ems between two equal texts that are one text drawn twice to look bold."""

SAME_LETTER: Final = 0.08
"""Ems between two equal letters of which PDFium drops the second, and a little more."""

LOST: Final = "\ufffd"
"""Stands for a letter of which the PDF does not say which it is."""


class Cell(NamedTuple):
    """A text on one baseline: from `x` to `right`, with the left edge of each of its letters."""

    text: str
    x: float
    right: float
    y: float
    size: float
    starts: tuple[float, ...]

    def part(self, start: int, stop: int) -> "Cell":
        """Return the letters `start` to `stop` (exclusive) as a cell, without outer blanks."""
        text = self.text[start:stop]
        start += len(text) - len(text.lstrip())
        stop = start + len(text.strip())
        right = self.right if stop == len(self.text) else self.starts[stop]
        x = self.starts[start] if start < len(self.starts) else right
        return Cell(self.text[start:stop], x, right, self.y, self.size, self.starts[start:stop])


Rows = list[list[Cell]]
"""Rows from the top, the cells of each from the left."""


def in_rows(runs: Iterable[Cell]) -> Rows:
    """Return runs as rows of cells, whatever order they come in."""
    rows: Rows = []
    for run in sorted(runs, key=lambda each: (-each.y, each.x, each.text)):
        if rows and rows[-1][0].y - run.y <= ROW_HEIGHT * run.size:
            rows[-1].append(run)
        else:
            rows.append([run])
    return [_joined(row) for row in rows]


def _joined(row: list[Cell]) -> list[Cell]:
    """Return the cells of a row: texts drawn twice once, and texts that go on as one."""
    if len(row) == 1:
        return row
    row.sort(key=lambda each: (each.x, each.text))
    cells: list[Cell] = []
    for run in row:
        if any(_is_same(run, cell) for cell in cells[-4:]):
            continue
        for place in range(len(cells) - 1, max(len(cells) - 4, -1), -1):
            gap = run.x - cells[place].right
            if -BACK * run.size < gap <= BLANK_GAP * run.size:
                cells[place] = together((cells[place], run))
                break
        else:
            cells.append(run)
    return cells


def with_losses(cells: list[Cell]) -> list[Cell]:
    """Return the cells of a row with `LOST` where a letter may be missing.

    PDFium takes a letter that stands upon its like for one drawn twice. Where two texts of a row
    lie upon each other, one of them lacks a letter then: at its end, at its start, or between two
    letters, where the other has one.
    """
    if all(after.x >= before.right - BACK * after.size for before, after in pairwise(cells)):
        return cells
    found: list[Cell] = []
    for cell in cells:
        near = SAME_LETTER * cell.size
        begins: list[float] = []
        ends: list[float] = []
        for other in cells:
            shared = min(other.right, cell.right) - max(other.x, cell.x)
            if other is not cell and shared > BACK * cell.size:
                begins += other.starts
                ends += (*other.starts[1:], other.right)
        text = "".join(
            LOST if letter == " " and any(abs(x - each) <= near for each in begins) else letter
            for letter, x in zip(cell.text, cell.starts, strict=True)
        )
        starts = cell.starts
        if any(abs(cell.right - x) <= near for x in begins):
            text, starts = text + LOST, (*starts, cell.right)
        if any(abs(cell.x - x) <= near for x in ends):
            text, starts = LOST + text, (cell.x, *starts)
        found.append(cell if text == cell.text else cell._replace(text=text, starts=starts))
    return found


def _is_same(run: Cell, cell: Cell) -> bool:
    """Tell whether a run is a cell (or its start) drawn again at nearly the same place."""
    return abs(run.x - cell.x) < SAME_PLACE * run.size and cell.text == run.text


def together(cells: Iterable[Cell]) -> Cell:
    """Return cells of one row as one, with a blank where they stand apart."""
    parts = list(cells)
    first = parts[0]
    if len(parts) == 1:
        return first
    text, starts = first.text, list(first.starts)
    for before, part in pairwise(parts):
        if part.x - before.right > BLANK_GAP * part.size:
            text += " "
            starts.append(before.right)
        text += part.text
        starts += part.starts
    last = max(parts, key=lambda each: each.right)
    return Cell(text, first.x, last.right, first.y, first.size, tuple(starts))
