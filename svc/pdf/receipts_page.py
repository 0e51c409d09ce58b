"""One page of the Receipt report: one receipt.

Layout: docs/formats.md 2.1 and 2.2. Labels divide the page; some values stand before their label,
some behind. A label that is not known ends the field before it and is left loose with its text.
"""

import itertools
import re
from collections.abc import Iterable
from typing import Any, Final

from svc.pdf.lines import PAGE_NUMBER, PageLines
from svc.pdf.model import Problem, Receipt
from svc.pdf.values import AMOUNT, DIGITS, amount, iso_date

LABELS: Final = (
    "Expense Title:",
    "Transaction ID:",
    "Amount:",
    "Address:",
    "Purpose:",
    "Merchant Name:",
    "Merchant Address:",
    "Accounts Coding Type:",
    "Attachment Name:",
    "Request Type:",
)
"""The labels that end in a colon, in content order, without the space some have before it."""

HEADINGS: Final = frozenset({"Receipt Report", "Request Number", "Employee", "Expense Type"})
CODE_LABELS: Final = ("Job", "Phase", "Cost Type", "GL Account")
CODING_TYPES: Final = {"Job Coding": "job_coding", "GL Coding": "gl_coding"}

_REQUEST: Final = re.compile(r"[0-9]{7}")
_NOTES: Final = re.compile(r"Receipts Notes\s*\(([0-9]{1,9})\)\s*:\s*(.*)")
_EXPENSE: Final = re.compile(r"Expense\b.*\bTransaction\b")
_LAST_DATE: Final = re.compile(r"(?:.*\s)?(\S+)")
_CODING: Final = re.compile(r"\S+(?: \S+)? Coding")
_JOB: Final = re.compile(r"([0-9]{5}\.)\s*(.*)")
_PHASE: Final = re.compile(r"([0-9]{3}(?:\.[0-9]*)?)(?:\s+(.*))?")
_COST_TYPE: Final = re.compile(r"([0-9]+)(?:\s+(.*))?")
_GL: Final = re.compile(r"([0-9][0-9.]*)(?:\s*\((.*)\))?")
_MISSING: Final = "missing"


class _Page:
    """A receipt page while it is read: its lines, where its labels stand, what was found."""

    def __init__(self, lines: PageLines) -> None:
        """Find the known labels; one that stands alone and again right below was drawn twice."""
        self.lines = lines
        self.problems: list[Problem] = []
        self.at: dict[str, int] = {}
        self.joined: dict[str, str] = {}
        self.ends: set[int] = set()
        for index, label in enumerate(lines.labels):
            name, _, rest = label.partition(":")
            name += ":"
            if name not in LABELS:
                continue
            self.ends.add(index)
            lines.take(index, index + 1)
            if name not in self.at:
                self.at[name] = index
                self.joined[name] = rest.strip()
            elif self.at[name] == index - 1 and not self.joined[name]:
                self.at[name] = index

    def is_end(self, index: int) -> bool:
        """Tell whether a value cannot go on at `index`: a label, known or not, or a page's end."""
        if index >= len(self.lines) or index in self.ends:
            return True
        text = self.lines.texts[index]
        return (
            (text.endswith(":") and not _NOTES.fullmatch(text))
            or PAGE_NUMBER.fullmatch(text) is not None
            or _EXPENSE.match(text) is not None
        )

    def value_indexes(self, label: str) -> range:
        """Return the indexes of the lines that follow a label up to the next one."""
        start = self.at[label] + 1 if label in self.at else len(self.lines)
        stop = start
        while not self.is_end(stop):
            stop += 1
        return range(start, stop)

    def texts(self, indexes: Iterable[int]) -> list[str]:
        """Return the lines at these indexes, and note them as understood."""
        found = []
        for index in indexes:
            self.lines.take(index, index + 1)
            found.append(self.lines.texts[index])
        return found

    def behind(self, label: str) -> list[str]:
        """Return all text of a label: joined with it, then the lines below."""
        joined = self.joined.get(label)
        return [*([joined] if joined else []), *self.texts(self.value_indexes(label))]

    def missing(self, field: str, raw: str | None, reason: str, label: str | None = None) -> None:
        """Note a problem of a field, at its label when that is known."""
        self.problems.append(self.lines.problem(field, raw, reason, self.at.get(label or "")))


def looks_like_receipt(lines: PageLines) -> bool:
    """Tell whether at least three different labels of a receipt page stand on the page."""
    names = {f"{label.partition(':')[0]}:" for label in lines.labels if ":" in label}
    return len(names & frozenset(LABELS)) >= 3


def read_receipt(lines: PageLines) -> tuple[Receipt, str | None]:
    """Return the receipt, and why the page cannot stand in the ledger as used (usually None)."""
    page = _Page(lines)
    for index in range(_first_label(page)):
        if lines.texts[index] in HEADINGS:
            lines.take(index, index + 1)
    fields: dict[str, Any] = {}
    fields |= _read_person(page)
    fields["title"] = _read_title(page)
    fields["transaction_id"] = _read_transaction_id(page)
    fields |= _read_amount(page)
    fields |= _read_purpose(page)
    coding_at = _coding_index(page)
    fields |= _read_merchant(page, coding_at)
    fields |= _read_coding(page, coding_at)
    fields |= _read_attachments(page)
    fields["date"] = _read_date(page)
    receipt = Receipt(page=lines.page, **fields, problems=tuple(page.problems))
    return receipt, _unread_reason(lines, receipt)


