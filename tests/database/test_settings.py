"""The settings of a caller change nothing: a month under hostile ones leaves the same rows."""

from __future__ import annotations

import datetime
import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, LiteralString

import psycopg
import pytest
from psycopg import sql

from svc.embedded.cluster import SUPERUSER
from tests.conftest import copy_of_template
from tests.database.conftest import USERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from svc.embedded.cluster import Cluster

FIXTURE = Path(__file__).parents[2] / "db" / "tests" / "fixtures" / "pdfs.psql"
PLAIN: dict[str, str] = {}
HOSTILE = [
    {
        "datestyle": "SQL,DMY",
        "intervalstyle": "sql_standard",
        "bytea_output": "escape",
        "quote_all_identifiers": "on",
        "standard_conforming_strings": "off",
        "escape_string_warning": "off",
        "extra_float_digits": "-15",
        "timezone": "Pacific/Kiritimati",
        "search_path": "report,api,app",
        "transform_null_equals": "on",
        "array_nulls": "off",
    },
    {
        "datestyle": "German",
        "intervalstyle": "iso_8601",
        "bytea_output": "escape",
        "quote_all_identifiers": "on",
        "extra_float_digits": "3",
        "timezone": "America/St_Johns",
        "search_path": "audit",
        "plpgsql.extra_errors": "all",
        "enable_hashjoin": "off",
        "enable_mergejoin": "off",
        "enable_nestloop": "off",
    },
    {
        "datestyle": "Postgres,DMY",
        "intervalstyle": "postgres_verbose",
        "standard_conforming_strings": "off",
        "escape_string_warning": "off",
        "timezone": "Asia/Kathmandu",
        "search_path": "pg_temp",
        "xmlbinary": "hex",
        "backslash_quote": "on",
        "check_function_bodies": "off",
        "plan_cache_mode": "force_generic_plan",
    },
]

