"""An import that fails at any of its steps leaves the state before, and no step is forgotten."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.database.conftest import IMPORT, TABLES, changed, stored

if TYPE_CHECKING:
    from tests.database.conftest import Office

# Counts the writing statements of a transaction and fails at the one that app.fail_at names.
INJECT = """
CREATE SCHEMA fault;
CREATE FUNCTION fault.step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_step integer := coalesce(nullif(current_setting('fault.step', true), '')::integer, 0) + 1;
BEGIN
    PERFORM set_config('fault.step', v_step::text, true);
    IF v_step = nullif(current_setting('fault.fail_at', true), '')::integer THEN
        RAISE EXCEPTION 'injected at step %, % of %', v_step, TG_OP, TG_TABLE_NAME
            USING ERRCODE = current_setting('fault.code');
    END IF;
    RETURN NULL;
END
$$;
"""
ATTACH = """
CREATE TRIGGER z99_fault AFTER INSERT OR UPDATE OR DELETE ON {}
    FOR EACH STATEMENT EXECUTE FUNCTION fault.step()
"""
# What a recorded attempt writes.
TRACES = {"app.import_attempts", "app.import_rejects", "audit.commits"}
STEPS_AT_LEAST = 12


@pytest.fixture
def faulty(superuser: psycopg.Connection) -> psycopg.Connection:
    """Return a superuser's connection to a database whose tables count and fail on demand."""
    superuser.execute(INJECT)
    for (table,) in superuser.execute(TABLES).fetchall():
        superuser.execute(ATTACH.format(table).encode())
    return superuser


def attempt(office: Office, text: str, parent: str, fail_at: int, code: str) -> str:
    """Import and commit with a failure at this step; return the outcome or the SQLSTATE."""
    settings = "SELECT set_config('fault.fail_at', %s, true), set_config('fault.code', %s, true)"
    try:
        with office.acting("pat") as connection:
            connection.execute(settings, (str(fail_at), code))
            row = connection.execute(IMPORT, (text, parent, "again")).fetchone()
    except psycopg.Error as error:
        return str(error.sqlstate)
    assert row is not None
    return str(row[0]["outcome"])


def second_month(small: str) -> str:
    """Return a later submission that uses every branch: changes, additions, one reject."""
    document = json.loads(changed(small, 7))
    document["NEWCOMER"] = {"employee_id": "77", "car_total": 5, "card_no": "999999XXXXXX0001"}
    document["REJECTED"] = []
    return json.dumps(document)


@pytest.mark.parametrize("code", ["55P03", "IV008"])
def test_every_step(office: Office, faulty: psycopg.Connection, small: str, code: str) -> None:
    """Fail at step 1, 2, 3 … until there is none left; IV008 is a refusal, 55P03 is none."""
    parent = office.bring(small)["session_id"]
    text = second_month(small)
    failed = 0
    while True:
        before = stored(faulty)
        outcome = attempt(office, text, parent, failed + 1, code)
        after = stored(faulty)
        if outcome == "accepted":
            break
        failed += 1
        different = {table for table in after if after[table] != before[table]}
        if outcome == "refused":
            assert different <= TRACES
            assert "app.import_attempts" in different
        else:
            assert outcome == code
            assert different == set()
    assert failed >= STEPS_AT_LEAST
    assert office.ask("ada", "SELECT count(*) FROM report.sessions") == 2
    assert attempt(office, text, parent, 0, code) == "accepted"
    assert office.ask("ada", "SELECT count(*) FROM report.sessions") == 2


def test_a_failing_proof_leaves_nothing(
    office: Office, superuser: psycopg.Connection, small: str
) -> None:
    """What only the proof at commit notices takes the whole import with it."""
    superuser.execute("""
        CREATE FUNCTION app.falsify() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            NEW.receipt_total := NEW.receipt_total + 0.01;
            RETURN NEW;
        END $$;
        CREATE TRIGGER z99_falsify BEFORE INSERT ON app.employee_revisions
            FOR EACH ROW EXECUTE FUNCTION app.falsify();
    """)
    before = stored(superuser)
    with pytest.raises(psycopg.Error) as caught:
        office.bring(small)
    assert caught.value.sqlstate == "RL001"
    assert stored(superuser) == before
    superuser.execute("DROP TRIGGER z99_falsify ON app.employee_revisions")
    assert office.bring(small)["outcome"] == "accepted"
