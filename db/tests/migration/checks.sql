-- Every check is answered both ways: what is not known is no, an answer counts as long as it may, and evidence says why.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/workflow.psql
\ir ../fixtures/pdfs.psql
\ir ../fixtures/alone.psql
\ir ../fixtures/cutover.psql
SELECT no_plan();
\set confirm_drills ':as_reviewer SELECT count(api.confirm_drill(d.drill_id, ''Looked at'')) AS confirmed FROM report.drills AS d WHERE d.confirmed_at IS NULL;'
CREATE FUNCTION tap.verdict(p_check text) RETURNS text
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT c.state FROM report.cutover AS c WHERE c.check_code = p_check;
END;
-- What a function says now.
CREATE FUNCTION tap.asks(p_function text) RETURNS boolean
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    v_passed boolean;
BEGIN
    EXECUTE format('SELECT passed FROM app.%I()', p_function) INTO v_passed;
    RETURN v_passed;
END
$$;
CREATE FUNCTION tap.asks_of_today(p_function text) RETURNS boolean
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    v_passed boolean;
BEGIN
    EXECUTE format('SELECT passed FROM app.%I(date_trunc(''day'', now()), date_trunc(''day'', now()) + interval ''1 day'')', p_function)
    INTO v_passed;
    RETURN v_passed;
END
$$;

SELECT is_empty($$SELECT c.check_code FROM app.cutover_checks AS c WHERE c.function_name IS NOT NULL AND NOT EXISTS (
    SELECT FROM pg_proc AS p WHERE p.pronamespace = 'app'::regnamespace AND p.proname = c.function_name
        AND p.pronargs = CASE c.kind WHEN 'daily' THEN 2 ELSE 0 END AND p.prorettype = 'app.cutover_finding'::regtype)$$,
    'every computed check has its function');
SELECT set_eq($$SELECT p.proname FROM pg_proc AS p WHERE p.prorettype = 'app.cutover_finding'::regtype AND p.proname LIKE 'check%'$$,
    'SELECT c.function_name::name FROM app.cutover_checks AS c WHERE c.function_name IS NOT NULL', 'and every function its check');
SELECT is((SELECT array_agg(c.check_code ORDER BY c.place) FROM app.cutover_checks AS c WHERE NOT c.may_be_waived),
    '{trial_sealed,no_card_numbers}'::text[], 'these are never waived');

-- Nothing is known: everything that is computed says no but what can be seen.
:as_admin
SELECT results_eq('SELECT v.state, v.next_step, v.is_go FROM api.run_cutover_checks() AS v', $$VALUES ('trial', 'freeze', false)$$,
    'without evidence it is no');
SELECT is((SELECT array_agg(c.check_code ORDER BY c.place) FROM report.cutover AS c WHERE c.kind = 'computed' AND c.is_ok),
    '{no_card_numbers,role_matrix,waiting_compared}'::text[], 'but for what is seen in the database itself');
SELECT is(api.run_cutover_checks('again'), api.run_cutover_checks('again'), 'the same request computes once');
SELECT is((SELECT count(*) FROM report.cutover AS c WHERE c.state = 'missing' AND c.kind = 'computed'), 0::bigint, 'every function answered');

-- Drills: the newest of its kind counts, once a second person has confirmed it.
SELECT api.record_drill('load', now() - interval '1 hour', now(), true,
    '{"times_the_volume": 10, "report_seconds": 119.9, "view_seconds": 0.9}', 'db1') \g /dev/null
SELECT api.record_drill('restore', now() - interval '1 hour', now() - interval '89 days' + interval '89 days', true, '{"backup_bytes": 1, "findings": 0}', 'db1') \g /dev/null
SELECT api.record_drill('rehearsal', now() - interval '7 days', now() - interval '7 days' + interval '30 minutes', true, '{"months": 1}', 'db1') \g /dev/null
:as_tester
SELECT ok(NOT tap.asks('check_load_drill') AND NOT tap.asks('check_restore_drill') AND NOT tap.asks('check_rollback_rehearsed'),
    'what one person recorded decides nothing');
