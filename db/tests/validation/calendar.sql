-- Business days are counted over weekends and the exceptions of the calendar.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/workflow.psql
SELECT plan(14);
SELECT is(app.add_business_days('2025-03-12', 1), '2025-03-13'::date, 'Wednesday and one is Thursday');
SELECT is(app.add_business_days('2025-03-14', 1), '2025-03-17'::date, 'Friday and one is Monday');
SELECT is(app.add_business_days('2025-03-15', 1), '2025-03-17'::date, 'Saturday and one is Monday');
SELECT is(app.add_business_days('2025-03-14', 0), '2025-03-14'::date, 'a worked day and none is itself');
SELECT is(app.add_business_days('2025-03-12', 250), '2026-02-25'::date, 'fifty weeks on is the same weekday');
:as_admin
SELECT api.save_calendar_day('2025-03-17', false, 'A holiday'), api.save_calendar_day('2025-03-16', true, 'A worked Sunday'),
    api.save_calendar_day('2025-03-23', false, 'A Sunday off, as ever') \g /dev/null
:as_tester
SELECT is(app.add_business_days('2025-03-14', 1), '2025-03-16'::date, 'a worked Sunday comes before Monday');
SELECT is(app.add_business_days('2025-03-14', 2), '2025-03-18'::date, 'a holiday is passed over');
SELECT is(app.add_business_days('2025-03-21', 1), '2025-03-24'::date, 'a Sunday that is no business day anyway changes nothing');
SELECT results_eq($$SELECT d.severity, d.due_date FROM app.due_dates('2025-03-12') AS d ORDER BY 2$$,
    $$VALUES ('high', '2025-03-16'::date), ('medium', '2025-03-19'), ('low', '2025-03-26')$$, 'due dates follow severity and calendar');
:as_admin
SELECT api.save_setting('due_days_high', 0, 1), api.save_calendar_day('2025-03-17', NULL, NULL, 1) \g /dev/null
:as_tester
SELECT is((SELECT d.due_date FROM app.due_dates('2025-03-12') AS d WHERE d.severity = 'high'), '2025-03-12'::date, 'the days are settings');
SELECT is(app.add_business_days('2025-03-14', 2), '2025-03-17'::date, 'an exception can be taken back');
:as_admin
SELECT throws_ok($$SELECT api.save_calendar_day('1999-12-31', false, 'x')$$, 'IV008', 'argument is missing or not allowed', 'no day before the calendar begins');
SELECT throws_ok($$SELECT api.save_calendar_day('infinity', false, 'x')$$, 'IV008', 'argument is missing or not allowed', 'no infinite day');
:as_processor
SELECT throws_ok($$SELECT api.save_calendar_day('2025-03-17', false, 'x')$$, '42501', NULL, 'the calendar is the administrator''s');
:as_tester
SELECT * FROM finish();
ROLLBACK;
