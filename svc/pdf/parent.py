"""Reads a PDF through limited child processes, its pages spread over the cores.

The parent never touches the PDF. It starts children, reads their answers as data, checks every row
of them, and puts the pages together.
"""

import dataclasses
import io
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, BinaryIO, Final, cast

from svc.pdf.child import ChildOrder, read_or_report
from svc.pdf.documents import build_document, wrong_report
from svc.pdf.limits import MEBIBYTE, Limits
from svc.pdf.model import Document, Kind, PageResult, from_plain
from svc.pdf.refusals import CODES, DAMAGED_PDF, EMPTY_FILE, GAVE_UP, TOO_LARGE, PdfRefusedError
from svc.pdf.text import PdfText, check_header

Progress = Callable[[int, int], None]
"""Called with pages done and pages in all (0: not known yet), now and then and at the end."""

SMALL_FILE: Final = 128 * 1024
"""Bytes up to which one child is faster than several: starting one costs about 15 pages."""

WRONG_PAGES: Final = 5
"""So many pages of the other kind before any of the expected one settle the matter."""

MAXIMUM_MESSAGE: Final = 32 * MEBIBYTE
_KEPT: Final = (
    "PATH",
    "LD_LIBRARY_PATH",
    "PYTHONHOME",
    "PYTHONDONTWRITEBYTECODE",
    "LANG",
    "LC_ALL",
)
_CHUNK: Final = 2**18
_SIGN_SECONDS: Final = 1.0
_ROOT: Final = Path(__file__).resolve().parents[2]