# What has a date or an instant in it, so that a rule that printed one would show.
RECEIPT = {
    "code_type": "GL Coding",
    "gl_acct": "6120.100",
    "coded": True,
    "attachment": True,
    "merch_name": "LANDING \\ SEAFOOD",
}
MONTH = {
    "WADEWINDFALLOW": {
        "employee_id": "1001",
        "car_total": 99.0,
        "card_no": "999999XXXXXX1193",
        "receipts": {
            "6120.100": [
                RECEIPT | {"rec_id": "41", "amt": "10.00", "date": "03/12/2025"},
                RECEIPT | {"rec_id": "42", "amt": "20.00", "date": "03/04/2025"},
                RECEIPT | {"rec_id": "42", "amt": "20.00", "date": "01/05/2025"},
                RECEIPT | {"rec_id": "43", "amt": "7.00", "date": "02/11/2027"},
                RECEIPT | {"rec_id": "44", "amt": "1.00", "date": "31/31/2025"},
                RECEIPT | {"rec_id": "45", "amt": "5.00", "date": "03/12/2025", "gl_acct": "9"},
                RECEIPT
                | {"rec_id": "46", "amt": "6.00", "date": "03/05/2025"}
                | {"attachment": False},
            ]
        },
    },
    "JOANROW": {"employee_id": "1002", "car_total": 7.5, "card_no": "999999XXXXXX1194"},
}
CHART = [{"code": "6120.100", "valid_from": "2025-01-01", "valid_until": "2025-12-31"}]
LOAD_CHART = """
SELECT api.load_chart('gl_account', %s::text::jsonb, c.version)
FROM report.coding_charts AS c WHERE c.code_kind = 'gl_account'
"""
# What would let somebody else decide, or wait: here one person does all.
UNLIMITED = """
SELECT api.save_setting(w.setting_name, w.value, 1) FROM (VALUES
    ('decision_limit_reviewer', 999999999999.99), ('control_report_totals', 0),
    ('control_month', 0), ('control_name_share', 0), ('control_date_share', 0)
) AS w (setting_name, value)
"""
SAVE_MERCHANT = """
SELECT api.save_prohibited_merchant('SEAFOOD', 'Not there',
    (SELECT m.version FROM report.prohibited_merchants AS m WHERE m.pattern = 'SEAFOOD'))
"""
REPORT: LiteralString = """
SELECT tap.hand_in(%(seed)s,
    tap.pdf_report('{"parameters": {"posted_from": "2025-03-01", "posted_to": "2025-03-31"}}',
        tap.pdf_card('{}',
            tap.pdf_charge('{"number": "000000001"}'),
            tap.pdf_charge('{"number": "000000002", "posted_date": "2025-04-01"}'),
            tap.pdf_charge('{"number": "000000003", "trans_date": "2025-01-02"}'),
            tap.pdf_charge('{"number": "000000004", "posted_date": "2027-03-02"}'),
            tap.pdf_charge('{"number": "000000005", "merchant": "GRAVEL PIT"}',
                tap.pdf_line('{"gross": "4000.00", "net": "4000.00", "ppu": "4000.00000"}')),
            tap.pdf_charge('{"number": "000000006", "merchant": "GRAVEL PIT"}',
                tap.pdf_line('{"gross": "5000.01", "net": "5000.01", "ppu": "5000.01000"}')),
            tap.pdf_charge('{"number": "000000007", "merchant": "GRAVEL PIT"}',
                tap.pdf_line('{"gross": "3000.00", "net": "3000.00", "ppu": "3000.00000"}'))),
        tap.pdf_card('{"card_number": "999999XXXXXX2222", "pages": [2]}',
            tap.pdf_charge('{"page": 2, "merchant": "GRAVEL PIT"}',
                tap.pdf_line('{"gross": "3000.00", "net": "3000.00", "ppu": "3000.00000"}')))),
    tap.pdf_receipts('{}', tap.pdf_receipt(1), tap.pdf_receipt(2, '{"amount": "10.40"}'),
        tap.pdf_receipt(3, '{"date": "2024-03-02"}'), tap.pdf_receipt(4, '{"amount": "4000.00"}'))
) ->> 'outcome'
"""
LATEST = "SELECT s.session_id FROM report.sessions AS s WHERE s.is_latest ORDER BY 1"
CORRECT = """
UPDATE api.current_transactions
SET description = coalesce(description, '') || '.', transaction_date = transaction_date
WHERE session_id = %s
"""
OPEN = "SELECT i.issue_id, i.version FROM report.validation_issues AS i WHERE i.is_open ORDER BY 1"
COUNT_OPEN = "SELECT count(*) FROM report.validation_issues AS i WHERE i.is_open"
REOPENED = """
SELECT i.issue_type, v.details FROM report.issue_events AS v
JOIN report.validation_issues AS i ON i.issue_id = v.issue_id
WHERE v.from_state IN ('resolved', 'waived', 'false_positive') AND v.to_state = 'open'
"""
# What else people do, each by its own call: who does it, and the call.
ISSUE = """
(SELECT i.issue_id, i.version FROM report.validation_issues AS i WHERE i.is_open
 ORDER BY i.employee_name, i.issue_type, i.description LIMIT 1 OFFSET {}) AS i
"""
PERSON = """
(SELECT e.session_id, e.cardholder_id, e.version, e.revision_id
 FROM report.employee_revisions AS e JOIN report.sessions AS s ON s.session_id = e.session_id
 WHERE s.is_latest AND e.employee_name = 'WADEWINDFALLOW'
 ORDER BY e.receipt_count DESC LIMIT 1) AS e
"""
ERRANDS: list[tuple[str, str]] = [
    ("ada", "api.save_setting('due_days_high', 6, s.version) FROM report.settings AS s"
     " WHERE s.setting_name = 'due_days_high'"),
    ("ada", "api.save_calendar_day('2025-03-17', false, 'Feast', (SELECT c.version"
     " FROM report.calendar_exceptions AS c WHERE c.calendar_day = '2025-03-17'))"),
    ("ada", "api.save_rule('stale_posting', r.version, p_valid_from => '2025-02-01',"
     " p_valid_until => '2029-12-31', p_description_template => 'On {posted_date}')"
     " FROM report.validation_rules AS r WHERE r.rule_code = 'stale_posting' AND r.is_current"),
    ("ada", "api.try_rule('stale_posting', m.month_id, p_parameters => '{\"days\": 3}')"
     " FROM report.months AS m ORDER BY m.month_id LIMIT 1"),
    ("ada", "api.save_matching_policy('{\"days_before\": 9, \"near_amount\": 2.5}',"
     " m.policy_version) FROM report.matching_policies AS m WHERE m.is_current"),
    ("ada", "api.save_accounting_profile('old_program', '{\"vendor\": \"7\"}',"
     " p.profile_version) FROM report.accounting_profiles AS p WHERE p.is_current"),
    ("pat", "api.export_lines(s.session_id, p_people => 'all', p_reason => 'On 03/04/2025',"
     " p_expected_sha256 => (api.export_lines(s.session_id, p_people => 'all')).sha256)"
     " FROM (SELECT x.session_id FROM report.sessions AS x WHERE x.is_latest"
     " ORDER BY x.session_id LIMIT 1) AS s"),
    ("ada", "api.void_batch(b.target, b.batch_number, 'Not posted on 03/04/2025')"
     " FROM report.accounting_batches AS b WHERE NOT b.is_void"),
    ("pat", "api.compare_old_result(s.session_id, report.activity_json(s.session_id)::text, 'old')"
     " FROM (SELECT x.session_id FROM report.sessions AS x WHERE x.is_latest"
     " ORDER BY x.session_id LIMIT 1) AS s"),
    ("ada", "api.save_spending_limit(p_merchant_group => 'GRAVEL', p_limit_amount => 12.5,"
     " p_expected_version => (SELECT l.version FROM report.spending_limits AS l"
     " WHERE l.merchant_group = 'GRAVEL'))"),
    # A sign-in and a link are there once; each month signs in anew.
    ("pat", "api.record_sign_in(repeat(chr(97 + m.number), 32), 'link',"
     " repeat(chr(98 + m.number), 32))"
     " FROM (SELECT count(*)::integer AS number FROM report.months) AS m"),
    ("pat", "api.record_sign_out()"),
    ("ada", "api.save_users('[{\"user_name\": \"listed\", \"email\": \"l@example.org\"}]')"),
    ("ada", "api.save_addresses('[{\"employee_name\": \"WADEWINDFALLOW\","
     " \"email\": \"w@example.org\"}]')"),
    ("ada", "api.place_legal_hold(m.month_id, 'Case 03/04/2025') FROM report.months AS m"
     " ORDER BY m.month_id LIMIT 1"),
    ("rae", "api.lift_legal_hold(h.hold_id, 'Over') FROM report.legal_holds AS h"
     " WHERE h.is_in_force"),
    ("ada", "api.choose_reminder_day(m.month_id, (now() AT TIME ZONE 'UTC')::date + 9)"
     " FROM report.months AS m WHERE m.state = 'open' ORDER BY m.month_id LIMIT 1"),
    ("ada", "api.revoke_token(repeat('a', 32), 'Lost on 03/04/2025')"),
    ("rae", f"api.assign_issue(i.issue_id, i.version, 'pat', 'Yours') FROM {ISSUE.format(0)}"),
    ("rae", f"api.start_issue(i.issue_id, i.version, 'Begun') FROM {ISSUE.format(1)}"),
    ("rae", f"api.note_issue(i.issue_id, i.version, E'C:\\\\temp') FROM {ISSUE.format(2)}"),
    ("rae", f"api.suspend_issue(i.issue_id, i.version, 'Asked') FROM {ISSUE.format(3)}"),
    ("rae", f"api.mark_false_positive(i.issue_id, i.version, 'No') FROM {ISSUE.format(4)}"),
    ("rae", "api.propose_waiver(i.issue_id, i.version, 'other', 'Small', 999999.99,"
     " (now() AT TIME ZONE 'UTC')::date + 9) FROM (SELECT w.*"
     " FROM report.validation_issues AS w WHERE w.is_open AND w.amount_impact IS NOT NULL"
     " ORDER BY w.employee_name, w.issue_type, w.description"
     " LIMIT 1) AS i"),
    ("ada", "api.approve_waiver(w.issue_id, i.version, 'Fine') FROM report.waivers AS w"
     " JOIN report.validation_issues AS i ON i.issue_id = w.issue_id WHERE i.state = 'waiting'"),
    ("pat", "api.hold_employee(e.session_id, e.cardholder_id, e.version, 'Wait until 03/04/2025')"
     f" FROM {PERSON}"),
    ("pat", f"api.release_employee(e.session_id, e.cardholder_id, e.version, 'Go') FROM {PERSON}"),
    ("pat", "api.add_transaction(e.session_id, e.revision_id, jsonb_build_object("
     "'transaction_date', '2025-03-04', 'amount', '0.00', 'merchant_name', 'Added'), 'By hand')"
     f" FROM {PERSON}"),
    ("pat", "api.move_transaction(t.session_id, t.transaction_id, t.employee_revision_id,"
     " (SELECT e.revision_id FROM report.employee_revisions AS e WHERE e.session_id = t.session_id"
     " AND e.cardholder_id <> t.cardholder_id ORDER BY e.employee_name LIMIT 1), 'Not hers')"
     " FROM report.transactions AS t JOIN report.sessions AS s ON s.session_id = t.session_id"
     " WHERE s.is_latest AND t.merchant_name = 'Added'"),
    ("pat", "api.remove_transaction(t.session_id, t.transaction_id, t.employee_revision_id,"
     " 'Twice') FROM report.transactions AS t"
     " JOIN report.sessions AS s ON s.session_id = t.session_id WHERE s.is_latest"
     " AND t.merchant_name = 'Added'"),
    ("pat", "api.create_session('Later', p_period_start => '2025-04-01')"),
    ("ada", "api.cancel_session(s.session_id, s.version) FROM report.sessions AS s"
     " WHERE s.status = 'open' AND s.session_name = 'Later'"),
    ("rae", "api.resolve_issues(NULL, jsonb_build_object('session_id', s.session_id, 'severity',"
     " 'low'), 'explained', 'All') FROM report.sessions AS s WHERE s.is_latest"),
    ("ada", "api.expire_waivers()"),
]  # fmt: skip
PROPOSED = """
SELECT o.nearest_charge_id, o.transaction_id, e.version FROM report.open_receipts AS o
JOIN report.employee_revisions AS e ON e.revision_id = o.employee_revision_id
WHERE o.is_proposed ORDER BY o.session_id DESC, o.external_transaction_id LIMIT 1
"""

