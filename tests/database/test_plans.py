"""What a correction reads follows what it changes, whatever the planner knows of the tables."""

import io
from collections.abc import Iterator

import psycopg
import pytest

from svc.embedded.cluster import Cluster
from tests.generate import build, write_activity

PEOPLE, RECEIPTS = 300, 3000
TABLES = (
    "receipt_contents",
    "receipt_links",
    "session_employees",
    "validation_issues",
    "corrections",
)
# All receipts of the session, read for each receipt of a person: 100,000 blocks for one person of
# ten, 4,000,000 for 40. Catalogs that are read anew after ANALYZE count too.
ALLOWED_ONE, ALLOWED_MANY = 10_000, 100_000
# Statements of the session, read for each receipt spoken about: 1,280,000 blocks for 1,500.
ALLOWED_HALF = 400_000
WHOLE = """
CREATE FUNCTION public.run_whole(p_statement text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE p_statement;
    SET CONSTRAINTS ALL IMMEDIATE;
END
$$
"""
CORRECT = """
UPDATE api.current_transactions SET purpose = 'corrected' WHERE transaction_id = ANY ('{{{ids}}}')
"""
LIST = """
EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT t.* FROM report.transactions AS t
WHERE t.session_id = (SELECT s.session_id FROM report.sessions AS s) AND {condition}
"""
SEARCH = """
report.search_text(t.employee_name, t.merchant_name, t.purpose, t.amount) COLLATE "C"
    ~ ALL ((SELECT report.search_patterns('no such words 45.00'))::text[])
"""
HALF = """
SELECT t.transaction_id::text FROM report.transactions AS t ORDER BY t.transaction_id LIMIT 1500
"""
ONE_OF_EACH = """
SELECT DISTINCT ON (t.cardholder_id) t.transaction_id::text FROM report.transactions AS t
ORDER BY t.cardholder_id, t.position
"""


@pytest.fixture
def month(cluster: Cluster, database: str) -> Iterator[psycopg.Connection]:
    """Yield the connection that imported a first month into a database without statistics."""
    with cluster.login("postgres", database).connect() as superuser:
        superuser.execute(WHOLE)
        for table in TABLES:
            superuser.execute(f"ALTER TABLE app.{table} SET (autovacuum_enabled = off)".encode())
    with cluster.login("ccp_owner", database).connect() as owner:
        owner.execute("SELECT api.save_user('ada', NULL, 'admin')")
        owner.execute("SELECT api.map_login('ccp_local', 'ada', 1)")
    file = io.StringIO()
    write_activity(build(PEOPLE, RECEIPTS, 1), file)
    conninfo = cluster.login("ccp_local", database).conninfo
    with psycopg.connect(conninfo, autocommit=True) as person:
        person.execute("SET app.reason = 'looked up'")
        person.execute("SELECT api.import_activity(%s)", [file.getvalue()])
        yield person


def blocks_of(person: psycopg.Connection, ids: list[str]) -> int:
    """Return how many blocks a correction of these receipts looks at, its proof included."""
    update = CORRECT.format(ids=",".join(ids))
    row = person.execute(
        f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT public.run_whole($s${update}$s$)".encode()
    ).fetchone()
    assert row is not None
    plan = row[0][0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def blocks_of_list(person: psycopg.Connection, condition: str) -> int:
    """Return how many blocks the receipts of a session with this condition take."""
    query = LIST.format(condition=condition)
    row = person.execute(query.encode()).fetchone()
    assert row is not None
    return int(row[0][0]["Plan"]["Shared Hit Blocks"] + row[0][0]["Plan"]["Shared Read Blocks"])


@pytest.mark.parametrize("analysed", [False, True], ids=["without_statistics", "with_statistics"])
def test_corrections_after_a_first_import_go_by_key(
    month: psycopg.Connection, cluster: Cluster, database: str, analysed: bool
) -> None:
    """One receipt, by plans the session keeps, and 40 people, by plans made for them."""
    if analysed:
        with cluster.login("postgres", database).connect() as superuser:
            superuser.execute("ANALYZE")
    ids = [one for (one,) in month.execute(ONE_OF_EACH).fetchall()]
    assert len(ids) > 50
    assert blocks_of(month, ids[:1]) < ALLOWED_ONE
    assert blocks_of(month, ids[1:41]) < ALLOWED_MANY
    half = [one for (one,) in month.execute(HALF).fetchall()]
    assert blocks_of(month, half) < ALLOWED_HALF
    # A search reads the rows of its session once, and no more than the list without it.
    assert blocks_of_list(month, "TRUE") * 1.1 + 200 > blocks_of_list(month, SEARCH)
