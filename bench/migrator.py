"""The migrator of the founding document, made to work: one awaited INSERT for every row.

Kept as it was planned: SQLAlchemy's asynchronous session over asyncpg, the whole file loaded, one
statement per employee, receipt and issue in one transaction, totals as the file has them, only the
by-code shape, issues from the old flags (of which the third, ``total_mismatch``, is never set in an
old file). Mended so that it runs: statements are wrapped in ``text()`` and values have the types
that asyncpg insists on. It writes to plain tables with keys and indexes in a schema of their own.
"""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from bench.harness import Lap, cpu_seconds

if TYPE_CHECKING:
    from collections.abc import Mapping

SETUP = """
    DROP SCHEMA IF EXISTS migrated CASCADE;
    CREATE SCHEMA migrated;
    CREATE TABLE migrated.processing_sessions (
        session_id uuid PRIMARY KEY, user_id uuid NOT NULL, session_name text NOT NULL,
        status text NOT NULL, car_file_name text, receipt_file_name text,
        total_employees integer, total_amount numeric(14,2),
        processing_started_at timestamptz, created_at timestamptz NOT NULL);
    CREATE TABLE migrated.employee_revisions (
        revision_id uuid PRIMARY KEY,
        session_id uuid NOT NULL REFERENCES migrated.processing_sessions,
        employee_name text NOT NULL, employee_id text, card_number text,
        car_total numeric(14,2), receipt_total numeric(14,2), status text NOT NULL,
        validation_flags jsonb, car_page_range integer[], receipt_page_range integer[],
        processed_at timestamptz);
    CREATE INDEX ON migrated.employee_revisions (session_id);
    CREATE TABLE migrated.transactions (
        transaction_id uuid PRIMARY KEY,
        employee_revision_id uuid NOT NULL REFERENCES migrated.employee_revisions,
        external_transaction_id text, transaction_date date, amount numeric(14,2),
        description text, purpose text, merchant_name text, merchant_address text,
        coding_type text, job_number text, job_phase text, cost_type text, gl_account text,
        gl_description text, has_attachment boolean, is_coded boolean, created_at timestamptz);
    CREATE INDEX ON migrated.transactions (employee_revision_id);
    CREATE TABLE migrated.validation_issues (
        issue_id uuid PRIMARY KEY,
        employee_revision_id uuid NOT NULL REFERENCES migrated.employee_revisions,
        issue_type text NOT NULL, severity text NOT NULL, description text,
        amount_impact numeric(14,2), is_resolved boolean NOT NULL,
        identified_at timestamptz, created_at timestamptz);
    CREATE INDEX ON migrated.validation_issues (employee_revision_id);
"""


def _insert(name: str, columns: str) -> str:
    """Return the statement that inserts one row, a named parameter for each column."""
    values = ", ".join(f":{column}" for column in columns.split())
    return f"INSERT INTO migrated.{name} ({', '.join(columns.split())}) VALUES ({values})"  # noqa: S608 - constants


SESSION = _insert(
    "processing_sessions",
    "session_id user_id session_name status car_file_name receipt_file_name total_employees "
    "total_amount processing_started_at created_at",
)
EMPLOYEE = _insert(
    "employee_revisions",
    "revision_id session_id employee_name employee_id card_number car_total receipt_total status "
    "validation_flags car_page_range receipt_page_range processed_at",
)
TRANSACTION = _insert(
    "transactions",
    "transaction_id employee_revision_id external_transaction_id transaction_date amount "
    "description purpose merchant_name merchant_address coding_type job_number job_phase "
    "cost_type gl_account gl_description has_attachment is_coded created_at",
)
ISSUE = _insert(
    "validation_issues",
    "issue_id employee_revision_id issue_type severity description amount_impact is_resolved "
    "identified_at created_at",
)
ISSUES = {
    "missing_coding_info": ("high", "Missing job or GL coding information"),
    "missing_receipt": ("high", "Missing receipt attachments"),
}


def run_migrator(url: str, document: str) -> tuple[Lap, int]:
    """Return the lap of one migration of a by-code file, and the receipts it wrote.

    ``url`` is SQLAlchemy's, of a superuser: the schema ``migrated`` is made anew. The lap starts
    with reading the JSON, as the program would.
    """
    return asyncio.run(_migrate(url, document))


