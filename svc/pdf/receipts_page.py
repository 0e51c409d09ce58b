"""One page of the Receipt report: one receipt.

Layout: docs/formats.md 2.1 and 2.2. Which cells are labels and which belong to them is found by
`receipts_labels.py`; here each value is checked as a whole. What does not fit is None, and a
problem of the receipt. A label that is not known is left loose with its text.
"""

import re
from typing import Any, Final

from svc.pdf.cells import LOST
from svc.pdf.model import Problem, Receipt
from svc.pdf.receipts_labels import CODE_LABELS, HEADINGS, LABELS, Arrangement, Candidates
from svc.pdf.sheet import Sheet
from svc.pdf.values import DIGITS, LONGEST_TEXT, amount, iso_date

TITLES: Final = frozenset({"Receipt Report", *HEADINGS, *CODE_LABELS})
"""Words of the layout that can never be a person."""

CODING_TYPES: Final = {"job coding": "job_coding", "gl coding": "gl_coding"}

_REQUEST: Final = re.compile(r"[0-9]{7}")
_NOTES: Final = re.compile(r"Receipts Notes\s*\(([0-9]{1,6})\)\s*:\s*(.*)")
_EXPENSE: Final = re.compile(r"Expense\b.*\bTransaction\b.*\s(\S+)")
_JOB: Final = re.compile(r"([0-9]{5}\.)\s*(.*)")
_PHASE: Final = re.compile(r"([0-9]{3}(?:\.[0-9]*)?)(?:\s+(.*))?")
_COST_TYPE: Final = re.compile(r"([0-9]+)(?:\s+(.*))?")
_GL: Final = re.compile(r"([0-9][0-9.]*)(?:\s*\((.*)\))?")
_LONGEST_CODE: Final = 40
_MISSING: Final = "missing"
_APART: Final = "texts far apart"
_SEVERAL: Final = 3
"""So many labels twice on a page make it two receipts."""


class _Page:
    """A receipt page while it is read."""

    def __init__(self, sheet: Sheet, found: Candidates) -> None:
        """Find its labels among those that may be."""
        self.sheet = sheet
        self.labels = Arrangement(sheet, found)
        self.problems: list[Problem] = [*self.labels.problems]

    def missing(self, field: str, raw: str | None, reason: str, label: str | None = None) -> None:
        """Note a problem of a field, at its label when that is known."""
        self.problems.append(self.sheet.problem(field, raw, reason, self.labels.at(label)))

    def text(self, field: str, label: str) -> str | None:
        """Return all text of a label as one, None when there is none or it is doubtful."""
        text = " ".join(self.labels.lines(label)) or None
        if self.labels.at(label) is None:
            self.missing(field, None, f"the label `{label}` is missing")
        elif text is None:
            return None
        elif self.labels.is_apart(label):
            self.missing(field, text, _APART, label)
            return None
        else:
            swallowed = [each for each in LABELS if each in text and self.labels.at(each) is None]
            if swallowed:
                self.missing(field, text, f"runs on into the label `{swallowed[0]}`", label)
                return None
        return text

    def lines(self, field: str, label: str) -> dict[str, str | None]:
        """Return the text of a label as one, and as it is printed: with its line ends."""
        text = self.text(field, label)
        printed = "\n".join(self.labels.lines(label)) if text is not None else None
        return {field: text, f"printed_{field}": printed}

    def value(
        self, field: str, label: str, shape: re.Pattern[str] | None, reason: str
    ) -> str | None:
        """Return a value of one line that has a shape, None with a problem when it has not."""
        lines = self.labels.lines(label)
        text = " ".join(lines) or None
        if text is None:
            self.missing(field, None, _MISSING, label)
        elif self.labels.is_apart(label) or (shape is not None and not shape.fullmatch(text)):
            self.missing(field, text, reason, label)
            return None
        return text


def looks_like_receipt(found: Candidates) -> bool:
    """Tell whether at least three different labels of a receipt page stand on the page."""
    return len(found.keys() & _LABELS) >= 3


_LABELS: Final = frozenset(LABELS)


