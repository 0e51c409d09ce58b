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
from typing import Any, Final, NamedTuple

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

SAME_LETTER: Final = 0.08
"""Ems between two equal letters of which PDFium drops the second, and a little more."""

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


_Edges = list[float]
"""One edge of each character of a page."""

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
    """Yield the runs of a page in the order PDFium has them: letters drawn side by side.

    Letters that follow each other without any gap on one baseline come in stretches, whole texts
    mostly: only between stretches is there something to decide.
    """
    count = pdfium.FPDFText_CountChars(text)
    if count > MAXIMUM_TEXT:
        raise TooMuchTextError
    if count == 0:
        return
    whole = _letters(text, count)
    left, bottom, right, top = _boxes(text, count, rotation)
    baseline = _Baseline(text, rotation)
    letters: list[str] = []
    starts: list[float] = []
    pen = floor = y = size = least = most = blank = low = high = 0.0
    for index, stop in pairwise([*_stretches(whole, left, bottom, right), count]):
        letter = whole[index]
        if letter < " " or (letter == " " and right[index] - left[index] < _NOTHING):
            continue  # made up by PDFium, between two texts
        gap = left[index] - pen
        if least < gap < most and low < bottom[index] - floor < high:
            if gap > blank:
                letters.append(" ")
                starts.append(pen)
        else:
            if letters:
                yield from _cell("".join(letters), starts, pen, y, size)
            y, size = baseline.at(index, top[index] - bottom[index])
            letters, starts, floor = [], [], bottom[index]
            least, blank, most = -BACK * size, BLANK_GAP * size, CELL_GAP * size
            low, high = -_SHIFT * size, _SHIFT * size
        letters.append(whole[index:stop])
        starts += left[index:stop]
        pen = right[stop - 1]
    if letters:
        yield from _cell("".join(letters), starts, pen, y, size)


_NOTHING: Final = 0.001
_SHIFT: Final = 0.3
"""Ems by which the boxes of letters on one baseline may differ."""

_SEAM: Final = 0.004
"""Points: letters nearer than this follow each other without a gap, in any size that is read."""

_MADE_UP: Final = re.compile("[\x00-\x20]")


def _stretches(whole: str, left: _Edges, bottom: _Edges, right: _Edges) -> list[int]:
    """Return where stretches of letters begin; what PDFium may have made up is one of its own."""
    begins = {0}
    begins.update(
        place
        for place, x, pen, floor, before in zip(
            range(1, len(whole)), left[1:], right, bottom[1:], bottom, strict=False
        )
        if floor != before or not -_SEAM < x - pen < _SEAM
    )
    for match in _MADE_UP.finditer(whole):
        begins.add(match.start())
        begins.add(match.end())
    begins.discard(len(whole))
    return sorted(begins)


def _cell(text: str, starts: list[float], right: float, y: float, size: float) -> Iterator[Cell]:
    """Yield the run as a cell, unless it has only blanks."""
    if text[0] != " " != text[-1]:
        yield Cell(text, starts[0], right, y, size, tuple(starts))
    elif text.strip():
        yield Cell(text, starts[0], right, y, size, tuple(starts)).part(0, len(text))


def _boxes(
    text: pdfium.FPDF_TEXTPAGE, count: int, rotation: int
) -> tuple[_Edges, _Edges, _Edges, _Edges]:
    """Return left, bottom, right and top of every character, as the page is shown."""
    found = (pdfium.FS_RECTF * count)()
    width = ctypes.sizeof(pdfium.FS_RECTF)
    first = ctypes.addressof(found)
    page = ctypes.cast(text, ctypes.c_void_p).value
    places = range(first, first + count * width, width)
    deque(map(_BOX_AT, repeat(page), range(count), places), maxlen=0)
    edges: _Edges = memoryview(found).cast("B").cast("f").tolist()  # type: ignore[assignment]
    left, top, right, bottom = edges[0::4], edges[1::4], edges[2::4], edges[3::4]
    if rotation == 1:
        left, bottom, right, top = bottom, [-x for x in right], top, [-x for x in left]
    elif rotation == 2:
        turned = [[-x for x in each] for each in (right, top, left, bottom)]
        left, bottom, right, top = turned
    elif rotation == 3:
        left, bottom, right, top = [-y for y in top], left, [-y for y in bottom], right
    return left, bottom, right, top


def _letters(text: pdfium.FPDF_TEXTPAGE, count: int) -> str:
    """Return what each character of a page is; breaks that PDFium adds are control characters."""
    units = (ctypes.c_ushort * (count + 1))()
    if pdfium.FPDFText_GetText(text, 0, count, units) == count + 1:
        whole = bytes(units)[:-2].decode("utf-16-le", "surrogatepass")
        if len(whole) == count and not _ODD(whole):
            return whole
    return "".join([_letter(text, index) for index in range(count)])


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


class _Baseline:
    """Where letters of a page stand and how large they are."""

    def __init__(self, text: pdfium.FPDF_TEXTPAGE, rotation: int) -> None:
        """Remember the page, and make room for what PDFium answers."""
        self._page = ctypes.cast(text, ctypes.c_void_p).value
        self._rotation = rotation
        self._x, self._y, self._matrix = ctypes.c_double(), ctypes.c_double(), pdfium.FS_MATRIX()
        room = (self._x, self._y, self._matrix)
        self._x_at, self._y_at, self._matrix_at = (ctypes.addressof(each) for each in room)

    def at(self, index: int, height: float) -> tuple[float, float]:
        """Return the baseline of a letter and its size, which the height of its box bounds."""
        matrix = self._matrix
        _ORIGIN_AT(self._page, index, self._x_at, self._y_at)
        size = _SIZE_AT(self._page, index)
        if _MATRIX_AT(self._page, index, self._matrix_at):
            size *= (matrix.c**2 + matrix.d**2) ** 0.5
        size = min(max(size, height / 1.6), height / 0.8) or 1.0
        x, y = self._x.value, self._y.value
        return (y, -x, -y, x)[self._rotation], size


def _quick(function: Any, result: Any, *arguments: Any) -> Any:  # noqa: ANN401 - of ctypes
    """Return a function of PDFium that takes addresses as plain numbers."""
    kind = ctypes.PYFUNCTYPE(result, ctypes.c_void_p, ctypes.c_int, *arguments)
    return kind(ctypes.cast(function, ctypes.c_void_p).value or 0)


_BOX_AT: Final = _quick(pdfium.FPDFText_GetLooseCharBox, ctypes.c_int, ctypes.c_void_p)
"""As the functions below: much of the time of a page goes into calling them for its letters."""
_ORIGIN_AT: Final = _quick(
    pdfium.FPDFText_GetCharOrigin, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p
)
_SIZE_AT: Final = _quick(pdfium.FPDFText_GetFontSize, ctypes.c_double)
_MATRIX_AT: Final = _quick(pdfium.FPDFText_GetMatrix, ctypes.c_int, ctypes.c_void_p)


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
    text, starts = first.text, list(first.starts)
    for before, part in pairwise(parts):
        if part.x - before.right > BLANK_GAP * part.size:
            text += " "
            starts.append(before.right)
        text += part.text
        starts += part.starts
    last = max(parts, key=lambda each: each.right)
    return Cell(text, first.x, last.right, first.y, first.size, tuple(starts))
