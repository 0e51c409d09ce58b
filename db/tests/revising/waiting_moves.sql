-- Going back leaves what waits for somebody who is not there alone, or tells that it waits no longer.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/documents.psql
SELECT plan(20);

-- Ann with two receipts; Bea with one where she is in the file.
CREATE FUNCTION tap.file(p_with_bea boolean, p_spaces integer DEFAULT 0) RETURNS text
LANGUAGE sql
BEGIN ATOMIC
    SELECT (jsonb_build_object('ANNROE', tap.entry(jsonb_build_object('employee_id', '1', 'receipts', jsonb_build_object('null',
            jsonb_build_array(tap.receipt('{"rec_id": "11", "amt": "10.00"}'), tap.receipt('{"rec_id": "12", "amt": "20.00"}'))))))
        || CASE WHEN p_with_bea THEN jsonb_build_object('BEAROE', tap.entry(jsonb_build_object('employee_id', '2', 'receipts',
            jsonb_build_object('null', jsonb_build_array(tap.receipt('{"rec_id": "21", "amt": "40.00"}')))))) ELSE '{}' END)::text
        || repeat(' ', p_spaces);
END;
CREATE FUNCTION tap.shown(p_session uuid) RETURNS text
LANGUAGE sql
RETURN (SELECT string_agg(left(t.employee_name, 1) || ' ' || coalesce(t.external_transaction_id, 'by hand'), ', '
        ORDER BY t.employee_name, t.external_transaction_id NULLS LAST)
    FROM report.transactions AS t WHERE t.session_id = p_session);
CREATE FUNCTION tap.moves() RETURNS text
LANGUAGE sql
RETURN (SELECT string_agg(concat_ws(' ', c.number, left(c.employee_name, 1), c.fate), ', ' ORDER BY c.transaction_id = (
        SELECT x.transaction_id FROM report.transactions_history AS x WHERE x.external_transaction_id = '11' LIMIT 1) DESC, c.number)
    FROM report.corrections AS c WHERE c.field_group = 'person');
CREATE FUNCTION tap.current(p_session uuid, p_name text) RETURNS uuid
LANGUAGE sql
RETURN (SELECT e.revision_id FROM report.employee_revisions AS e WHERE e.session_id = p_session AND e.employee_name = p_name);

:as_processor
SET LOCAL app.reason = 'as told by mail';
SELECT api.import_activity(tap.file(false), 'First') ->> 'session_id' AS first \gset
INSERT INTO api.current_transactions (employee_revision_id, amount, transaction_date, merchant_name)
SELECT e.revision_id, 7.00, '2025-03-20', 'TOLL GATE' FROM report.employee_revisions AS e WHERE e.session_id = :'first';
:as_tester
SELECT tap.current(:'first', 'ANNROE') AS whole \gset
:as_processor
SELECT api.import_activity(tap.file(true), 'Second', :'first') ->> 'session_id' AS second \gset
UPDATE api.current_transactions AS t SET employee_revision_id = (SELECT e.revision_id FROM report.employee_revisions AS e
    WHERE e.session_id = t.session_id AND e.employee_name = 'BEAROE')
WHERE t.session_id = :'second' AND (t.external_transaction_id = '11' OR t.merchant_name = 'TOLL GATE');
:as_tester
SELECT is(tap.shown(:'second'), 'A 12, B 11, B 21, B by hand', 'two receipts are given to somebody of a later submission');

-- That submission is cancelled, and what stands in the one before is taken out.
SAVEPOINT given;
:as_admin
SELECT api.cancel_session(s.session_id, s.version) FROM report.sessions AS s WHERE s.session_id = :'second' \g /dev/null
:as_tester
SELECT is(tap.shown(:'first'), 'A 11, A 12', 'the source''s goes back meanwhile, what was made by hand waits');
SELECT is(tap.moves(), '1 B waiting, 1 B waiting', 'both moves wait for her');
SELECT alike(report.import_report(:'first'), E'%\n* BEAROE: person of a receipt waits, BEAROE is not in the report, said by pat\n%', 'as the report says');
:as_processor
DELETE FROM api.current_transactions WHERE session_id = :'first' AND external_transaction_id = '11';
:as_tester
SELECT tap.current(:'first', 'ANNROE') AS seen \gset
SAVEPOINT taken_out;
:as_owner
SELECT api.save_user('bob', NULL, 'processor', p_cardholder_id => c.cardholder_id) FROM app.cardholders AS c WHERE c.name_key = 'BEAROE' \g /dev/null
:as_processor
SET LOCAL app.actor = 'bob';
SELECT throws_ok(format('SELECT api.restore_revision(%L, %L, ''x'')', :'whole', :'seen'), 'PM003', NULL,
    'nobody ends what waits for their own card');
