-- Batches by target: numbers of their own, the form of the profile, and what makes a line fall one by one.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/documents.psql
SELECT plan(35);
:as_owner
SELECT api.save_user('ava', NULL, 'admin') \g /dev/null
:as_admin
SELECT api.save_accounting_profile('other', '{"target": "ledger", "is_amount_reversed": true, "delimiter": ";", "line_end": "crlf", "card_text": "NONE"}') \g /dev/null
:as_tester
CREATE FUNCTION tap.freeze(p_session uuid, p_profile text DEFAULT 'old_program') RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    v_made report.export_answer;
BEGIN
    v_made := api.export_lines(p_session, p_profile, p_people => 'all', p_reversals => 'needed', p_reason => 'Now',
        p_expected_sha256 => (api.export_lines(p_session, p_profile, p_people => 'all', p_reversals => 'needed')).sha256);
    SET CONSTRAINTS ALL IMMEDIATE;
    RETURN concat_ws(' ', v_made.target, v_made.batch_number, v_made.line_count, v_made.line_total);
END
$$;
CREATE FUNCTION tap.falls(p_session uuid) RETURNS text
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT string_agg(format('%s %s%s', c.posted ->> 'receipt_id', c.changes, c.words), ', ' ORDER BY c.line_number) FROM report.changed_since_export(p_session) AS c;
END;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA tap TO PUBLIC;

:as_processor
SELECT api.import_activity(jsonb_build_object(
    'ANN', tap.entry('{"car_total": 60.00, "rec_total": 60.00}', tap.receipt(), tap.receipt('{"rec_id": "40000002", "amt": "20.00"}'), tap.receipt('{"rec_id": "40000003", "amt": "30.00"}')),
    'BOB', tap.entry('{"employee_id": "1002", "card_no": "999999XXXXXX2222", "car_page_range": [2], "rec_page_range": [2]}', tap.receipt('{"rec_id": "40000004"}')),
    'CYD', tap.receipts_only('{"rec_page_range": [3]}', tap.receipt('{"rec_id": "40000005"}')))::text, p_programme => 'targets') ->> 'session_id' AS session \gset

-- Each target has its own.
SELECT is(tap.freeze(:'session'), 'old_program 1 4 70.00', 'people without card stay out');
SELECT is(tap.freeze(:'session', 'other'), 'ledger 1 5 80.00', 'another target has its own numbers, and a text for those without card');
SELECT is((SELECT string_agg(l.transaction_amount, ' ' ORDER BY l.line_number) FROM report.accounting_batch_lines AS l WHERE l.target = 'ledger'),
    '-10.00 -20.00 -30.00 -10.00 -10.00', 'amounts have the sign of the profile, in the batch that of receipts');
SELECT is((SELECT l.credit_card_number || l.invoice_number FROM report.accounting_batch_lines AS l WHERE l.target = 'ledger' AND l.line_number = 5),
    'NONENONE 030125', 'the text stands for the card');
SELECT matches(convert_from(report.batch_content('ledger', 1), 'UTF8'), '^Transaction ID;[^\n]*Credit Card Vendor\r\n40000001;03/29/2025;-10.00;', 'the file is in the form of the profile');
SELECT is((SELECT sum(l.amount) FROM report.accounting_batch_lines AS l WHERE l.target = 'ledger'), 80.00, 'and adds up');

-- Another profile of a target reads its lines alike, with another text for people without card, or none.
SAVEPOINT profiles;
:as_admin
SELECT api.save_accounting_profile('third', '{"target": "ledger", "vendor": "77"}') \g /dev/null
SELECT throws_ok('SELECT api.save_accounting_profile(''third'', ''{"target": "old_program"}'', 1)', 'IV008', NULL, 'a profile keeps its target: what another has is not free for it');
SELECT is((SELECT p.profile_version FROM api.save_accounting_profile('third', '{"target": "ledger", "vendor": "78", "date_format": "YYYY-MM-DD"}', 1) AS p), 2, 'which may be said again');
:as_processor
SELECT is_empty(format('SELECT c.* FROM report.changed_since_export(%L, ''third'') AS c', :'session'), 'nothing fell by it');
SELECT results_eq(format('SELECT x.line_count, x.left_out #>> ''{0,reason}'' FROM api.export_lines(%L, ''third'', p_people => ''all'', p_reversals => ''all'') AS x', :'session'),
    $$VALUES (0, 'exported_before')$$, 'nor is anything posted again');
SET LOCAL app.reason = 'as told';
UPDATE api.current_transactions SET amount = 9.00 WHERE session_id = :'session' AND external_transaction_id = '40000005';
SELECT is(tap.freeze(:'session', 'third'), 'ledger 2 1 -10.00', 'a line that does fall is reversed by it');
SELECT is((SELECT concat_ws(' ', l.vendor, l.invoice_number, l.transaction_date, l.transaction_amount) FROM report.accounting_batch_lines AS l WHERE l.target = 'ledger' AND l.batch_number = 2),
    '12332 NONE 030125 2025-03-29 -10.00', 'as it was posted, in the sign and the form of dates of the file that takes it back');
SELECT is((SELECT o.reason FROM report.accounting_left_out AS o WHERE o.target = 'ledger' AND o.batch_number = 2), 'no_card', 'and not posted by one without such a text');
ROLLBACK TO SAVEPOINT profiles;
:as_processor