def _unread_reason(lines: PageLines, receipt: Receipt) -> str | None:
    """Return why the receipt cannot be used at all: no person, or two receipts on the page."""
    if receipt.employee is None:
        return "the page looks like a receipt but no employee was found on it"
    ids = [n for n, label in enumerate(lines.labels) if label.startswith("Transaction ID:")]
    if any(later - earlier > 1 for earlier, later in itertools.pairwise(ids)):
        return "there is more than one receipt on the page"
    return None


# --- the parts of a page, in content order -------------------------------------------------------


def _first_label(page: _Page) -> int:
    """Return the index of the first label of the page: person and title stand before it."""
    return min(page.ends, default=len(page.lines))


def _read_person(page: _Page) -> dict[str, str | None]:
    """Return request number, employee and expense type: three lines, or three drawn twice."""
    lines, stop = page.lines, _first_label(page)
    names = ("request_number", "employee", "expense_type")
    start = next((n for n in range(stop) if _REQUEST.fullmatch(lines.texts[n])), None)
    if start is None:
        start = next((n for n in range(stop) if DIGITS.fullmatch(lines.texts[n])), None)
        if start is None:
            for name in names:
                page.missing(name, None, _MISSING)
            return dict.fromkeys(names)
    twice = start + 1 < stop and lines.texts[start] == lines.texts[start + 1]
    step = 2 if twice else 1
    found: list[str | None] = [
        lines.texts[n] if n < stop else None for n in range(start, start + 3 * step, step)
    ]
    lines.take(start, min(start + 3 * step, stop))
    number, employee, expense_type = found
    if number is not None and not _REQUEST.fullmatch(number):
        page.missing("request_number", number, "not 7 digits")
        number = None
    if employee is not None and not any(letter.isalpha() for letter in employee):
        page.missing("employee", employee, "not a name")
        employee = None
    elif employee is None:
        page.missing("employee", None, _MISSING)
    if expense_type is None:
        page.missing("expense_type", None, _MISSING)
    return dict(zip(names, (number, employee, expense_type), strict=True))


def _read_title(page: _Page) -> str | None:
    """Return the line before `Expense Title:` unless it belongs to the person or is a label."""
    index = page.at.get("Expense Title:")
    if index is None:
        return None
    while index > 0 and page.lines.labels[index - 1].startswith("Expense Title:"):
        index -= 1
    if page.joined["Expense Title:"]:
        return page.joined["Expense Title:"]
    if index == 0 or page.lines.is_taken(index - 1) or page.is_end(index - 1):
        return None
    title = page.lines.texts[index - 1]
    page.lines.take(index - 1, index)
    if index > 1 and page.lines.texts[index - 2] == title and not page.lines.is_taken(index - 2):
        page.lines.take(index - 2, index - 1)
    return title


def _read_transaction_id(page: _Page) -> str | None:
    """Return the receipt's number: the digits behind the label."""
    label = "Transaction ID:"
    printed = page.joined.get(label) or None
    if printed is None:
        indexes = page.value_indexes(label)
        same = [n for n in indexes if page.lines.texts[n] == page.lines.texts[indexes[0]]]
        printed = page.texts(same)[0] if same else None
    if printed is None:
        page.missing("transaction_id", None, _MISSING, label)
    elif not DIGITS.fullmatch(printed):
        page.missing("transaction_id", printed, "not digits", label)
        return None
    return printed


def _read_amount(page: _Page) -> dict[str, str | None]:
    """Return amount and address.

    The amount is the last line before `Purpose:`; a number joined to its label or right below it
    counts too. A last line that is no number is an unreadable amount when it is one word or has a
    number with two decimals in it, else it is address and the amount is missing.
    """
    raw = page.joined.get("Amount:") or None
    between = page.value_indexes("Amount:")
    if raw is None and between:
        raw = page.texts(between)[-1]
    address = page.behind("Address:")
    if raw is None and address:
        last = address[-1]
        if " " not in last or AMOUNT.search(last):
            raw = last
            address.pop()
            while len(address) > 1 and address[-1] == raw and AMOUNT.fullmatch(raw):
                address.pop()
    value = amount(raw) if raw is not None else None
    if value is None:
        reason = "no amount on the page" if raw is None else "not an amount"
        page.missing("amount", raw, reason, "Amount:")
    return {"amount": value, "address": _text(address)}


def _read_purpose(page: _Page) -> dict[str, Any]:
    """Return purpose and number of notes, both from the line below `Purpose:`."""
    printed = _text(page.behind("Purpose:"))
    match = _NOTES.fullmatch(printed or "")
    if match is None:
        if printed is None:
            page.missing("notes", None, _MISSING, "Purpose:")
        else:
            page.missing("notes", printed, "no count of notes", "Purpose:")
        return {"purpose": printed, "notes": None}
    return {"purpose": match[2].strip() or None, "notes": int(match[1])}


