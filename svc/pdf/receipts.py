"""The pages of a Receipt report put together: one receipt a page, each page in the ledger."""

from collections.abc import Sequence

from svc.pdf.model import PARSER_VERSION, Notice, Page, PageResult, Receipt, ReceiptsDocument


def build_receipts(results: Sequence[PageResult]) -> ReceiptsDocument:
    """Return the receipts of all pages, in page order, each page accounted for in the ledger."""
    receipts: list[Receipt] = []
    pages: list[Page] = []
    notices: list[Notice] = []
    for result in results:
        notices += result.notices
        page = _ledger_line(result, len(receipts))
        if page.status == "used" and result.receipt is not None:
            receipts.append(result.receipt)
            notices += [
                Notice("unknown_line", page.page, loose.line, loose.text)
                for loose in page.loose
                if loose.doubtful
            ]
        pages.append(page)
    return ReceiptsDocument(
        kind="receipts",
        parser_version=PARSER_VERSION,
        page_count=len(results),
        receipts=tuple(receipts),
        pages=tuple(pages),
        notices=tuple(notices),
    )


def _ledger_line(result: PageResult, row: int) -> Page:
    """Return the ledger line of a page; `row` is the index its receipt would have."""
    number, text, loose = result.page, result.text, result.loose
    if result.receipt is not None and result.unread_reason is None:
        return Page(number, "used", row, None, text, loose)
    if result.kind == "blank":
        return Page(number, "skipped", None, "blank", text, loose)
    reason = result.unread_reason or (
        "not a receipt" if result.kind == "other" else "a page of the activity report"
    )
    return Page(number, "unread", None, reason, text, loose)
