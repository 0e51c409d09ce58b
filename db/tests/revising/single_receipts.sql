-- A receipt is put in, taken out, and given to the person it belongs to, each by one call with its reason.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/small.psql
SELECT plan(34);

SELECT e.revision_id AS linus, e.cardholder_id AS linus_id FROM report.employee_revisions AS e WHERE e.employee_name = 'LINUSJUNIPOLD' \gset
SELECT e.revision_id AS rowan, e.cardholder_id AS rowan_id FROM report.employee_revisions AS e WHERE e.employee_name = 'ROWANBIRCHWHISTLE' \gset
CREATE FUNCTION tap.shown(p_transaction uuid) RETURNS text
LANGUAGE sql STABLE
RETURN (SELECT concat_ws(' ', t.employee_name, t.revision_number, t.amount, t.transaction_type, t.merchant_name) FROM report.transactions AS t WHERE t.transaction_id = p_transaction);
CREATE FUNCTION tap.now(p_cardholder uuid) RETURNS uuid
LANGUAGE sql STABLE
RETURN (SELECT e.revision_id FROM report.employee_revisions AS e WHERE e.cardholder_id = p_cardholder);

:as_processor
-- In.
SELECT t.transaction_id AS added FROM api.add_transaction(:'session_id', :'linus',
    '{"amount": "18.50", "transaction_date": "2025-03-14", "merchant_name": "Harbor Deli 4111111111111111"}', 'came by post', 'a1') AS t \gset
SELECT is(tap.shown(:'added'), 'LINUSJUNIPOLD 2 18.50 expense Harbor Deli 411111XXXXXX1111', 'it is there, in a revision of its own, without card numbers');
SELECT is((SELECT t.transaction_id FROM api.add_transaction(:'session_id', :'linus',
    '{"amount": "18.50", "transaction_date": "2025-03-14", "merchant_name": "Harbor Deli 4111111111111111"}', 'came by post', 'a1') AS t), :'added',
    'the same request makes no other');
SELECT is((SELECT (e.origin, e.reason)::text FROM report.employee_revisions AS e WHERE e.cardholder_id = :'linus_id'), '(correction,"came by post")', 'the revision says why');
SELECT is((SELECT (c.field_group, c.value, c.fate)::text FROM report.corrections AS c WHERE c.transaction_id = :'added' AND c.field_group = 'presence'),
    '(presence,true,in_force)', 'and that it is there is a statement');
SELECT throws_ok(format('SELECT api.add_transaction(%L, %L, ''{"amount": 1}'', ''x'')', :'session_id', :'linus'), 'ST001', NULL, 'who saw an older revision is told');
SELECT throws_ok(format('SELECT api.add_transaction(%L, NULL, ''{"amount": 1}'', ''x'')', :'session_id'), 'NF005', NULL, 'no revision');
SELECT throws_ok(format('SELECT api.add_transaction(%L, %L, ''{"amount": 1}'', ''x'')', :'linus_id', tap.now(:'linus_id')), 'NF005', NULL, 'one of another session');
SELECT throws_ok(format('SELECT api.add_transaction(%L, %L, %L, ''x'')', :'session_id', tap.now(:'linus_id'), w.receipt), 'IV008', NULL, 'no receipt: ' || coalesce(w.receipt, 'null'))
FROM (VALUES ('{}'), ('[]'), ('null'), ('"x"'), (NULL), ('{"amount": null}'), ('{"amount": "12.345"}'), ('{"sum": 1}'), ('{"transaction_id": "x"}')) AS w (receipt);
SELECT throws_ok(format('SELECT api.add_transaction(%L, %L, ''{"external_transaction_id": "4111111111111111"}'', ''x'')', :'session_id', tap.now(:'linus_id')), 'IV018', NULL, 'a card number is no id');
SELECT throws_ok(format('SELECT api.add_transaction(%L, %L, ''{"amount": 1}'', '' '')', :'session_id', tap.now(:'linus_id')), 'IV008', NULL, 'and it needs a reason');

-- To whom it belongs.
SELECT throws_ok(format('SELECT api.move_transaction(%L, %L, %L, %L, ''x'')', :'session_id', :'added', tap.now(:'linus_id'), tap.now(:'linus_id')), 'NF005', NULL, 'to somebody else');
SELECT throws_ok(format('SELECT api.move_transaction(%L, %L, %L, %L, ''x'')', :'session_id', :'added', :'linus', :'rowan'), 'NF005', NULL, 'from where it is');
SELECT throws_ok(format('SELECT api.move_transaction(%L, %L, %L, %L, NULL)', :'session_id', :'added', tap.now(:'linus_id'), :'rowan'), 'IV008', NULL, 'with a reason');
SELECT is((SELECT t.employee_name FROM api.move_transaction(:'session_id', :'added', tap.now(:'linus_id'), :'rowan', 'handed in for her', 'm1') AS t), 'ROWANBIRCHWHISTLE', 'it belongs to her');
SELECT results_eq(format('SELECT e.employee_name, e.revision_number, e.reason FROM report.employee_revisions AS e WHERE e.cardholder_id IN (%L, %L) ORDER BY 1', :'linus_id', :'rowan_id'),
    $$VALUES ('LINUSJUNIPOLD', 3, 'handed in for her'), ('ROWANBIRCHWHISTLE', 2, 'handed in for her')$$, 'both have a revision that says why');
SELECT throws_ok(format('SELECT api.move_transaction(%L, %L, %L, %L, ''x'')', :'session_id', :'added', tap.now(:'rowan_id'), :'linus'), 'ST001', NULL,
    'who saw an older revision of the other is told');

-- Out.
SELECT throws_ok(format('SELECT api.remove_transaction(%L, %L, %L, '''')', :'session_id', :'added', tap.now(:'rowan_id')), 'IV008', NULL, 'with a reason');
SELECT throws_ok(format('SELECT api.remove_transaction(%L, %L, %L, ''x'')', :'session_id', :'added', :'rowan'), 'NF005', NULL, 'of a revision that shows it');
SELECT is((SELECT (e.revision_number, e.receipt_count)::text FROM api.remove_transaction(:'session_id', :'added', tap.now(:'rowan_id'), 'a copy', 'r1') AS e), '(3,0)', 'it is out');
SELECT is(tap.shown(:'added'), NULL, 'for everybody');
SELECT throws_ok(format('SELECT api.remove_transaction(%L, %L, %L, ''x'')', :'session_id', :'added', tap.now(:'rowan_id')), 'NF005', NULL, 'once');
:as_reader
SELECT throws_ok(format('SELECT api.add_transaction(%L, %L, ''{"amount": 1}'', ''x'')', :'session_id', :'linus'), '42501', NULL, 'readers only read');
:as_tester
\ir ../fixtures/invariants.psql
SELECT * FROM finish();
ROLLBACK;