def read_receipt(sheet: Sheet, found: Candidates) -> tuple[Receipt, str | None]:
    """Return the receipt, and why the page cannot stand in the ledger as used (usually None)."""
    twice = [name for name in LABELS if sum(not each.rest for each in found.get(name, [])) > 1]
    page = _Page(sheet, found)
    for number, cell in enumerate(sheet.cells):
        if cell.text == "Receipt Report":
            sheet.take(number)
    fields: dict[str, Any] = {}
    fields |= _read_person(page)
    fields["title"] = page.text("title", "Expense Title:")
    fields["transaction_id"] = page.value("transaction_id", "Transaction ID:", DIGITS, "not digits")
    fields |= _read_amount(page)
    fields |= _read_purpose(page)
    fields["merchant_name"] = page.text("merchant_name", "Merchant Name:")
    fields |= page.lines("merchant_address", "Merchant Address:")
    fields |= _read_coding(page)
    fields |= _read_attachments(page)
    fields["date"] = _read_date(page)
    receipt = Receipt(page=sheet.page, **fields, problems=tuple(page.problems))
    if receipt.employee is None:
        return receipt, "the page looks like a receipt but no employee was found on it"
    if len(twice) >= _SEVERAL:
        return receipt, "there is more than one receipt on the page"
    return receipt, None


# --- the parts of a page, in order ---------------------------------------------------------------


def _read_person(page: _Page) -> dict[str, str | None]:
    """Return request number, employee and expense type.

    They stand beside or under their headings; where none of these is on the page, they are three
    lines above all labels, the first of them the only one of seven digits.
    """
    names = ("request_number", "employee", "expense_type")
    if any(page.labels.at(heading) is not None for heading in HEADINGS):
        request = page.value("request_number", HEADINGS[0], _REQUEST, "not 7 digits")
        employee = page.value("employee", HEADINGS[1], None, _APART)
        expense_type = page.value("expense_type", HEADINGS[2], None, _APART)
    else:
        request, employee, expense_type = _three_lines(page)
    if employee is not None and not _is_name(employee):
        page.missing("employee", employee, "not a name")
        employee = None
    elif employee is not None and LOST in employee:
        page.missing("employee", employee, "letters of the name are lost")
    return dict(zip(names, (request, employee, expense_type), strict=True))


def _is_name(text: str) -> bool:
    """Tell whether a text can be a person's name: letters in it, and no word of the layout."""
    return any(letter.isalpha() for letter in text) and (
        text not in TITLES and len(text) <= LONGEST_TEXT
    )


def _three_lines(page: _Page) -> tuple[str | None, str | None, str | None]:
    """Return the three lines that begin with seven digits, one below the other."""
    sheet, rows = page.sheet, page.labels.row_of
    stop = min((rows[each.number] for each in page.labels.labels.values()), default=0)
    found = [
        (row, place)
        for row, numbers in enumerate(sheet.rows[:stop])
        for place, number in enumerate(numbers)
        if _REQUEST.fullmatch(sheet.cells[number].text)
    ]
    if len(found) != 1:
        raw = " / ".join(sheet.cells[sheet.rows[row][place]].text for row, place in found)
        reason = "more than one number of 7 digits" if found else _MISSING
        for field in ("request_number", "employee", "expense_type"):
            page.missing(field, raw or None, reason)
        return None, None, None
    row, place = found[0]
    first = sheet.rows[row][place]
    texts: list[str | None] = [sheet.cells[first].text]
    sheet.take(first)
    for numbers in sheet.rows[row + 1 : row + 3]:
        line = [n for n in numbers if sheet.cells[n].x > sheet.cells[first].x - sheet.cells[n].size]
        is_below = line and abs(sheet.cells[line[0]].x - sheet.cells[first].x) < sheet.cells[0].size
        if not is_below or page.labels.owns(line[0]):
            break
        texts.append(sheet.text_of(line))
        sheet.take(*line)
    for field in ("request_number", "employee", "expense_type")[len(texts) :]:
        page.missing(field, None, _MISSING)
    request, employee, expense_type = (*texts, None, None)[:3]
    return request, employee, expense_type