# Everything that answers rows, and what it needs to be asked.
VIEWS = """
SELECT n.nspname || '.' || c.relname FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'v' AND n.nspname IN ('report', 'api')
    -- It says how far behind the clock files are.
    AND c.relname <> 'mirror_state' ORDER BY 1
"""
ANSWERS = """
SELECT s.session_id, report.session_summary(s.session_id), report.import_report(s.session_id)
FROM report.sessions AS s;
SELECT s.session_id, p.* FROM report.sessions AS s, report.packet_pages(s.session_id) AS p;
SELECT s.session_id, c.* FROM report.sessions AS s,
    report.compare_sessions(s.parent_session_id, s.session_id) AS c;
SELECT r.revision_id, c.* FROM app.employee_revisions AS r,
    report.compare_revisions(r.predecessor_id, r.revision_id) AS c;
SELECT s.session_id, h.* FROM report.sessions AS s, report.object_history(s.session_id) AS h;
SELECT i.issue_id, h.* FROM report.validation_issues AS i, report.object_history(i.issue_id) AS h;
SELECT t.instant, h.* FROM report.ticks AS t,
    LATERAL report.validation_issues_as_of(t.instant) AS h;
SELECT t.instant, h.* FROM report.ticks AS t, LATERAL report.transactions_as_of(t.instant) AS h;
SELECT t.instant, h.* FROM report.ticks AS t, LATERAL report.sessions_as_of(t.instant) AS h;
SELECT report.surface();
SELECT v.* FROM audit.verify() AS v;
"""
# The rules are called as the owner's functions call them, and here without what pins settings.
FINDINGS = """
SELECT to_jsonb(f)
FROM unnest(app.run_rules(ARRAY(
    SELECT ROW(r.revision_id, r.session_id, r.cardholder_id, r.revision_number, r.predecessor_id,
        r.compared_with, r.employee_name, r.employee_id, r.card_number, r.is_in_report, r.car_total,
        r.receipt_total, r.receipt_count, r.car_page_range, r.receipt_page_range, NULL,
        r.receipt_total_unique
        )::app.revision_draft
    FROM app.session_employees AS e
    JOIN app.employee_revisions AS r ON r.revision_id = e.current_revision_id))) AS f
"""

