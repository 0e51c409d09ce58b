-- The statements of the founding document run word for word with search_path = report.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/small.psql
SELECT plan(9);

:as_processor
SELECT api.import_activity(replace(:'content', '894.89,', '900.00,'), 'March again', :'session_id') ->> 'session_id'
    AS second_session_id \gset
:as_tester
SET LOCAL ROLE ccp_report;
SET LOCAL search_path = report;
\set old_session_id '''' :session_id ''''
\set new_session_id '''' :second_session_id ''''
SELECT count(*) AS compared, sum(c.difference) AS difference FROM (
SELECT 
       old.employee_name,
       old.car_total as old_total,
       new.car_total as new_total,
       new.car_total - old.car_total as difference
   FROM employee_revisions old
   JOIN employee_revisions new ON old.employee_name = new.employee_name
   WHERE old.session_id = :old_session_id
     AND new.session_id = :new_session_id
) AS c \gset
SELECT * FROM (SELECT COUNT(*) FROM processing_sessions WHERE created_at > '2025-01-01') AS m (migration_progress) \gset
SELECT * FROM (SELECT AVG(processing_time_ms) FROM processing_metrics) AS m (processing_performance) \gset
SELECT * FROM (SELECT COUNT(*) FILTER (WHERE status = 'failed') / COUNT(*) FROM sessions) AS m (error_rate) \gset
SELECT * FROM (SELECT COUNT(DISTINCT user_id) FROM sessions WHERE created_at > NOW() - INTERVAL '7 days') AS m (user_adoption) \gset
RESET ROLE;
SET LOCAL search_path = tap, pg_catalog;
SELECT is(:compared, 6, 'the comparison of two sessions has a row for each person');
SELECT is(:difference, 5.11, 'and the difference of their totals');
SELECT is(:migration_progress, 2, 'sessions imported');
SELECT ok(:processing_performance >= 0, 'average time of a run');
SELECT is(:error_rate, 0, 'share of failed sessions, in whole numbers');
SELECT is(:user_adoption, 1, 'users of the last seven days');

-- Where the statement is wrong, a corrected one stands beside it: whole numbers hide one failure in three.
:as_owner
INSERT INTO app.processing_sessions (session_id, chain_id, user_id, session_name, status, failure_reason)
SELECT x.id, x.id, u.user_id, 'Broken', 'failed', 'as a test'
FROM app.users AS u, (SELECT app.new_id() AS id) AS x WHERE u.user_name = 'rae';
:as_tester
SELECT is((SELECT COUNT(*) FILTER (WHERE s.status = 'failed') / COUNT(*) FROM report.sessions AS s), 0::bigint,
    'the founding document''s rate stays 0');
SELECT results_eq('SELECT f.months_imported, f.sessions_imported, f.sessions_failed, f.error_rate, f.users_last_7_days FROM report.figures AS f',
    'VALUES (1::bigint, 3::bigint, 1::bigint, 0.3333, 2::bigint)', 'the corrected rate does not, and a month counts once');
SELECT is((SELECT f.average_processing_time_ms FROM report.figures AS f),
    (SELECT round(avg(m.processing_time_ms), 1) FROM report.processing_metrics AS m), 'the average is that of all runs');
SELECT * FROM finish();
ROLLBACK;
