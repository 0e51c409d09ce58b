"""What the rules find in an `activity.json`, worked out a second time and without SQL."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Month = dict[str, Any]
Receipt = dict[str, Any]
ByCode = dict[str, list[Receipt]]

CODING_TYPES = {"Job Coding": "job_coding", "GL Coding": "gl_coding"}


class Fingerprint(NamedTuple):
    """What makes a finding the same in another revision or submission."""

    person: str
    rule: str
    subject: str


class Finding(NamedTuple):
    """What a rule looked at, and whether the person cannot be finished with it."""

    evidence: dict[str, Any]
    blocks: bool


Findings = dict[Fingerprint, Finding]


def find(month: Month) -> Findings:
    """Return what the rules find in a month."""
    found: Findings = {}
    seen: Counter[str] = Counter()
    for name in sorted(month, key=lambda name: _place(month, name)):
        person = month[name]
        receipts = list(receipts_of(person))
        for finding in (*_of_receipts(receipts, seen), *_of_person(person, receipts)):
            rule, subject, evidence, blocks = finding
            found[Fingerprint(name, rule, subject)] = Finding(evidence, blocks)
    return found


def receipts_of(person: dict[str, Any]) -> Iterator[tuple[str, Receipt]]:
    """Yield the receipts with their natural keys; a repeated id is numbered."""
    seen: Counter[str] = Counter()
    by_code = person.get("receipts", {})
    for code in sorted(by_code, key=lambda code: (len(code.encode()), code.encode())):
        for receipt in by_code[code]:
            number = receipt["rec_id"]
            seen[number] += 1
            yield number if seen[number] == 1 else f"{number}#{seen[number]}", receipt


def amount_of(receipt: Receipt) -> Decimal | None:
    """Return the dollars of a receipt; the number 0 stands for an amount that was not found."""
    try:
        return None if receipt["amt"] == 0 else Decimal(receipt["amt"]).quantize(Decimal("0.01"))
    except InvalidOperation:
        return None


def total_of(receipts: Iterable[Receipt]) -> Decimal:
    """Return the sum of the receipts that can be read."""
    return sum((amount_of(receipt) or Decimal(0) for receipt in receipts), Decimal("0.00"))


def _place(month: Month, name: str) -> tuple[float, float, str]:
    """Return where a person is first seen: report, then receipts."""
    pages = (month[name].get(kind, []) for kind in ("car_page_range", "rec_page_range"))
    return (*(min(page, default=float("inf")) for page in pages), name)  # type: ignore[return-value]


def _of_receipts(
    receipts: list[tuple[str, Receipt]], seen: Counter[str]
) -> Iterator[tuple[str, str, dict[str, Any], bool]]:
    """Yield what is found about single receipts; `seen` counts receipt ids over all people."""
    for key, receipt in receipts:
        number, amount = receipt["rec_id"], _text(amount_of(receipt))
        coding = {
            "coding_type": CODING_TYPES.get(receipt.get("code_type") or ""),
            "job_number": receipt.get("job"),
            "job_phase": receipt.get("phase"),
            "cost_type": receipt.get("cost_type"),
            "gl_account": receipt.get("gl_acct"),
        }
        if not _is_coded(coding):
            # A type without a code of it says nothing.
            codes = [coding[code] for code in ("job_number", "job_phase", "cost_type")]
            if coding["coding_type"] == "gl_coding" or not any(codes):
                coding["coding_type"] = None
            yield "missing_coding_info", key, {"amount": amount, **coding}, True
        if not receipt["attachment"]:
            evidence = {"amount": amount, "merchant_name": receipt["merch_name"]}
            yield "missing_receipt", key, evidence, True
        if amount is None:
            unread = None if receipt["amt"] == 0 else receipt["amt"]
            yield "invalid_amount", key, {"amount_text": unread}, True
        seen[number] += 1
        if seen[number] > 1:
            evidence = {"external_transaction_id": number, "amount": amount}
            yield "duplicate_transaction", key, evidence, False


def _of_person(
    person: dict[str, Any], receipts: list[tuple[str, Receipt]]
) -> Iterator[tuple[str, str, dict[str, Any], bool]]:
    """Yield what is found about totals and receipts as a whole."""
    in_report = "employee_id" in person
    claimed = Decimal(str(person["car_total"])).quantize(Decimal("0.01"))
    card = _text(None if in_report and claimed == 0 else claimed)
    handed_in = total_of(receipt for _, receipt in receipts)
    # A page that repeats a receipt id is in the total, as printed, and covers nothing.
    unique = total_of({receipt["rec_id"]: receipt for _, receipt in reversed(receipts)}.values())
    if in_report and card is None:
        yield "invalid_amount", "", {"car_total": None}, True
    if in_report and not receipts:
        yield "missing_all_receipts", "", {"car_total": card}, True
    if receipts and card not in {None, str(unique)}:
        evidence = {"car_total": card, "receipt_total": str(unique)}
        yield "total_mismatch", "", evidence, True
    if receipts and not in_report:
        totals = {"receipt_total": str(handed_in), "receipt_count": len(receipts)}
        yield "orphan_receipts", "", totals, False


def _is_coded(coding: dict[str, str | None]) -> bool:
    """Whether a job coding or a GL coding is whole."""
    if coding["coding_type"] == "job_coding":
        return None not in {coding[part] for part in ("job_number", "job_phase", "cost_type")}
    return coding["coding_type"] == "gl_coding" and coding["gl_account"] is not None


def _text(amount: Decimal | None) -> str | None:
    """Write dollars as the evidence has them."""
    return None if amount is None else str(amount)
