-- An error nobody foresaw: its employee is rejected, the others are taken, and the attempt is recorded whatever ends it.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/documents.psql
SELECT plan(20);

-- Raises what a receipt's merchant says, as a defect of ours would.
CREATE FUNCTION tap.strike() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.merchant_name ~ '^STRIKE [0-9A-Z]{5}$' THEN
        RAISE EXCEPTION USING ERRCODE = right(NEW.merchant_name, 5), MESSAGE = 'values of ' || NEW.merchant_name;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER z99_fault BEFORE INSERT ON app.receipt_contents FOR EACH ROW EXECUTE FUNCTION tap.strike();
CREATE FUNCTION tap.month(VARIADIC p_merchants text[]) RETURNS text
LANGUAGE sql
BEGIN ATOMIC
    SELECT jsonb_object_agg('E' || translate(m.ordinality::text, '0123456789', 'ABCDEFGHIJ'),
        tap.entry(jsonb_build_object('employee_id', m.ordinality::text),
            tap.receipt(jsonb_build_object('rec_id', m.ordinality::text, 'merch_name', m.merchant))))::text
    FROM unnest(p_merchants) WITH ORDINALITY AS m (merchant);
END;
CREATE FUNCTION tap.told(p_answer jsonb) RETURNS text
LANGUAGE sql
BEGIN ATOMIC
    SELECT concat_ws(' ', p_answer ->> 'outcome', p_answer ->> 'code', p_answer ->> 'message',
        (SELECT string_agg(concat_ws(' ', r ->> 'path', r ->> 'code', r ->> 'message'), ', ')
         FROM jsonb_array_elements(p_answer -> 'rejects') AS r));
END;

:as_processor
SELECT tap.import_activity(tap.month('A', 'B', 'STRIKE 22012', 'C', 'D', 'STRIKE 22P02', 'E'), p_request_id => 'one') AS answer \gset
SELECT is(tap.told(:'answer'), 'accepted $."ED" unforeseen_error ended by 22012 in tap.strike, '
    '$."EG" unforeseen_error ended by 22P02 in tap.strike', 'each is named with SQLSTATE and place, and not what it said');
:as_tester
SELECT set_eq($$SELECT e.employee_name FROM report.employee_revisions AS e$$, ARRAY['EB', 'EC', 'EE', 'EF', 'EH'],
    'the others are taken');
SELECT results_eq($$SELECT r.path, r.sqlstate, r.message FROM report.import_rejects AS r ORDER BY r.path$$,
    $$VALUES ('$."ED"', 'IV024', 'ended by 22012 in tap.strike'), ('$."EG"', 'IV024', 'ended by 22P02 in tap.strike')$$,
    'and the record says who was not');
SELECT is((SELECT count(*) FROM report.sessions), 1::bigint, 'what was tried to find them left no session');
SELECT is_empty($$SELECT FROM app.cardholders AS c WHERE c.name_key IN ('ED', 'EG')$$, 'and no person');
\ir ../fixtures/invariants.psql

:as_processor
SELECT is(tap.told(tap.import_activity(tap.month('STRIKE 22012', 'STRIKE 22012'))),
    'refused nothing_accepted every employee of the file was rejected $."EB" unforeseen_error ended by 22012 in tap.strike, '
    '$."EC" unforeseen_error ended by 22012 in tap.strike', 'when it is all of them, none is taken');
SELECT is(tap.told(tap.import_activity(tap.month('F', 'STRIKE 22012'), p_dry_run => true)),
    'dry_run $."EC" unforeseen_error ended by 22012 in tap.strike', 'a dry run tells the same');
SELECT is(tap.told(tap.import_activity((tap.month('G', 'H')::jsonb
        || jsonb_build_object('SUM', tap.entry('{"employee_id": "9"}', tap.receipt('{"amt": "999999999999.99"}'),
            tap.receipt('{"rec_id": "2", "amt": "0.01"}'))))::text)),
    'accepted $."SUM" amount_out_of_range a sum of amounts is out of range', 'a sum nobody can keep is a fault of one, too');
SELECT throws_ok($$SELECT tap.import_activity(tap.month('I', 'STRIKE 40001'))$$, '40001', NULL,
    'what passes by itself is raised, so that it is tried again');
SELECT throws_ok($$SELECT tap.import_activity(tap.month('I', 'STRIKE 53200'))$$, '53200', NULL,
    'as is that the server has no room');
:as_tester
SELECT is((SELECT count(*) FROM report.import_attempts), 4::bigint, 'each answer has its record');

-- An error that is of no employee: the row of figures is of the whole file.
CREATE FUNCTION tap.strike_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = current_setting('tap.state');
END
$$;
CREATE TRIGGER z99_fault BEFORE INSERT ON app.processing_metrics FOR EACH ROW WHEN (NEW.employees > 1)
    EXECUTE FUNCTION tap.strike_whole();
:as_processor
SET LOCAL tap.state = 'XX000';
SELECT tap.import_activity(tap.month('J', 'K'), p_request_id => 'two', p_file_name => 'a.json') AS answer \gset
SELECT is(tap.told(:'answer'), 'refused unforeseen_error ended by XX000 in tap.strike_whole', 'the file is refused');
SELECT is(:'answer'::jsonb ->> 'hint', (SELECT e.hint FROM report.error_codes AS e WHERE e.slug = 'unforeseen_error'),
    'with the next step');
:as_tester
SELECT results_eq($$SELECT a.outcome, a.sqlstate, a.message, a.path, a.file_name FROM report.import_attempts AS a
        WHERE a.request_id = 'two'$$,
    $$VALUES ('refused', 'IV024', 'ended by XX000 in tap.strike_whole', '$', 'a.json')$$, 'with SQLSTATE and place');
SELECT is((SELECT count(*) FROM report.sessions), 2::bigint, 'and nothing of it is there');
DROP TRIGGER z99_fault ON app.processing_metrics;
:as_processor
SELECT is(tap.import_activity(tap.month('J', 'K'), p_request_id => 'two') ->> 'outcome', 'accepted',
    'the same request id may try again');
:as_tester
SELECT * FROM finish();
ROLLBACK;