:confirm_drills
:as_tester
SELECT ok(tap.asks('check_load_drill'), 'ten times the volume in time passes');
SELECT ok(tap.asks('check_restore_drill'), 'a restore that held passes');
SELECT ok(tap.asks('check_rollback_rehearsed'), 'a rehearsal of half an hour within seven days passes');
:as_admin
SELECT api.record_drill('load', now() - interval '1 hour', clock_timestamp(), true,
    jsonb_build_object('times_the_volume', 10, 'report_seconds', 120, 'view_seconds', 0.9), 'db1') \g /dev/null
SELECT api.record_drill('restore', now() - interval '1 hour', clock_timestamp(), false, '{"backup_bytes": 1, "findings": 0}', 'db1') \g /dev/null
SELECT api.record_drill('rehearsal', now() - interval '2 hours', now() - interval '2 hours' + interval '1801 seconds', true, '{"months": 1}', 'db1') \g /dev/null
:confirm_drills
:as_tester
SELECT ok(NOT tap.asks('check_load_drill'), 'two minutes are too long');
SELECT ok(NOT tap.asks('check_restore_drill'), 'the newest restore counts');
SAVEPOINT unconfirmed;
:as_admin
SELECT api.record_drill('restore', now(), clock_timestamp(), true, '{"backup_bytes": 1, "findings": 0}', 'db1') \g /dev/null
:confirm_drills
:as_admin
SELECT api.record_drill('restore', now(), clock_timestamp(), true, '{"backup_bytes": 0, "findings": 9}', 'db1') \g /dev/null
:as_tester
SELECT ok(tap.asks('check_restore_drill'), 'what passed and nobody confirmed takes the place of nothing');
:as_admin
SELECT api.record_drill('restore', now(), clock_timestamp(), false, '{}', 'db1') \g /dev/null
:as_tester
SELECT ok(NOT tap.asks('check_restore_drill'), 'what failed does, by whomever it is said');
ROLLBACK TO SAVEPOINT unconfirmed;
SELECT ok(NOT tap.asks('check_rollback_rehearsed'), 'a second more than the bound is too long');
:as_admin
SELECT api.record_drill('load', now(), clock_timestamp(), true, '{"times_the_volume": "10", "report_seconds": 1, "view_seconds": 0.1}', 'db1') \g /dev/null
SELECT api.record_drill('rehearsal', now() - interval '7 days 2 minutes', now() - interval '7 days 1 minute', true, '{"months": 1}', 'db1') \g /dev/null
:as_owner
SET LOCAL app.reason = 'x';
SELECT api.save_setting('rollback_minutes', 31, 1) \g /dev/null
:confirm_drills
:as_tester
SELECT ok(NOT tap.asks('check_load_drill'), 'a figure is a number');
SELECT ok(tap.asks('check_rollback_rehearsed'), 'the bound is a setting, and the newest rehearsal is the one that ended last');
:as_admin
SELECT api.record_drill('rehearsal', now(), clock_timestamp(), true, '{"months": 0}', 'db1') \g /dev/null
SELECT api.record_drill('restore', now(), clock_timestamp(), true, '{"backup_bytes": 1, "findings": 1}', 'db1') \g /dev/null
:confirm_drills
:as_tester
SELECT ok(NOT tap.asks('check_restore_drill'), 'what was brought back verifies');
SELECT ok(NOT tap.asks('check_rollback_rehearsed'), 'a rehearsal of no month is none');