def parse_pdf(
    source: bytes | BinaryIO,
    expected: Kind,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> Document:
    """Return the document in `source`, bytes or a file with a descriptor.

    Raises PdfRefusedError when it cannot be used as `expected`. An error of `progress` ends the
    children and passes through; nothing is left running either way.
    """
    limits = limits or Limits()
    if not isinstance(source, bytes):
        return _parse_file(source, expected, limits, progress)
    with tempfile.TemporaryFile() as file:
        file.write(source)
        file.flush()
        return _parse_file(file, expected, limits, progress)


def parse_here(data: bytes, expected: Kind, limits: Limits | None = None) -> Document:
    """Return the document in `data`, read in this process: no limit but that of pages.

    For files that are known to be harmless: measurements and tests.
    """
    text = PdfText(io.BytesIO(data), (limits or Limits()).maximum_pages)
    results = [read_or_report(*each) for each in text.pages(1, text.page_count)]
    return build_document(results, expected, text.warnings)


def _parse_file(
    file: BinaryIO, expected: Kind, limits: Limits, progress: Progress | None
) -> Document:
    """Return the document in a file on disk."""
    size = file.seek(0, os.SEEK_END)
    if size == 0:
        raise PdfRefusedError(EMPTY_FILE, "The file is empty.")
    if size > limits.maximum_bytes:
        allowed = limits.maximum_bytes // MEBIBYTE
        message = f"The PDF has {size / MEBIBYTE:.1f} MiB; {allowed} are allowed."
        raise PdfRefusedError(TOO_LARGE, message)
    check_header(file)
    with _Reading(file, size, expected, limits, progress) as reading:
        results = reading.run()
    return build_document(results, expected, reading.warnings)


@dataclasses.dataclass(slots=True)
class _Child:
    """One running child and the part of a message it has sent so far."""

    process: "subprocess.Popen[bytes]"
    answers: IO[bytes]
    rest: bytes = b""
    done: bool = False


class _Reading:
    """One document being read: its children, the pages so far, the clock."""

    def __init__(
        self,
        file: BinaryIO,
        size: int,
        expected: Kind,
        limits: Limits,
        progress: Progress | None,
    ) -> None:
        """Remember the task; `with` starts the children and ends them."""
        self._file = file
        self._expected = expected
        self._limits = limits
        self._progress = progress
        self._shares = limits.processes or (1 if size <= SMALL_FILE else usable_cores())
        self._children: list[_Child] = []
        self._results: dict[int, PageResult] = {}
        self._pages: int | None = None
        self.warnings: list[str] = []
        self._kinds = {"card": 0, "receipt": 0}
        self._last_page = time.monotonic()

    def __enter__(self) -> "_Reading":
        """Start one child for each share."""
        try:
            for share in range(self._shares):
                self._children.append(self._start(share))
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """End what still runs."""
        self._end()

    def _start(self, share: int) -> _Child:
        """Start a child with the file as its input, and of our environment only what it needs."""
        limits = self._limits
        order = ChildOrder(
            share=share,
            shares=self._shares,
            maximum_pages=limits.maximum_pages,
            address_space=limits.address_space,
            resident=max(limits.resident // self._shares, 160 * MEBIBYTE),
            cpu_seconds=int(limits.total_seconds) + 1,
            grace_seconds=limits.grace_seconds,
            page_seconds=limits.page_seconds,
        )
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "svc.pdf", json.dumps(dataclasses.asdict(order))],
            stdin=self._file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=child_environment(),
        )
        return _Child(process, cast("IO[bytes]", process.stdout))

    def _end(self) -> None:
        """Kill and reap every child."""
        for child in self._children:
            child.process.kill()
            child.process.wait()
            child.answers.close()

    def run(self) -> list[PageResult]:
        """Return all pages in order; raise PdfRefusedError when a child refuses or was ended."""
        with selectors.DefaultSelector() as selector:
            for child in self._children:
                selector.register(child.answers, selectors.EVENT_READ, child)
            while selector.get_map():
                if time.monotonic() - self._last_page > self._limits.patience_seconds:
                    raise self._too_slow()
                for key, _ in selector.select(_SIGN_SECONDS):
                    data = os.read(key.fd, _CHUNK)
                    if data:
                        self._receive(key.data, data)
                    else:
                        selector.unregister(key.fileobj)
                        self._check_end(key.data)
                self._tell()
        return self._complete()

    def _tell(self) -> None:
        """Tell how many pages are done."""
        if self._progress is not None:
            self._progress(len(self._results), self._pages or 0)

    def _too_slow(self) -> PdfRefusedError:
        """Return that the document could not be read in time: the machine's fault, not its own."""
        done = len(self._results)
        message = f"The machine is too busy to read the PDF ({done} pages were read). Try again."
        return PdfRefusedError(GAVE_UP, message, may_pass=True)

    def _receive(self, child: _Child, data: bytes) -> None:
        """Take in what a child has written; a message may be cut anywhere."""
        *messages, child.rest = (child.rest + data).split(b"\n")
        if len(child.rest) > MAXIMUM_MESSAGE:
            raise _nonsense()
        for message in messages:
            self._take(child, message)

    def _take(self, child: _Child, message: bytes) -> None:
        """Take one message in, as data that nobody vouches for."""
        try:
            content = json.loads(message)
        except (ValueError, RecursionError) as error:
            raise _nonsense() from error
        match content:
            case {"refused": [str(code), str(reason)]} if code in CODES:
                raise PdfRefusedError(code, reason)
            case {"pages": int(pages), "warnings": [*warnings]} if self._may_have(pages):
                self._pages = pages
                self.warnings = [str(warning)[:200] for warning in warnings[:20]]
            case {"page": page}:
                self._take_page(page)
            case {"done": True}:
                child.done = True
            case _:
                raise _nonsense()

    def _may_have(self, pages: int) -> bool:
        """Tell whether a child may say that the document has so many pages."""
        known = self._pages in (None, pages)
        return known and type(pages) is int and 0 < pages <= self._limits.maximum_pages

    def _take_page(self, content: Any) -> None:  # noqa: ANN401 - any JSON value
        """Take one page in; refuse early when the pages speak for the other kind."""
        try:
            result = from_plain(PageResult, content)
        except ValueError as error:
            raise _nonsense() from error
        if not 1 <= result.page <= (self._pages or 0) or result.page in self._results:
            raise _nonsense()
        self._results[result.page] = result
        self._last_page = time.monotonic()
        if result.kind in self._kinds:
            self._kinds[result.kind] += 1
        right, wrong = self._kinds["card"], self._kinds["receipt"]
        if self._expected == "receipts":
            right, wrong = wrong, right
        if not right and wrong >= WRONG_PAGES:
            raise wrong_report(self._expected, "receipts" if self._expected == "car" else "car")

    def _check_end(self, child: _Child) -> None:
        """Raise PdfRefusedError when a child has ended before its work was done."""
        code = child.process.wait()
        if child.done:
            return
        if code in (-signal.SIGKILL, -signal.SIGTERM):
            message = "Reading the PDF was ended from outside. Try again."
            raise PdfRefusedError(GAVE_UP, message, may_pass=True)
        if code == -signal.SIGXCPU:
            message = "Reading the PDF takes more time than any report does."
            raise PdfRefusedError(TOO_LARGE, message)
        raise PdfRefusedError(DAMAGED_PDF, "The PDF is damaged and cannot be read.")

    def _complete(self) -> list[PageResult]:
        """Return the pages in order, all of them."""
        if self._pages is None or len(self._results) != self._pages:
            raise _nonsense()
        return [self._results[number] for number in range(1, self._pages + 1)]


def _nonsense() -> PdfRefusedError:
    """Return the refusal of a document whose reader answered something it must not."""
    return PdfRefusedError(DAMAGED_PDF, "The PDF is damaged: reading it gave no usable answer.")


def child_environment() -> dict[str, str]:
    """Return what a child may know of our environment: where Python is, and no secret."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | {"PYTHONPATH": str(_ROOT), "PYTHONUTF8": "1"}


def usable_cores() -> int:
    """Return the number of cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1