def _read_amount(page: _Page) -> dict[str, str | None]:
    """Return amount and address. The amount is all that stands beside its label, or none."""
    raw = page.value("amount", "Amount:", None, "not an amount")
    value = amount(raw) if raw is not None else None
    if raw is not None and value is None:
        page.missing("amount", raw, "not an amount", "Amount:")
    return {"amount": value} | page.lines("address", "Address:")


def _read_purpose(page: _Page) -> dict[str, Any]:
    """Return purpose and number of notes, both from what stands below `Purpose:`."""
    printed = page.text("purpose", "Purpose:")
    match = _NOTES.fullmatch(printed or "")
    if match is None:
        if printed is not None:
            page.missing("notes", printed, "no count of notes", "Purpose:")
        else:
            page.missing("notes", None, _MISSING, "Purpose:")
        return {"purpose": printed, "notes": None}
    return {"purpose": match[2].strip() or None, "notes": int(match[1])}


# --- coding, attachments, date -------------------------------------------------------------------


def _read_coding(page: _Page) -> dict[str, Any]:
    """Return coding type, codes, and whether the receipt is coded (docs/formats.md 2.2)."""
    label = "Accounts Coding Type:"
    printed = page.text("coding_type", label)
    coding_type = CODING_TYPES.get((printed or "").lower())
    if printed is not None and coding_type is None:
        page.missing("coding_type", printed, "neither job nor GL coding", label)
    job, job_description = _code(page, "job", _JOB, "Job")
    phase, phase_description = _code(page, "phase", _PHASE, "Phase")
    cost_type, cost_description = _code(page, "cost_type", _COST_TYPE, "Cost Type")
    account, account_description = _code(page, "gl_account", _GL, "GL Account")
    stray = _stray_codes(page)
    if stray is not None:
        page.missing("coding", stray, "belongs to no label of the coding", label)
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


def _stray_codes(page: _Page) -> str | None:
    """Return a text among the codes that is neither theirs nor an unknown label with its text."""
    labels = page.labels
    first, last = labels.at("Accounts Coding Type:"), labels.at("Attachment Name:")
    if first is None or last is None:
        return None
    rows = page.sheet.rows[labels.row_of[first] + 1 : labels.row_of[last]]
    for row in rows:
        after_label = False
        for number in row:
            text = page.sheet.cells[number].text
            if not labels.owns(number) and not after_label and not text.endswith(":"):
                return text
            after_label = text.endswith(":")
    return None


def _code(
    page: _Page, field: str, shape: re.Pattern[str], label: str
) -> tuple[str | None, str | None]:
    """Return a code and its description; a code of another shape is a problem and None."""
    printed = " ".join(page.labels.lines(label))
    if not printed:
        return None, None
    match = shape.fullmatch(printed)
    if match is None or page.labels.is_apart(label) or len(match[1]) > _LONGEST_CODE:
        page.missing(field, printed, "not a code of this kind", label)
        return None, None
    return match[1], (match[2] or "").strip() or None


def _read_attachments(page: _Page) -> dict[str, Any]:
    """Return file names and request type."""
    label = "Attachment Name:"
    files = page.labels.lines(label)
    if page.labels.at(label) is None:
        page.missing("attachments", None, f"the label `{label}` is missing")
    elif page.labels.is_apart(label):
        page.missing("attachments", " / ".join(files), _APART, label)
    return {
        "attachments": tuple(files),
        "has_attachment": bool(files),
        "request_type": page.text("request_type", "Request Type:"),
    }


def _read_date(page: _Page) -> str | None:
    """Return the date that ends the line of the form `Expense ... Transaction ... date`."""
    sheet = page.sheet
    found: list[tuple[str, int]] = []
    for row in sheet.rows:
        free = [number for number in row if not page.labels.owns(number)]
        match = _EXPENSE.fullmatch(sheet.text_of(free) or "")
        if match:
            found.append((match[1], free[0]))
            sheet.take(*free)
    if not found:
        page.missing("date", None, _MISSING)
        return None
    raw, number = found[0]
    value = iso_date(raw)
    if len({each for each, _ in found}) > 1:
        raw = " / ".join(each for each, _ in found)
        page.problems.append(sheet.problem("date", raw, "more than one date", number))
        return None
    if value is None:
        page.problems.append(sheet.problem("date", raw, "not a date", number))
    return value