ROLLBACK TO SAVEPOINT taken_out;
:as_processor
SELECT throws_ok(format('SELECT api.restore_revision(%L, %L, %L)', :'whole', :'seen', repeat('x', 4000)), 'IV008', NULL,
    'a reason leaves room for what is told');
SELECT is((SELECT r.reason FROM api.restore_revision(:'whole', :'seen', 'as it was') AS r),
    'as it was (receipts that wait no longer: 1 of BEAROE)', 'going back tells for whom a receipt waits no longer');
:as_tester
SELECT is(tap.shown(:'first'), 'A 11, A 12, A by hand', 'all is there again');
SELECT is(tap.moves(), '1 B waiting, 1 B replaced, 2 A in_force', 'the move that stands in nobody''s way waits on');
SELECT alike((SELECT c.reason FROM report.corrections AS c WHERE c.field_group = 'person' AND c.number = 2), '%1 of BEAROE)',
    'who reads what was said reads it, too');
SELECT alike(report.import_report(:'first'), E'%\n* BEAROE: a receipt waits no longer, it is with ANNROE, said by pat\n%', 'and so does the report');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'and it can be committed');
SET CONSTRAINTS ALL DEFERRED;
:as_processor
SELECT api.import_activity(tap.file(true, 1), 'Third', :'first') ->> 'session_id' AS third \gset
:as_tester
SELECT is(tap.shown(:'third'), 'A 12, A by hand, B 11, B 21', 'when she comes, what waited is hers');
ROLLBACK TO SAVEPOINT given;

-- An old submission is brought back after them, with one of the two taken out meanwhile.
:as_processor
DELETE FROM api.current_transactions WHERE session_id = :'second' AND external_transaction_id = '11';
SELECT s.session_id AS third FROM api.restore_session(:'first', :'second', 'the right one') AS s \gset
:as_tester
SELECT is(tap.shown(:'third'), 'A 11, A 12, A by hand', 'it is as it was');
SELECT is(tap.moves(), '1 B waiting, 1 B replaced, 2 A in_force', 'the move that stands in nobody''s way waits');
SELECT is((SELECT e.reason FROM report.employee_revisions AS e WHERE e.session_id = :'third'),
    'the right one (receipts that wait no longer: 1 of BEAROE)', 'and the end of the other is told');
SELECT alike(report.import_report(:'third'), '%* BEAROE: a receipt waits no longer, it is with ANNROE, said by pat%', 'by the report, too');
ROLLBACK TO SAVEPOINT given;

-- Where everybody is there nothing waits and nothing is told. What went elsewhere and was taken out there comes back.
:as_tester
SELECT tap.current(:'second', 'BEAROE') AS hers \gset
:as_processor
UPDATE api.current_transactions AS t SET employee_revision_id = (SELECT e.revision_id FROM report.employee_revisions AS e
    WHERE e.session_id = t.session_id AND e.employee_name = 'ANNROE')
WHERE t.session_id = :'second' AND t.external_transaction_id = '11';
DELETE FROM api.current_transactions WHERE session_id = :'second' AND external_transaction_id = '11';
SELECT is((SELECT r.reason FROM api.restore_revision(:'hers', (SELECT e.revision_id FROM report.employee_revisions AS e
    WHERE e.session_id = :'second' AND e.employee_name = 'BEAROE'), 'as it was') AS r), 'as it was', 'a reason is as it was given');
:as_tester
SELECT is(tap.shown(:'second'), 'A 12, B 11, B 21, B by hand', 'she has again what she had');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'and it can be committed');
SELECT * FROM finish();
ROLLBACK;
