"""The text of simple pages as pypdf's plain mode has it, several times faster.

Most of the time of `extract_text` goes into making objects of all operands of a content stream.
Reports need none but the strings and a few numbers. This module reads the decoded stream by one
regular expression and follows the same rules for line breaks as pypdf's plain mode. Whatever those
rules decide by the width of text, and whatever is unusual (forms, composite or rotated fonts,
spacing inside strings, right-to-left text), it does not decide: it gives up, and the caller takes
`extract_text`. Characters are not decoded here either: pypdf is asked once per font and code.
"""

import re
from typing import Final, cast

from pypdf import PageObject
from pypdf.generic import (
    DecodedStreamObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
)

_BLANKS: Final = b"\x00\t\n\x0c\r "
_SPACE: Final = rb"[\x00\t\n\x0c\r ]"
_OPERATION: Final = re.compile(
    rb"%(ws)s*+("
    rb"(?:(?:[-+]?[0-9.]++|/[^\x00\t\n\x0c\r ()<>\[\]{}/%%]*+|%(str)s|<[0-9A-Fa-f\s]*+>"
    rb"|\[(?:[-+0-9.\x00\t\n\x0c\r ]++|%(str)s|<[0-9A-Fa-f\s]*+>)*+\]|<<[^<>()]*+>>)%(ws)s*+)*+"
    rb")([A-Za-z][A-Za-z0-9]*+\*?+|')|." % {b"ws": _SPACE, b"str": rb"\((?:[^()\\]++|\\.)*+\)"},
    re.DOTALL,
)
"""One operation, operands and operator; or else a single byte, which ends the walk at once. All
repetitions are possessive, so no input makes it go over the same bytes twice."""
_STRING: Final = re.compile(
    rb"\(((?:[^()\\]++|\\.)*+)\)|<([0-9A-Fa-f\s]*+)>|([-+0-9.]++)", re.DOTALL
)
_ESCAPE: Final = re.compile(rb"\\(?:([0-7]{1,3})|(\r\n|.))", re.DOTALL)
_ESCAPES: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_NEWLINES: Final = frozenset({b"\n", b"\r", b"\r\n"})
_RIGHT_TO_LEFT: Final = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff]")
_IGNORED: Final = frozenset(
    b"re f f* F n w J j M d ri i gs m l c v y h S s B B* b b* W W* g G rg RG k K cs CS sc scn SC"
    b" SCN Tc Tw Tz Ts Tr ET BMC BDC EMC MP DP".split()
)
_MOST_FONTS: Final = 24
"""Fonts of a document worth asking about; one with fonts of its own on every page is not simple."""

_PRINTABLE: Final = range(32, 127)

_Matrix = tuple[float, float, float, float, float, float]
_IDENTITY: Final[_Matrix] = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


class _NotSimpleError(Exception):
    """The page holds something this module leaves to pypdf."""


class QuickText:
    """Gives the text of simple pages of one document; remembers its fonts."""

    def __init__(self) -> None:
        """Start without any font known."""
        self._fonts: dict[tuple[int, int], _Codes] = {}

    def text_of(self, page: PageObject) -> str | None:
        """Return the text of a page as pypdf's plain mode has it, up to blanks at line ends.

        None when the page is not simple. Raises what pypdf raises on damaged streams.
        """
        contents = page.get_contents()
        if contents is None:
            return ""
        data = contents.get_data()
        try:
            return _Walk(self, page).run(data)
        except (_NotSimpleError, ValueError, TypeError, LookupError, AttributeError):
            return None

    def codes_of(self, page: PageObject, name: str) -> "_Codes":
        """Return the decoder of a font of a page; raise _NotSimpleError when it is not simple."""
        resources = page.get("/Resources")
        fonts = resources.get_object().get("/Font") if resources is not None else None
        fonts = fonts.get_object() if fonts is not None else None
        if not isinstance(fonts, DictionaryObject) or name not in fonts:
            raise _NotSimpleError
        reference = fonts.raw_get(name)
        if not isinstance(reference, IndirectObject):
            raise _NotSimpleError
        key = reference.idnum, reference.generation
        codes = self._fonts.get(key)
        if codes is None:
            font = reference.get_object()
            simple = isinstance(font, DictionaryObject) and font.get("/Subtype") in {
                "/Type1",
                "/TrueType",
            }
            if not simple or len(self._fonts) >= _MOST_FONTS:
                raise _NotSimpleError
            codes = self._fonts[key] = _Codes(reference)
        return codes


