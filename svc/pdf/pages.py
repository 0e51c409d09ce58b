"""The text of one page becomes one `PageResult`; what kind of page it is shows in its labels."""

from svc.pdf.lines import PageLines
from svc.pdf.model import Notice, PageKind, PageResult
from svc.pdf.receipts_page import looks_like_receipt, read_receipt
from svc.pdf.report_page import (
    REPORT_TOTALS,
    SUMMARY_HEADS,
    find_employee_label,
    find_heads,
    header_start,
    read_card_page,
    read_parameters,
    read_summary,
)
from svc.pdf.values import clean_text, mask_cards


def page_kind(lines: PageLines) -> PageKind:
    """Return what a page is, from its labels alone; `parameters` is told apart later."""
    if not len(lines):
        return "blank"
    if looks_like_receipt(lines):
        return "receipt"
    if find_employee_label(lines) is not None:
        return "card"
    has_totals = any(label.startswith(REPORT_TOTALS) for label in lines.labels)
    if has_totals or find_heads(lines, 0, SUMMARY_HEADS) is not None:
        return "summary"
    return "other"


def read_page(page: int, raw_text: str, warnings: tuple[str, ...] = ()) -> PageResult:
    """Return everything page `page` (from 1) holds, its text cleaned and masked first.

    `warnings` are what the PDF library complained about; they become notices.
    """
    text, full_cards = mask_cards(clean_text(raw_text))
    lines = PageLines(page, text)
    kind = page_kind(lines)
    notices = tuple(Notice("pdf_warning", page, None, warning) for warning in warnings)
    result = PageResult(page, kind, text, notices=notices)
    fields: dict[str, object] = {}
    if kind == "receipt":
        fields["receipt"], fields["unread_reason"] = read_receipt(lines)
    elif kind == "card":
        fields |= _read_card(lines, full_cards)
    elif kind == "summary":
        fields["summary"] = read_summary(lines)
    elif kind == "other":
        parameters = read_parameters(lines, len(lines))
        if parameters is not None:
            fields |= {"kind": "parameters", "parameters": parameters}
    loose = () if kind == "summary" else lines.loose()
    return _replaced(result, fields | {"loose": loose})


def _read_card(lines: PageLines, full_cards: frozenset[str]) -> dict[str, object]:
    """Return the fields of a page with a header block, and of a summary that starts on it."""
    label = find_employee_label(lines)
    start = header_start(lines, label) if label is not None else 0
    fields: dict[str, object] = {"parameters": read_parameters(lines, start)}
    card = read_card_page(lines, full_cards)
    fields["card"] = card
    if card.header.card_number is None:
        fields["unread_reason"] = "the page has a header block without a card number"
    elif card.header.employee_id is None and card.header.cardholder_name is None:
        fields["unread_reason"] = "the page has a header block without a person"
    heading = find_heads(lines, start, SUMMARY_HEADS)
    if heading is not None:
        lines.take(heading[0], len(lines))
        fields["summary"] = read_summary(lines)
    return fields


def _replaced(result: PageResult, fields: dict[str, object]) -> PageResult:
    """Return the result with some fields set; the names are checked by the class."""
    values = {name: getattr(result, name) for name in PageResult.__slots__}
    return PageResult(**(values | fields))