-- The service as it runs.
:as_owner
UPDATE app.settings SET value = maximum WHERE setting_name = 'seal_lag_alarm_minutes';
:as_worker
SELECT api.record_duty('s:1', 'serving', 15, 1, NULL, 0, NULL) \g /dev/null
:as_tester
SELECT ok(NOT tap.asks('check_system_health'), 'a service that serves is no worker');
:as_worker
SELECT api.record_duty('w:1', 'signs', 15, 1, NULL, 0, NULL), api.record_duty('w:1', 'mail', 10, 1, NULL, 1, 'no server') \g /dev/null
:as_tester
SELECT set_eq('SELECT m.part FROM app.sign_minutes AS m', '{service}'::text[], 'duties that fail, and telling of it, are no minute of work');
:as_worker
SELECT api.record_duty('w:1', 'jobs', 0.5, 1, NULL, 0, NULL), api.record_duty('w:1', 'mail', 10, 1, NULL, 0, NULL) \g /dev/null
:as_tester
SELECT set_eq('SELECT m.part FROM app.sign_minutes AS m', '{service,worker}'::text[], 'one that does not fail is');
SELECT ok(tap.asks('check_system_health'), 'duties that are done are health');
:as_worker
SELECT api.record_duty('w:2', 'mail', 10, 1, NULL, 2, 'no server') \g /dev/null
:as_tester
SELECT ok(tap.asks('check_system_health'), 'one that does it is enough');
:as_worker
SELECT api.record_duty('w:1', 'mail', 10, 1, NULL, 1, 'no server') \g /dev/null
:as_tester
SELECT ok(NOT tap.asks('check_system_health'), 'none is not');
SELECT is((SELECT f.evidence -> 'not_done' FROM app.check_system_health() AS f), '["mail"]'::jsonb, 'and it is named');

-- Runs, errors and minutes of a day.
SELECT ok(tap.asks_of_today('check_day_performance'), 'a day without a run was not slow');
SELECT ok(tap.asks_of_today('check_day_errors'), 'and had no error');
:as_owner
SELECT tap.hand_in('one', tap.pdf_report('{}', tap.pdf_card()), tap.pdf_receipts('{}', tap.pdf_receipt(1))) ->> 'session_id' AS session \gset
:as_tester
SELECT ok(tap.asks('check_processing_time'), 'a quick run passes');
SELECT ok(tap.asks_of_today('check_day_performance'), 'on its day, too');
SELECT ok(tap.asks_of_today('check_day_errors'), 'it did not fail');
:as_owner
INSERT INTO app.processing_metrics (session_id, processing_time_ms, employees, transactions, phases)
VALUES (:'session', 120000, 1, 1, '{}');
UPDATE app.jobs SET state = 'failed', failure_code = 'gave_up' WHERE session_id = :'session';
:as_tester
SELECT ok(NOT tap.asks('check_processing_time'), 'two minutes are not below two minutes');
SELECT ok(NOT tap.asks_of_today('check_day_performance'), 'nor on its day');
SELECT ok(NOT tap.asks_of_today('check_day_errors'), 'a run that gave up is an error');
:as_owner
UPDATE app.jobs SET failure_code = 'damaged_pdf' WHERE session_id = :'session';
:as_tester
SELECT ok(tap.asks_of_today('check_day_errors'), 'a file that is refused is none');
:as_owner
INSERT INTO app.sign_minutes (minute, part)
SELECT m, p FROM generate_series('2026-02-02 00:00Z'::timestamptz, '2026-02-02 23:59Z', '1 minute') AS m
CROSS JOIN (VALUES ('service'), ('worker')) AS p (p) WHERE p = 'worker' OR m < '2026-02-02 23:59Z';
:as_tester
SELECT ok(passed, '1439 of 1440 minutes are more than 99.9 %') FROM app.check_day_uptime('2026-02-02 00:00Z', '2026-02-03 00:00Z');
:as_owner
DELETE FROM app.sign_minutes WHERE minute = '2026-02-02 12:00Z' AND part = 'worker';
:as_tester
SELECT ok(NOT passed, '1438 are not, whether it is the service or the worker that was silent')
FROM app.check_day_uptime('2026-02-02 00:00Z', '2026-02-03 00:00Z');
SELECT results_eq($$SELECT evidence ->> 'with_a_sign_of_both', evidence ->> 'of_the_service', evidence ->> 'of_a_worker'
    FROM app.check_day_uptime('2026-02-02 00:00Z', '2026-02-03 00:00Z')$$, $$VALUES ('1438', '1439', '1439')$$, 'and the evidence says who');