# Stored rows as values, without what no two runs have alike: numbers of transactions, hashes over
# ids, times of the clock. Ids and instants inside of texts are masked below.
TABLES = """
SELECT format('%I.%I', n.nspname, c.relname), ARRAY(
    SELECT a.attname::text FROM pg_attribute AS a
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND (
        a.attname ~ '(^|_)tx$|_hash$|^digest$|^revisions_sha256$|^audit_seq$'
        OR a.atttypid = 'timestamptz'::regtype
        OR (c.relname, a.attname) IN (('processing_metrics', 'processing_time_ms'),
            ('processing_metrics', 'phases'), ('seals', 'root'), ('sealed_leaves', 'leaves'),
            ('sealed_leaves', 'row_keys'), ('seals', 'relations'), ('ticks', 'snapshot'))))
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname IN ('app', 'audit') ORDER BY 1
"""
INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+[+-][0-9]{2}:[0-9]{2}")
VARYING = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|20[0-9]{2}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9.]+)?([+-][0-9:]+)?"
    r"|Migrated_[0-9_]+"
    r"|(?<=\"snapshot\": )\"[^\"]*\""
)


class Office:
    """People who act on one database, all under the same settings."""

    def __init__(self, cluster: Cluster, database: str, settings: dict[str, str]) -> None:
        """Take these settings for every connection."""
        self._cluster = cluster
        self._database = database
        self._options = " ".join(f"-c {name}={value}" for name, value in settings.items())

    def _connect(self, login: str) -> psycopg.Connection:
        conninfo = self._cluster.login(login, self._database).conninfo
        return psycopg.connect(conninfo, options=self._options)

    def rows(self, who: str, query: LiteralString, *values: object, **named: object) -> list[Any]:
        """Run one query in a transaction of a user of the service, else of a login."""
        with self._connect("ccp_service" if who in USERS else who) as connection:
            if who in USERS:
                connection.execute("SELECT set_config('app.actor', %s, true)", (who,))
                connection.execute("SELECT set_config('app.reason', 'As told', true)")
                connection.execute("SELECT set_config('role', %s, true)", (f"ccp_{USERS[who]}",))
            cursor = connection.execute(query, named or values)
            return cursor.fetchall() if cursor.description else []

    def resolve_all(self) -> None:
        """Decide every open issue."""
        for issue, version in self.rows("rae", OPEN):
            self.rows(
                "rae", "SELECT api.resolve_issue(%s, %s, 'explained', 'Seen')", issue, version
            )

    def month(self, name: str) -> str:
        """Import the month under a name and return its session."""
        text = json.dumps(MONTH | {name: {"employee_id": name[:6], "car_total": 1.0}})
        ((answer,),) = self.rows(
            "pat", "SELECT api.import_activity(%s, %s, p_programme => %s)", text, name, name
        )
        assert answer["outcome"] == "accepted", answer
        return str(answer["session_id"])

    def run_errands(self) -> None:
        """Make every call of the list, each of which does something."""
        for who, call in ERRANDS:
            assert self.rows(who, f"SELECT {call}"), call

    def work(self, name: str) -> None:
        """Do what people do in a month, all of it."""
        self.rows("ada", LOAD_CHART, json.dumps(CHART))
        self.rows("ada", SAVE_MERCHANT)
        session = self.month(name)
        ((answer,),) = self.rows("ccp_owner", REPORT, seed=name)
        assert answer == "accepted"
        ((charge, receipt, version),) = self.rows("pat", PROPOSED)
        self.rows(
            "pat", "SELECT api.decide_match('confirm', ARRAY[%s::uuid], ARRAY[%s::uuid], %s,"
            " p_reason => 'A tip')", charge, receipt, version
        )  # fmt: skip
        self.run_errands()
        self.resolve_all()
        self.correct()
        text = json.dumps(MONTH, indent=1)
        ((answer,),) = self.rows(
            "pat", "SELECT api.import_activity(%s, p_parent_session_id => %s)", text, session
        )
        assert answer["outcome"] == "accepted", answer
        self.resolve_all()
        self.correct()

    def correct(self) -> None:
        """Correct a cell of every person that says nothing about the findings."""
        for (session,) in self.rows("pat", LATEST):
            self.rows("pat", CORRECT, session)

    def seal(self) -> None:
        """Seal and tick."""
        self.rows("ada", "SELECT audit.tick()")
        self.rows("ada", "SELECT audit.seal()")

    def findings(self) -> list[Any]:
        """Return what does not verify."""
        return self.rows("ada", "SELECT v.* FROM audit.verify() AS v")


