-- The figures of the medium month, and what its other shape loses.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
SELECT plan(15);

\set content `cat tests/data/medium/activity.json`
:as_processor
SELECT api.import_activity(:'content', 'March') AS answer \gset
SELECT is((:'answer'::jsonb -> 'report') - '{session_id,control,parent_session_id,car_total,claim_differences}'::text[], $$
    {"session_name": "March", "status": "completed", "revision_number": 1, "employees": 60, "finished": 12,
     "unknown_card_totals": 23, "unidentified_people": 0, "transactions": 600, "receipt_total": "137513.28",
     "open_issues": 207, "rejected_employees": 0, "changes": null,
     "programme": "", "period_start": "2025-03-01", "period_end": "2025-03-31", "period_source": "receipts",
     "issues": {"missing_coding_info": 79, "missing_receipt": 68, "missing_all_receipts": 3, "total_mismatch": 19,
        "duplicate_transaction": 3, "invalid_amount": 33, "orphan_receipts": 2}}
    $$::jsonb, 'the report of the import');
SELECT is((SELECT count(*)::integer FROM report.validation_issues AS i
    WHERE i.issue_type = 'invalid_amount' AND i.transaction_id IS NOT NULL AND i.blocks), 10,
    'ten unreadable amounts of receipts block');
SELECT is((SELECT count(*)::integer FROM report.validation_issues AS i
    WHERE i.issue_type = 'invalid_amount' AND i.transaction_id IS NULL AND i.blocks), 23,
    'and 23 unknown card totals');
SELECT is_empty($$SELECT e.employee_name FROM report.employee_revisions AS e
    WHERE e.car_total IS NULL AND (e.validation_flags ->> 'total_mismatch')::boolean$$,
    'nobody with an unknown card total has a mismatch');
SELECT is_empty($$SELECT e.employee_name FROM report.employee_revisions AS e WHERE e.is_in_report AND e.car_total = 0$$,
    'a card total of 0 beside a card is unknown, never 0');
SELECT is((SELECT count(*)::integer FROM report.employee_revisions AS e
    WHERE e.validation_flags::text !~ 'true'), 21, 'by the four flags alone 21 people would be finished');
SELECT is((SELECT count(*)::integer FROM report.transactions AS t WHERE t.amount IS NULL), 10,
    'ten receipts have no amount');
SELECT is_empty($$SELECT t.transaction_id FROM report.transactions AS t WHERE t.amount = 0$$, 'none was made 0');
SELECT is_empty($$SELECT t.purpose FROM report.transactions AS t WHERE t.purpose LIKE 'Receipts Notes%'$$,
    'the label of an empty purpose is no purpose');

\set by_id `cat tests/data/medium/activity_by_id.json`
SELECT api.import_activity(:'by_id', p_dry_run => true) AS other \gset
SELECT is(:'other'::jsonb -> 'report' ->> 'transactions', '597', 'by id the three duplicate pages are lost');
SELECT is(:'other'::jsonb #> '{report,issues,duplicate_transaction}', NULL, 'so nothing is a duplicate');
:as_tester
\ir ../fixtures/invariants.psql
SELECT * FROM finish();
ROLLBACK;
