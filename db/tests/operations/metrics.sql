-- The figures for a monitoring system.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\set as_worker 'SET LOCAL SESSION AUTHORIZATION ccp_service; SET LOCAL ROLE ccp_worker; SET LOCAL app.actor = ''worker'';'
SELECT plan(25);
CREATE FUNCTION tap.figure(p_metric text, p_labels jsonb DEFAULT '{}') RETURNS numeric
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT m.value FROM report.metrics AS m WHERE m.metric = p_metric AND m.labels = p_labels;
END;
GRANT EXECUTE ON FUNCTION tap.figure(text, jsonb) TO PUBLIC;

:as_reader
SELECT is_empty($$SELECT FROM report.metrics AS m WHERE m.metric IN ('ccp_people', 'ccp_open_issues', 'ccp_months')$$,
    'an empty database has no figure of a month');
SELECT is(tap.figure('ccp_jobs', '{"state": "queued"}'), 0::numeric, 'what waits has a figure also when nothing does');
SELECT is(tap.figure('ccp_workers'), 0::numeric, 'and so have workers');
SELECT is(tap.figure('ccp_seal_lag_seconds') >= 0, true, 'and sealing');
SELECT is(tap.figure('ccp_standby_replay_seconds'), NULL, 'a server that takes writes replays nothing');

:as_worker
SELECT api.record_duty('here:1', 'jobs', 1, 0, NULL, 3, 'The disk is full') \g /dev/null
SELECT api.record_duty('here:2', 'jobs', 1, 0, NULL, 0, NULL) \g /dev/null
:as_reader
SELECT is(tap.figure('ccp_workers'), 2::numeric, 'workers that live');
SELECT is(tap.figure('ccp_duty_failures', '{"duty": "jobs"}'), 3::numeric, 'failures of all workers');
:as_owner
UPDATE app.worker_duties AS d SET last_sign_at = clock_timestamp() - interval '2 minutes' WHERE d.worker_name = 'here:1';
:as_reader
SELECT is(tap.figure('ccp_workers'), 1::numeric, 'one that gave no sign for a minute is none');
SELECT is(tap.figure('ccp_duty_failures', '{"duty": "jobs"}'), 0::numeric, 'and its failures are history');
SELECT is(tap.figure('ccp_duty_sign_seconds', '{"duty": "jobs"}') < 60, true, 'somebody does the duty');

\ir ../fixtures/small.psql
:as_reader
SELECT is(tap.figure('ccp_months', '{"state": "open"}'), 1::numeric, 'a month');
SELECT results_eq($$SELECT m.labels ->> 'status', m.value FROM report.metrics AS m WHERE m.metric = 'ccp_people' ORDER BY 1$$,
    $$SELECT e.status, count(*)::numeric FROM report.employee_revisions AS e GROUP BY e.status ORDER BY 1$$, 'its people by status');
SELECT results_eq($$SELECT m.labels ->> 'rule', m.labels ->> 'severity', m.value FROM report.metrics AS m WHERE m.metric = 'ccp_open_issues' ORDER BY 1$$,
    $$SELECT i.issue_type, i.severity, count(*)::numeric FROM report.validation_issues AS i WHERE i.is_open GROUP BY i.issue_type, i.severity ORDER BY 1$$,
    'its open issues by rule');
SELECT is(tap.figure('ccp_sessions_last_day', '{"status": "completed"}'), 1::numeric, 'what was handed in');
SELECT is(tap.figure('ccp_people_with_issues_ratio', '{"months": "newest"}'),
    (SELECT round(count(DISTINCT i.cardholder_id)::numeric / (SELECT count(*) FROM report.employee_revisions), 4) FROM report.validation_issues AS i),
    'the share of people with issues when the month began');
SELECT is(tap.figure('ccp_people_with_issues_ratio', '{"months": "before"}'), NULL, 'of the months before there are none');

:as_processor
SELECT api.resolve_issues(NULL, jsonb_build_object('session_id', :'session_id'), 'explained', 'Known') \g /dev/null
:as_reader
SELECT is(tap.figure('ccp_issue_steps_last_day', '{"state": "resolved", "method": "explained"}') > 0, true, 'steps of issues by state and method');

:as_owner
UPDATE app.processing_sessions AS s SET created_at = s.created_at - interval '25 hours' WHERE s.session_id = :'session_id';
:as_reader
SELECT is(tap.figure('ccp_sessions_last_day', '{"status": "completed"}'), NULL, 'a day later it is none of the last day');

:as_reader
SELECT is(tap.figure('ccp_drill_age_seconds', '{"kind": "backup"}'), NULL, 'a backup that never was has no age');
:as_admin
SELECT api.record_drill('backup', now() - interval '3 hours', now() - interval '2 hours', true, '{}', 'db1') \g /dev/null
:as_reader
SELECT is(tap.figure('ccp_drill_age_seconds', '{"kind": "backup"}'), 7200::numeric, 'its age counts from its end');
SELECT is(tap.figure('ccp_drill_passed', '{"kind": "backup"}'), 1::numeric, 'and it held');
:as_admin
SELECT api.record_drill('backup', now() - interval '1 hour', now() - interval '1 hour', false, '{}', 'db1') \g /dev/null
:as_reader
SELECT is(tap.figure('ccp_drill_passed', '{"kind": "backup"}'), 0::numeric, 'a newer one did not');
SELECT is(tap.figure('ccp_drill_age_seconds', '{"kind": "backup"}'), 7200::numeric, 'and is no younger backup');
SELECT is(tap.figure('ccp_drill_passed', '{"kind": "verify"}'), NULL, 'of another kind nothing is known');
:as_owner
SELECT api.record_drill(k.kind, now(), now(), true, '{}', 'db1') FROM unnest(app.closed_list('drills.kind')) AS k (kind) \g /dev/null
:as_reader
SELECT is((SELECT count(*) FROM report.metrics AS m WHERE m.metric = 'ccp_drill_passed'),
    (SELECT count(DISTINCT d.kind) FROM report.drills AS d), 'each kind has its figure');
SELECT * FROM finish();
ROLLBACK;
