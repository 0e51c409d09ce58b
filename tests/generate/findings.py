"""What the rules must find in a person (formats 6.1), worked out from the truth alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.generate.model import Person, Receipt

FLAGS = ("missing_coding_info", "missing_receipt", "missing_all_receipts", "total_mismatch")
"""The four rules that also are flags; each of them blocks."""

SEVERITY = {
    "missing_coding_info": "high",
    "missing_receipt": "high",
    "missing_all_receipts": "high",
    "total_mismatch": "medium",
    "duplicate_transaction": "medium",
    "invalid_amount": "high",
}


class Finding(NamedTuple):
    """One issue; ``impact`` in cents, None when the amount is unknown."""

    type: str
    receipt: Receipt | None
    impact: int | None


def findings(person: Person) -> Iterator[Finding]:
    """Yield the issues of a person, those of receipts first and in page order."""
    for receipt in person.receipts:
        impact = None if receipt.amount is None else abs(receipt.amount)
        if not receipt.coding.complete:
            yield Finding("missing_coding_info", receipt, impact)
        if not receipt.attachments:
            yield Finding("missing_receipt", receipt, impact)
        if receipt.duplicate_of:
            yield Finding("duplicate_transaction", receipt, impact)
        if receipt.amount is None:
            yield Finding("invalid_amount", receipt, None)
    if person.in_report and not person.receipts:
        impact = abs(person.car_total) if person.is_known else None
        yield Finding("missing_all_receipts", None, impact)
    # Judged without pages that repeat a receipt id: they cover nothing.
    difference = person.car_total - person.receipt_total_unique
    if person.receipts and person.is_known and difference:
        yield Finding("total_mismatch", None, abs(difference))


def flags(person: Person) -> dict[str, bool]:
    """Return the four flags of a person."""
    found = {finding.type for finding in findings(person)}
    return {flag: flag in found for flag in FLAGS}


def other_rules(person: Person) -> bool:
    """Whether a rule beyond the four flags keeps a person back whose card total is known."""
    found = {finding.type for finding in findings(person)}
    # What cannot be read or does not tie finishes nobody.
    return "invalid_amount" in found or any(card.misprint for card in person.cards)
