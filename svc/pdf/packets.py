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
from typing import IO, Any, BinaryIO, Final, cast

from pypdf import PdfReader, PdfWriter

from svc.pdf.limits import apply_limits
from svc.pdf.text import open_pdf

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
    """One person's pages: (index of the document, page from 1) in order, and what it is called."""

    folder: str
    file_name: str
    about: dict[str, Any]
    pages: list[tuple[int, int]]


class Documents:
    """The PDFs the pages come from."""

    def __init__(self, descriptors: list[int]) -> None:
        """Open them; a file that cannot be read raises PdfRefusedError."""
        self._readers: list[PdfReader] = []
        for descriptor in descriptors:
            content = mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)
            self._readers.append(open_pdf(cast("BinaryIO", content)))

    def packet(self, packet: Packet) -> bytes:
        """Return the packet as a PDF."""
        writer = PdfWriter()
        for document, number in packet.pages:
            page = self._readers[document].pages[number - 1]
            for key in [key for key in page if key not in KEPT]:
                del page[key]
            writer.add_page(page, excluded_keys=DROPPED)
        result = io.BytesIO()
        writer.write(result)
        return result.getvalue()


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
    with zipfile.ZipFile(cast("IO[bytes]", Unseekable(target)), "w", zipfile.ZIP_STORED) as archive:
        for packet in packets:
            content = documents.packet(packet)
            path = f"{packet.folder}/{packet.file_name}"
            archive.writestr(zipfile.ZipInfo(path), content)
            target.flush()
            checksum = hashlib.sha256(content).hexdigest()
            listed.append({**packet.about, "file": path, "sha256": checksum, "size": len(content)})
        manifest = {**about, "packets": listed}
        text = json.dumps(manifest, indent=2, ensure_ascii=True).encode()
        archive.writestr(zipfile.ZipInfo(MANIFEST), text)
        archive.writestr(zipfile.ZipInfo(TABLE), table_of(listed))
    target.flush()


def table_of(listed: list[dict[str, Any]]) -> str:
    """Return the packets as CSV: person, file, status, number of pages, SHA-256.

    Names are letters and checksums hex: nothing that a spreadsheet would take for a formula.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["person", "file", "status", "pages", "sha256"])
    writer.writerows(
        [each["employee_name"], each["file"], each["status"], len(each["pages"]), each["sha256"]]
        for each in listed
    )
    return text.getvalue()


def main() -> None:
    """Carry out the order on standard input."""
    order = json.load(sys.stdin)
    apply_limits(order["address_space"], order["resident"], order["cpu_seconds"])
    answers = os.fdopen(os.dup(1), "wb")
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    documents = Documents(order["descriptors"])
    packets = [
        Packet(each["folder"], each["file_name"], each["about"], [(d, n) for d, n in each["pages"]])
        for each in order["packets"]
    ]
    if order["about"] is None:
        answers.write(documents.packet(packets[0]))
    else:
        write_zip(documents, packets, order["about"], answers)
    answers.close()


if __name__ == "__main__":
    main()