class _Codes:
    """What each code of one simple font means, as pypdf says."""

    def __init__(self, font: IndirectObject) -> None:
        """Know nothing yet of the font."""
        self._font = font
        self._known: dict[int, str] = {}
        self._texts: dict[bytes, str] = {}

    def text(self, string: bytes) -> str:
        """Return the text of a string of this font."""
        found = self._texts.get(string)
        if found is None:
            new = set(string) - self._known.keys()
            if new:
                self._learn_all(new)
            found = "".join([self._known[code] for code in string])
            if len(self._texts) < 4096:
                self._texts[string] = found
        return found

    def _learn_all(self, codes: set[int]) -> None:
        """Learn some codes; the first time all of printable ASCII with them, when that goes."""
        if not self._known:
            try:
                self._learn(sorted(codes.union(_PRINTABLE)))
            except _NotSimpleError:
                self._learn(sorted(codes))
        else:
            self._learn(sorted(codes))

    def _learn(self, codes: list[int]) -> None:
        """Ask pypdf for the text of some codes, each alone and all in a row.

        Raises _NotSimpleError when the whole is not the sum of the parts, or a code means nothing,
        a line break or right-to-left text.
        """
        alone = self._extracted([bytes([code]) for code in codes])
        together = self._extracted([bytes(codes)])
        if (
            len(alone) != len(codes)
            or together != ["".join(alone)]
            or _RIGHT_TO_LEFT.search(together[0])
            or not all(alone)
        ):
            raise _NotSimpleError
        self._known.update(zip(codes, alone, strict=True))

    def _extracted(self, strings: list[bytes]) -> list[str]:
        """Return the lines of a page made of these strings, one below the other."""
        page = PageObject.create_blank_page(width=100, height=100)
        fonts = DictionaryObject({NameObject("/F"): self._font})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        stream = DecodedStreamObject()
        rows = [
            b"BT /F 10 Tf 1 0 0 1 0 %d Tm <%s> Tj ET" % (-50 * row, string.hex().encode())
            for row, string in enumerate(strings)
        ]
        stream.set_data(b"\n".join(rows))
        page[NameObject("/Contents")] = stream
        return page.extract_text().split("\n")


