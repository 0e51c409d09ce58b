-- Hand-outs: what is noted of a file, what is refused, and that it stays.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/documents.psql
SELECT plan(13);

:as_processor
SELECT tap.import(jsonb_build_object('ANN', tap.entry('{}', tap.receipt('{}')))) AS session \gset
SELECT set_config('test.sum', repeat('ab', 32), true) AS sum \gset
SELECT isnt(api.record_hand_out('report.xlsx', :'session', NULL, :'sum', 10), NULL, 'a file of a session is noted');
SELECT isnt(api.record_hand_out('batch.csv', NULL, 'old_program 3', :'sum', 0), NULL, 'one of a batch, empty or not');
SELECT isnt(api.record_hand_out('packets.zip', :'session', NULL, NULL, 7), NULL, 'one that broke off has no checksum');
SELECT throws_ok(format($$SELECT api.record_hand_out('other', NULL, NULL, %L, 1)$$, :'sum'), 'IV008', NULL, 'no other kind');
SELECT throws_ok(format($$SELECT api.record_hand_out(NULL, NULL, NULL, %L, 1)$$, :'sum'), 'IV008', NULL, 'nor none');
SELECT throws_ok($$SELECT api.record_hand_out('import.csv', NULL, NULL, 'AB', 1)$$, 'IV008', NULL, 'a checksum is 64 hex digits');
SELECT throws_ok(format($$SELECT api.record_hand_out('import.csv', NULL, NULL, %L, -1)$$, :'sum'), 'IV008', NULL, 'a size is not below 0');
SELECT throws_ok(format($$SELECT api.record_hand_out('import.csv', %L, NULL, %L, 1)$$, '00000000-0000-7000-8000-00000000000a', :'sum'), 'NF001', NULL,
    'no such session');
SELECT throws_ok(format($$SELECT api.record_hand_out('import.csv', NULL, %L, %L, 1)$$, repeat('x', 401), :'sum'), 'IV008', NULL,
    'what tells it is not longer than 400 characters');
SELECT is(api.record_hand_out('import.csv', :'session', 'a', :'sum', 1, 'once'),
    api.record_hand_out('import.csv', :'session', 'a', :'sum', 1, 'once'), 'the same request is noted once');
SELECT results_eq($$SELECT h.kind, h.about, h.user_name, h.sha256 IS NULL, h.size_bytes FROM report.hand_outs AS h
    ORDER BY h.hand_out_id$$,
    $$VALUES ('report.xlsx', NULL, 'pat', false, 10::bigint), ('batch.csv', 'old_program 3', 'pat', false, 0),
        ('packets.zip', NULL, 'pat', true, 7), ('import.csv', 'a', 'pat', false, 1)$$, 'who was given what');
:as_tester
SELECT throws_ok($$DELETE FROM app.hand_outs$$, NULL, NULL, 'nothing of it goes');
SELECT throws_ok($$UPDATE app.hand_outs SET size_bytes = 1$$, NULL, NULL, 'and nothing changes');
SELECT * FROM finish();
ROLLBACK;
