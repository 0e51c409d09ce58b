-- Who is meant: employee ids tell equal names apart, aliases bring receipts home, doubt is never guessed away.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/documents.psql
SELECT plan(18);

:as_processor
-- Two people with one name key in one file.
SELECT tap.import(jsonb_build_object('JO DOE', tap.entry('{"employee_id": "1"}', tap.receipt('{"rec_id": "1"}')),
    'JODOE', tap.entry('{"employee_id": "2"}', tap.receipt('{"rec_id": "2"}')))) AS session_id \gset
SELECT results_eq(format('SELECT e.employee_name, e.employee_id FROM report.employee_revisions AS e
        WHERE e.session_id = %L ORDER BY 2', :'session_id'), $$VALUES ('JODOE', '1'), ('JODOE', '2')$$,
    'two ids with one name key are two people');

-- Receipts under that name alone, later.
SELECT tap.import_activity(jsonb_build_object('JODOE', tap.receipts_only('{}', tap.receipt('{"rec_id": "3"}')))::text)
    AS answer \gset
SELECT is(:'answer'::jsonb #>> '{report,unidentified_people}', '1', 'a name that fits several is counted');
SELECT results_eq(format('SELECT e.employee_name, e.employee_id, e.receipt_count FROM report.employee_revisions AS e
        WHERE e.session_id = %L', :'answer'::jsonb ->> 'session_id'), $$VALUES ('JODOE', NULL::text, 1)$$,
    'and its receipts go to nobody''s row');

-- The same in one file with both of them.
SELECT tap.import(jsonb_build_object('JO DOE', tap.entry('{"employee_id": "1", "car_total": 1}'), 'JODOE',
    tap.entry('{"employee_id": "2"}'), 'Jo-Doe', tap.receipts_only('{}', tap.receipt('{"rec_id": "4"}'))))
    AS session_id \gset
SELECT results_eq(format('SELECT e.employee_id, e.receipt_count, e.is_in_report FROM report.employee_revisions AS e
        WHERE e.session_id = %L ORDER BY 1', :'session_id'),
    $$VALUES ('1', 0, true), ('2', 0, true), (NULL, 1, false)$$, 'also beside both of them in one file');

-- Receipts that one person of the report explains.
SELECT tap.import(jsonb_build_object('KIM ROE', tap.entry('{"employee_id": "5", "car_total": 20}', tap.receipt('{"rec_id": "5"}')),
    'Kim Roe.', tap.receipts_only('{}', tap.receipt('{"rec_id": "6"}')))) AS session_id \gset
SELECT results_eq(format('SELECT e.employee_id, e.receipt_count, e.receipt_total, e.status
        FROM report.employee_revisions AS e WHERE e.session_id = %L', :'session_id'),
    $$VALUES ('5', 2, 20.00, 'finished')$$, 'two entries that fold to one person are one person');

-- An alias brings an entry of its own to the person.
SELECT tap.import_activity(jsonb_build_object('LEEMOE', tap.entry('{"employee_id": "7", "car_total": 20}',
        tap.receipt('{"rec_id": "7"}')), 'LEONARDMOE', tap.receipts_only('{}', tap.receipt('{"rec_id": "8"}')))::text,
    'Without alias') ->> 'session_id' AS without_id \gset
SELECT lives_ok($$SELECT api.approve_alias('Leonard Moe', 'LEEMOE', 'Called Lee')$$, 'an alias is approved');
SELECT tap.import_activity(jsonb_build_object('LEEMOE', tap.entry('{"employee_id": "7", "car_total": 20}',
        tap.receipt('{"rec_id": "7"}')), 'LEONARDMOE', tap.receipts_only('{}', tap.receipt('{"rec_id": "8"}')))::text || ' ',
    'With alias', :'without_id') AS answer \gset
SELECT :'answer'::jsonb ->> 'session_id' AS with_id \gset
SELECT is((SELECT count(*)::integer FROM report.employee_revisions AS e WHERE e.session_id = :'without_id'), 1,
    'the session before has one person by then: its receipts moved when the alias was approved');
SELECT results_eq(format('SELECT e.employee_name, e.receipt_count, e.receipt_total, e.car_total, e.status
        FROM report.employee_revisions AS e WHERE e.session_id = %L', :'with_id'),
    $$VALUES ('LEEMOE', 2, 20.00, 20.00, 'finished')$$, 'afterwards one, with all receipts');
SELECT is(:'answer'::jsonb #> '{report,changes}', $${"people_added": 0, "people_removed": 1, "people_changed": 0,
    "people_unchanged": 1, "receipts_added": 0, "receipts_removed": 0, "receipts_changed": 0}$$::jsonb,
    'the comparison says so: what moved is called as before');
:as_tester
SELECT set_eq(format('SELECT c.source_key FROM app.old_claims AS c WHERE c.session_id = %L', :'with_id'),
    ARRAY['LEEMOE', 'LEONARDMOE'], 'what the file said of each entry is kept');
:as_processor
SELECT is((SELECT count(*)::integer FROM report.transactions AS t
    WHERE t.session_id = :'with_id' AND t.employee_name = 'LEEMOE'), 2, 'the receipts are under the one name');

-- Somebody only receipts named gets the number when the report brings it.
SELECT tap.import(jsonb_build_object('NIA POE', tap.receipts_only('{}', tap.receipt('{"rec_id": "9"}')))) AS session_id \gset
SELECT tap.import(jsonb_build_object('NIAPOE', tap.entry('{"employee_id": "9"}', tap.receipt('{"rec_id": "9"}')))) AS later_id \gset
SELECT is((SELECT count(DISTINCT e.cardholder_id)::integer FROM report.employee_revisions AS e WHERE e.employee_name = 'NIAPOE'),
    1, 'a known name without number and the same name with one are one person');
SELECT is((SELECT e.employee_id FROM report.employee_revisions AS e WHERE e.session_id = :'session_id'), NULL,
    'what was said before stays as it was said');

-- The same person twice in one file.
SELECT is(tap.import_activity(jsonb_build_object('OLA', tap.entry('{"employee_id": "11"}'),
        'Olà', tap.entry('{"employee_id": "11"}'))::text) #>> '{rejects,0,code}', 'duplicate_person',
    'two entries with one name and one number: the second is rejected');
:as_tester
\ir ../fixtures/invariants.psql
SELECT * FROM finish();
ROLLBACK;
