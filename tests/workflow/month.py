"""A small month with issues, users of every role, and calls as one of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, LiteralString

if TYPE_CHECKING:
    import psycopg

ROLES = {"ada": "admin", "pat": "processor", "rex": "reviewer", "rae": "reviewer"}


def receipt(number: int, amount: str = "10.00", **changes: object) -> dict[str, Any]:
    """Return a receipt as the old program wrote it, coded and with its attachment."""
    return {
        "rec_id": str(number),
        "amt": amount,
        "date": "03/15/2025",
        "code_type": "GL Coding",
        "gl_acct": "6120.100",
        "coded": True,
        "attachment": True,
        **changes,
    }


def month(people: int, receipts: int) -> dict[str, Any]:
    """Return people who each handed in receipts without attachment."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return {
        f"PERSON{letters[person // 26]}{letters[person % 26]}": {
            "employee_id": str(1000 + person),
            "car_total": 10.0 * receipts,
            "card_no": f"999999XXXXXX{1000 + person}",
            "receipts": {
                "6120.100": [
                    receipt(person * 1000 + number, attachment=False) for number in range(receipts)
                ]
            },
        }
        for person in range(people)
    }


MONTH = month(2, 2)


def make_users(owner: psycopg.Connection) -> None:
    """Make one user per role with an address, as an administrator would."""
    for name, role in ROLES.items():
        call: LiteralString = "SELECT FROM api.save_user(%s, %s, %s)"
        owner.execute(call, (name, f"{name}@example.org", role))
    owner.commit()


def act(service: psycopg.Connection, user: str) -> None:
    """Begin a transaction as a user, the way the service does."""
    service.execute("SELECT set_config('app.actor', %s, true)", (user,))
    service.execute("SELECT set_config('role', %s, true)", (f"ccp_{ROLES[user]}",))


def import_month(
    service: psycopg.Connection,
    content: object,
    name: str = "March",
    parent: str | None = None,
) -> str:
    """Import a month as the processor and return its session."""
    act(service, "pat")
    row = service.execute(
        "SELECT api.import_activity(%s, %s, %s)", (json.dumps(content), name, parent)
    ).fetchone()
    service.commit()
    assert row is not None
    assert row[0]["outcome"] == "accepted"
    return str(row[0]["session_id"])
