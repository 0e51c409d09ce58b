"""One page of the Cardholder Activity Report: header block, charges, totals lines.

Layout: docs/formats.md 1.3 to 1.6. Only the order of the lines counts, no position; a charge that
goes over a page break is left open here and closed by `report.py`.
"""

import datetime
import re
from typing import Final

from svc.pdf.lines import PAGE_NUMBER, PageLines, after_label
from svc.pdf.model import CardHeader, CardPage, Parameters, Problem, SummaryPage
from svc.pdf.report_cells import CARD_TOTALS, HEADS, TRANSACTION_TOTALS, heads_end
from svc.pdf.report_rows import MISSING, NOT_A_DATE, read_amounts, read_items
from svc.pdf.values import CARD, DATE, MONEY, card_mask, iso_date

SUMMARY_HEADS: Final = (
    "Product Description",
    "Description",
    "Count",
    "Units/Glns",
    "Gross Cost",
    "Discount",
    "Net Cost",
)
HEADER_LABELS: Final = frozenset(
    {"Account Code:", "Customer ID:", "Card Number:", "Cardholder Name:", "Employee ID:"}
)
PARAMETER_LABELS: Final = (
    "Produced On:",
    "Posted Date between",
    "Account Code:",
    "Customer ID:",
    "From Date:",
    "To Date:",
    "Card Token:",
    "Employee Number:",
    "Card First Name:",
    "Card Last Name:",
    "Primary Sort:",
    "Secondary Sort:",
)
EMPLOYEE_ID: Final = "Employee ID:"
REPORT_TOTALS: Final = "Report Totals:"
TITLE: Final = "Cardholder Activity Report"

EMPLOYEE_NUMBER: Final = re.compile(r"[0-9]{1,10}")
_PERIOD: Final = re.compile(r"(\S+)\s+and\s+(\S+)")
_PRODUCED: Final = re.compile(r"(\S+)\s+([0-9]{1,2}:[0-9]{2}:[0-9]{2})\s*([AP]M)", re.IGNORECASE)


def find_employee_label(lines: PageLines) -> int | None:
    """Return the index of the label the header block hangs on, None when the page has none."""
    for index, label in enumerate(lines.labels):
        if label.startswith(EMPLOYEE_ID):
            return index
    return None


def find_heads(lines: PageLines, start: int, heads: tuple[str, ...]) -> tuple[int, int] | None:
    """Return first and one past last index of a run of heads from `start` on.

    A head may be drawn twice. None when the run is nowhere complete.
    """
    for index in range(start, len(lines)):
        if lines.texts[index] == heads[0]:
            end = heads_end(lines, index, heads)
            if end is not None:
                return index, end
    return None


def read_card_page(lines: PageLines, full_cards: frozenset[str]) -> CardPage:
    """Return header and items of a page that has the label `Employee ID:`.

    `full_cards`: the masks of the numbers that stood unmasked on the page.
    """
    label = find_employee_label(lines)
    if label is None:
        raise ValueError("the page has no header block")
    header, start = _read_header(lines, label, full_cards)
    summary = find_heads(lines, start, SUMMARY_HEADS)
    return CardPage(header, read_items(lines, start, summary[0] if summary else len(lines)))


def read_summary(lines: PageLines) -> SummaryPage:
    """Return what a summary page is good for: whether it has the heading, and the report totals."""
    heading = find_heads(lines, 0, SUMMARY_HEADS)
    for index, label in enumerate(lines.labels):
        if label.startswith(REPORT_TOTALS):
            printed = [*filter(None, [after_label(label, REPORT_TOTALS)])]
            stop = index + 1
            while stop < len(lines) and re.fullmatch(r"[-$,.0-9]+", lines.texts[stop]):
                printed.append(lines.texts[stop])
                stop += 1
            lines.take(index, stop)
            return SummaryPage(heading is not None, read_amounts(lines, index, printed[-3:]))
    return SummaryPage(heading is not None)


# --- parameters and header block -----------------------------------------------------------------


def header_start(lines: PageLines, label: int) -> int:
    """Return the index of the first of the five labels before (and with) `Employee ID:`."""
    start = label
    while start > 0 and lines.labels[start - 1] in HEADER_LABELS:
        start -= 1
    return start


def read_parameters(lines: PageLines, stop: int) -> Parameters | None:
    """Return the parameters in the lines before index `stop`, None when there are none."""
    printed: list[tuple[str, str]] = []
    index = 0
    while index < stop:
        label, rest = _parameter_at(lines.labels[index])
        end = index + 1
        if label is None:
            if lines.texts[index].startswith(TITLE):
                lines.take(index, end)
        else:
            if not rest and end < stop and _parameter_at(lines.labels[end])[0] is None:
                rest = lines.texts[end]
                end += 1
            printed.append((label, rest))
            lines.take(index, end)
        index = end
    return _parameters(lines.page, printed) if printed else None