def _read_merchant(page: _Page, coding_at: int | None) -> dict[str, str | None]:
    """Return merchant name and address; the coding type that stands behind them is not theirs."""
    found: dict[str, str | None] = {}
    for field, label in (
        ("merchant_name", "Merchant Name:"),
        ("merchant_address", "Merchant Address:"),
    ):
        joined = page.joined.get(label)
        indexes = [n for n in page.value_indexes(label) if coding_at is None or n < coding_at]
        found[field] = _text([*([joined] if joined else []), *page.texts(indexes)])
    return found


def _text(parts: list[str]) -> str | None:
    """Return wrapped lines as one text, None when there are none."""
    return " ".join(parts) or None


# --- coding, attachments, date -------------------------------------------------------------------


def _coding_index(page: _Page) -> int | None:
    """Return the index of the first line of the coding type, which stands before its label."""
    index = page.at.get("Accounts Coding Type:")
    if index is None:
        return None
    while index > 0 and page.lines.labels[index - 1].startswith("Accounts Coding Type:"):
        index -= 1
    first = index
    while first > 0 and _CODING.fullmatch(page.lines.texts[first - 1]):
        first -= 1
    return first if first < index else None


def _read_coding(page: _Page, coding_at: int | None) -> dict[str, Any]:
    """Return coding type, codes, and whether the receipt is coded (docs/formats.md 2.2)."""
    label = "Accounts Coding Type:"
    printed = page.joined.get(label) or None
    if coding_at is not None:
        printed = page.texts(range(coding_at, page.at[label]))[0]
    coding_type = CODING_TYPES.get(printed or "")
    if printed is not None and coding_type is None:
        page.missing("coding_type", printed, "neither job nor GL coding", label)
    codes = _read_codes(page)
    job, job_description = _code(page, "job", _JOB, codes.get("Job"))
    phase, phase_description = _code(page, "phase", _PHASE, codes.get("Phase"))
    cost_type, cost_description = _code(page, "cost_type", _COST_TYPE, codes.get("Cost Type"))
    account, account_description = _code(page, "gl_account", _GL, codes.get("GL Account"))
    coded = (
        None not in (job, phase, cost_type)
        if coding_type == "job_coding"
        else coding_type == "gl_coding" and account is not None
    )
    return {
        "coding_type": coding_type,
        "job": job,
        "job_description": job_description,
        "phase": phase,
        "phase_description": phase_description,
        "cost_type": cost_type,
        "cost_type_description": cost_description,
        "gl_account": account,
        "gl_description": account_description,
        "coded": coded,
    }


def _read_codes(page: _Page) -> dict[str, str]:
    """Return the line behind each code label; label and value may be one line."""
    codes: dict[str, str] = {}
    indexes = page.value_indexes("Accounts Coding Type:")
    waiting: str | None = None
    for index in indexes:
        text = page.lines.texts[index]
        if text in CODE_LABELS:
            waiting = text
        elif waiting is not None:
            codes.setdefault(waiting, text)
            waiting = None
        else:
            label = next((each for each in CODE_LABELS if text.startswith(f"{each} ")), None)
            if label is None or not text[len(label) + 1].isdigit():
                if text in codes.values():
                    page.lines.take(index, index + 1)
                continue
            codes.setdefault(label, text[len(label) + 1 :].strip())
        page.lines.take(index, index + 1)
    return codes


def _code(
    page: _Page, field: str, shape: re.Pattern[str], printed: str | None
) -> tuple[str | None, str | None]:
    """Return a code and its description; a code of another shape is a problem and None."""
    if printed is None:
        return None, None
    match = shape.fullmatch(printed)
    if match is None:
        page.missing(field, printed, "not a code of this kind", "Accounts Coding Type:")
        return None, None
    return match[1], (match[2] or "").strip() or None


def _read_attachments(page: _Page) -> dict[str, Any]:
    """Return file names and request type.

    Without the label `Request Type:` only texts that look like file names are attachments.
    """
    files = page.behind("Attachment Name:")
    if "Request Type:" not in page.at:
        files = [name for name in files if re.fullmatch(r".+\.\w{1,5}", name)]
    label = "Request Type:"
    request_type = page.joined.get(label) or None
    if request_type is None:
        request_type = next(iter(page.texts(page.value_indexes(label)[:1])), None)
    return {
        "attachments": tuple(files),
        "has_attachment": bool(files),
        "request_type": request_type,
    }


def _read_date(page: _Page) -> str | None:
    """Return the date that ends the last line of the form `Expense ... Transaction ... date`."""
    texts = page.lines.texts
    index = next((n for n in reversed(range(len(texts))) if _EXPENSE.match(texts[n])), None)
    if index is None:
        page.missing("date", None, _MISSING)
        return None
    page.lines.take(index, index + 1)
    match = _LAST_DATE.fullmatch(texts[index])
    raw = match[1] if match else texts[index]
    value = iso_date(raw)
    if value is None:
        page.problems.append(page.lines.problem("date", raw, "not a date", index))
    return value
