"""Bytes to the plain text of each page, with pypdf.

Only ever called in a limited child process, or on files known to be harmless.
"""

import logging
from collections.abc import Iterator
from types import TracebackType
from typing import BinaryIO, Final, Self, cast

from pypdf import PdfReader
from pypdf.errors import (
    DependencyError,
    EmptyFileError,
    FileNotDecryptedError,
    LimitReachedError,
    WrongPasswordError,
)
from pypdf.generic import DictionaryObject, NumberObject

from svc.pdf.quick import QuickText
from svc.pdf.refusals import (
    DAMAGED_PDF,
    EMPTY_FILE,
    ENCRYPTED_PDF,
    NOT_A_PDF,
    TOO_LARGE,
    TOO_MANY_PAGES,
    PdfRefusedError,
)

HEADER_WINDOW: Final = 1024
"""A PDF says so within its first bytes; readers have always allowed some before it."""


class PdfText:
    """An opened PDF whose pages give their text one by one."""

    def __init__(self, stream: BinaryIO, maximum_pages: int) -> None:
        """Open the PDF in `stream`; raise PdfRefusedError when it cannot be used at all."""
        check_header(stream)
        self._quick = QuickText()
        with _Warnings() as warnings:
            self._reader = open_pdf(stream)
            self.page_count = _count(self._reader)
            self.warnings = warnings.drain()
        if self.page_count == 0:
            raise PdfRefusedError(DAMAGED_PDF, "The PDF has no pages.")
        if self.page_count > maximum_pages:
            message = f"The PDF has {self.page_count} pages; {maximum_pages} are allowed."
            raise PdfRefusedError(TOO_MANY_PAGES, message)

    def pages(self, start: int, stop: int) -> Iterator[tuple[int, str, tuple[str, ...]]]:
        """Yield number (from 1), text and library warnings of the pages `start` to `stop`.

        `stop` is the last page. Raises PdfRefusedError when a page cannot be read.
        """
        with _Warnings() as warnings:
            for number in range(start, stop + 1):
                try:
                    page = self._reader.pages[number - 1]
                    text = self._quick.text_of(page)
                    if text is None:
                        text = page.extract_text()
                except Exception as error:  # pypdf raises other classes on damage
                    raise refusal_of(error, number) from error
                yield number, text, warnings.drain()


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


def _count(reader: PdfReader) -> int:
    """Return the number of pages; raise PdfRefusedError when the page tree contradicts itself.

    A file that says it has more pages than can be found has lost some.
    """
    try:
        found = len(reader.pages)
        tree = cast("DictionaryObject", reader.root_object["/Pages"].get_object())
        said = tree.get("/Count", NumberObject(found)).get_object()
    except Exception as error:  # pypdf raises other classes on damage
        raise refusal_of(error, None) from error
    if said != found:
        message = f"The PDF is damaged: it should have {said} pages and {found} can be found."
        raise PdfRefusedError(DAMAGED_PDF, message)
    return found


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