class _Walk:
    """One content stream: the state of its text, and the text so far."""

    def __init__(self, quick: QuickText, page: PageObject) -> None:
        """Stand at the start of the page."""
        self._quick = quick
        self._page = page
        self._fonts: dict[bytes, tuple[_Codes, float]] = {}
        self._codes: _Codes | None = None
        self._parts: list[str] = []
        self._last = ""
        self._size = 12.0
        self._height = 0.0
        self._leading = 0.0
        self._cm: _Matrix = _IDENTITY
        self._tm: _Matrix = _IDENTITY
        self._at: _Matrix = _IDENTITY
        self._span: tuple[float, float] | None = None
        self._maybe_blank = False
        self._stack: list[tuple[_Matrix, _Codes | None, float, float]] = []

    def run(self, data: bytes) -> str:
        """Return the text of the stream."""
        for match in _OPERATION.finditer(data):
            operands, operator = match.groups()
            if operator is None:
                if data[match.start() :].strip(_BLANKS):
                    raise _NotSimpleError
                break
            if operator not in _IGNORED:
                self._do(operator, operands)
        return "".join(self._parts)

    def _do(self, operator: bytes, operands: bytes) -> None:  # noqa: PLR0912 - one case each
        """Carry out one operation that matters to text."""
        match operator:
            case b"Tm":
                self._tm = _matrix(operands)
                self._moved()
            case b"Tj":
                self._show(operands)
            case b"T*":
                self._move(0.0, -self._leading)
            case b"Tf":
                self._set_font(operands)
            case b"BT":
                self._tm = _IDENTITY
            case b"TL":
                self._leading = _number(operands)
            case b"Td" | b"TD":
                tx, ty = (_number(each) for each in operands.split())
                if operator == b"TD":
                    self._leading = -ty
                self._move(tx, ty)
            case b"TJ":
                self._show(operands.strip()[1:-1])
            case b"'":
                self._move(0.0, -self._leading)
                self._show(operands)
            case b"q":
                self._stack.append((self._cm, self._codes, self._size, self._leading))
            case b"Q" if self._stack:
                self._cm, self._codes, self._size, self._leading = self._stack.pop()
            case b"cm":
                self._cm = _product(_matrix(operands), self._cm)
            case b"Do":
                self._draw(operands)
            case _:
                raise _NotSimpleError

    def _set_font(self, operands: bytes) -> None:
        """Take a font of the page and a size."""
        font = self._fonts.get(operands)
        if font is None:
            name, size = operands.split()
            codes = self._quick.codes_of(self._page, name.decode("ascii", "replace"))
            font = self._fonts[operands] = codes, _number(size)
        self._codes, self._size = font

    def _draw(self, operands: bytes) -> None:
        """Pass over a picture, which ends a line."""
        name = operands.strip().decode("ascii", "replace")
        resources = cast("DictionaryObject", self._page["/Resources"].get_object())
        pictures = resources.get("/XObject")
        picture = pictures.get_object().get(name) if pictures is not None else None
        if picture is None or picture.get_object().get("/Subtype") != "/Image":
            raise _NotSimpleError
        if self._last not in ("", "\n"):
            self._parts.append("\n")
            self._last = "\n"

    def _move(self, tx: float, ty: float) -> None:
        """Move the start of the line by an offset in text space."""
        a, b, c, d, e, f = self._tm
        self._tm = (a, b, c, d, e + tx * a + ty * c, f + tx * b + ty * d)
        self._moved()

    def _moved(self) -> None:
        """Break the line, or not, after the position was set.

        The rule is pypdf's: a new line where the baseline leaves those of the current line by more
        than 0.8 of the text's height. On the same line, text to the right may or may not follow
        after a gap: only widths could tell.
        """
        before, now = self._at, _product(self._tm, self._cm)
        if now[3] <= 1e-6 or now[1] or now[2]:
            raise _NotSimpleError
        self._at = now
        axis = now[5]
        distance = abs(axis - before[5])
        threshold = 0.8 * min(self._height * abs(before[3]), self._size * now[3])
        if self._span is not None:
            low, high = self._span
            distance = 0.0 if low <= axis <= high else min(abs(axis - low), abs(axis - high))
        if distance > threshold:
            if self._last not in ("", "\n"):
                self._parts.append("\n")
                self._last = "\n"
            self._span = (axis, axis)
            self._maybe_blank = False
        else:
            self._stay(before, now, threshold)

    def _stay(self, before: _Matrix, now: _Matrix, threshold: float) -> None:
        """Go on within a line; raise _NotSimpleError when a width would have to decide."""
        axis = now[5]
        if self._last in ("", "\n"):
            if self._maybe_blank and self._span != (axis, axis):
                raise _NotSimpleError
            self._maybe_blank = self._maybe_blank or now[4] > before[4]
            self._span = (axis, axis)
            return
        if self._last != " " and (now[4] > before[4] or abs(axis - before[5]) > threshold):
            raise _NotSimpleError
        low, high = self._span or (axis, axis)
        self._span = (min(low, axis), max(high, axis))

    def _show(self, operands: bytes) -> None:
        """Add the strings among the operands; a gap between them would be a matter of width."""
        if self._codes is None or _product(self._tm, self._cm) != self._at:
            raise _NotSimpleError
        for match in _STRING.finditer(operands):
            literal, hexadecimal, number = match.groups()
            if number is not None:
                if number.startswith(b"-"):
                    raise _NotSimpleError
                continue
            string = _bytes(literal, hexadecimal)
            if string:
                text = self._codes.text(string)
                self._parts.append(text)
                self._last = text[-1]
                self._maybe_blank = False
        self._height = self._size


def _bytes(literal: bytes | None, hexadecimal: bytes | None) -> bytes:
    """Return the bytes of a string operand."""
    if literal is None:
        digits = b"".join((hexadecimal or b"").split())
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))
    if b"\\" in literal:
        literal = _ESCAPE.sub(_unescaped, literal)
    elif b"\r" in literal:
        raise _NotSimpleError
    return literal


def _unescaped(match: re.Match[bytes]) -> bytes:
    """Return what an escape in a literal string stands for."""
    octal, other = match.groups()
    if octal is not None:
        return bytes([int(octal, 8) & 255])
    if other in _NEWLINES:
        return b""
    return _ESCAPES.get(other, other)


def _number(text: bytes) -> float:
    """Return a number operand; raise _NotSimpleError when it is none."""
    try:
        return float(text)
    except ValueError:
        raise _NotSimpleError from None


def _matrix(operands: bytes) -> _Matrix:
    """Return six number operands; raise _NotSimpleError when they are not."""
    try:
        a, b, c, d, e, f = map(float, operands.split())
    except ValueError:
        raise _NotSimpleError from None
    return a, b, c, d, e, f


def _product(m: _Matrix, n: _Matrix) -> _Matrix:
    """Return the product of two transformation matrices."""
    if n == _IDENTITY:
        return m
    return (
        m[0] * n[0] + m[1] * n[2],
        m[0] * n[1] + m[1] * n[3],
        m[2] * n[0] + m[3] * n[2],
        m[2] * n[1] + m[3] * n[3],
        m[4] * n[0] + m[5] * n[2] + n[4],
        m[4] * n[1] + m[5] * n[3] + n[5],
    )
