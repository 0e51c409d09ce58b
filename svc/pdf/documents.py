"""All pages of a document become a report or a bundle of receipts, or the document is refused."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from svc.pdf.model import Document, Kind, Notice, Page, PageResult
from svc.pdf.receipts import build_receipts
from svc.pdf.refusals import NO_TEXT, WRONG_REPORT, PdfRefusedError
from svc.pdf.report import build_report
from svc.pdf.sheet import PAGE_NUMBER

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
    built = build_report(results) if expected == "car" else build_receipts(results)
    document = replace(built, pages=_without_footer_pages(built.pages))
    notices = [Notice("pdf_warning", None, None, warning) for warning in warnings]
    notices += [
        Notice("blank_page", page.page, None, "the page holds no text; a scan would not be read")
        for page in document.pages
        if page.reason == "blank"
    ]
    return replace(document, notices=(*notices, *document.notices))


def _without_footer_pages(pages: Sequence[Page]) -> tuple[Page, ...]:
    """Return the ledger with pages skipped that hold nothing but the footers of other pages."""
    footers = {
        loose.text
        for page in pages
        if page.status == "used"
        for loose in page.loose
        if loose.place != "inside"
    }
    return tuple(
        replace(page, status="skipped", reason="footer only")
        if page.status == "unread" and _is_only(page, footers)
        else page
        for page in pages
    )


def _is_only(page: Page, footers: set[str]) -> bool:
    """Tell whether a page holds page numbers and these texts and nothing else."""
    texts = [text for text in page.text.split("\n") if text]
    return bool(texts) and all(PAGE_NUMBER.fullmatch(text) or text in footers for text in texts)


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
