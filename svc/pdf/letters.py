"""The letters of one page, from where PDFium says they stand, put together to runs.

PDFium is asked through Python, and each question costs more than its answer. So of a text that is
drawn at once only the first and the last letter are looked at, when the letters between them, each
as wide as it was before, fill the space exactly; otherwise all of them are. (Where the pen jumps
within a text, PDFium puts a blank or a break, which does not fill it.)
"""

import ctypes
import re
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import accumulate, pairwise, repeat
from typing import Any, Final, NamedTuple

import pypdfium2.raw as pdfium

from svc.pdf.cells import BACK, BLANK_GAP, CELL_GAP, LOST, Cell

MAXIMUM_TEXT: Final = 1_000_000
"""Characters of text a page may hold; a report page has about 3,000."""

_RIGHT_ANGLES: Final = 4
_BOX: Final = ctypes.sizeof(pdfium.FS_RECTF)
_NOTHING: Final = 0.001
_SHIFT: Final = 0.3
"""Ems by which the boxes of letters on one baseline may differ."""

_SEAM: Final = 0.004
"""Points: letters nearer than this follow each other without a gap, in any size that is read."""

_EXACT: Final = 0.02
"""Points by which a text may be wider than its letters: what adds up when they are rounded."""

_MOST_FONTS: Final = 8
"""Fonts of one height that are told apart by the widths of their letters."""

_OVERHANG: Final = 0.15
"""Ems by which the box of a letter may reach beyond the pen after it."""

_FEW: Final = 3
"""Letters from which on it is cheaper to look at two of them."""

_TEXTS: Final = re.compile("[^\x00-\x1f]+")
"""Control characters are made up by PDFium, between two texts; blanks may be."""
_BLANK: Final = re.compile(" ")


class TooMuchTextError(ValueError):
    """The page holds more text than a page of a report can."""


class _Font(NamedTuple):
    """What is known of letters of one font and size.

    By letter: how far the pen goes, how far left of the pen its box begins, and how wide that is.
    """

    steps: dict[str, float]
    boxes: dict[str, tuple[float, float]]
    size: float

    def agrees(self, steps: dict[str, float]) -> bool:
        """Tell whether no letter has another width here."""
        mine = self.steps
        return all(-_SEAM < mine.get(each, w) - w < _SEAM for each, w in steps.items())


_Stretch = tuple[str, list[float], float, float, int, float, float]
"""Letters on one baseline that follow each other without any gap.

Their left edges, the right edge of the last, the bottom of their boxes, the number of the first on
the page, the height of its box, and its size, 0 when it was not looked up.
"""