-- What makes a line fall, and what does not.
SET LOCAL app.reason = 'as told';
SAVEPOINT changes;
UPDATE api.current_transactions SET gl_account = '6120.200' WHERE session_id = :'session' AND external_transaction_id = '40000001';
UPDATE api.current_transactions SET gl_account = NULL, coding_type = NULL WHERE session_id = :'session' AND external_transaction_id = '40000002';
UPDATE api.current_transactions SET is_out_of_pocket = true WHERE session_id = :'session' AND external_transaction_id = '40000003';
UPDATE api.current_transactions SET transaction_date = '2025-03-30', merchant_name = 'OTHER' WHERE session_id = :'session' AND external_transaction_id = '40000004';
SELECT is(tap.falls(:'session'), '40000001 {codes}{}, 40000002 {codes}{}, 40000003 {out_of_pocket}{}, 40000004 {}{merchant,date}', 'codes and way of payment do, words do not');
SELECT is(tap.freeze(:'session'), 'old_program 2 4 -50.00', 'three are reversed, one is posted anew');
SELECT results_eq('SELECT o.receipt_id, o.reason FROM report.accounting_left_out AS o WHERE o.target = ''old_program'' AND o.batch_number = 2 ORDER BY 1',
    $$VALUES ('40000002', 'not_coded'), ('40000003', 'out_of_pocket'), ('40000005', 'no_card')$$, 'the others stay out for what they are now');
SELECT is(tap.falls(:'session'), '40000004 {}{merchant,date}', 'nothing is left to reverse');
UPDATE api.current_transactions SET is_out_of_pocket = false WHERE session_id = :'session' AND external_transaction_id = '40000003';
SELECT is(tap.freeze(:'session'), 'old_program 3 1 30.00', 'what was reversed may be posted once more');
:as_admin
SELECT throws_ok('SELECT api.void_batch(''old_program'', 2, ''x'')', 'ST090', NULL, 'beside that the reversal is not voided');
ROLLBACK TO SAVEPOINT changes;
:as_processor
SELECT (api.move_transaction(:'session', t.transaction_id, t.employee_revision_id, b.revision_id, 'Hers')) IS NULL AS moved
FROM report.transactions AS t, report.employee_revisions AS b WHERE t.session_id = :'session' AND t.external_transaction_id = '40000004'
    AND b.session_id = :'session' AND b.employee_name = 'ANN' \gset
SELECT is(tap.falls(:'session'), '40000004 {card,person}{}', 'so does another person, with another card');
SELECT is(tap.freeze(:'session'), 'old_program 2 2 0.00', 'taken back from the one and posted to the other');
SELECT results_eq('SELECT l.card_holder, l.transaction_amount, l.invoice_number FROM report.accounting_batch_lines AS l WHERE l.target = ''old_program'' AND l.batch_number = 2 ORDER BY l.line_number',
    $$VALUES ('BOB', '-10.00', '2222 030125'), ('ANN', '10.00', '1193 030125')$$, 'under the card of each');

-- The same receipt id elsewhere is a warning.
SELECT api.import_activity(jsonb_build_object('ANN', tap.entry('{}', tap.receipt('{"date": "04/29/2025"}')))::text, p_programme => 'targets') ->> 'session_id' AS april \gset
SELECT results_eq(format('SELECT x.line_count, x.invoice_month, x.warnings #>> ''{0,receipt_id}'', x.warnings #>> ''{0,also_in}'' FROM api.export_lines(%L) AS x', :'april'),
    $$VALUES (1, '2025-04-01'::date, '40000001', 'targets 2025-03')$$, 'the same receipt id in another month is told');
SELECT is((SELECT x.invoice_month FROM api.export_lines(:'april', p_invoice_month => '2025-06-17') AS x), '2025-06-01'::date, 'the invoice month may be another');

-- Who, and of which month.
:as_owner
SELECT api.save_user('ina', p_cardholder_id => t.cardholder_id, p_is_active => true, p_expected_version => u.version)
FROM report.transactions AS t, report.users AS u WHERE t.session_id = :'april' AND u.user_name = 'ina' \g /dev/null
:as_processor
SET LOCAL app.actor = 'ina';
SELECT throws_ok(format('SELECT api.export_lines(%L)', :'april'), 'PM003', NULL, 'nobody hands over the own card alone');
:as_admin
SELECT (api.close_past_month(m.month_id, m.version)).state FROM report.months AS m JOIN report.sessions AS s ON s.month_id = m.month_id WHERE s.session_id = :'session' \gset
SELECT throws_ok(format('SELECT api.export_lines(%L)', :'session'), 'ST051', NULL, 'a closed month takes no batch');
SELECT throws_ok('SELECT api.void_batch(''old_program'', 2, ''x'')', 'ST051', NULL, 'and loses none');
SELECT throws_ok(format('SELECT api.accept_unposted(m.month_id, m.version, ''x'') FROM report.months AS m JOIN report.sessions AS s ON s.month_id = m.month_id WHERE s.session_id = %L', :'session'), 'ST051', NULL, 'nor is anything accepted any more');
:as_reader
SELECT is(length(report.batch_content('old_program', 2)) > 0, true, 'who may read may read batches');
:as_tester
SELECT is(report.batch_content('old_program', 99), NULL, 'one that is not there has no bytes');
SELECT is((SELECT count(*) FROM report.accounting_batches AS b), 3::bigint, 'three batches were made');
\ir ../fixtures/invariants.psql
SELECT * FROM finish();
ROLLBACK;
