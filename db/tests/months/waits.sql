-- What else keeps a month open: receipts that no batch takes for what nobody decided, those only another profile takes, a session
-- that was opened for it; and what does not, whose receipts all moved away.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/documents.psql
SELECT plan(14);
CREATE FUNCTION tap.obstacles(p_month uuid) RETURNS text
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT string_agg(concat_ws(' ', o.kind, o.employee_name, CASE WHEN o.kind = 'not_posted' THEN
        regexp_replace(o.description, '^receipt (\d+)[^:]*', '\1') ELSE o.description END), '; ' ORDER BY o.place)
    FROM report.month_obstacles(p_month) WITH ORDINALITY AS o (kind, session_id, cardholder_id, employee_name, object_id, description, place);
END;
CREATE FUNCTION tap.file(p_merchant text) RETURNS text
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT jsonb_build_object('ANN', tap.entry('{}', tap.receipt(jsonb_build_object('merch_name', p_merchant))),
        'BOB', tap.entry('{"employee_id": "1002", "card_no": "999999XXXXXX2222", "car_page_range": [2], "rec_page_range": [2]}', tap.receipt('{"rec_id": "40000002"}')),
        'ANNIE', tap.receipts_only('{"rec_page_range": [3]}', tap.receipt('{"rec_id": "40000003", "amt": "5.00"}'), tap.receipt('{"rec_id": "40000004", "amt": "-5.00"}')))::text;
END;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA tap TO PUBLIC;
:as_processor
SELECT api.import_activity(tap.file('HARBOR'), 'First', p_programme => 'Waits') ->> 'session_id' AS session \gset
:as_tester
SELECT s.month_id AS month FROM report.sessions AS s WHERE s.session_id = :'session' \gset
:as_processor
SELECT is((api.resolve_issues(NULL, jsonb_build_object('session_id', :'session'), 'explained', 'Known')).outcome, 'done', 'all that is found is decided');
SELECT (api.resolve_issues(NULL, jsonb_build_object('session_id', :'session'), 'explained', 'Known')).outcome \g /dev/null
SELECT is(tap.obstacles(:'month'), 'not_posted ANN 40000001; not_posted BOB 40000002', 'which leaves what a batch takes');
SAVEPOINT profile;
:as_admin
SELECT (api.save_accounting_profile('cash', '{"target": "cash", "card_text": "CASH"}')).target \g /dev/null
SELECT is(tap.obstacles(:'month'), 'not_posted ANN 40000001; not_posted ANNIE 40000003; not_posted ANNIE 40000004; not_posted BOB 40000002',
    'a batch of any profile that there is, each receipt once');
:as_processor
SELECT (api.export_lines(:'session', 'cash', p_expected_sha256 => (api.export_lines(:'session', 'cash')).sha256)).outcome \g /dev/null
SELECT is(tap.obstacles(:'month'), NULL, 'one target has to have it');
ROLLBACK TO SAVEPOINT profile;

-- A formula in a text, which no batch writes.
:as_processor
SET LOCAL app.reason = 'as told';
UPDATE api.current_transactions SET merchant_name = '@HOME DELI' WHERE session_id = :'session' AND external_transaction_id = '40000002';
SELECT is(tap.obstacles(:'month'), 'not_posted ANN 40000001; not_posted BOB 40000002: no batch takes it, unsafe text',
    'what only its text keeps out of batches is not forgotten');
UPDATE api.current_transactions SET merchant_name = 'HOME DELI' WHERE session_id = :'session' AND external_transaction_id = '40000002';
-- Nor what the newest file says otherwise than people, though it blocks nobody.
UPDATE api.current_transactions SET merchant_name = 'PIER' WHERE session_id = :'session' AND external_transaction_id = '40000001';
SELECT api.import_activity(tap.file('SHORE'), 'Second', :'session') ->> 'session_id' AS second \gset
SELECT is(tap.obstacles(:'month'), 'not_posted ANN 40000001: no batch takes it, correction conflict; not_posted BOB 40000002', 'a conflict that blocks nobody');
SELECT (api.export_lines(:'second', p_expected_sha256 => (api.export_lines(:'second')).sha256)).outcome \g /dev/null
SELECT is(tap.obstacles(:'month'), 'not_posted ANN 40000001: no batch takes it, correction conflict', 'which a batch leaves out');
SELECT (api.decide_conflict(t.session_id, t.transaction_id, t.employee_revision_id, false, 'the file is right')) FROM report.transactions AS t
WHERE t.session_id = :'second' AND t.external_transaction_id = '40000001' \g /dev/null
SELECT is(tap.obstacles(:'month'), 'not_posted ANN 40000001', 'decided it can be handed over');
SELECT (api.export_lines(:'second', p_expected_sha256 => (api.export_lines(:'second')).sha256)).outcome \g /dev/null
SELECT is(tap.obstacles(:'month'), NULL, 'and is');

-- A session opened for just this period; not one for another.
SELECT s.session_id AS early FROM api.create_session('Early', p_programme => 'Waits', p_period_start => '2025-04-01') AS s \gset
SELECT s.session_id AS beside FROM api.create_session('Beside', p_programme => 'Other', p_period_start => '2025-03-01') AS s \gset
SELECT is(tap.obstacles(:'month'), NULL, 'a session for another period or programme does not keep it open');
SELECT s.session_id AS late FROM api.create_session('Late', p_programme => 'Waits', p_period_start => '2025-03-01') AS s \gset
SELECT is(tap.obstacles(:'month'), 'submission Late: open', 'one for it does');
:as_admin
SELECT x.status FROM report.processing_sessions AS s, api.cancel_session(s.session_id, s.version) AS x WHERE s.session_id = :'late' \g /dev/null

-- Whose receipts all moved away is nobody to wait for.
SELECT (api.save_setting('month_sign_off', 2, 1)).value \g /dev/null
:as_reviewer
SELECT (api.hold_employee(e.session_id, e.cardholder_id, e.version, 'Who is it?')).status FROM report.employee_revisions AS e
WHERE e.session_id = :'second' AND e.employee_name = 'ANNIE' \g /dev/null
SELECT is(tap.obstacles(:'month'), 'person ANNIE on_hold: Who is it?; sign_off ANN not signed off as it is now; sign_off ANNIE not signed off as it is now; '
    'sign_off BOB not signed off as it is now', 'somebody on hold, and sign-offs of everybody');
:as_processor
SELECT (api.approve_alias('ANNIE', 'ANN', 'Called so')).moved_receipts \g /dev/null
SELECT (api.export_lines(:'second', p_expected_sha256 => (api.export_lines(:'second')).sha256)).outcome \g /dev/null
SELECT is(tap.obstacles(:'month'), 'sign_off ANN not signed off as it is now; sign_off BOB not signed off as it is now',
    'but not of a name that shows nothing any more');
:as_tester
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'all of it can be committed');
SELECT * FROM finish();
ROLLBACK;
