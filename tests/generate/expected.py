"""The truth as JSON values: decimal strings, ISO dates, pages from 1, nothing a float.

Beyond the fields of the samples there are four, present only where they say something: a card's
``printed`` totals when they disagree with its rows, a receipt's ``amount_text`` when its amount
cannot be read, a person's ``ambiguous``, and the session's ``ambiguous_name_keys``.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from tests.generate.findings import FLAGS, SEVERITY, findings, other_rules
from tests.generate.model import MERCHANT_WIDTH
from tests.generate.text import decimal, name_key, price

if TYPE_CHECKING:
    from tests.generate.model import Card, Charge, Month, Person, Receipt

Json = dict[str, Any]

CODING_TYPES = {"Job Coding": "job_coding", "GL Coding": "gl_coding", None: None}


def expected(month: Month) -> Json:
    """Return what reading both PDFs with the aliases must give."""
    people = sorted(month.people, key=lambda person: (person.name_key, person.employee_id or "~"))
    employees = [_employee(person) for person in people]
    return {
        "report": {
            "posted_from": month.first.isoformat(),
            "posted_to": month.last.isoformat(),
            "account_code": month.account_code,
            "company": month.company,
            "car_pages": month.car_pages,
            "receipt_pages": len(month.receipt_pages),
        },
        "session": _session(people, employees),
        "employees": employees,
    }


def _session(people: list[Person], employees: list[Json]) -> Json:
    car_total = sum(person.car_total for person in people)
    is_known = all(person.is_known for person in people)
    receipt_total = sum(person.receipt_total for person in people)
    finished = sum(employee["status"] == "finished" for employee in employees)
    issues = Counter(issue["type"] for employee in employees for issue in employee["issues"])
    session: Json = {
        "employees": len(people),
        "employees_in_car": sum(person.in_report for person in people),
        "employees_only_in_receipts": sum(not person.in_report for person in people),
        "cards": sum(len(person.cards) for person in people),
        "car_transactions": sum(len(person.charges) for person in people),
        "receipts": sum(len(person.receipts) for person in people),
        "car_total": decimal(car_total) if is_known else None,
        "car_gross": decimal(sum(card.gross for person in people for card in person.cards)),
        "receipt_total": decimal(receipt_total),
        "receipt_total_unique": decimal(sum(person.receipt_total_unique for person in people)),
        "difference": decimal(car_total - receipt_total) if is_known else None,
        "finished": finished,
        "unfinished": len(people) - finished,
        "employees_flagged": {
            flag: sum(employee["flags"][flag] for employee in employees) for flag in FLAGS
        },
        "issues": dict(sorted(issues.items())),
    }
    ambiguous = sorted(person.name_key for person in people if person.ambiguous)
    if ambiguous:
        session["ambiguous_name_keys"] = ambiguous
    return session


def _employee(person: Person) -> Json:
    issues = [
        {
            "type": finding.type,
            "severity": SEVERITY[finding.type],
            "transaction_id": finding.receipt and finding.receipt.transaction_id,
            "page": finding.receipt and finding.receipt.page,
            "amount_impact": None if finding.impact is None else decimal(finding.impact),
        }
        for finding in findings(person)
    ]
    found = {issue["type"] for issue in issues}
    indexes = {id(charge): index for index, charge in enumerate(person.charges)}
    employee: Json = {
        "name_key": person.name_key,
        "receipt_name_keys": sorted({name_key(r.printed_name) for r in person.receipts}),
        "employee_id": person.employee_id,
        "cards": [_card(card) for card in person.cards],
        "car_total": decimal(person.car_total) if person.is_known else None,
        "car_gross": decimal(sum(card.gross for card in person.cards)),
        "receipt_total": decimal(person.receipt_total),
        "receipt_total_unique": decimal(person.receipt_total_unique),
        "difference": decimal(person.car_total - person.receipt_total) if person.is_known else None,
        "car_pages": [page for card in person.cards for page in card.pages],
        "receipt_pages": [receipt.page for receipt in person.receipts],
        "flags": {flag: flag in found for flag in FLAGS},
        "status": "unfinished"
        if found.intersection(FLAGS) or not person.is_known or other_rules(person)
        else "finished",
        "issues": issues,
        "transactions": [
            _transaction(card, charge) for card in person.cards for charge in card.charges
        ],
        "receipts": [_receipt(receipt, indexes) for receipt in person.receipts],
    }
    if person.ambiguous:
        employee["ambiguous"] = True
    return employee


def _card(card: Card) -> Json:
    values: Json = {
        "number": card.number,
        "last4": card.number[-4:],
        "masked": card.masked,
        "total_line_printed": card.total_line_printed,
        "gross": decimal(card.gross),
        "discount": decimal(card.gross - card.net),
        "net": decimal(card.net),
        "pages": card.pages,
    }
    if card.misprint:
        values["printed"] = {
            "gross": decimal(card.gross + card.misprint),
            "discount": decimal(card.gross - card.net),
            "net": decimal(card.net + card.misprint),
        }
    return values


def _transaction(card: Card, charge: Charge) -> Json:
    return {
        "card": card.number,
        "trans_date": charge.trans_date.isoformat(),
        "posted_date": charge.posted_date.isoformat(),
        "level": charge.level,
        "number": charge.number,
        "merchant": charge.merchant[:MERCHANT_WIDTH].rstrip(),
        "city": charge.city,
        "state": charge.state,
        "group": charge.group,
        "gross": decimal(charge.gross),
        "discount": decimal(charge.discount),
        "net": decimal(charge.net),
        "page": charge.page,
        "totals_page": charge.totals_page,
        "lines": [
            {
                "product": line.product,
                "ppu": price(line.price, commas=False),
                "quantity": decimal(line.quantity),
                "gross": decimal(line.gross),
                "discount": decimal(line.discount),
                "net": decimal(line.net),
            }
            for line in charge.lines
        ],
    }


def _receipt(receipt: Receipt, indexes: dict[int, int]) -> Json:
    coding = receipt.coding
    values: Json = {
        "page": receipt.page,
        "request_number": receipt.request_number,
        "printed_name": receipt.printed_name,
        "expense_type": receipt.expense_type,
        "title": receipt.title,
        "transaction_id": receipt.transaction_id,
        "date": receipt.date.isoformat(),
        "amount": None if receipt.amount is None else decimal(receipt.amount),
        "address": " ".join(receipt.address),
        "purpose": receipt.purpose,
        "notes": receipt.notes,
        "merchant_name": receipt.merchant,
        "merchant_address": receipt.merchant_address,
        "coding_type": CODING_TYPES[coding.kind],
        "job": coding.job,
        "job_description": coding.job_description,
        "phase": coding.phase,
        "cost_type": coding.cost_type,
        "gl_account": coding.account,
        "gl_description": coding.account_description,
        "coded": coding.complete,
        "attachments": list(receipt.attachments),
        "has_attachment": bool(receipt.attachments),
        "request_type": receipt.request_type,
        "duplicate_of_page": receipt.duplicate_of and receipt.duplicate_of.page,
        "matches_transaction": indexes[id(receipt.charge)] if receipt.charge else None,
    }
    if receipt.amount is None:
        values["amount_text"] = receipt.amount_text
    return values
