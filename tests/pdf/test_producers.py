"""The small sample as other programs write it: the same values, or unknown ones, or a refusal.

Redrawn by whatever such program this machine has; other ways of drawing are in test_cases.py.
"""

import html
import io
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from svc.pdf import Kind, PdfRefusedError, ReceiptsDocument, ReportDocument, parse_here
from svc.pdf.text import PdfText
from tests.pdf.samples import DATA, truth
from tests.pdf.test_samples import charge_as_truth, mask, receipt_as_truth

KINDS: tuple[Kind, Kind] = ("car", "receipts")


def differences(data: bytes, kind: Kind) -> list[tuple[object, ...]] | None:
    """Return where a document differs from the truth of the small sample; None when refused."""
    try:
        document = parse_here(data, kind)
    except PdfRefusedError:
        return None
    if any(page.status == "unread" for page in document.pages):
        assert all(page.reason for page in document.pages if page.status == "unread")
        return None
    if isinstance(document, ReportDocument):
        return _differences(_charges(document), _true_charges())
    return _differences(_receipts(document), _true_receipts())


def _differences(
    found: dict[Any, dict[str, Any]], wanted: dict[Any, dict[str, Any]]
) -> list[tuple[object, ...]]:
    """Return key, field and both values of whatever is not the same."""
    different: list[tuple[object, ...]] = [(key, "row") for key in found.keys() ^ wanted.keys()]
    for key in found.keys() & wanted.keys():
        for field, value in wanted[key].items():
            if found[key][field] != value:
                different.append((key, field, found[key][field], value))
    return different


def _charges(document: ReportDocument) -> dict[Any, dict[str, Any]]:
    """Return the charges of a report by person and place."""
    people: dict[str | None, list[dict[str, Any]]] = {}
    for card in document.cards:
        rows = [charge_as_truth(card, charge) for charge in card.charges]
        people.setdefault(card.employee_id, []).extend(rows)
    return {(person, n): row for person, rows in people.items() for n, row in enumerate(rows)}


def _true_charges() -> dict[Any, dict[str, Any]]:
    """Return the charges of the small sample by person and place."""
    return {
        (person["employee_id"], n): row | {"card": mask(row["card"])}
        for person in truth("small")["employees"]
        for n, row in enumerate(person["transactions"])
    }


def _receipts(document: ReceiptsDocument) -> dict[Any, dict[str, Any]]:
    """Return the receipts of a report by page."""
    return {receipt.page: receipt_as_truth(receipt) for receipt in document.receipts}


def _true_receipts() -> dict[Any, dict[str, Any]]:
    """Return the receipts of the small sample by page."""
    unknowable = {"duplicate_of_page", "matches_transaction"}
    return {
        row["page"]: {name: value for name, value in row.items() if name not in unknowable}
        for person in truth("small")["employees"]
        for row in person["receipts"]
    }


# --- redrawn here --------------------------------------------------------------------------------


def _run(*command: str | Path, cwd: Path) -> None:
    """Run a program quietly; one that fails fails the test."""
    subprocess.run(
        [str(each) for each in command], check=True, cwd=cwd, capture_output=True, timeout=300
    )


def _ghostscript(source: Path, folder: Path) -> Path:
    """Write it again by Ghostscript."""
    target = folder / "gs.pdf"
    _run("gs", "-q", "-dBATCH", "-dNOPAUSE", "-sDEVICE=pdfwrite", f"-o{target}", source, cwd=folder)
    return target


def _postscript(source: Path, folder: Path) -> Path:
    """Write it as PostScript and that as PDF."""
    _run("gs", "-q", "-sDEVICE=ps2write", f"-o{folder / 'a.ps'}", source, cwd=folder)
    return _ghostscript(folder / "a.ps", folder)


def _cairo(source: Path, folder: Path) -> Path:
    """Write it by cairo: composite fonts with ToUnicode maps."""
    _run("pdftocairo", "-pdf", source, folder / "cairo.pdf", cwd=folder)
    return folder / "cairo.pdf"


def _mutool_convert(source: Path, folder: Path) -> Path:
    """Draw it anew by MuPDF."""
    _run("mutool", "convert", "-o", folder / "mu.pdf", source, cwd=folder)
    return folder / "mu.pdf"


def _mutool_clean(source: Path, folder: Path) -> Path:
    """Have MuPDF tidy it up."""
    _run("mutool", "clean", "-gggg", "-z", source, folder / "clean.pdf", cwd=folder)
    return folder / "clean.pdf"


def _linear(source: Path, folder: Path) -> Path:
    """Linearise it."""
    _run("qpdf", "--linearize", source, folder / "linear.pdf", cwd=folder)
    return folder / "linear.pdf"


def _object_streams(source: Path, folder: Path) -> Path:
    """Put its objects into streams."""
    _run("qpdf", "--object-streams=generate", source, folder / "packed.pdf", cwd=folder)
    return folder / "packed.pdf"


def _libreoffice(source: Path, folder: Path) -> Path:
    """Open it in LibreOffice Draw and export it."""
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    way = ("--infilter=draw_pdf_import", "--convert-to", "pdf:draw_pdf_Export")
    out = folder / "out"
    _run("soffice", "--headless", profile, *way, "--outdir", out, source, cwd=folder)
    return out / source.name


def _chromium(source: Path, folder: Path) -> Path:
    """Put its texts at their places on a web page and print that."""
    text = PdfText(io.BytesIO(source.read_bytes()), 1000)
    height, width = (612, 792) if source.name == "car.pdf" else (792, 612)
    parts = [
        f"<style>@page{{size:{width}pt {height}pt;margin:0}}body{{margin:0}}div{{position:relative;"
        f"width:{width}pt;height:{height}pt;overflow:hidden;break-after:page}}span{{position:"
        "absolute;white-space:pre;font-family:Liberation Sans,Arial,sans-serif}</style>"
    ]
    for _, rows, _ in text.pages(1, text.page_count):
        parts.append("<div>")
        parts += [
            f'<span style="left:{cell.x}pt;top:{height - cell.y - cell.size:.2f}pt;'
            f'font-size:{cell.size:.2f}pt">{html.escape(cell.text)}</span>'
            for row in rows
            for cell in row
        ]
        parts.append("</div>")
    (folder / "page.html").write_text("".join(parts), encoding="utf-8")
    flags = ("--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer")
    target = folder / "web.pdf"
    page = (folder / "page.html").as_uri()
    data = f"--user-data-dir={folder / 'chrome'}"
    _run("chromium", *flags, data, f"--print-to-pdf={target}", page, cwd=folder)
    return target


PRODUCERS: Final[dict[str, tuple[str, Callable[[Path, Path], Path]]]] = {
    "ghostscript": ("gs", _ghostscript),
    "postscript": ("gs", _postscript),
    "cairo": ("pdftocairo", _cairo),
    "mutool convert": ("mutool", _mutool_convert),
    "mutool clean": ("mutool", _mutool_clean),
    "linearised": ("qpdf", _linear),
    "object streams": ("qpdf", _object_streams),
    "libreoffice": ("soffice", _libreoffice),
    "chromium": ("chromium", _chromium),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("producer", PRODUCERS)
def test_the_sample_redrawn_is_right_or_refused(producer: str, kind: Kind, tmp_path: Path) -> None:
    """What differs is unknown; nothing is silently another value or another row."""
    program, redraw = PRODUCERS[producer]
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    found = differences(redraw(DATA / "small" / f"{kind}.pdf", tmp_path).read_bytes(), kind)
    assert not [each for each in found or [] if len(each) == 2 or each[2] is not None]
