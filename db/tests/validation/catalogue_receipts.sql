-- Each rule about receipts and people, on both sides of its edge.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/workflow.psql
SELECT plan(20);
:as_owner
SELECT s.session_id FROM api.create_session('March') AS s \gset
SELECT tap.set_month(:'session_id', '2025-03-01', '2025-03-31', 'printed') \g /dev/null

SELECT tap.person(jsonb_build_object('is_in_report', false, 'receipt_total', -12.5, 'car_total', 0)) AS p \gset
SELECT is(tap.found('orphan_receipts'), '12.50', 'orphan_receipts: receipts of nobody in the report, by absolute sum');
SELECT tap.forget() \g /dev/null
SELECT tap.person('{"is_in_report": false, "receipt_count": 0}') AS p, tap.person('{"is_in_report": true}') AS q \gset
SELECT is(tap.found('orphan_receipts'), NULL, 'orphan_receipts: neither nothing handed in nor people of the report');

SELECT tap.forget() \g /dev/null
SELECT tap.person(jsonb_build_object('session_id', :'session_id')) AS p \gset
SELECT tap.receipt_row(:'p', 'both', '{"job_number": "19002."}'), tap.receipt_row(:'p', 'gl'),
    tap.receipt_row(:'p', 'job', '{"gl_account": null, "job_number": "19002.", "job_phase": "100", "cost_type": "3"}')
    \g /dev/null
SELECT is(tap.found('coding_conflict'), 'both 10.00', 'coding_conflict: a GL account beside any part of a job coding');

SELECT is(tap.found('coding_inactive'), NULL, 'coding_inactive: nothing is judged while no chart is loaded');
SELECT is(api.load_chart('gl_account', '[{"code": "6120.100", "valid_until": "2025-03-15"}]', 1), 1, 'a chart is loaded');
SELECT is(tap.found('coding_inactive'), NULL, 'coding_inactive: the last day is valid, kinds without codes are not judged');
SELECT api.load_chart('gl_account', '[{"code": "6120.100", "valid_until": "2025-03-14"}]', 2) \g /dev/null
SELECT is(tap.found('coding_inactive'), 'both 10.00, gl 10.00', 'coding_inactive: the day after is not');
SELECT api.load_chart('gl_account', '[{"code": "6120.100", "valid_from": "2025-03-16"}]', 3) \g /dev/null
SELECT is(tap.found('coding_inactive'), 'both 10.00, gl 10.00', 'coding_inactive: nor the day before the first');
SELECT api.load_chart('gl_account', '[{"code": "6120.100", "valid_from": "2025-03-15"}]', 4) \g /dev/null
SELECT is(tap.found('coding_inactive'), NULL, 'coding_inactive: the first day is valid');
SELECT api.load_chart('gl_account', '[]', 5), api.load_chart('job', '[{"code": "19002."}]', 1) \g /dev/null
SELECT is(tap.found('coding_inactive'), NULL, 'coding_inactive: a job is found with and without its dot');

SELECT tap.receipt_row(:'p', 'blank', '{"purpose": " "}'), tap.receipt_row(:'p', 'none', '{"purpose": null, "amount": 9.99}'),
    tap.receipt_row(:'p', 'unread', '{"purpose": null, "amount": null}') \g /dev/null
SELECT is(tap.found('missing_purpose'), 'blank 10.00, none 9.99, unread', 'missing_purpose: none or blank');
SELECT is(tap.found('missing_purpose', '{"minimum_amount": 10.00}'), 'blank 10.00, unread',
    'missing_purpose: from the minimum on, and where the amount is unknown');

