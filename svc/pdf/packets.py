"""The child process that puts packets together: pages of the stored PDFs, and nothing else of them.

Started by `svc/packets.py` as `python -m svc.pdf.packets`, the order as JSON on standard input and
the PDFs as open files; writes one PDF, or a ZIP of all with a manifest, to its standard output as
it goes. Of a page only its drawing is taken: no scripts, actions, annotations or attachments.
Knows neither HTTP nor SQL.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import mmap
import os
import sys
import zipfile
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, BinaryIO, Final, cast

from pypdf import PageObject, PdfReader, PdfWriter

from svc.pdf.attachments import missing_page, open_attachment
from svc.pdf.limits import apply_limits
from svc.pdf.refusals import DAMAGED_PDF, EMPTY_FILE, PdfRefusedError
from svc.pdf.text import open_pdf

if TYPE_CHECKING:
    from collections.abc import Sequence

KEPT: Final = frozenset(
    {
        "/Type",
        "/Parent",
        "/MediaBox",
        "/CropBox",
        "/Rotate",
        "/UserUnit",
        "/Resources",
        "/Contents",
        "/Group",
    }
)
"""What a page keeps; an action, an annotation or an attached file hangs on other keys."""

DROPPED: Final = ("/AA", "/AF", "/EF", "/JS", "/Metadata", "/OPI", "/PieceInfo", "/Ref")
"""Keys that are left out at any depth below a page."""

MANIFEST: Final = "manifest.json"
TABLE: Final = "manifest.csv"
"""The same for spreadsheets: a row for each packet."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One person's pages in order, and what it is called.

    A page is whether it was attached, index of the document, and number from 1; null: all pages.
    """

    folder: str
    file_name: str
    about: dict[str, Any]
    pages: list[tuple[bool, int, int | None]]


class Documents:
    """The PDFs the pages come from."""

    def __init__(
        self, descriptors: list[int], scans: int, attached: Sequence[tuple[int, int]]
    ) -> None:
        """Open them; a file that cannot be read raises PdfRefusedError.

        `scans` has the attached files one after the other, `attached` says from where to where.
        """
        self._readers: list[PdfReader] = []
        self._scans, self._attached = scans, attached
        for descriptor in descriptors:
            content = mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)
            self._readers.append(open_pdf(cast("BinaryIO", content)))

    def packet(self, packet: Packet) -> tuple[bytes, int]:
        """Return the packet as a PDF, and its number of pages."""
        writer = PdfWriter()
        for is_attached, document, number in packet.pages:
            if is_attached:
                self._add_attached(writer, document)
            elif number is not None:
                _add(writer, self._readers[document].pages[number - 1])
        result = io.BytesIO()
        writer.write(result)
        return result.getvalue(), len(writer.pages)

    def attachment(self, number: int) -> PdfReader:
        """Return the pages of an attached file; raise PdfRefusedError."""
        begin, end = self._attached[number]
        if begin == end:
            raise PdfRefusedError(EMPTY_FILE, "It is not kept any more.")
        return open_attachment(os.pread(self._scans, end - begin, begin))

    def _add_attached(self, writer: PdfWriter, number: int) -> None:
        """Add all pages of an attached file, or one that says why they are not here."""
        before = len(writer.pages)
        try:
            for page in self.attachment(number).pages:
                _add(writer, page)
        except Exception as error:  # one file that breaks the libraries hides no other
            why = error.message if isinstance(error, PdfRefusedError) else "It is damaged."
            shown = len(writer.pages) - before
            words = f"A file was attached here of which {shown} pages can be shown.\n{why}"
            _add(writer, missing_page(words).pages[0])


def check(documents: Documents) -> dict[str, str | None]:
    """Tell why the first attached file cannot be shown: code and message, both null when it can."""
    try:
        writer = PdfWriter()
        for page in documents.attachment(0).pages:
            _add(writer, page)
        writer.write(io.BytesIO())
    except PdfRefusedError as error:
        return {"code": error.code, "message": error.message}
    except Exception:  # the libraries raise whatever a broken file makes them
        return {"code": DAMAGED_PDF, "message": "The file is damaged."}
    return {"code": None, "message": None}


def _add(writer: PdfWriter, page: PageObject) -> None:
    """Add the drawing of a page."""
    for key in [key for key in page if key not in KEPT]:
        del page[key]
    writer.add_page(page, excluded_keys=DROPPED)


class Unseekable(io.RawIOBase):
    """A stream that can only be written to, which tells a ZIP to be written in one go."""

    def __init__(self, target: IO[bytes]) -> None:
        """Write to `target`."""
        self._target = target

    def writable(self) -> bool:
        """Say yes."""
        return True

    def write(self, data: Any) -> int:  # noqa: ANN401 - any buffer
        """Pass the bytes on."""
        return self._target.write(data)

    def flush(self) -> None:
        """Pass it on."""
        self._target.flush()


def write_zip(documents: Documents, packets: list[Packet], about: Any, target: IO[bytes]) -> None:  # noqa: ANN401
    """Write all packets as they are done, then the manifest of pages and hashes, twice."""
    listed: list[dict[str, Any]] = []
    counted: list[int] = []
    with zipfile.ZipFile(cast("IO[bytes]", Unseekable(target)), "w", zipfile.ZIP_STORED) as archive:
        for packet in packets:
            content, pages = documents.packet(packet)
            path = f"{packet.folder}/{packet.file_name}"
            archive.writestr(zipfile.ZipInfo(path), content)
            target.flush()
            checksum = hashlib.sha256(content).hexdigest()
            listed.append({**packet.about, "file": path, "sha256": checksum, "size": len(content)})
            counted.append(pages)
        manifest = {**about, "packets": listed}
        text = json.dumps(manifest, indent=2, ensure_ascii=True).encode()
        archive.writestr(zipfile.ZipInfo(MANIFEST), text)
        archive.writestr(zipfile.ZipInfo(TABLE), table_of(listed, counted))
    target.flush()


def table_of(listed: list[dict[str, Any]], counted: list[int]) -> str:
    """Return the packets as CSV: person, file, status, number of pages, SHA-256.

    Names are letters and checksums hex: nothing that a spreadsheet would take for a formula.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["person", "file", "status", "pages", "sha256"])
    writer.writerows(
        [each["employee_name"], each["file"], each["status"], pages, each["sha256"]]
        for each, pages in zip(listed, counted, strict=True)
    )
    return text.getvalue()


def main() -> None:
    """Carry out the order on standard input."""
    order = json.load(sys.stdin)
    apply_limits(order["address_space"], order["resident"], order["cpu_seconds"])
    answers = os.fdopen(os.dup(1), "wb")
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    documents = Documents(order["descriptors"], order["scans"], order["attached"])
    packets = [
        Packet(
            each["folder"],
            each["file_name"],
            each["about"],
            [(a, d, n) for a, d, n in each["pages"]],
        )
        for each in order["packets"]
    ]
    if order.get("is_check"):
        answers.write(json.dumps(check(documents)).encode())
    elif order["about"] is None:
        answers.write(documents.packet(packets[0])[0])
    else:
        write_zip(documents, packets, order["about"], answers)
    answers.close()


if __name__ == "__main__":
    main()