class Letters:
    """Reads the letters of the pages of one document, and remembers how wide each is."""

    def __init__(self, lessons: int = 300) -> None:
        """Know no letter yet; `lessons` texts may teach how wide they are: most know few fonts."""
        self._fonts: dict[float, list[_Font]] = {}
        self._lessons = lessons
        self._room = ctypes.create_string_buffer(0)
        self._reserve(4096)

    def runs(self, page: pdfium.FPDF_PAGE) -> list[Cell]:
        """Return the runs of a page in the order PDFium has them: letters drawn side by side.

        Raises TooMuchTextError, or ValueError without a text layer.
        """
        text = pdfium.FPDFText_LoadPage(page)
        if not text:
            raise ValueError("no text layer")
        try:
            count = pdfium.FPDFText_CountChars(text)
            if count > MAXIMUM_TEXT:
                raise TooMuchTextError
            if count == 0:
                return []
            self._reserve((count + 1) * _BOX)
            self._rotation = pdfium.FPDFPage_GetRotation(page) % _RIGHT_ANGLES
            self._page = ctypes.cast(text, ctypes.c_void_p).value
            self._whole = self._letters(count)
            return list(self._joined())
        finally:
            pdfium.FPDFText_ClosePage(text)

    def _reserve(self, size: int) -> None:
        """Make room for what PDFium answers."""
        if size > len(self._room):
            self._room = ctypes.create_string_buffer(2 * size)
            self._at = ctypes.addressof(self._room)
            self._bytes = memoryview(self._room).cast("B")
            self._box = self._bytes[:_BOX].cast("f")
            self._numbers = self._bytes[: 2 * ctypes.sizeof(ctypes.c_double)].cast("d")

    # --- stretches to runs -----------------------------------------------------------------------

    def _joined(self) -> Iterator[Cell]:
        """Yield stretches as runs: those that stand side by side on one baseline are one."""
        letters = ""
        starts: list[float] = []
        pen = floor = y = size = least = most = blank = low = high = 0.0
        for text, lefts, right, bottom, first, height, em in self._stretches():
            gap = lefts[0] - pen
            if least < gap < most and low < bottom - floor < high:
                if gap > blank:
                    letters += " "
                    starts.append(pen)
                letters += text
                starts += lefts
            else:
                if letters:
                    yield from _cell(letters, starts, pen, y, size)
                letters, starts, floor = text, lefts, bottom
                y, size = self._origin(first)[1], em or self._size(first, height)
                least, blank, most = -BACK * size, BLANK_GAP * size, CELL_GAP * size
                low, high = -_SHIFT * size, _SHIFT * size
            pen = right
        if letters:
            yield from _cell(letters, starts, pen, y, size)

    # --- letters to stretches --------------------------------------------------------------------

    def _stretches(self) -> Iterator[_Stretch]:
        """Yield the letters of the page in stretches, whole texts mostly."""
        for match in _TEXTS.finditer(self._whole):
            start, stop = match.span()
            known = self._known(match[0], start, stop)
            if known is not None:
                yield known
            else:
                yield from self._measured(match[0], start, stop)

    def _known(self, text: str, start: int, stop: int) -> _Stretch | None:
        """Return the letters `start` to `stop` (exclusive) as one stretch, None when unsure.

        They are drawn at once, in one font then, and exactly as wide as their letters are.
        """
        if stop - start < _FEW or _RECTANGLES(self._page, start, stop - start) != 1:
            return None
        left, bottom, right, top = self._box_of(start)
        last, last_bottom, end, last_top = self._box_of(stop - 1)
        height = top - bottom
        if last_bottom != bottom or last_top != top:
            return None
        fonts = self._fonts.setdefault(round(height, 2), [])
        for steps, boxes, size in fonts:
            try:
                before, width = boxes[text[0]]
                starts = list(accumulate(map(steps.__getitem__, text[:-1]), initial=left - before))
                last_before, last_width = boxes[text[-1]]
            except KeyError:
                continue
            if (
                -_EXACT < starts[-1] + last_before - last < _EXACT
                and -_EXACT < last + last_width - end < _EXACT
                and -_EXACT < left + width - right < _EXACT
            ):
                starts[0] = left
                return text, starts, end, bottom, start, height, size
        if self._lessons:
            self._learn(fonts, text, start, height)
        return None

    def _learn(self, fonts: list[_Font], text: str, start: int, height: float) -> None:
        """Remember how wide the letters of a text are, with others of what may be the same font."""
        self._lessons -= 1
        left, _, right, _ = self._boxes(start, start + len(text))
        pens = [self._origin(index)[0] for index in range(start, start + len(text))]
        widths = [end - x for x, end in zip(left, right, strict=True)]
        size = self._size(start, height)
        steps: dict[str, float] = {}
        for letter, width, (x, pen) in zip(text, widths, pairwise(pens), strict=False):
            if width < _NOTHING or not -_OVERHANG * size < pen - x - width < _EXACT:
                return  # made up by PDFium, or spaced
            steps[letter] = pen - x
        edges = [x - pen for x, pen in zip(left, pens, strict=True)]
        boxes = dict(zip(text, zip(edges, widths, strict=True), strict=True))
        for font in fonts:
            if font.size == size and font.agrees(steps):
                font.steps.update(steps)
                font.boxes.update(boxes)
                return
        if len(fonts) < _MOST_FONTS:
            fonts.append(_Font(steps, boxes, size))

    def _measured(self, text: str, start: int, stop: int) -> Iterator[_Stretch]:
        """Yield the letters `start` to `stop` (exclusive) in stretches, from all their boxes."""
        left, bottom, right, top = self._boxes(start, stop)
        for first, end in pairwise([*_seams(text, left, bottom, right), len(text)]):
            letters = text[first:end]
            if letters == " " and right[first] - left[first] < _NOTHING:
                continue  # made up by PDFium, between two texts
            height = top[first] - bottom[first]
            lefts = left[first:end]
            yield letters, lefts, right[end - 1], bottom[first], start + first, height, 0.0

    # --- what PDFium says ------------------------------------------------------------------------

    def _box_of(self, index: int) -> tuple[float, float, float, float]:
        """Return left, bottom, right and top of a character, as the page is shown."""
        _BOX_AT(self._page, index, self._at)
        left, top, right, bottom = self._box
        if self._rotation == 1:
            return bottom, -right, top, -left
        if self._rotation == 2:
            return -right, -top, -left, -bottom
        if self._rotation == 3:
            return -top, left, -bottom, right
        return left, bottom, right, top

    def _boxes(
        self, start: int, stop: int
    ) -> tuple[list[float], list[float], list[float], list[float]]:
        """Return left, bottom, right and top of some characters, as the page is shown."""
        size = (stop - start) * _BOX
        places = range(self._at, self._at + size, _BOX)
        deque(map(_BOX_AT, repeat(self._page), range(start, stop), places), maxlen=0)
        edges: list[float] = self._bytes[:size].cast("f").tolist()  # type: ignore[assignment]
        left, top, right, bottom = edges[0::4], edges[1::4], edges[2::4], edges[3::4]
        if self._rotation == 1:
            return bottom, _turned(right), top, _turned(left)
        if self._rotation == 2:
            return _turned(right), _turned(top), _turned(left), _turned(bottom)
        if self._rotation == 3:
            return _turned(top), left, _turned(bottom), right
        return left, bottom, right, top

    def _letters(self, count: int) -> str:
        """Return what each character of the page is; breaks that PDFium adds are control ones."""
        if _TEXT_AT(self._page, 0, count, self._at) == count + 1:
            whole = str(self._bytes[: 2 * count], "utf-16-le", "surrogatepass")
            if len(whole) == count and not _ODD(whole):
                return whole
        return "".join([_letter(self._page, index) for index in range(count)])

    def _origin(self, index: int) -> tuple[float, float]:
        """Return where the pen stands before a character, as the page is shown."""
        _ORIGIN_AT(self._page, index, self._at, self._at + 8)
        x, y = self._numbers
        return ((x, y), (y, -x), (-x, -y), (-y, x))[self._rotation]

    def _size(self, index: int, height: float) -> float:
        """Return the size of a character, which the height of its box bounds."""
        size = float(_SIZE_AT(self._page, index))
        if _MATRIX_AT(self._page, index, self._at):
            _, _, c, d = self._box
            size *= (c**2 + d**2) ** 0.5
        return min(max(size, height / 1.6), height / 0.8) or 1.0