SELECT tap.forget() \g /dev/null
SELECT tap.person(jsonb_build_object('session_id', :'session_id')) AS p \gset
SELECT tap.receipt_row(:'p', 'first', '{"transaction_date": "2025-02-19"}'), tap.receipt_row(:'p', 'early', '{"transaction_date": "2025-02-18"}'),
    tap.receipt_row(:'p', 'last', '{"transaction_date": "2025-04-07"}'), tap.receipt_row(:'p', 'late', '{"transaction_date": "2025-04-08"}'),
    tap.receipt_row(:'p', 'undated', '{"transaction_date": null}'),
    tap.receipt_row(:'p', 'stay', '{"transaction_date": "2025-04-30", "expense_type": "Hotel"}'),
    tap.receipt_row(:'p', 'stayed', '{"transaction_date": "2025-05-01", "expense_type": "Hotel"}') \g /dev/null
SELECT is(tap.found('receipt_off_period'), 'early 10.00, late 10.00, stayed 10.00', 'receipt_off_period: ten days before and seven after are within, of lodging thirty');
SELECT is(tap.found('receipt_off_period', '{"days_before": 0, "days_after": 0}'), 'early 10.00, first 10.00, late 10.00, stayed 10.00',
    'receipt_off_period: never narrower than the window of matching');

SELECT tap.forget() \g /dev/null
SELECT tap.person(jsonb_build_object('session_id', :'session_id')) AS p,
    (now() AT TIME ZONE 'UTC')::date + 1 AS tomorrow, (now() AT TIME ZONE 'UTC')::date + 2 AS after \gset
SELECT tap.receipt_row(:'p', 'a', jsonb_build_object('transaction_date', :'tomorrow')),
    tap.receipt_row(:'p', 'b', jsonb_build_object('transaction_date', :'after')),
    tap.charge_row(:'p', 'c', jsonb_build_object('posted_date', :'tomorrow')),
    tap.charge_row(:'p', 'd', jsonb_build_object('posted_date', :'after')) \g /dev/null
SELECT is(tap.found('future_dated'), 'b 10.00, charge d 10.00', 'future_dated: one day ahead is within');

SELECT tap.forget() \g /dev/null
SELECT tap.person(jsonb_build_object('session_id', :'session_id')) AS p,
    tap.person(jsonb_build_object('session_id', :'session_id', 'employee_id', '1002', 'receipt_total', 7)) AS q,
    tap.person(jsonb_build_object('session_id', :'session_id', 'employee_name', 'ELSE')) AS r \gset
SELECT is(tap.found('name_collision'), '7.00, 100.00', 'name_collision: both who share a name, nobody else');

SELECT tap.forget() \g /dev/null
INSERT INTO app.cardholders (cardholder_id, name_key, employee_id) VALUES ('00000000-0000-7000-8000-0000000000aa', 'JOANROW', '77');
SELECT tap.person('{"employee_name": "JOANROW", "employee_id": null, "receipt_total": 5}') AS p,
    tap.person('{"employee_name": "JOANROW", "employee_id": "78"}') AS q,
    tap.person('{"employee_name": "NOBODYELSE", "employee_id": null}') AS r \gset
SELECT is(tap.found('unresolved_identity'), '5.00', 'unresolved_identity: no number, and somebody with a number has the name');
:as_tester

SELECT is((SELECT string_agg(rule_code, ' ' ORDER BY rule_code COLLATE "C") FROM app.rules_in_force WHERE blocks),
    'ambiguous_match amount_residual control_total invalid_amount invalid_date missing_all_receipts missing_coding_info'
        || ' missing_receipt proposed_sum suspected_repeat total_mismatch unmatched_charge unread_value weak_match',
    'the four flags'' rules block, what leaves a charge without proof, and what was not read or does not tie');
SELECT is((SELECT string_agg(rule_code, ' ') FROM report.validation_rules WHERE is_current AND NOT enabled), 'missing_purpose',
    'a third of receipts has no purpose: that rule is off until it is wanted');
SELECT tap.forget() \g /dev/null
SELECT tap.person() AS p \gset
SELECT tap.receipt_row(:'p', 'cost', '{"cost_type": "3"}'), tap.receipt_row(:'p', 'phase', '{"job_phase": "100"}') \g /dev/null
SELECT is(tap.found('coding_conflict'), 'cost 10.00, phase 10.00', 'coding_conflict: cost type or phase alone are enough');
SELECT * FROM finish();
ROLLBACK;
