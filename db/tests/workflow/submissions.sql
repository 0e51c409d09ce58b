-- Deciding about submissions that await it: accepted, named a parent, discarded, forgotten.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/documents.psql
\ir ../fixtures/pdfs.psql
\ir ../fixtures/cutover.psql
SELECT plan(65);

CREATE FUNCTION tap.days(p_seed text, p_day text) RETURNS text
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT jsonb_build_object('ANNROE', tap.entry('{}', tap.receipt(jsonb_build_object('rec_id', p_seed, 'date', p_day))),
        'BEA', tap.entry('{"employee_id": "2", "card_no": "9999991234561193"}'))::text;
END;
CREATE FUNCTION tap.version_of(p_session_id uuid) RETURNS integer
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT s.version FROM report.processing_sessions AS s WHERE s.session_id = p_session_id;
END;
CREATE FUNCTION tap.staged() RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER
BEGIN ATOMIC
    SELECT count(*) FROM app.staged_submissions;
END;

-- An old file of a month that is here already.
:as_processor
SELECT api.import_activity(tap.days('a', '06/10/2024'), 'June') ->> 'session_id' AS june \gset
SELECT api.import_activity(tap.days('b', '06/11/2024'), 'June again', p_file_name => 'b.json') AS answer \gset
SELECT :'answer'::jsonb ->> 'session_id' AS again \gset
SELECT is(:'answer'::jsonb ->> 'outcome', 'awaiting_decision', 'a month that is here already awaits a decision');
SELECT is((SELECT concat_ws(' ', s.status, s.total_employees, s.revision_number, s.month_id) FROM report.sessions AS s
    WHERE s.session_id = :'again'), 'awaiting_decision 0 1', 'its session has nobody and no month');
SELECT is(api.import_activity(tap.days('b', '06/11/2024')) - 'report', jsonb_build_object('outcome', 'awaiting_decision',
    'session_id', :'again', 'rejects', '[]'::jsonb), 'the same file is answered with the one that waits');
