"""What the database holds of a session, worded as `expected.json` words it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.intake.conftest import Office

Row = dict[str, Any]
ZERO = Decimal("0.00")

# Of the rules that came later `expected.json` says nothing; most inform about a person's habits.
RULES = [
    "missing_coding_info",
    "missing_receipt",
    "missing_all_receipts",
    "total_mismatch",
    "duplicate_transaction",
    "invalid_amount",
    "invalid_date",
    "control_total",
]

PEOPLE = """
SELECT e.cardholder_id, e.employee_name AS name_key, e.employee_id, e.car_total::text,
    e.receipt_total::text,
    e.amount_difference::text AS difference, e.car_page_range AS car_pages,
    e.receipt_page_range AS receipt_pages, e.validation_flags AS flags, e.status
FROM report.employee_revisions AS e WHERE e.session_id = %s
ORDER BY e.employee_name COLLATE "C"
"""
CARDS = """
SELECT c.card_number AS number, right(c.card_number, 4) AS last4,
    c.printed_net IS NOT NULL AS total_line_printed,
    coalesce(c.gross_amount, 0)::numeric(14, 2)::text AS gross,
    coalesce(c.discount_amount, 0)::numeric(14, 2)::text AS discount, c.net_amount::text AS net,
    c.page_range AS pages
FROM report.cards AS c WHERE c.session_id = %s AND c.cardholder_id = %s ORDER BY c.page_range[1]
"""
CHARGES = """
SELECT k.card_number AS card, c.purchase_date::text AS trans_date, c.posted_date::text,
    c.level,
    c.transaction_number AS number, c.merchant_name AS merchant, c.city, c.state,
    c.merchant_group AS "group",
    c.gross_amount::text AS gross, c.discount_amount::text AS discount, c.net_amount::text AS net,
    c.page_number AS page, c.totals_page_number AS totals_page,
    (SELECT json_agg(json_build_object('product', coalesce(l.product_description, ''),
        'ppu', l.unit_price::text, 'quantity', l.quantity::text, 'gross', l.gross_amount::text,
        'discount', l.discount_amount::text, 'net', l.net_amount::text) ORDER BY l.line_number)
     FROM app.charge_lines AS l
     WHERE l.session_id = c.session_id AND l.charge_id = c.charge_id) AS lines
FROM app.charges AS c
JOIN app.card_totals AS k ON k.session_id = c.session_id AND k.cardholder_id = c.cardholder_id
    AND k.card_id = c.card_id
WHERE c.session_id = %s AND c.cardholder_id = %s ORDER BY c.position
"""
RECEIPTS = """
SELECT t.page_number AS page, t.source_fields ->> 'request_number' AS request_number,
    t.source_fields ->> 'printed_name' AS printed_name, t.expense_type, t.description AS title,
    t.external_transaction_id AS transaction_id, t.transaction_date::text AS date, t.amount::text,
    translate(t.source_fields ->> 'printed_address', E'\n', ' ') AS address, t.purpose,
    (t.source_fields -> 'notes')::integer AS notes,
    t.merchant_name, t.merchant_address, t.coding_type, t.job_number AS job,
    t.source_fields ->> 'job_description' AS job_description, t.job_phase AS phase,
    t.cost_type, t.gl_account,
    t.gl_description, t.is_coded AS coded, t.attachment_name, t.has_attachment,
    t.source_fields ->> 'request_type' AS request_type,
    app.name_key(t.source_fields ->> 'printed_name') AS own_key
FROM report.transactions AS t WHERE t.session_id = %s AND t.cardholder_id = %s ORDER BY t.position
"""
ISSUES = """
SELECT i.issue_type AS type, i.severity, t.external_transaction_id AS transaction_id,
    t.page_number AS page,
    i.amount_impact::text
FROM report.validation_issues AS i
LEFT JOIN report.transactions AS t ON t.transaction_id = i.transaction_id
WHERE i.session_id = %s AND i.cardholder_id = %s AND i.is_open AND i.issue_type = ANY (%s)
"""
PARAMETERS = (
    "SELECT d.kind, d.parameters, d.page_count FROM report.documents AS d WHERE d.session_id = %s"
)


def in_order(issues: Iterable[Row]) -> list[Row]:
    """Return issues in one order, whoever lists them."""
    return sorted(issues, key=lambda i: (i["type"], i["page"] or 0, i["transaction_id"] or ""))


def person_of(office: Office, session: str, person: Row) -> Row:
    """Return one person with everything, as `expected.json` has it."""
    key = (session, person.pop("cardholder_id"))
    receipts = office.rows(RECEIPTS, *key)
    cards = office.rows(CARDS, *key)
    seen: dict[str, int] = {}
    keys: dict[str, None] = {}
    unique = ZERO
    for receipt in receipts:
        keys[receipt.pop("own_key")] = None
        names = receipt.pop("attachment_name")
        receipt["attachments"] = names.split(", ") if names else []
        first = seen.setdefault(receipt["transaction_id"], receipt["page"])
        receipt["duplicate_of_page"] = None if first == receipt["page"] else first
        unique += ZERO if first != receipt["page"] else Decimal(receipt["amount"] or 0)
    return {
        **person,
        "receipt_name_keys": list(keys),
        "cards": cards,
        "car_gross": str(sum((Decimal(card["gross"]) for card in cards), ZERO)),
        "receipt_total_unique": str(unique),
        "issues": in_order(office.rows(ISSUES, *key, RULES)),
        "transactions": office.rows(CHARGES, *key),
        "receipts": receipts,
    }


def people_of(office: Office, session: str) -> list[Row]:
    """Return all people of a session, as `expected.json` has them."""
    return [person_of(office, session, person) for person in office.rows(PEOPLE, session)]


def mask(number: str) -> str:
    """Return a card number as it may be kept."""
    return f"{number[:6]}XXXXXX{number[-4:]}"


def judged(person: Row) -> Row:
    """Return a person as judged since: a repeated page is no evidence and counts in no total.

    Without card activity `orphan_receipts` has the dollars of `total_mismatch`.
    """
    apart = abs(Decimal(person["car_total"]) - Decimal(person["receipt_total_unique"]))
    at_stake = str(apart if person["employee_id"] else ZERO)
    issues = [
        issue | ({"amount_impact": at_stake} if issue["type"] == "total_mismatch" else {})
        for issue in person["issues"]
        if apart or issue["type"] != "total_mismatch"
    ]
    found = {issue["type"] for issue in issues}
    flags = {flag: flag in found for flag in person["flags"]}
    status = "unfinished" if any(flags.values()) else "finished"
    return person | {"issues": issues, "flags": flags, "status": status}


def people_of_truth(truth: Row) -> list[Row]:
    """Return the people of an `expected.json`, without what is no content of the two PDFs.

    A card number is kept masked, so whether it was printed so is not kept; which charge a receipt
    belongs to is found by matching, not by reading.
    """
    people = []
    for person in map(judged, truth["employees"]):
        cards = [
            {name: value for name, value in card.items() if name != "masked"}
            | {"number": mask(card["number"])}
            for card in person["cards"]
        ]
        receipts = [
            {name: value for name, value in receipt.items() if name != "matches_transaction"}
            for receipt in person["receipts"]
        ]
        charges = [charge | {"card": mask(charge["card"])} for charge in person["transactions"]]
        people.append(
            person
            | {
                "cards": cards,
                "receipts": receipts,
                "transactions": charges,
                "issues": in_order(person["issues"]),
            }
        )
    return people
