"""The cells of one page, from where PDFium says its characters stand.

Programs that write PDFs cut, join and order texts as they like; what they all keep is where each
letter is on the page. So a cell is made of letters that stand side by side on one baseline, however
they were drawn. Whether two cells belong together is for those to say who know the layout.
"""

import ctypes
import re
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import pairwise, repeat
from typing import Final, NamedTuple

import pypdfium2.raw as pdfium

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

MAXIMUM_TEXT: Final = 1_000_000
"""Characters of text a page may hold; a report page has about 3,000."""

LOST: Final = "\ufffd"
"""Stands for a letter of which the PDF does not say which it is."""

_RIGHT_ANGLES: Final = 4


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


class TooMuchTextError(ValueError):
    """The page holds more text than a page of a report can."""


def page_rows(page: pdfium.FPDF_PAGE) -> Rows:
    """Return the rows of a page. Raises TooMuchTextError, or ValueError without a text layer."""
    text = pdfium.FPDFText_LoadPage(page)
    if not text:
        raise ValueError("no text layer")
    try:
        return in_rows(_runs(text, pdfium.FPDFPage_GetRotation(page) % _RIGHT_ANGLES))
    finally:
        pdfium.FPDFText_ClosePage(text)


# --- letters to runs -----------------------------------------------------------------------------


def _runs(text: pdfium.FPDF_TEXTPAGE, rotation: int) -> Iterator[Cell]:
    """Yield the runs of a page in the order PDFium has them: letters drawn side by side."""
    count = pdfium.FPDFText_CountChars(text)
    if count > MAXIMUM_TEXT:
        raise TooMuchTextError
    letters: list[str] = []
    starts: list[float] = []
    pen = floor = y = size = least = most = blank = low = high = 0.0
    boxes = _boxes(text, count, rotation)
    for index, (letter, (left, bottom, right, top)) in enumerate(
        zip(_letters(text, count), boxes, strict=True)
    ):
        if letter < " " or (letter == " " and right - left < _NOTHING):
            continue  # made up by PDFium, between two texts
        gap = left - pen
        if least < gap < most and low < bottom - floor < high:
            if gap > blank:
                letters.append(" ")
                starts.append(pen)
        else:
            if letters:
                yield from _cell(letters, starts, pen, y, size)
            y, size = _baseline(text, index, rotation, top - bottom)
            letters, starts, floor = [], [], bottom
            least, blank, most = -BACK * size, BLANK_GAP * size, CELL_GAP * size
            low, high = -_SHIFT * size, _SHIFT * size
        letters.append(letter)
        starts.append(left)
        pen = right
    if letters:
        yield from _cell(letters, starts, pen, y, size)


_NOTHING: Final = 0.001
_SHIFT: Final = 0.3
"""Ems by which the boxes of letters on one baseline may differ."""


def _cell(
    letters: list[str], starts: list[float], right: float, y: float, size: float
) -> Iterator[Cell]:
    """Yield the run as a cell, unless it has only blanks."""
    text = "".join(letters)
    if text[0] != " " != text[-1]:
        yield Cell(text, starts[0], right, y, size, tuple(starts))
    elif text.strip():
        yield Cell(text, starts[0], right, y, size, tuple(starts)).part(0, len(text))


_Box = tuple[float, float, float, float]


def _boxes(text: pdfium.FPDF_TEXTPAGE, count: int, rotation: int) -> Iterator[_Box]:
    """Yield left, bottom, right and top of every character, as the page is shown."""
    found = (pdfium.FS_RECTF * count)()
    width = ctypes.sizeof(pdfium.FS_RECTF)
    first = ctypes.addressof(found)
    page = ctypes.cast(text, ctypes.c_void_p).value
    places = range(first, first + count * width, width)
    deque(map(_BOX_AT, repeat(page), range(count), places), maxlen=0)
    edges = memoryview(found).cast("B").cast("f").tolist()
    left, top, right, bottom = edges[0::4], edges[1::4], edges[2::4], edges[3::4]
    if rotation == 1:
        left, bottom, right, top = bottom, [-x for x in right], top, [-x for x in left]
    elif rotation == 2:
        turned = [[-x for x in each] for each in (right, top, left, bottom)]
        left, bottom, right, top = turned
    elif rotation == 3:
        left, bottom, right, top = [-y for y in top], left, [-y for y in bottom], right
    return zip(left, bottom, right, top, strict=True)


