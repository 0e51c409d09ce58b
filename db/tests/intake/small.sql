-- The figures of the small month.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/small.psql
SELECT plan(16);

SELECT is((:'answer'::jsonb -> 'report') - '{session_id,control,parent_session_id}'::text[], $$
    {"session_name": "March", "status": "completed", "revision_number": 1, "employees": 6, "finished": 1,
     "unknown_card_totals": 0, "unidentified_people": 0, "transactions": 25, "car_total": "29962.18",
     "receipt_total": "28264.92", "open_issues": 9, "rejected_employees": 0, "claim_differences": 3, "changes": null,
     "programme": "", "period_start": "2025-03-01", "period_end": "2025-03-31", "period_source": "receipts",
     "issues": {"missing_coding_info": 3, "missing_receipt": 1, "missing_all_receipts": 1, "total_mismatch": 3,
        "orphan_receipts": 1}}
    $$::jsonb, 'the report of the import');
SELECT results_eq(format('SELECT s.total_employees, s.employees_completed, s.employees_with_issues, s.total_amount,
        s.receipt_total, s.open_issues, s.revision_number, s.user_name FROM report.sessions AS s WHERE s.session_id = %L',
        :'session_id'),
    $$VALUES (6::bigint, 1::bigint, 5::bigint, 29962.18, 28264.92, 9::bigint, 1, 'pat')$$, 'the session says the same');
SELECT results_eq($$SELECT e.car_total, e.receipt_total, e.amount_difference, e.card_number, e.employee_id, e.status,
        e.receipt_count, e.car_page_range, e.receipt_page_range
        FROM report.employee_revisions AS e WHERE e.employee_name = 'LINUSJUNIPOLD'$$,
    $$VALUES (894.89, 894.89, 0.00, '999999XXXXXX3075', '56552', 'unfinished', 2, '{1}'::integer[], '{24,25}'::integer[])$$,
    'a person: the card number is masked, a float tail is no difference');
SELECT results_eq($$SELECT t.external_transaction_id, t.transaction_date, t.transaction_type, t.amount, t.coding_type,
        t.job_number, t.job_phase, t.cost_type, t.gl_account, t.is_coded, t.has_attachment, t.merchant_name, t.purpose,
        t.description, t.expense_type
        FROM report.transactions AS t WHERE t.employee_name = 'LINUSJUNIPOLD' ORDER BY 1$$, $$VALUES
    ('40220150', '2025-03-03'::date, 'expense', 807.45, 'job_coding', '19002.', '410.25', '5', NULL, true, true,
        'MKTPLACE MARK* 7M93B0', 'Permit filing fee', 'Small tools', 'Legal'),
    ('40220383', '2025-03-29', 'expense', 87.44, 'job_coding', NULL, NULL, NULL, NULL, false, true,
        'LANDING SEAFOOD CO', 'Crew of six, night shift', 'Crew lunch', 'Meals')$$, 'receipts keep every field');
SELECT is_empty($$SELECT t.employee_name FROM report.transactions AS t
    WHERE t.is_coded IS DISTINCT FROM coalesce((t.source_fields ->> 'coded')::boolean, t.is_coded)$$,
    'what the old program called coded is coded');
SELECT results_eq($$SELECT e.car_total, e.employee_id, e.card_number, e.is_in_report FROM report.employee_revisions AS e
        WHERE NOT e.is_in_report$$, $$VALUES (0.00, NULL::text, NULL::text, false)$$,
    'somebody only receipts name has a card total of 0');
SELECT results_eq('SELECT i.severity, i.blocks, i.description, i.amount_impact, i.state, i.version
        FROM report.validation_issues AS i WHERE i.issue_type = ''missing_all_receipts''',
    $$SELECT 'high', true, 'No receipt was handed in for card activity of $' || e.car_total, e.car_total, 'open', 1 FROM report.employee_revisions AS e
        WHERE e.receipt_count = 0$$, 'who handed in nothing has an issue over the whole card total');
SELECT is_empty($$SELECT i.issue_id FROM report.validation_issues AS i JOIN report.employee_revisions AS e
        ON e.revision_id = i.employee_revision_id
    WHERE i.issue_type = 'total_mismatch' AND (i.amount_impact <> CASE WHEN e.is_in_report THEN abs(e.amount_difference) ELSE 0 END
        OR i.description <>
        'CAR total does not match receipt total ($' || abs(e.amount_difference) || ' difference)')$$,
    'a mismatch says by how much; of receipts without card activity the dollars are counted elsewhere');
SELECT is_empty($$SELECT i.issue_id FROM report.validation_issues AS i JOIN report.transactions AS t USING (transaction_id)
    WHERE i.amount_impact <> abs(t.amount)$$, 'an issue of a receipt is about its amount');
SELECT set_eq('SELECT d.item, d.claimed, d.found FROM report.claim_differences AS d',
    $$VALUES ('total_mismatch', 'false', 'true')$$, 'the old program never says that totals differ');
SELECT results_eq('SELECT m.employees, m.transactions, m.processing_time_ms >= 0 FROM report.processing_metrics AS m',
    'VALUES (6, 25, true)', 'the run is measured');
SELECT is_empty($$SELECT c.source_key FROM app.old_claims AS c WHERE c.source_fields IS NOT NULL$$,
    'no field is unknown');
\ir ../fixtures/invariants.psql
SELECT * FROM finish();
ROLLBACK;