SELECT is(api.import_activity(tap.days('b', '06/11/2024'), p_parent_session_id => :'june') ->> 'session_id', :'again', 'with a parent, too');
SELECT is(tap.staged(), 1::bigint, 'and not doubled');
:as_tester
SELECT is((SELECT g.content #>> '{activity,BEA,card_no}' FROM app.staged_submissions AS g), '999999XXXXXX1193', 'no card number waits');
SELECT is((SELECT string_agg(a.outcome, ' ' ORDER BY a.attempt_id) FROM report.import_attempts AS a WHERE a.session_id = :'again'),
    'awaiting_decision awaiting_decision awaiting_decision', 'each time it was handed in is told');

-- Who may, with what.
:as_reviewer
SELECT throws_ok(format('SELECT api.accept_submission(%L, 1, %L)', :'again', 'ok'), '42501', NULL, 'a reviewer does not decide');
SELECT throws_ok(format('SELECT api.discard_submission(%L, 1, %L)', :'again', 'ok'), '42501', NULL, 'nor discard');
:as_admin
SELECT throws_ok(format('SELECT api.accept_submission(%L, tap.version_of(%L), %L)', :'again', :'again', ' '), 'IV008', NULL, 'nobody accepts without a reason');
SELECT throws_ok(format('SELECT api.discard_submission(%L, tap.version_of(%L), NULL)', :'again', :'again'), 'IV008', NULL, 'or discards');
SELECT throws_ok(format('SELECT api.accept_submission(%L, tap.version_of(%L) - 1, %L)', :'again', :'again', 'ok'), 'ST001', NULL, 'another version is refused');
SELECT throws_ok(format('SELECT api.accept_submission(%L, 1, %L)', gen_random_uuid(), 'ok'), 'NF001', NULL, 'what is not there is not decided about');
SELECT throws_ok(format('SELECT api.accept_submission(%L, tap.version_of(%L), %L)', :'june', :'june', 'ok'), 'ST002', NULL, 'nor what waits for nobody');
SELECT throws_ok(format('SELECT api.cancel_session(%L, tap.version_of(%L))', :'again', :'again'), 'ST002', NULL, 'it is not cancelled without a reason either');
SELECT throws_ok(format('SELECT api.create_session(%L, %L)', 'x', :'again'), 'ST002', NULL, 'nothing follows it');
SELECT throws_ok(format('SELECT api.accept_submission(%L, tap.version_of(%L), %L, %L)', :'again', :'again', 'ok', gen_random_uuid()), 'NF001', NULL,
    'a parent is judged as any: it is there');
SELECT throws_ok(format('SELECT api.accept_submission(%L, tap.version_of(%L), %L, %L)', :'again', :'again', 'ok', :'again'), 'ST002', NULL, 'completed');
SELECT is(tap.staged(), 1::bigint, 'refused decisions leave it waiting');

-- Named a parent.
SELECT tap.version_of(:'again') AS seen \gset
SELECT s.status, s.revision_number, s.parent_session_id, s.period_source
FROM api.accept_submission(:'again', :seen, 'late receipts', :'june', 'request-1') AS s \gset
SELECT is(concat_ws(' ', :'status'::text, :'revision_number'::text, :'parent_session_id'::text, :'period_source'::text),
    concat_ws(' ', 'completed', '2', :'june'::text, 'chain'), 'with a parent it is the next submission of its month');
SELECT is((api.accept_submission(:'again', :seen, 'late receipts', :'june', 'request-1')).status, 'completed', 'repeated it is answered again');
SELECT is(tap.staged(), 0::bigint, 'nothing of it waits');
:as_tester
SELECT results_eq(format('SELECT d.decision, d.reasons, d.reason, d.parent_session_id, d.decided_by_name FROM report.submission_decisions AS d
        WHERE d.session_id = %L', :'again'), format($$VALUES ('accepted', '{month_exists}'::text[], 'late receipts', %L::uuid, 'ada')$$, :'june'),
    'what was said is found again');
SELECT is((SELECT string_agg(k.reasons::text, ' ' ORDER BY k.control_number) FROM report.submission_controls AS k WHERE k.session_id = :'again'),
    '{month_exists} {}', 'both control blocks are there');
SELECT is((SELECT string_agg(DISTINCT u.user_name, ' ') FROM app.employee_revisions AS r JOIN app.users AS u ON u.user_id = r.created_by
    WHERE r.session_id = :'again'), 'ada', 'who decided is who made its revisions');
SELECT is((SELECT s.user_name FROM report.sessions AS s WHERE s.session_id = :'again'), 'pat', 'and who submitted stays');
SELECT ok(EXISTS (SELECT FROM audit.processing_sessions_history AS h WHERE h.session_id = :'again' AND h.audit_reason = 'late receipts'), 'the trail has the reason');
SELECT results_eq(format('SELECT e.employee_name, e.card_number FROM report.employee_revisions AS e WHERE e.session_id = %L ORDER BY 1', :'again'),
    $$VALUES ('ANNROE', '999999XXXXXX1193'), ('BEA', '999999XXXXXX1193')$$, 'its people are as handed in');
:as_admin
SELECT throws_ok(format('SELECT api.accept_submission(%L, tap.version_of(%L), %L)', :'again', :'again', 'ok'), 'ST002', NULL, 'it is decided once');

-- Accepted as it is.
:as_processor
SELECT api.import_activity(tap.days('c', '06/12/2024'), 'Another June') ->> 'session_id' AS beside \gset
SELECT throws_ok(format('SELECT api.accept_submission(%L, tap.version_of(%L), %L)', :'beside', :'beside', 'two companies'), 'ST052',
    'the month has a submission already', 'a month is one chain, whatever the reason');
SELECT is((api.accept_submission(:'beside', tap.version_of(:'beside'), 'one company', :'again')).status, 'completed', 'what it follows is to be said');
SELECT is((SELECT concat_ws(' ', s.revision_number, s.period_start, s.is_latest) FROM report.sessions AS s WHERE s.session_id = :'beside'), '3 2024-06-01 t',
    'then it is the next submission of the month');
SELECT is(api.import_activity(tap.days('c', '06/12/2024')) ->> 'outcome', 'unchanged', 'whose file is there then');

-- Something new asks for a person.
SELECT api.import_activity(tap.days('d', '07/12/2024'), 'Strange', p_period_start => '2024-09-01') ->> 'session_id' AS strange \gset
SELECT api.import_activity(tap.days('e', '09/12/2024'), 'September') ->> 'session_id' AS september \gset
SELECT is((api.accept_submission(:'strange', tap.version_of(:'strange'), 'the dates are right')).status, 'awaiting_decision',
    'a month that came meanwhile is not accepted for another reason');
:as_tester
SELECT is((SELECT string_agg(k.reasons::text, ' ' ORDER BY k.control_number) FROM report.submission_controls AS k WHERE k.session_id = :'strange'),
    '{dates} {dates,month_exists}', 'its new control block says so');
SELECT is((SELECT count(*) FROM report.submission_decisions AS d WHERE d.session_id = :'strange'), 0::bigint, 'and nothing is decided');
:as_processor
SELECT throws_ok(format('SELECT api.accept_submission(%L, tap.version_of(%L), %L)', :'strange', :'strange', 'yes, both'), 'ST052', NULL, 'who was told says what it follows');
SELECT is((api.accept_submission(:'strange', tap.version_of(:'strange'), 'yes, both', :'september')).status, 'completed', 'and may accept it');

-- Discarded.
SELECT api.import_activity(tap.days('f', '06/13/2024'), 'Wrong') ->> 'session_id' AS wrong \gset
SELECT is((api.discard_submission(:'wrong', tap.version_of(:'wrong'), 'the wrong file')).status, 'cancelled', 'discarded it is cancelled');
SELECT is(tap.staged(), 0::bigint, 'and nothing of it is kept');
SELECT is((SELECT concat_ws(' ', d.decision, d.reason) FROM report.submission_decisions AS d WHERE d.session_id = :'wrong'), 'discarded the wrong file', 'but what was said');
SELECT is((SELECT count(*) FROM report.submission_people AS p WHERE p.session_id = :'wrong'), 2::bigint, 'and what it was');
SELECT is(api.import_activity(tap.days('f', '06/13/2024'), p_parent_session_id => :'beside') ->> 'outcome', 'accepted', 'it may come again');

-- Two PDFs: the rows wait, a discarded one leaves no bytes.
:as_owner
SELECT tap.hand_in('wrong', tap.pdf_report('{}', tap.pdf_card('{}')), tap.pdf_receipts('{}', tap.pdf_receipt(1, '{"employee": "Eve Goe"}'))) AS pdf \gset
SELECT is(concat_ws(' ', :'pdf'::jsonb ->> 'outcome', (SELECT j.state FROM report.jobs AS j WHERE j.session_id = (:'pdf'::jsonb ->> 'session_id')::uuid)),
    'awaiting_decision done', 'the receipts of somebody else await a decision, and the job is done');
SELECT :'pdf'::jsonb ->> 'session_id' AS pdf_session \gset
SELECT is(tap.upload('wrong') - 'report', jsonb_build_object('outcome', 'awaiting_decision', 'session_id', :'pdf_session', 'rejects', '[]'::jsonb),
    'the same two files are answered with what waits');
SELECT is((SELECT bool_and(d.has_bytes) FROM report.documents AS d WHERE d.session_id = :'pdf_session'), true, 'their bytes wait with it');
:as_processor
SELECT is((api.accept_submission(:'pdf_session', tap.version_of(:'pdf_session'), 'it is her card')).status, 'completed', 'accepted it is taken');
:as_tester
SELECT is((SELECT concat_ws(' ', (SELECT count(*) FROM app.charges AS c WHERE c.session_id = s.session_id), (SELECT count(*) FROM report.document_pages AS p
        WHERE p.session_id = s.session_id), s.session_name) FROM report.sessions AS s WHERE s.session_id = :'pdf_session'),
    (SELECT concat_ws(' ', 1, 3, s.programme, '2025-03') FROM report.sessions AS s WHERE s.session_id = :'pdf_session'),
    'with its charges and pages, named after its period');
:as_owner
SELECT tap.hand_in('bytes', tap.pdf_report('{}', tap.pdf_card('{}')), tap.pdf_receipts('{}', tap.pdf_receipt(1, '{"employee": "Eve Goe"}')))
    ->> 'session_id' AS bytes_session \gset
:as_processor
SELECT api.discard_submission(:'bytes_session', tap.version_of(:'bytes_session'), 'no') \g /dev/null
SELECT is((SELECT bool_or(d.has_bytes) FROM report.documents AS d WHERE d.session_id = :'bytes_session'), false, 'of a discarded one the bytes are gone');

-- Nobody decides about their own card alone.
SELECT api.import_activity('{"ANNROE": {"employee_id": "1001", "car_total": 5, "receipts": {"null": [{"rec_id": "own", "amt": "5.00", "date": "06/14/2024"}]}}}')
    ->> 'session_id' AS own \gset
:as_admin
SELECT api.save_user('pat', p_cardholder_id => (SELECT c.cardholder_id FROM report.cardholders AS c WHERE c.employee_name = 'ANNROE'), p_expected_version => u.version)
FROM report.users AS u WHERE u.user_name = 'pat' \g /dev/null
:as_processor
SELECT throws_ok(format('SELECT api.accept_submission(%L, tap.version_of(%L), %L)', :'own', :'own', 'mine'), 'PM003', NULL, 'nobody accepts their own card alone');
SELECT throws_ok(format('SELECT api.discard_submission(%L, tap.version_of(%L), %L)', :'own', :'own', 'mine'), 'PM003', NULL, 'or discards it');
:as_admin
SELECT is((api.discard_submission(:'own', tap.version_of(:'own'), 'for her')).status, 'cancelled', 'a colleague does');

-- Forgotten: thirty days, and one microsecond more. Nobody says what time it is, so what waits is made older.
:as_tester
CREATE FUNCTION tap.age(p_age interval) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER
BEGIN ATOMIC
    UPDATE app.staged_submissions SET staged_at = now() - p_age;
END;
:as_processor
SELECT api.import_activity(tap.days('g', '06/15/2024'), 'Forgotten') ->> 'session_id' AS forgotten \gset
:as_admin
SELECT tap.age('30 days') \g /dev/null
SELECT is(api.discard_expired_submissions(), 0, 'in the last moment it waits');
SAVEPOINT rolled_back;
:as_owner
SELECT tap.step_to('frozen'), tap.step_to('rolled_back') \g /dev/null
:as_admin
SELECT tap.age('31 days') \g /dev/null
SELECT is(api.discard_expired_submissions(), 0, 'it waits while nobody may decide');
:as_owner
SELECT tap.step_to('frozen') \g /dev/null
:as_tester
ALTER TABLE app.cutover_events DISABLE TRIGGER USER;
:as_owner
UPDATE app.cutover_events SET happened_at = now() - interval '30 days';
:as_admin
SELECT is(api.discard_expired_submissions(), 0, 'and has its time again after the return');
:as_owner
UPDATE app.cutover_events SET happened_at = now() - interval '30 days 1 microsecond';
:as_admin
SELECT is(api.discard_expired_submissions(), 1, 'no longer');
ROLLBACK TO SAVEPOINT rolled_back;
:as_admin
SELECT tap.age('30 days 1 microsecond') \g /dev/null
SELECT is(api.discard_expired_submissions(), 1, 'after it, it is discarded');
SELECT is((SELECT concat_ws(', ', s.status, d.decision, d.reason) FROM report.processing_sessions AS s JOIN report.submission_decisions AS d USING (session_id)
    WHERE s.session_id = :'forgotten'), 'cancelled, expired, Nobody decided within 30 days.', 'as what it was: nobody decided');
:as_processor
SELECT api.import_activity(tap.days('h', '06/15/2024'), 'Sooner') ->> 'session_id' AS sooner \gset
:as_owner
UPDATE app.settings SET value = 7 WHERE setting_name = 'document_retention_days';
:as_admin
SELECT tap.age('7 days') \g /dev/null
SELECT is(api.discard_expired_submissions(), 0, 'never longer than documents are kept');
SELECT tap.age('7 days 1 microsecond') \g /dev/null
SELECT is(api.discard_expired_submissions(), 1, 'on both sides');
:as_owner
SELECT throws_ok('UPDATE app.settings SET value = 31 WHERE setting_name = ''decision_days''', '23514', NULL, 'thirty days are the most');
:as_tester
\ir ../fixtures/invariants.psql
SELECT * FROM finish();
ROLLBACK;
