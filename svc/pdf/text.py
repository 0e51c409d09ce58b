"""Bytes to the cells of each page: pypdf opens and checks the file, PDFium reads its pages.

Only ever called in a limited child process, or on files known to be harmless.
"""

import logging
import weakref
import zlib
from collections.abc import Iterator
from types import TracebackType
from typing import Any, BinaryIO, Final, Self

import pypdfium2.raw as pdfium
from pypdf import PdfReader
from pypdf.errors import (
    DependencyError,
    EmptyFileError,
    FileNotDecryptedError,
    LimitReachedError,
    WrongPasswordError,
)
from pypdf.filters import ASCII85Decode
from pypdf.generic import ArrayObject, DictionaryObject, StreamObject

from svc.pdf.cells import Rows, in_rows
from svc.pdf.letters import Letters, TooMuchTextError
from svc.pdf.refusals import (
    DAMAGED_PDF,
    EMPTY_FILE,
    ENCRYPTED_PDF,
    NOT_A_PDF,
    TOO_LARGE,
    TOO_MANY_PAGES,
    PdfRefusedError,
)
from svc.pdf.tree import PageTree

HEADER_WINDOW: Final = 1024
"""A PDF says so within its first bytes; readers have always allowed some before it."""

MAXIMUM_STREAM: Final = 100_000_000
"""Bytes that the contents of a page may have when unpacked."""


class PdfText:
    """An opened PDF whose pages give their cells one by one."""

    def __init__(self, stream: BinaryIO, maximum_pages: int) -> None:
        """Open the PDF in `stream`; raise PdfRefusedError when it cannot be used at all.

        Both libraries must find the same number of pages.
        """
        check_header(stream)
        with _Warnings() as warnings:
            self._reader = open_pdf(stream)
            self._tree = _tree(self._reader)
            self.page_count = self._tree.count
            self.warnings = warnings.drain()
        if self.page_count == 0:
            raise PdfRefusedError(DAMAGED_PDF, "The PDF has no pages.")
        if self.page_count > maximum_pages:
            message = f"The PDF has {self.page_count} pages; {maximum_pages} are allowed."
            raise PdfRefusedError(TOO_MANY_PAGES, message)
        self._checked: set[tuple[int, int]] = set()
        self._document = _Document(stream)
        found = self._document.page_count
        if found != self.page_count:
            message = f"The PDF is damaged: it has {self.page_count} pages or {found}."
            raise PdfRefusedError(DAMAGED_PDF, message)

    def pages(self, start: int, stop: int) -> Iterator[tuple[int, Rows, tuple[str, ...]]]:
        """Yield number (from 1), rows of cells and library warnings of the pages `start` to `stop`.

        `stop` is the last page. Raises PdfRefusedError when a page cannot be read.
        """
        with _Warnings() as warnings:
            for number in range(start, stop + 1):
                try:
                    _check_streams(*self._tree.page(number), self._checked)
                    rows = self._document.rows(number)
                except Exception as error:  # pypdf raises other classes on damage
                    raise refusal_of(error, number) from error
                yield number, rows, warnings.drain()


class _Document:
    """A document as PDFium has it."""

    def __init__(self, stream: BinaryIO) -> None:
        """Load it; raise PdfRefusedError when PDFium does not."""
        stream.seek(0)
        data = stream.read()
        self._handle = pdfium.FPDF_LoadMemDocument64(data, len(data), None)
        if not self._handle:
            raise PdfRefusedError(DAMAGED_PDF, "The PDF is damaged and cannot be read.")
        weakref.finalize(self, _close, self._handle, data)
        self.page_count = int(pdfium.FPDF_GetPageCount(self._handle))
        self._letters = Letters()

    def rows(self, number: int) -> Rows:
        """Return the rows of a page (from 1). Raises ValueError when it cannot be loaded."""
        page = pdfium.FPDF_LoadPage(self._handle, number - 1)
        if not page:
            raise ValueError("no page")
        try:
            return in_rows(self._letters.runs(page))
        finally:
            pdfium.FPDF_ClosePage(page)


def _close(handle: pdfium.FPDF_DOCUMENT, _data: bytes) -> None:
    """Give the memory of a document back; the bytes it reads must live until here."""
    pdfium.FPDF_CloseDocument(handle)


def _check_streams(
    page: DictionaryObject,
    inherited: Any,  # noqa: ANN401 - whatever stands in a file
    checked: set[tuple[int, int]],
) -> None:
    """Raise ValueError when a packed stream the text of a page hangs on is damaged.

    PDFium would go on with what it can unpack of it, and rows would be missing in silence.
    """
    pending: list[Any] = [page.get("/Contents")]
    pending.append(page.get("/Resources", inherited))
    while pending:
        found = pending.pop()
        reference = getattr(found, "indirect_reference", None)
        found = found.get_object() if found is not None else None
        reference = reference or getattr(found, "indirect_reference", None)
        if reference is not None:
            key = reference.idnum, reference.generation
            if key in checked:
                continue
            checked.add(key)
        if isinstance(found, ArrayObject):
            pending += list(found)
        elif isinstance(found, StreamObject):
            _check_stream(found)
        if isinstance(found, DictionaryObject):
            if found.get("/Subtype") == "/Image":
                continue
            pending += [found.raw_get(name) for name in _FOLLOWED & found.keys()]
            for kind in ("/Font", "/XObject"):
                named = found.get(kind)
                named = named.get_object() if named is not None else None
                if isinstance(named, DictionaryObject):
                    pending += [named.raw_get(name) for name in named]


_FOLLOWED: Final = frozenset({"/ToUnicode", "/Encoding", "/DescendantFonts", "/Resources"})
"""Keys of a font or form behind which the meaning of text stands."""


