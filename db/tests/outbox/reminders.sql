-- Reminders: what they say, to whom, on which days; once a day, whatever happens.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/workflow.psql
\ir ../fixtures/month.psql
SELECT plan(39);
\set as_worker 'SET LOCAL SESSION AUTHORIZATION ccp_service; SET LOCAL ROLE ccp_worker; SET LOCAL app.actor = ''worker'';'
SELECT (now() AT TIME ZONE 'UTC')::date AS today, ((now() AT TIME ZONE 'UTC')::date + 1) AS tomorrow,
    ((now() AT TIME ZONE 'UTC')::date + interval '8 hours') AT TIME ZONE 'UTC' AS today_at_eight,
    ((now() AT TIME ZONE 'UTC')::date + interval '1 day 9 hours') AT TIME ZONE 'UTC' AS tomorrow_at_nine \gset
SELECT s.month_id AS month_id FROM report.sessions AS s WHERE s.session_id = :'session_id' \gset

:as_processor
SELECT api.save_addresses('[{"employee_name": "JOANROW", "email": "joan@example.org"}]') \g /dev/null
SELECT results_eq($$SELECT r.employee_name, r.email, r.open_items, r.sending FROM report.reminders AS r ORDER BY 1$$,
    $$VALUES ('JOANROW', 'joan@example.org', 1::bigint, 'ready'), ('WADEWINDFALLOW', NULL, 2::bigint, 'no_address')$$, 'everybody with open items is previewed');
SELECT is((SELECT r.subject FROM report.reminders AS r WHERE r.employee_name = 'WADEWINDFALLOW'), '2025-03: 2 items are open', 'with the subject');
SELECT ok((SELECT r.body ~ ('^Of your card in 2025-03 this is open:\n\n\* .* \(10\.00 dollars\), due ....-..-..\n  .*\n\* .*\(20.00 dollars\)|'
    || '^Of your card in 2025-03 this is open:\n\n\* .* \(20\.00 dollars\), due ....-..-..\n  .*\n\* .*\(10.00 dollars\)')
    FROM report.reminders AS r WHERE r.employee_name = 'WADEWINDFALLOW'), 'and the text: what is open, dollars, when it is due, what to do');
SELECT ok((SELECT r.body !~ 'WADE' FROM report.reminders AS r WHERE r.employee_name = 'JOANROW'), 'of each person only their own');
-- Two people with one address: one mail.
SELECT api.save_addresses('[{"employee_name": "WADEWINDFALLOW", "email": "Joan@Example.org"}]') \g /dev/null
SELECT results_eq($$SELECT r.employee_name, r.sending, r.subject FROM report.reminders AS r ORDER BY 1$$,
    $$VALUES ('JOANROW', 'ready', '2025-03: 3 items are open'), ('WADEWINDFALLOW', 'shared', '2025-03: 3 items are open')$$,
    'who shares an address gets one mail');
SELECT ok((SELECT r.body ~ '^Of these cards in 2025-03 this is open:\n\nJOANROW:\n\* .*\n\nWADEWINDFALLOW:\n\* ' FROM report.reminders AS r
    WHERE r.sending = 'ready'), 'which says whose each item is');
SAVEPOINT shared;
SELECT api.choose_reminder_day(:'month_id', :'today') \g /dev/null
:as_worker
SELECT is(api.write_reminders(:'today_at_eight'::timestamptz), 1, 'one is written');
:as_tester
SELECT is((SELECT r.sending FROM report.reminders AS r WHERE r.employee_name = 'JOANROW'), 'reminded', 'the address is reminded');
ROLLBACK TO shared;
:as_processor
SELECT api.save_addresses('[{"employee_name": "WADEWINDFALLOW", "is_quiet": true, "version": 1}]') \g /dev/null
SELECT is((SELECT string_agg(r.sending || ' ' || r.open_items, ', ' ORDER BY r.employee_name) FROM report.reminders AS r), 'ready 1, quiet 2',
    'who is quiet shares no mail');
SELECT api.save_addresses('[{"employee_name": "WADEWINDFALLOW", "email": "", "is_quiet": false, "version": 2}]') \g /dev/null
SELECT throws_ok(format('SELECT api.choose_reminder_day(%L, %L)', v.month_id, v.day), v.code, NULL, v.what)
FROM (VALUES ('00000000-0000-4000-8000-000000000000', :'today'::date, 'NF006', 'days are of a month'),
    (NULL, :'today', 'NF006', 'of a given one'), (:'month_id', :'today'::date - 1, 'IV008', 'not gone'),
    (:'month_id', :'today'::date + 367, 'IV008', 'a year ahead at most'), (:'month_id', NULL, 'IV008', 'and given')) AS v (month_id, day, code, what);
SELECT lives_ok(format('SELECT api.choose_reminder_day(%L, %L)', :'month_id', :'today'::date + 366), 'the last day');
SELECT is((api.choose_reminder_day(:'month_id', :'today'::date + 366, false)).remind_on, NULL, 'is taken back');
SELECT is((api.choose_reminder_day(:'month_id', :'today')).chosen_by_name, 'pat', 'today is chosen');
SELECT is((api.choose_reminder_day(:'month_id', :'today')).written_at, NULL, 'twice is once, and nothing is written by it');
SELECT throws_ok('SELECT api.write_reminders()', '42501', NULL, 'people write none');

