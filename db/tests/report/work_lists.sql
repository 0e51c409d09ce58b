-- The lists people work by: overdue begins the day after the due date, ages at each border, what was opened again.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/workflow.psql
\ir ../fixtures/month.psql
SELECT plan(13);
SELECT (now() AT TIME ZONE 'UTC')::date AS today \gset

:as_tester
CREATE FUNCTION tap.overdue(p_issue_id uuid) RETURNS boolean
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT w.is_overdue FROM report.work_list AS w WHERE w.issue_id = p_issue_id;
END;
CREATE FUNCTION tap.ages(p_session_id uuid) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT concat_ws(' ', sum(a.up_to_7_days), sum(a.up_to_30_days), sum(a.over_30_days), max(a.oldest_days))
    FROM report.ageing AS a WHERE a.session_id = p_session_id;
END;

SET LOCAL app.actor = 'deployment';
:as_owner
UPDATE app.validation_issues SET due_date = :'today' WHERE issue_id = :'receipt_issue';
SELECT is(tap.overdue(:'receipt_issue'), false, 'due today is not overdue');
UPDATE app.validation_issues SET due_date = :'today'::date - 1 WHERE issue_id = :'receipt_issue';
SELECT is(tap.overdue(:'receipt_issue'), true, 'due yesterday is');
UPDATE app.validation_issues SET due_date = NULL WHERE issue_id = :'receipt_issue';
SELECT is(tap.overdue(:'receipt_issue'), false, 'without a due date nothing is overdue');
UPDATE app.validation_issues SET due_date = :'today'::date - 1 WHERE issue_id = :'receipt_issue';
SELECT is((SELECT sum(a.overdue)::integer FROM report.ageing AS a WHERE a.session_id = :'session_id'), 1,
    'the ages count it once');

UPDATE app.validation_issues SET first_identified_at = now() WHERE session_id = :'session_id';
SELECT count(*) AS issues FROM report.work_list WHERE session_id = :'session_id' \gset
SELECT is(tap.ages(:'session_id'), :issues || ' 0 0 0', 'what was found today is young');
UPDATE app.validation_issues SET first_identified_at = now() - interval '7 days' WHERE issue_id = :'receipt_issue';
SELECT is(tap.ages(:'session_id'), :issues || ' 0 0 7', 'a week is still up to 7 days');
UPDATE app.validation_issues SET first_identified_at = now() - interval '8 days' WHERE issue_id = :'receipt_issue';
SELECT is(tap.ages(:'session_id'), :issues - 1 || ' 1 0 8', 'eight days are up to 30');
UPDATE app.validation_issues SET first_identified_at = now() - interval '30 days' WHERE issue_id = :'receipt_issue';
SELECT is(tap.ages(:'session_id'), :issues - 1 || ' 1 0 30', 'so are thirty');
UPDATE app.validation_issues SET first_identified_at = now() - interval '31 days' WHERE issue_id = :'receipt_issue';
SELECT is(tap.ages(:'session_id'), :issues - 1 || ' 0 1 31', 'thirty-one are more');

SELECT version FROM report.work_list WHERE issue_id = :'coding_issue' \gset
:as_processor
SELECT is((SELECT r.state FROM api.start_issue(:'coding_issue', :version) AS r), 'in_progress', 'somebody begins');
:as_tester
SELECT is((SELECT (w.touch_count, w.reopen_count)::text FROM report.work_list AS w WHERE w.issue_id = :'coding_issue'),
    '(1,0)', 'which is a touch and no reopening');
:as_processor
SELECT r.version AS resolved FROM api.resolve_issue(:'coding_issue', :version + 1, 'explained', 'Coded elsewhere') AS r \gset
SELECT r.version AS reopened FROM api.reopen_issue(:'coding_issue', :resolved, 'It was not') AS r \gset
:as_tester
SELECT is((SELECT (w.touch_count, w.reopen_count)::text FROM report.work_list AS w WHERE w.issue_id = :'coding_issue'),
    '(3,1)', 'opened again is counted once');
:as_processor
SELECT r.version AS noted FROM api.note_issue(:'coding_issue', :reopened, 'Asked Wade') AS r \gset
:as_tester
SELECT is((SELECT (w.touch_count, w.reopen_count)::text FROM report.work_list AS w WHERE w.issue_id = :'coding_issue'),
    '(4,1)', 'a note on an open issue is a touch and opens nothing');
SELECT * FROM finish();
ROLLBACK;
