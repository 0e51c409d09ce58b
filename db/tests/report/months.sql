-- A month has a name and one row, whatever was submitted of it; the newest completed submission counts.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/documents.psql
SELECT plan(11);

:as_processor
SELECT api.import_activity(jsonb_build_object(
    'ANN', tap.entry('{"car_total": 30}', tap.receipt('{"gl_acct": null, "attachment": false, "rec_id": "1"}')),
    'BEA', tap.entry('{"employee_id": "2"}'))::text, 'March') ->> 'session_id' AS first \gset
:as_tester
SELECT s.month_id AS month, m.version FROM report.sessions AS s JOIN report.months AS m ON m.month_id = s.month_id WHERE s.session_id = :'first' \gset
SELECT results_eq($$SELECT m.month_name, m.state, m.version > 0, m.submissions, m.total_employees, m.total_amount FROM report.months AS m$$,
    $$VALUES ('2025-03', 'open', true, 1::bigint, 2::bigint, 40.00)$$, 'a month has a name, a state and a version');
SELECT is((SELECT s.month_name FROM report.sessions AS s WHERE s.session_id = :'first'), '2025-03', 'which its sessions show');
SELECT results_eq('SELECT m.open_high, m.open_medium, m.open_low, m.open_blocking, m.dollars FROM report.months AS m',
    format($$SELECT count(*) FILTER (WHERE i.severity = 'high'), count(*) FILTER (WHERE i.severity = 'medium'),
        count(*) FILTER (WHERE i.severity = 'low'), count(*) FILTER (WHERE i.blocks),
        (SELECT sum(a.dollars) FROM report.ageing AS a WHERE a.session_id = %1$L)
        FROM report.validation_issues AS i WHERE i.session_id = %1$L AND i.is_open$$, :'first'),
    'open issues by severity and the dollars of the ages');
SELECT cmp_ok((SELECT m.dollars FROM report.months AS m), '>', 0::numeric, 'which are some');

-- Submitted again: the same row, with what is new.
:as_processor
SELECT api.import_activity(jsonb_build_object('ANN', tap.entry('{"car_total": 12}', tap.receipt('{"rec_id": "1"}')))::text,
    'March again', :'first') ->> 'session_id' AS second \gset
:as_tester
SELECT results_eq('SELECT m.version > ' || :'version' || ', m.latest_session_id, m.submissions, m.chains, m.total_employees, m.total_amount FROM report.months AS m',
    format('VALUES (true, %L::uuid, 2::bigint, 1::bigint, 1::bigint, 12.00)', :'second'), 'submitted again it is still one month, and the newest counts');
SELECT results_eq('SELECT f.months_imported, f.sessions_imported FROM report.figures AS f', 'VALUES (1::bigint, 2::bigint)',
    'the figures count the month once');

-- Names of other periods.
SELECT is(app.period_name('', '2025-02-26', '2025-03-25'), '2025-02-26 to 2025-03-25', 'another period is called by its days');
SELECT is(app.period_name('Fleet', '2024-02-01', '2024-02-29'), 'Fleet 2024-02', 'after the programme');
SELECT is(app.period_name('', '2024-02-01', '2024-02-28'), '2024-02-01 to 2024-02-28', 'a day less is no calendar month');

-- Failed is what failed by the program; a refused file is none of it.
:as_owner
INSERT INTO app.processing_sessions (session_id, chain_id, user_id, session_name, status, failure_reason)
SELECT x.id, x.id, (SELECT u.user_id FROM app.users AS u ORDER BY u.user_name LIMIT 1), x.name, 'failed', 'as a test'
FROM (VALUES ('00000000-0000-7000-8000-00000000000a'::uuid, 'refused'), ('00000000-0000-7000-8000-00000000000b', 'gave up')) AS x (id, name);
INSERT INTO app.jobs (session_id, queued_by, state, failure_code, failure_message, finished_at)
SELECT x.id, (SELECT u.user_id FROM app.users AS u ORDER BY u.user_name LIMIT 1), 'failed', x.code, 'as a test', now()
FROM (VALUES ('00000000-0000-7000-8000-00000000000a'::uuid, 'damaged_pdf'), ('00000000-0000-7000-8000-00000000000b', 'gave_up')) AS x (id, code);
:as_tester
SELECT results_eq('SELECT f.sessions_failed, f.sessions_refused, f.error_rate FROM report.figures AS f',
    'VALUES (1::bigint, 1::bigint, 0.2500)', 'a refused file is not a failure of ours');
SELECT is((SELECT count(*) FROM report.counted_impacts AS c WHERE c.session_id = :'second' AND c.counted IS NULL), 0::bigint,
    'and every part that is counted is known here');
SELECT * FROM finish();
ROLLBACK;