:as_worker
SELECT is(api.write_reminders(:'today_at_eight'::timestamptz - interval '1 second'), 0, 'before the hour of the setting nothing is written');
SELECT is(api.write_reminders(:'today_at_eight'::timestamptz), 1, 'then to who has an address');
SELECT is(api.write_reminders(:'today_at_eight'::timestamptz), 0, 'once');
:as_tester
SELECT results_eq($$SELECT o.recipient_name, o.state, o.summary ->> 'subject' FROM report.outbox AS o WHERE o.kind = 'reminder'$$,
    $$VALUES ('JOANROW', 'pending', '2025-03: 1 item is open')$$, 'its delivery is followed like that of other messages');
SELECT is((SELECT (d.written, d.sent, d.given_up)::text FROM report.reminder_days AS d), '(1,0,0)', 'the day knows how many');
SAVEPOINT sent;
:as_owner
UPDATE app.outbox SET state = 'sent', sent_at = now() WHERE kind = 'reminder' \g /dev/null
:as_tester
SELECT is((SELECT (d.written, d.sent, d.given_up)::text FROM report.reminder_days AS d), '(1,1,0)', 'and how many went out');
:as_owner
UPDATE app.outbox SET state = 'failed', sent_at = NULL WHERE kind = 'reminder' \g /dev/null
:as_tester
SELECT is((SELECT (d.written, d.sent, d.given_up)::text FROM report.reminder_days AS d), '(1,0,1)', 'or were given up');
ROLLBACK TO sent;
SELECT is((SELECT r.sending FROM report.reminders AS r WHERE r.employee_name = 'JOANROW'), 'reminded', 'and so does the preview');
:as_processor
SELECT throws_ok(format('SELECT api.choose_reminder_day(%L, %L, false)', :'month_id', :'today'), 'ST002', NULL, 'what is written is not taken back');
SELECT api.save_addresses('[{"employee_name": "WADEWINDFALLOW", "email": "wade@example.org", "version": 3}]') \g /dev/null

-- A second month, the same day: nobody gets a second one, and the table itself refuses it.
SELECT api.import_activity(replace(replace(:'month', '03/1', '05/1'), '999999XXXXXX1193', '999999XXXXXX1193'), 'May') ->> 'session_id' AS may \gset
SELECT s.month_id AS may_month FROM report.sessions AS s WHERE s.session_id = :'may' \gset
SELECT api.choose_reminder_day(:'may_month', :'today') \g /dev/null
:as_worker
SELECT is(api.write_reminders(:'today_at_eight'::timestamptz), 1, 'another month of the day reminds whom the first did not');
:as_owner
SELECT throws_ok(format($$INSERT INTO app.outbox (kind, session_id, cardholder_id, reminded_on, summary)
    SELECT o.kind, o.session_id, o.cardholder_id, o.reminded_on, '{}' FROM app.outbox AS o WHERE o.kind = 'reminder' LIMIT 1$$), '23505', NULL,
    'a second one of a day is not possible');
SELECT throws_ok($$INSERT INTO app.outbox (kind, session_id, cardholder_id, summary)
    SELECT o.kind, o.session_id, o.cardholder_id, '{}' FROM app.outbox AS o WHERE o.kind = 'reminder' LIMIT 1$$, '23514', NULL, 'nor one of no day');

-- Delivery: the address of now, and nothing to who is quiet by now.
:as_processor
SELECT api.save_addresses('[{"employee_name": "JOANROW", "is_quiet": true, "version": 1}, {"employee_name": "WADEWINDFALLOW", "email": "w@example.org", "version": 4}]') \g /dev/null
:as_worker
SELECT results_eq($$SELECT m.recipient_name, m.recipient_email FROM api.claim_messages() AS m WHERE m.kind = 'reminder' ORDER BY 1$$,
    $$VALUES ('JOANROW', NULL), ('WADEWINDFALLOW', 'w@example.org')$$, 'a mail goes to the address of now, none to who is quiet');
:as_processor
SELECT api.choose_reminder_day(:'month_id', :'tomorrow') \g /dev/null
:as_worker
SELECT is(api.write_reminders(:'tomorrow_at_nine'::timestamptz), 1, 'the next day is another day; the quiet are left alone');
SELECT is(api.write_reminders(:'tomorrow_at_nine'::timestamptz + interval '1 day'), 0, 'a day that was not chosen is none');
:as_tester
SELECT is((SELECT string_agg(o.recipient_name, ' ') FROM report.outbox AS o WHERE o.reminded_on = :'tomorrow'), 'WADEWINDFALLOW', 'indeed');

-- One that could not be sent is not sent beside that of another day.
:as_owner
UPDATE app.outbox SET state = 'pending', next_attempt_at = now(), reminded_on = reminded_on - 1
WHERE kind = 'reminder' AND reminded_on = :'today' \g /dev/null
:as_worker
SELECT ok((SELECT bool_and(m.recipient_email IS NULL) FROM api.claim_messages() AS m WHERE m.recipient_name = 'WADEWINDFALLOW'
    AND m.attempt > 1), 'nor does one whose day is over go anywhere');

-- What is decided, waits for somebody else, or keeps nobody from being finished is not asked for.
:as_reviewer
SELECT api.propose_waiver(:'joan_issue', (SELECT i.version FROM report.validation_issues AS i WHERE i.issue_id = :'joan_issue'), 'other', 'x', 100.00, :'today') \g /dev/null
:as_tester
SELECT is_empty(format($$SELECT * FROM report.reminders AS r WHERE r.employee_name = 'JOANROW' AND r.month_id = %L$$, :'month_id'),
    'what waits for a second person is no item of the first');
:as_owner
:as_reader
SELECT throws_ok('SELECT * FROM report.reminders', '42501', NULL, 'who only reads sees no addresses');
:as_tester
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'all of it can be committed');
SELECT * FROM finish();
ROLLBACK;