def plainly(value: object) -> object:
    """Return a value as it is compared: instants in UTC, also those in JSON, which name theirs."""
    if isinstance(value, str) and INSTANT.fullmatch(value):
        value = datetime.datetime.fromisoformat(value)
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC)
    if isinstance(value, list | tuple):
        return tuple(plainly(item) for item in value)
    if isinstance(value, dict):
        return tuple((key, plainly(item)) for key, item in sorted(value.items()))
    return value


def read_all(cluster: Cluster, database: str, settings: dict[str, str]) -> dict[str, Counter[Any]]:
    """Return all rows that can be read or are found, as values and not as printed text."""
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    found: dict[str, Counter[Any]] = {}
    conninfo = cluster.login(SUPERUSER, database).conninfo
    with psycopg.connect(conninfo, options=options) as reader, reader.cursor(binary=True) as cursor:
        views = [view for (view,) in reader.execute(VIEWS).fetchall()]
        queries = [f"SELECT * FROM {view}" for view in views]  # noqa: S608 - names of the catalog
        queries += [query for query in ANSWERS.split(";\n") if query.strip()]
        for query in [*queries, FINDINGS]:
            rows = cursor.execute(query.encode()).fetchall()
            found[query] = Counter(plainly(row) for row in rows)
    return found


def stored(cluster: Cluster, database: str) -> Counter[str]:
    """Return all rows of all tables, as text under settings of ours."""
    content: Counter[str] = Counter()
    with psycopg.connect(cluster.login(SUPERUSER, database).conninfo) as superuser:
        superuser.execute("SET bytea_output = 'hex'")
        for table, varying in superuser.execute(TABLES).fetchall():
            query = sql.SQL("SELECT (to_jsonb(t) - %s::text[])::text FROM {} AS t").format(
                sql.Identifier(*table.split("."))
            )
            for (row,) in superuser.execute(query, (varying,)).fetchall():
                content[f"{table} {VARYING.sub('…', row)}"] += 1
    return content