def _seams(text: str, left: list[float], bottom: list[float], right: list[float]) -> list[int]:
    """Return where stretches begin; a blank that PDFium may have made up is one of its own."""
    begins = {0}
    begins.update(
        place
        for place, x, pen, floor, before in zip(
            range(1, len(text)), left[1:], right, bottom[1:], bottom, strict=False
        )
        if floor != before or not -_SEAM < x - pen < _SEAM
    )
    for match in _BLANK.finditer(text):
        begins.add(match.start())
        begins.add(match.end())
    begins.discard(len(text))
    return sorted(begins)


def _turned(edges: Iterable[float]) -> list[float]:
    """Return edges counted from the other side."""
    return [-each for each in edges]


def _cell(text: str, starts: list[float], right: float, y: float, size: float) -> Iterator[Cell]:
    """Yield the run as a cell, unless it has only blanks."""
    if text[0] != " " != text[-1]:
        yield Cell(text, starts[0], right, y, size, tuple(starts))
    elif text.strip():
        yield Cell(text, starts[0], right, y, size, tuple(starts)).part(0, len(text))


_ODD: Final = re.compile("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\xa0\ud800-\udfff\ufffe\uffff]").search
"""What needs a second look; the breaks that PDFium adds are not among it."""


def _letter(page: int | None, index: int) -> str:
    """Return what a character is: a letter, a break, or `LOST` when the PDF does not say.

    PDFium makes something else of a hyphen at the end of a line, and says so.
    """
    code = _LETTER_AT(page, index)
    if _IS_HYPHEN(page, index) == 1:
        return "-"
    if code in _BREAKS:
        return "\n"
    if code == _NO_BREAK_BLANK:
        return " "
    return LOST if code < 32 or 127 <= code < 160 or 0xD800 <= code < 0xE000 else chr(code)


_BREAKS: Final = frozenset({10, 13})
_NO_BREAK_BLANK: Final = 0xA0


def _quick(function: Any, result: Any, *arguments: Any) -> Any:  # noqa: ANN401 - of ctypes
    """Return a function of PDFium that takes addresses as plain numbers."""
    kind = ctypes.PYFUNCTYPE(result, ctypes.c_void_p, ctypes.c_int, *arguments)
    return kind(ctypes.cast(function, ctypes.c_void_p).value or 0)


_PLACE: Final = ctypes.c_void_p
_BOX_AT: Final = _quick(pdfium.FPDFText_GetLooseCharBox, ctypes.c_int, _PLACE)
_ORIGIN_AT: Final = _quick(pdfium.FPDFText_GetCharOrigin, ctypes.c_int, _PLACE, _PLACE)
_SIZE_AT: Final = _quick(pdfium.FPDFText_GetFontSize, ctypes.c_double)
_MATRIX_AT: Final = _quick(pdfium.FPDFText_GetMatrix, ctypes.c_int, _PLACE)
_RECTANGLES: Final = _quick(pdfium.FPDFText_CountRects, ctypes.c_int, ctypes.c_int)
_TEXT_AT: Final = _quick(pdfium.FPDFText_GetText, ctypes.c_int, ctypes.c_int, _PLACE)
_LETTER_AT: Final = _quick(pdfium.FPDFText_GetUnicode, ctypes.c_uint)
_IS_HYPHEN: Final = _quick(pdfium.FPDFText_IsHyphen, ctypes.c_int)