-- Comparisons: old results of two months in a row, then a third one that differs.
:as_tester
CREATE FUNCTION tap.compare(p_month text, p_verdict text, p_session uuid, p_shape text DEFAULT 'by_id', p_in_use text DEFAULT 'by_id') RETURNS void LANGUAGE sql VOLATILE
BEGIN ATOMIC
    WITH made AS (
        INSERT INTO app.months AS m (programme, period_start, period_end)
        VALUES ('Compared', (p_month || '-01')::date, ((p_month || '-01')::date + interval '1 month - 1 day')::date)
        ON CONFLICT DO NOTHING
        RETURNING m.month_id
    ), month AS (
        SELECT n.month_id FROM made AS n
        UNION ALL SELECT m.month_id FROM app.months AS m WHERE m.programme = 'Compared' AND m.period_start = (p_month || '-01')::date
    ), result AS (
        INSERT INTO app.old_results AS o (month_id, file_name, size_bytes, sha256, shape, shape_in_use, is_same_files, handed_in_at)
        SELECT m.month_id, p_month || '.json', 2, sha256(convert_to(p_month, 'UTF8')), p_shape, p_in_use, true, clock_timestamp()
        FROM month AS m RETURNING o.old_result_id
    )
    INSERT INTO app.parallel_runs (old_result_id, session_id, sources, verdict, roots_explained, roots_unexplained, roots_pending,
        car_total_old, car_total_explained, receipt_total_old, receipt_total, receipt_total_explained, figures, deviations)
    SELECT r.old_result_id, p_session, 'same', p_verdict, 0, CASE p_verdict WHEN 'clean' THEN 0 ELSE 1 END, 0, 0, 0, 0, 0, 0, '{}', '{}'
    FROM result AS r WHERE p_verdict IS NOT NULL;
END;
GRANT EXECUTE ON FUNCTION tap.compare(text, text, uuid, text, text) TO ccp_owner;
:as_owner
SET LOCAL app.reason = 'x';
SELECT tap.step_to('frozen') \g /dev/null
SELECT tap.compare('2025-03', 'clean', :'session') \g /dev/null
:as_tester
SELECT ok(NOT tap.asks('check_clean_months'), 'one clean month is not two');
SELECT results_eq('SELECT c.programme = ''Compared'', c.month_name, c.not_compared IS NOT NULL, c.months_in_a_row::integer FROM app.cutover_clean_months AS c ORDER BY 1',
    $$VALUES (false, NULL, true, 0), (true, 'Compared 2025-03', false, 1)$$, 'a programme whose months nobody compared is asked, too');