@pytest.fixture(scope="module")
def begun(cluster: Cluster) -> Iterator[str]:
    """Yield a database with a month that was worked on under plain settings, and sealed."""
    with copy_of_template(cluster) as database:
        cluster.login(database=database).psql(
            "-c", "SET search_path = tap, pg_catalog", "-f", str(FIXTURE),
            "-c", "GRANT USAGE ON SCHEMA tap TO PUBLIC",
        )  # fmt: skip
        office = Office(cluster, database, PLAIN)
        for user, role in USERS.items():
            office.rows("ccp_owner", "SELECT api.save_user(%s, NULL, %s)", user, role)
        office.rows("ada", UNLIMITED)
        office.work("FIRST")
        office.seal()
        assert office.findings() == []
        yield database


@pytest.fixture(scope="module")
def plain(cluster: Cluster, begun: str) -> Counter[str]:
    """Return what a second month leaves under plain settings."""
    with copy_of_template(cluster, begun) as database:
        office = Office(cluster, database, PLAIN)
        office.correct()
        office.work("SECOND")
        office.seal()
        assert office.findings() == []
        return stored(cluster, database)


@pytest.mark.parametrize("settings", [PLAIN, *HOSTILE], ids=lambda s: s.get("datestyle", "plain"))
def test_a_month_is_the_same_under_any_settings(
    cluster: Cluster, begun: str, plain: Counter[str], settings: dict[str, str]
) -> None:
    """Work, seal and verify under these settings: all rows alike, nothing reopened, all sound."""
    with copy_of_template(cluster, begun) as database:
        office, usual = Office(cluster, database, settings), Office(cluster, database, PLAIN)
        assert office.findings() == []
        office.correct()
        assert usual.rows("rae", COUNT_OPEN) == [(0,)], usual.rows("rae", REOPENED)
        office.work("SECOND")
        assert usual.rows("rae", REOPENED) == []
        office.seal()
        assert office.findings() == []
        assert usual.findings() == []
        found = stored(cluster, database)
        assert (found - plain, plain - found) == (Counter(), Counter())


