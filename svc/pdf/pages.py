"""The cells of one page become one `PageResult`; what kind of page it is shows in its labels."""

import re
from dataclasses import replace
from typing import Final

from svc.pdf.cells import LOST, Rows
from svc.pdf.model import LooseLine, Notice, PageKind, PageResult, Receipt
from svc.pdf.receipts_labels import Candidates, candidates
from svc.pdf.receipts_page import looks_like_receipt, read_receipt
from svc.pdf.report_page import (
    REPORT_TOTALS,
    find_employee_label,
    find_summary,
    header_start,
    read_card_page,
    read_parameters,
    read_summary,
)
from svc.pdf.sheet import Sheet


def page_kind(sheet: Sheet, found: Candidates) -> PageKind:
    """Return what a page is, from its labels alone; `parameters` is told apart later.

    `found`: the labels of receipts that may be on it.
    """
    if not len(sheet):
        return "blank"
    if looks_like_receipt(found):
        return "receipt"
    if find_employee_label(sheet) is not None:
        return "card"
    has_totals = any(label.startswith(REPORT_TOTALS) for label in sheet.labels)
    return "summary" if has_totals or find_summary(sheet) is not None else "other"


def read_page(page: int, rows: Rows, warnings: tuple[str, ...] = ()) -> PageResult:
    """Return everything page `page` (from 1) holds, its text cleaned first.

    `warnings` are what the PDF library complained about; they become notices.
    """
    sheet = Sheet(page, rows)
    found = candidates(sheet)
    kind = page_kind(sheet, found)
    notices = [Notice("pdf_warning", page, None, warning) for warning in warnings]
    notices += [
        Notice("lost_letters", page, sheet.line(number), cell.text)
        for number, cell in enumerate(sheet.cells)
        if LOST in cell.text and kind in {"card", "receipt"}
    ]
    result = PageResult(page, kind, sheet.text, notices=tuple(notices))
    fields: dict[str, object] = {}
    if kind == "receipt":
        fields["receipt"], fields["unread_reason"] = read_receipt(sheet, found)
    elif kind == "card":
        fields |= _read_card(sheet)
    elif kind == "summary":
        fields["summary"] = read_summary(sheet)
    elif kind == "other":
        parameters = read_parameters(sheet, len(sheet.rows))
        if parameters is not None:
            fields |= {"kind": "parameters", "parameters": parameters}
    loose = () if kind == "summary" else sheet.loose()
    receipt = fields.get("receipt")
    if isinstance(receipt, Receipt):
        fields["receipt"] = _with_unread(receipt, sheet, loose)
    return _replaced(result, fields | {"loose": loose})


_NOT_OURS: Final = re.compile(r"(?!Receipts Notes)[A-Za-z][A-Za-z ]*: ?[A-Za-z ]+")
"""A label nobody knows with words behind it, in one cell."""


def _with_unread(receipt: Receipt, sheet: Sheet, loose: tuple[LooseLine, ...]) -> Receipt:
    """Return the receipt with a problem for each text on its page that may be a value of it."""
    named = {problem.raw for problem in receipt.problems}
    unread = [
        sheet.problem("text", each.text, "belongs to no label", each.line - 1)
        for each in loose
        if each.doubtful
        and each.text not in named
        and (receipt.merchant_name is None or _NOT_OURS.fullmatch(each.text) is None)
    ]
    return replace(receipt, problems=(*receipt.problems, *unread)) if unread else receipt


def _read_card(sheet: Sheet) -> dict[str, object]:
    """Return the fields of a page with a header block, and of a summary that starts on it."""
    label = find_employee_label(sheet) or 0
    fields: dict[str, object] = {"parameters": read_parameters(sheet, header_start(sheet, label))}
    fields["card"], fields["unread_reason"] = read_card_page(sheet)
    summary = find_summary(sheet, label)
    if summary is not None:
        for row in sheet.rows[summary[0] :]:
            sheet.take(*row)
        fields["summary"] = read_summary(sheet)
    return fields


def _replaced(result: PageResult, fields: dict[str, object]) -> PageResult:
    """Return the result with some fields set; the names are checked by the class."""
    values = {name: getattr(result, name) for name in PageResult.__slots__}
    return PageResult(**(values | fields))