def _check_stream(stream: StreamObject) -> None:
    """Raise ValueError when what is packed does not have the checksum it says it has."""
    filters = stream.get("/Filter")
    names = filters if isinstance(filters, ArrayObject) else [filters]
    data = stream._data
    for name in names:
        if name in ("/ASCII85Decode", "/A85"):
            data = from_base85(data)
        elif name in ("/FlateDecode", "/Fl"):
            unpacker = zlib.decompressobj()
            try:
                unpacked = unpacker.decompress(data, MAXIMUM_STREAM)
            except zlib.error as error:
                raise ValueError("a damaged stream") from error
            if unpacker.unconsumed_tail:
                raise LimitReachedError("a stream of more than 100 MB")
            if not unpacker.eof:
                raise ValueError("a stream that ends too early")
            data = unpacked
        else:
            return


def from_base85(data: bytes) -> bytes:
    """Return the bytes that ASCII base-85 stands for; raise ValueError when it is none.

    All groups of five letters at once, as the five bytes each of one long number: the library
    takes letter by letter, a fifth of the time of a page.
    """
    letters = data.translate(None, b"\0\t\n\x0b\f\r ").removesuffix(b"~>")
    if b"z" in letters or letters.startswith(b"<~") or not letters:
        return ASCII85Decode.decode(data)
    if letters.translate(None, _BASE85):
        raise ValueError("not base-85")
    missing = -len(letters) % 5
    digits = (letters + b"u" * missing).translate(_DIGITS)
    number, group = 0, bytearray(len(digits))
    for place in range(5):
        group[4::5] = digits[place::5]
        number = number * 85 + int.from_bytes(group)
    unpacked = bytearray(number.to_bytes(len(digits)))
    if any(unpacked[::5]):
        raise ValueError("not base-85")
    del unpacked[::5]
    return bytes(unpacked[: len(unpacked) - missing])


_FIRST: Final = 33
_BASE85: Final = bytes(range(_FIRST, _FIRST + 85))
_DIGITS: Final = bytes((letter - _FIRST) % 256 for letter in range(256))


def check_header(stream: BinaryIO) -> None:
    """Raise PdfRefusedError when the stream is empty or does not begin like a PDF."""
    stream.seek(0)
    first = stream.read(HEADER_WINDOW)
    if not first:
        raise PdfRefusedError(EMPTY_FILE, "The file is empty.")
    if b"%PDF-" not in first:
        raise PdfRefusedError(NOT_A_PDF, "The file is not a PDF, whatever its name says.")
    stream.seek(0)


def open_pdf(stream: BinaryIO) -> PdfReader:
    """Return a reader of the stream; raise PdfRefusedError when there is none to be had.

    A file that only has an owner password opens with the empty user password and is accepted.
    """
    try:
        reader = PdfReader(stream, strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise _encrypted()
    except PdfRefusedError:
        raise
    except Exception as error:  # pypdf raises other classes on damage
        raise refusal_of(error, None) from error
    return reader


def _tree(reader: PdfReader) -> PageTree:
    """Return the page tree; raise PdfRefusedError when it contradicts itself.

    A file that says it has more pages than can be found has lost some.
    """
    try:
        tree = PageTree(reader.root_object["/Pages"])
    except Exception as error:  # pypdf raises other classes on damage
        raise refusal_of(error, None) from error
    if tree.said not in (None, tree.count):
        message = (
            f"The PDF is damaged: it should have {tree.said} pages and {tree.count} can be found."
        )
        raise PdfRefusedError(DAMAGED_PDF, message)
    return tree


def _encrypted() -> PdfRefusedError:
    """Return the refusal of a file that asks for a password."""
    message = "The PDF is encrypted. Save it without a password and try again."
    return PdfRefusedError(ENCRYPTED_PDF, message)


def refusal_of(error: BaseException, page: int | None) -> PdfRefusedError:
    """Return why an error of the library, or running out of memory or stack, ends the reading."""
    if isinstance(error, PdfRefusedError):
        return error
    where = "The PDF" if page is None else f"Page {page} of the PDF"
    if isinstance(error, EmptyFileError):
        return PdfRefusedError(EMPTY_FILE, "The file is empty.")
    if isinstance(error, FileNotDecryptedError | WrongPasswordError | DependencyError):
        return _encrypted()
    if isinstance(error, TooMuchTextError):
        return PdfRefusedError(TOO_LARGE, f"{where} holds too much text.")
    if isinstance(error, LimitReachedError | MemoryError):
        return PdfRefusedError(TOO_LARGE, f"{where} needs more memory than any report does.")
    return PdfRefusedError(DAMAGED_PDF, f"{where} is damaged and cannot be read.")


class _Warnings(logging.Handler):
    """Collects what the library logs while it works, instead of printing it."""

    MOST: Final = 20
    """Complaints kept for one page."""

    def __init__(self) -> None:
        """Listen for warnings and worse."""
        super().__init__(logging.WARNING)
        self._messages: list[str] = []
        self._logger = logging.getLogger("pypdf")

    def __enter__(self) -> Self:
        """Begin to listen; nothing reaches other handlers."""
        self._propagates = self._logger.propagate
        self._logger.addHandler(self)
        self._logger.propagate = False
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop listening."""
        self._logger.removeHandler(self)
        self._logger.propagate = self._propagates

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one message."""
        if len(self._messages) < self.MOST:
            self._messages.append(record.getMessage()[:200])

    def drain(self) -> tuple[str, ...]:
        """Return the messages since the last call."""
        messages, self._messages = tuple(self._messages), []
        return messages