@pytest.mark.parametrize("settings", HOSTILE, ids=lambda s: s["datestyle"])
def test_all_that_is_read_is_the_same_under_any_settings(
    cluster: Cluster, begun: str, settings: dict[str, str]
) -> None:
    """Every view and reading function of report, what verifies, and what every rule finds."""
    usual, other = read_all(cluster, begun, PLAIN), read_all(cluster, begun, settings)
    assert usual.keys() == other.keys()
    for query, rows in usual.items():
        assert (other[query] - rows, rows - other[query]) == (Counter(), Counter()), query
    assert sum(1 for rows in usual.values() if rows) > 40
    assert len(usual[FINDINGS]) > 10


@pytest.mark.parametrize("settings", HOSTILE, ids=lambda s: s["datestyle"])
def test_the_verifier_from_outside_agrees_under_any_settings(
    cluster: Cluster, begun: str, settings: dict[str, str]
) -> None:
    """Sealed under these settings or others: the settings of its login change nothing."""
    with copy_of_template(cluster, begun) as database:
        Office(cluster, database, settings).correct()
        Office(cluster, database, settings).seal()
        conninfo = cluster.login("ccp_local", database).conninfo
        for chosen in (settings, PLAIN):
            options = " ".join(f"-c {name}={value}" for name, value in chosen.items())
            finished = subprocess.run(
                [sys.executable, "-m", "svc.verify_audit", conninfo],
                env={**os.environ, "PGOPTIONS": options},
                capture_output=True,
                text=True,
                check=False,
            )
            assert finished.returncode == 0, finished.stdout + finished.stderr
            assert "0 findings" in finished.stdout
