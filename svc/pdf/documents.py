"""All pages of a document become a report or a bundle of receipts, or the document is refused."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from svc.pdf.model import Document, Kind, Notice, PageResult
from svc.pdf.receipts import build_receipts
from svc.pdf.refusals import NO_TEXT, WRONG_REPORT, PdfRefusedError
from svc.pdf.report import build_report

NAMES: Final[dict[Kind, str]] = {
    "car": "Cardholder Activity Report",
    "receipts": "Receipt report",
}


def build_document(
    results: Sequence[PageResult], expected: Kind, warnings: Sequence[str] = ()
) -> Document:
    """Return the document the pages make up.

    `warnings` are what the PDF library complained about before it came to a page.

    Raises PdfRefusedError: `no_text` for a scan, `wrong_report` when the pages are not of the
    expected kind; the message says which kind they look like.
    """
    found = document_kind(results)
    if found is None and all(result.kind == "blank" for result in results):
        message = "The PDF holds no text. It is probably a scan, and scans cannot be read."
        raise PdfRefusedError(NO_TEXT, message)
    if found != expected:
        raise wrong_report(expected, found)
    document = build_report(results) if expected == "car" else build_receipts(results)
    notices = [Notice("pdf_warning", None, None, warning) for warning in warnings]
    notices += [
        Notice("blank_page", page.page, None, "the page holds no text; a scan would not be read")
        for page in document.pages
        if page.reason == "blank"
    ]
    return replace(document, notices=(*notices, *document.notices))


def document_kind(results: Sequence[PageResult]) -> Kind | None:
    """Return the kind most pages speak for; a card's page and a receipt count, nothing else."""
    counts = Counter(result.kind for result in results)
    if not counts["card"] and not counts["receipt"]:
        return None
    return "car" if counts["card"] >= counts["receipt"] else "receipts"


def wrong_report(expected: Kind, found: Kind | None) -> PdfRefusedError:
    """Return the refusal of a document of another kind than expected."""
    looks = f"It looks like a {NAMES[found]}." if found else "It is neither of the two reports."
    return PdfRefusedError(WRONG_REPORT, f"The PDF is not a {NAMES[expected]}. {looks}")