def _parameter_at(line: str) -> tuple[str | None, str]:
    """Return the parameter label a line starts with and the text after it."""
    for label in PARAMETER_LABELS:
        rest = after_label(line, label)
        if rest is not None:
            return label, rest
    return None, ""


def _parameters(page: int, printed: list[tuple[str, str]]) -> Parameters:
    """Return the parameters with the period and the time of production made out."""
    values = dict(reversed(printed))
    between = _PERIOD.fullmatch(values.get("Posted Date between", ""))
    first, last = between.groups() if between else ("", "")
    first = first or values.get("From Date:", "")
    last = last or values.get("To Date:", "")
    dates = {"posted_from": (first, iso_date(first)), "posted_to": (last, iso_date(last))}
    produced = values.get("Produced On:", "")
    stamps = dates | {"produced_at": (produced, _iso_time(produced))}
    problems = tuple(
        Problem(field, raw, NOT_A_DATE, page, None)
        for field, (raw, value) in stamps.items()
        if raw and value is None
    )
    return Parameters(
        dates["posted_from"][1],
        dates["posted_to"][1],
        stamps["produced_at"][1],
        tuple(printed),
        problems,
    )


def _iso_time(printed: str) -> str | None:
    """Return `4/16/2025 9:25:36AM` as an ISO date and time, None when it is none."""
    match = _PRODUCED.fullmatch(printed)
    day = iso_date(match[1]) if match else None
    if match is None or day is None:
        return None
    try:
        clock = datetime.datetime.strptime(f"{match[2]}{match[3].upper()}", "%I:%M:%S%p")  # noqa: DTZ007 - a time of day
    except ValueError:
        return None
    return f"{day}T{clock.time().isoformat()}"


def _read_header(
    lines: PageLines, label: int, full_cards: frozenset[str]
) -> tuple[CardHeader, int]:
    """Return the header block around the label at `label` and the index after it.

    Relied on: after `Employee ID:` come id, name and card number; then, up to the column heads,
    customer id, account line and address as far as they are there.
    """
    texts = lines.texts
    values: list[tuple[str, int]] = []
    joined = after_label(lines.labels[label], EMPLOYEE_ID)
    if joined:
        values.append((joined, label))
    index = label + 1
    while index < len(lines) and index <= label + 6 and not CARD.fullmatch(texts[index]):
        if texts[index] == HEADS[0] or DATE.fullmatch(texts[index]):
            break
        if lines.labels[index] not in HEADER_LABELS:
            values.append((texts[index], index))
        index += 1
    found = index < len(lines) and CARD.fullmatch(texts[index]) is not None
    end = index + 1 if found else label + 1 + len(values)
    problems: list[Problem] = []
    if not found:
        problems.append(lines.problem("card_number", None, "no card number in the header", label))
    number = card_mask(texts[index]) if found else None
    employee_id, name = _read_person(lines, values, label, problems)
    rest_end = _header_end(lines, end)
    customer, account, company, address = _read_office(texts[end:rest_end])
    lines.take(header_start(lines, label), rest_end)
    header = CardHeader(
        employee_id,
        name,
        number,
        number not in full_cards,
        customer,
        account,
        company,
        address,
        tuple(problems),
    )
    return header, rest_end


def _read_person(
    lines: PageLines, values: list[tuple[str, int]], label: int, problems: list[Problem]
) -> tuple[str | None, str | None]:
    """Return employee id and name from the lines between the label and the card number."""
    values = [each for n, each in enumerate(values) if n == 0 or each[0] != values[n - 1][0]]
    employee_id = name = None
    if values and EMPLOYEE_NUMBER.fullmatch(values[0][0]):
        employee_id = values.pop(0)[0]
    elif len(values) > 1:
        raw, index = values.pop(0)
        problems.append(lines.problem("employee_id", raw, "not 1 to 10 digits", index))
    else:
        problems.append(lines.problem("employee_id", None, MISSING, label))
    if values:
        name = " ".join(text for text, _ in values)
    else:
        problems.append(lines.problem("cardholder_name", None, MISSING, label))
    return employee_id, name


def _header_end(lines: PageLines, start: int) -> int:
    """Return the index where the header block ends: at the heads, or where rows begin."""
    texts, labels = lines.texts, lines.labels
    for index in range(start, min(start + 12, len(lines))):
        text = texts[index]
        if (
            text == HEADS[0]
            or DATE.fullmatch(text)
            or MONEY.fullmatch(text)
            or PAGE_NUMBER.fullmatch(text)
            or labels[index].startswith((TRANSACTION_TOTALS, CARD_TOTALS))
        ):
            return index
    return min(start + 5, len(lines))


def _read_office(
    texts: list[str],
) -> tuple[str | None, str | None, str | None, tuple[str, ...]]:
    """Return customer id, account code, company and address from the lines after the card."""
    for index, text in enumerate(texts):
        account, dash, company = text.partition(" - ")
        if dash and " " not in account:
            customer = texts[index - 1] if index else None
            return customer, account, company.strip(), tuple(texts[index + 1 :])
    return (texts[0] if texts else None), None, None, tuple(texts[1:])
