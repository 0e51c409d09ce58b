-- A drill is recorded once, as it was, by an administrator; what was measured is an object of figures; another person confirms it.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/workflow.psql
SELECT plan(26);

:as_admin
SELECT results_eq($$SELECT d.kind, d.passed, d.seconds, d.figures, d.server, d.note, d.user_name
    FROM api.record_drill('restore', '2026-01-05 10:00Z', '2026-01-05 10:10:30.25Z', true, '{"tables": 90}', ' db1 ', 'As planned', 'one') AS d$$,
    $$VALUES ('restore', true, 630.3, '{"tables": 90}'::jsonb, 'db1', 'As planned', 'ada')$$, 'a drill is recorded as it was');
SELECT is((api.record_drill('restore', '2026-01-05 10:00Z', '2026-01-05 10:10:30.25Z', true, '{"tables": 90}', ' db1 ', 'As planned', 'one')).drill_id,
    (SELECT d.drill_id FROM report.drills AS d), 'the same request is recorded once');
SELECT lives_ok($$SELECT api.record_drill('load', '2026-01-05 10:00Z', '2026-01-05 10:00Z', false, '{}', 'db1')$$, 'one that took no time and failed, too');
SELECT throws_ok($$SELECT api.record_drill('other', '2026-01-05 10:00Z', '2026-01-05 10:00Z', true, '{}', 'db1')$$, 'IV008', NULL, 'no other kind');
SELECT throws_ok($$SELECT api.record_drill(NULL, '2026-01-05 10:00Z', '2026-01-05 10:00Z', true, '{}', 'db1')$$, 'IV008', NULL, 'nor none');
SELECT throws_ok($$SELECT api.record_drill('load', '2026-01-05 10:00Z', '2026-01-05 09:59:59Z', true, '{}', 'db1')$$, 'IV008', NULL, 'it does not end before it began');
SELECT throws_ok($$SELECT api.record_drill('load', 'infinity', 'infinity', true, '{}', 'db1')$$, 'IV008', NULL, 'nor at the end of time');
SELECT throws_ok($$SELECT api.record_drill('load', now(), now() + interval '1 hour', true, '{}', 'db1')$$, 'IV008', NULL, 'nor later on');
SELECT throws_ok($$SELECT api.record_drill('load', now(), now(), NULL, '{}', 'db1')$$, 'IV008', NULL, 'it held or not');
SELECT throws_ok($$SELECT api.record_drill('load', now(), now(), true, '[]', 'db1')$$, 'IV150', NULL, 'figures are an object');
SELECT throws_ok($$SELECT api.record_drill('load', now(), now(), true, NULL, 'db1')$$, 'IV150', NULL, 'and there');
SELECT throws_ok(format('SELECT api.record_drill(''load'', now(), now(), true, %L, ''db1'')',
    (SELECT jsonb_object_agg('f' || n, n) FROM generate_series(1, 101) AS n)), 'IV150', NULL, 'not more than a hundred');
SELECT lives_ok(format('SELECT api.record_drill(''load'', now(), now(), true, %L, ''db1'')',
    (SELECT jsonb_object_agg('f' || n, n) FROM generate_series(1, 100) AS n)), 'a hundred are taken');
SELECT throws_ok($$SELECT api.record_drill('load', now(), now(), true, '{"card": "9999990000001194"}', 'db1')$$, 'IV018', NULL, 'without a card number');
SELECT throws_ok($$SELECT api.record_drill('load', now(), now(), true, '{}', ' ')$$, 'IV008', NULL, 'a machine has a name');
SELECT throws_ok($$SELECT api.record_drill('load', now(), now(), true, '{}', 'db1', ' ')$$, 'IV008', NULL, 'a note that says nothing is none');
:as_processor
SELECT throws_ok($$SELECT api.record_drill('load', now(), now(), true, '{}', 'db1')$$, '42501', NULL, 'only administrators record drills');
SELECT d.drill_id AS drill FROM report.drills AS d WHERE d.kind = 'restore' \gset
SELECT throws_ok(format('SELECT api.confirm_drill(%L, ''x'')', :'drill'), '42501', NULL, 'a processor confirms none');

-- Another person.
:as_admin
SELECT throws_ok(format('SELECT api.confirm_drill(%L, ''Mine'')', :'drill'), 'PM150', NULL, 'nobody confirms the own one');
:as_owner
SELECT throws_ok(format('INSERT INTO app.drill_confirmations (drill_id, recorded_by, note, confirmed_by)
    SELECT d.drill_id, d.user_id, ''x'', d.user_id FROM app.drills AS d WHERE d.drill_id = %L', :'drill'), '23514', NULL, 'nor around the call');
:as_reviewer
SELECT throws_ok(format('SELECT api.confirm_drill(%L, '' '')', :'drill'), 'IV008', NULL, 'a note says what was looked at');
SELECT throws_ok('SELECT api.confirm_drill(NULL, ''x'')', 'NF152', NULL, 'what is not recorded is not confirmed');
SELECT is(d.confirmed_by_name || ': ' || d.confirmation_note, 'rex: Counted the tables', 'a second person confirms')
FROM api.confirm_drill(:'drill', ' Counted the tables ', 'once') AS d;
SELECT is(d.confirmed_by_name, 'rex', 'the same request once') FROM api.confirm_drill(:'drill', ' Counted the tables ', 'once') AS d;
SELECT throws_ok(format('SELECT api.confirm_drill(%L, ''Again'')', :'drill'), 'ST002', NULL, 'once');
:as_tester
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'all of it can be committed');
SELECT * FROM finish();
ROLLBACK;