_BOX_AT: Final = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)(
    ctypes.cast(pdfium.FPDFText_GetLooseCharBox, ctypes.c_void_p).value or 0
)
"""The same function as `FPDFText_GetLooseCharBox`, with addresses as plain numbers: half the time
of a page goes into calling it for every character."""


def _letters(text: pdfium.FPDF_TEXTPAGE, count: int) -> Iterable[str]:
    """Return what each character of a page is; breaks that PDFium adds are control characters."""
    units = (ctypes.c_ushort * (count + 1))()
    if pdfium.FPDFText_GetText(text, 0, count, units) != count + 1:
        return (_letter(text, index) for index in range(count))
    whole = bytes(units)[:-2].decode("utf-16-le", "surrogatepass")
    if len(whole) != count or _ODD(whole):
        return (_letter(text, index) for index in range(count))
    return whole


_ODD: Final = re.compile("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\xa0\ud800-\udfff\ufffe\uffff]").search
"""What needs a second look; the breaks that PDFium adds are not among it."""


def _letter(text: pdfium.FPDF_TEXTPAGE, index: int) -> str:
    """Return what a character is: a letter, a break, or `LOST` when the PDF does not say.

    PDFium makes something else of a hyphen at the end of a line, and says so.
    """
    code = pdfium.FPDFText_GetUnicode(text, index)
    if pdfium.FPDFText_IsHyphen(text, index) == 1:
        return "-"
    if code in _BREAKS:
        return "\n"
    if code == _NO_BREAK_BLANK:
        return " "
    return LOST if code < 32 or 127 <= code < 160 or 0xD800 <= code < 0xE000 else chr(code)


_BREAKS: Final = frozenset({10, 13})
_NO_BREAK_BLANK: Final = 0xA0


def _baseline(
    text: pdfium.FPDF_TEXTPAGE, index: int, rotation: int, height: float
) -> tuple[float, float]:
    """Return the baseline of a letter and its size, which the height of its box bounds."""
    x, y, matrix = ctypes.c_double(), ctypes.c_double(), pdfium.FS_MATRIX()
    pdfium.FPDFText_GetCharOrigin(text, index, x, y)
    size = pdfium.FPDFText_GetFontSize(text, index)
    if pdfium.FPDFText_GetMatrix(text, index, matrix):
        size *= (matrix.c**2 + matrix.d**2) ** 0.5
    size = min(max(size, height / 1.6), height / 0.8) or 1.0
    return (y.value, -x.value, -y.value, x.value)[rotation], size


# --- runs to rows --------------------------------------------------------------------------------


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


def _is_same(run: Cell, cell: Cell) -> bool:
    """Tell whether a run is a cell (or its start) drawn again at nearly the same place."""
    return abs(run.x - cell.x) < SAME_PLACE * run.size and cell.text == run.text


def together(cells: Iterable[Cell]) -> Cell:
    """Return cells of one row as one, with a blank where they stand apart."""
    parts = list(cells)
    first = parts[0]
    text, starts = first.text, list(first.starts)
    for before, part in pairwise(parts):
        if part.x - before.right > BLANK_GAP * part.size:
            text += " "
            starts.append(before.right)
        text += part.text
        starts += part.starts
    last = max(parts, key=lambda each: each.right)
    return Cell(text, first.x, last.right, first.y, first.size, tuple(starts))