:as_owner
UPDATE app.processing_sessions AS s SET month_id = m.month_id, programme = m.programme
FROM app.months AS m WHERE m.programme = 'Compared' AND m.period_start = '2025-03-01' AND s.session_id = :'session';
:as_tester
SELECT is((SELECT count(*) FROM app.cutover_clean_months), 1::bigint, 'one without any is not');
SELECT ok(tap.asks('check_accuracy'), 'but it is the newest comparison');
SELECT ok(tap.asks('check_frozen_file'), 'and came after the freeze');
SELECT is((SELECT f.evidence #>> '{files,0,sha256}' FROM app.check_frozen_file() AS f), encode(sha256('2025-03'), 'hex'), 'its checksum is kept');
:as_owner
SELECT tap.compare('2025-04', 'clean', :'session') \g /dev/null
:as_tester
SELECT ok(tap.asks('check_clean_months'), 'two in a row are');
SAVEPOINT others;
:as_owner
SELECT tap.compare('2025-04', 'unexplained', :'session', 'by_code', 'by_id') \g /dev/null
:as_tester
SELECT ok(tap.asks('check_frozen_file') AND tap.asks('check_clean_months'), 'the shape that is not in use keeps nothing');
:as_owner
SELECT tap.compare('2025-05', 'unexplained', :'session', 'by_id', NULL) \g /dev/null
:as_tester
SELECT ok(NOT tap.asks('check_clean_months'), 'a month of which nobody said the shape is not left out');
SELECT ok(NOT tap.asks('check_frozen_file'), 'nor is it of the frozen ones');
:as_owner
SELECT tap.compare('2025-05', 'clean', :'session') \g /dev/null
:as_tester
SELECT ok(tap.asks('check_frozen_file'), 'what was handed in again counts');
:as_owner
SELECT tap.step_to('trial'), tap.step_to('frozen'), tap.compare('2025-03', 'clean', :'session') \g /dev/null
:as_tester
SELECT ok(NOT tap.asks('check_frozen_file'), 'a file of a month before is not the last one');
ROLLBACK TO SAVEPOINT others;

-- A later month that nobody compared, unless it came when the old program had stopped; a submission that counts no more.
:as_owner
SET LOCAL app.reason = 'x';
SELECT tap.step_to('trial') \g /dev/null
INSERT INTO app.months AS m (programme, period_start, period_end) VALUES ('Compared', '2025-05-01', '2025-05-31');
UPDATE app.processing_sessions AS s SET month_id = m.month_id, programme = m.programme
FROM app.months AS m WHERE m.programme = 'Compared' AND m.period_start = '2025-05-01' AND s.session_id = :'session';
:as_tester
SELECT ok(NOT tap.asks('check_clean_months'), 'a later month that was not compared breaks the row');
SELECT is((SELECT f.evidence #>> '{programmes,0,not_compared}' FROM app.check_clean_months() AS f), 'Compared 2025-05', 'and is named');
:as_owner
SELECT tap.step_to('frozen') \g /dev/null
UPDATE app.processing_sessions AS s SET processing_completed_at = clock_timestamp() WHERE s.session_id = :'session';
:as_tester
SELECT ok(tap.asks('check_clean_months'), 'one that came after the freeze does not');
:as_owner
UPDATE app.processing_sessions AS s SET status = 'cancelled' WHERE s.session_id = :'session';
:as_tester
SELECT ok(NOT tap.asks('check_clean_months') AND NOT tap.asks('check_accuracy') AND NOT tap.asks('check_frozen_file'),
    'what was compared with a submission that counts no more counts no more');
SELECT is((SELECT count(*) FROM report.clean_months AS c WHERE c.programme = 'Compared'), 2::bigint, 'two months were compared');
:as_owner
UPDATE app.processing_sessions AS s SET month_id = m.month_id
FROM app.months AS m WHERE m.programme = 'Compared' AND m.period_start = '2025-04-01' AND s.session_id = :'session';
:as_tester
SELECT is((SELECT count(*) FROM report.clean_months AS c WHERE c.programme = 'Compared'), 1::bigint, 'one whose submissions were all cancelled is none');
ROLLBACK TO SAVEPOINT others;
SELECT ok(tap.asks('check_frozen_file'), 'the last file is clean');
:as_owner
SELECT tap.step_to('rolled_back'), tap.step_to('frozen') \g /dev/null
:as_tester
SELECT ok(NOT tap.asks('check_frozen_file'), 'and is of the time before, once the old program was used again and one returns to the freeze');
ROLLBACK TO SAVEPOINT others;
:as_owner
SELECT tap.step_to('live'), tap.step_to('rolled_back') \g /dev/null
:as_tester
SELECT ok(NOT tap.asks('check_meantime'), 'what was compared before it was rolled back is not of the meantime');
SAVEPOINT again;
:as_owner
SELECT tap.compare('2025-04', 'clean', :'session') \g /dev/null
:as_tester
SELECT ok(NOT tap.asks('check_meantime'), 'nor are bytes that were here before');
SELECT is((SELECT f.evidence #> '{files,0,is_new}' FROM app.check_meantime() AS f), 'false'::jsonb, 'which is told');
ROLLBACK TO SAVEPOINT again;
:as_owner
SELECT tap.compare('2025-05', NULL, :'session') \g /dev/null
:as_tester
SELECT ok(NOT tap.asks('check_meantime'), 'a file that nobody compared is not enough');
SELECT ok(NOT tap.asks('check_frozen_file'), 'nor for going live');
:as_owner
INSERT INTO app.parallel_runs (old_result_id, session_id, sources, verdict, roots_explained, roots_unexplained, roots_pending,
    car_total_old, car_total_explained, receipt_total_old, receipt_total, receipt_total_explained, figures, deviations)
SELECT o.old_result_id, :'session', 'same', 'unexplained', 0, 1, 0, 0, 0, 0, 0, 0, '{}', '{}'
FROM (SELECT max(x.old_result_id::text)::uuid AS old_result_id FROM app.old_results AS x) AS o;
:as_tester
SELECT ok(tap.asks('check_meantime'), 'compared, it counts, whatever it says');
SELECT ok(NOT tap.asks('check_accuracy'), 'the newest comparison has a difference');
SELECT ok(NOT tap.asks('check_clean_months'), 'and the newest month is not clean');
SELECT ok(NOT tap.asks('check_frozen_file'), 'so one does not go live with it');

-- Seals and roles. What this transaction wrote is sealed by no seal.
SELECT ok(NOT tap.asks('check_trial_sealed'), 'a month that no seal covers is not sealed');
SELECT is((SELECT c.evidence -> 'unsealed' FROM app.check_trial_sealed() AS c),
    (SELECT jsonb_agg(DISTINCT s.month_name) FROM report.sessions AS s WHERE s.status = 'completed'), 'and named, before there is any seal, too');
SELECT ok(tap.asks('check_role_matrix'), 'roles reach what they may');
GRANT EXECUTE ON FUNCTION api.whoami() TO PUBLIC;
SELECT ok(NOT tap.asks('check_role_matrix'), 'what is open to everybody is found');
REVOKE EXECUTE ON FUNCTION api.whoami() FROM PUBLIC;
SELECT ok(tap.asks('check_card_numbers'), 'no card number is there');
ALTER TABLE app.import_attempts DROP CONSTRAINT import_attempts_card_numbers_check;
SELECT ok(NOT tap.asks('check_card_numbers'), 'a table that takes any text is found');

-- Signing.
:as_reviewer
SELECT results_eq($$SELECT c.check_code, c.state, c.note, c.answered_by_name, c.evidence
    FROM api.sign_cutover_check('end_to_end', true, 'All 40 passed', (now() AT TIME ZONE 'UTC')::date + 30, '{"tests": 40}') AS c$$,
    $$VALUES ('end_to_end', 'passed', 'All 40 passed', 'rex', '{"tests": 40}'::jsonb)$$, 'a person signs what a person answers');
SELECT throws_ok($$SELECT api.sign_cutover_check('end_to_end', true, 'x', (now() AT TIME ZONE 'UTC')::date + 31)$$, 'IV008', NULL, 'not for longer than the check allows');
SELECT throws_ok($$SELECT api.sign_cutover_check('end_to_end', true, 'x', (now() AT TIME ZONE 'UTC')::date - 1)$$, 'IV008', NULL, 'nor for the past');
SELECT throws_ok($$SELECT api.sign_cutover_check('end_to_end', true, 'x')$$, 'IV008', NULL, 'nor without an end');
SELECT throws_ok($$SELECT api.sign_cutover_check('end_to_end', NULL, 'x', current_date)$$, 'IV008', NULL, 'it is yes or no');
SELECT throws_ok($$SELECT api.sign_cutover_check('end_to_end', true, ' ', current_date)$$, 'IV008', NULL, 'with a note');
SELECT throws_ok($$SELECT api.sign_cutover_check('no_card_numbers', true, 'x', current_date)$$, 'IV008', NULL, 'nobody signs what is computed');
SELECT throws_ok($$SELECT api.sign_cutover_check('other', true, 'x', current_date)$$, 'NF150', NULL, 'nor what is no check');
SELECT throws_ok($$SELECT api.sign_cutover_check('daily_feedback', true, 'x', p_day => current_date)$$, 'IV008', NULL, 'a daily check has its days');
SELECT is((api.sign_cutover_check('end_to_end', false, 'Two fail', (now() AT TIME ZONE 'UTC')::date)).state, 'failed', 'the next signature takes its place');
SELECT throws_ok($$SELECT api.sign_cutover_check('user_satisfaction', true, 'x', current_date)$$, 'IV150', NULL, 'satisfaction is a figure');
SELECT (now() AT TIME ZONE 'UTC')::date AS today \gset
SELECT throws_ok(format('SELECT api.sign_cutover_check(''user_satisfaction'', true, ''x'', %L, %L)', :'today', c.figures), 'IV008', NULL, c.what)
FROM (VALUES (format('{"share": 91, "people": 1.5, "asked_on": "%s"}', :'today'), 'people are whole'),
    (format('{"share": 91, "people": 0, "asked_on": "%s"}', :'today'), 'and some'),
    ('{"share": 91, "people": 9, "asked_on": "2026-02-31"}', 'a day is one'),
    (format('{"share": 91, "people": 9, "asked_on": "%s"}', to_char(:'today'::date, 'MM/DD/YYYY')), 'and written so'),
    (format('{"share": 91, "people": 9, "asked_on": "%s"}', :'today'::date - 1), 'before going live, which was today, nobody could be'),
    (format('{"share": 90, "people": 9, "asked_on": "%s"}', :'today'), '90 is not above 90'),
    (format('{"share": 91, "people": 9, "asked_on": "%s"}', :'today'::date + 1), 'nobody was asked tomorrow')) AS c (figures, what);
SELECT is((api.sign_cutover_check('user_satisfaction', true, 'x', :'today',
    jsonb_build_object('share', 90.1, 'people', 9, 'asked_on', :'today'))).state, 'passed', 'above it passes');
:as_processor
SELECT throws_ok($$SELECT api.sign_cutover_check('end_to_end', true, 'x', current_date)$$, '42501', NULL, 'a processor signs nothing');

-- An answer gets old.
:as_owner
INSERT INTO app.cutover_answers (check_code, passed, answered_at) VALUES ('role_matrix', true, now() - interval '1 day 1 second');
:as_tester
SELECT is(tap.verdict('role_matrix'), 'expired', 'a computed answer counts for a day');
:as_owner
INSERT INTO app.cutover_answers (check_code, passed, answered_at) VALUES ('role_matrix', true, now() - interval '23 hours');
INSERT INTO app.cutover_answers (check_code, passed, note, valid_until) VALUES
('support_named', true, 'x', (now() AT TIME ZONE 'UTC')::date - 1), ('monitoring_ready', true, 'x', (now() AT TIME ZONE 'UTC')::date);
:as_tester
SELECT is(tap.verdict('role_matrix'), 'passed', 'within it, it does');
SELECT is(tap.verdict('support_named'), 'expired', 'a signature counts until its last day');
SELECT is(tap.verdict('monitoring_ready'), 'passed', 'and on it');
SELECT * FROM finish();
ROLLBACK;