async def _migrate(url: str, document: str) -> tuple[Lap, int]:
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            for statement in SETUP.split(";"):
                if statement.strip():
                    await connection.execute(text(statement))
        async with AsyncSession(engine, expire_on_commit=False) as session:
            pid = (await session.execute(text("SELECT pg_backend_pid()"))).scalar_one()
            cpu, start = cpu_seconds(pid), time.perf_counter()
            await _migrate_session(session, json.loads(document))
            await session.commit()
            lap = Lap(time.perf_counter() - start, cpu_seconds(pid) - cpu)
            count = await session.execute(text("SELECT count(*) FROM migrated.transactions"))
            return lap, int(count.scalar_one())
    finally:
        await engine.dispose()


async def _migrate_session(session: AsyncSession, content: Mapping[str, Any]) -> None:
    now = datetime.now(UTC)
    session_id = uuid4()
    total = sum(Decimal(str(employee.get("car_total", 0))) for employee in content.values())
    values = {
        "session_id": session_id,
        "user_id": uuid4(),
        "session_name": f"Migrated_{now:%Y%m%d_%H%M%S}",
        "status": "completed",
        "car_file_name": "migrated_car.pdf",
        "receipt_file_name": "migrated_receipt.pdf",
        "total_employees": len(content),
        "total_amount": total,
        "processing_started_at": now,
        "created_at": now,
    }
    await session.execute(text(SESSION), values)
    for name, employee in content.items():
        await _migrate_employee(session, session_id, name, employee)


async def _migrate_employee(
    session: AsyncSession, session_id: UUID, name: str, employee: Mapping[str, Any]
) -> None:
    revision_id = uuid4()
    flags = employee.get("flags", {})
    values = {
        "revision_id": revision_id,
        "session_id": session_id,
        "employee_name": name,
        "employee_id": employee.get("employee_id"),
        "card_number": employee.get("card_no"),
        "car_total": Decimal(str(employee.get("car_total", 0))),
        "receipt_total": Decimal(str(employee.get("rec_total", 0))),
        "status": "unfinished" if any(flags.values()) else "finished",
        "validation_flags": json.dumps(flags),
        "car_page_range": employee.get("car_page_range", []),
        "receipt_page_range": employee.get("rec_page_range", []),
        "processed_at": datetime.now(UTC),
    }
    await session.execute(text(EMPLOYEE), values)
    for receipts in employee.get("receipts", {}).values():
        for receipt in receipts:
            await _migrate_transaction(session, revision_id, receipt)
    for flag, (severity, description) in ISSUES.items():
        if flags.get(flag):
            await _create_issue(session, revision_id, flag, severity, description)


async def _migrate_transaction(
    session: AsyncSession, revision_id: UUID, receipt: Mapping[str, Any]
) -> None:
    values = {
        "transaction_id": uuid4(),
        "employee_revision_id": revision_id,
        "external_transaction_id": receipt.get("rec_id"),
        "transaction_date": _parse_date(receipt.get("date")),
        "amount": Decimal(str(receipt.get("amt", 0))),
        "description": receipt.get("title"),
        "purpose": receipt.get("purpose"),
        "merchant_name": receipt.get("merch_name"),
        "merchant_address": receipt.get("merch_addy"),
        "coding_type": _coding_type(receipt),
        "job_number": receipt.get("job"),
        "job_phase": receipt.get("phase"),
        "cost_type": receipt.get("cost_type"),
        "gl_account": receipt.get("gl_acct"),
        "gl_description": receipt.get("gl_desc"),
        "has_attachment": receipt.get("attachment", False),
        "is_coded": receipt.get("coded", False),
        "created_at": datetime.now(UTC),
    }
    await session.execute(text(TRANSACTION), values)


async def _create_issue(
    session: AsyncSession, revision_id: UUID, issue_type: str, severity: str, description: str
) -> None:
    now = datetime.now(UTC)
    values = {
        "issue_id": uuid4(),
        "employee_revision_id": revision_id,
        "issue_type": issue_type,
        "severity": severity,
        "description": description,
        "amount_impact": Decimal("0.00"),
        "is_resolved": False,
        "identified_at": now,
        "created_at": now,
    }
    await session.execute(text(ISSUE), values)


def _parse_date(value: str | None) -> date | None:
    if value:
        with suppress(ValueError):
            return datetime.strptime(value, "%m/%d/%Y").replace(tzinfo=UTC).date()
    return None


def _coding_type(receipt: Mapping[str, Any]) -> str | None:
    if receipt.get("job"):
        return "job_coding"
    return "gl_coding" if receipt.get("gl_acct") else None
