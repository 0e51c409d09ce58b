-- Two files become a job, or a reason why not; the same two files are known again.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/pdfs.psql
SELECT plan(25);

:as_processor
SELECT tap.upload('one') AS answer \gset
SELECT is(:'answer'::jsonb ->> 'outcome', 'queued', 'two files that begin like PDFs are queued');
SELECT is((SELECT s.status FROM report.sessions AS s WHERE s.session_id = (:'answer'::jsonb ->> 'session_id')::uuid),
    'processing', 'their session is being processed');
SELECT results_eq(format('SELECT j.state, j.phase, j.queued_by_name FROM report.jobs AS j WHERE j.session_id = %L',
    :'answer'::jsonb ->> 'session_id'), $$VALUES ('queued', 'waiting', 'pat')$$, 'the job waits');
SELECT results_eq($$SELECT d.kind, d.file_name, d.has_bytes, d.chunk_count FROM report.documents AS d ORDER BY 1$$,
    $$VALUES ('car_pdf', 'car.pdf', true, 1::bigint), ('receipt_pdf', 'receipts.pdf', true, 1::bigint)$$,
    'both documents are there');

SELECT tap.upload('one') AS again \gset
SELECT is(:'again'::jsonb ->> 'outcome', 'unchanged', 'the same two files in another session change nothing');
SELECT is(:'again'::jsonb ->> 'session_id', :'answer'::jsonb ->> 'session_id', 'and the answer names the session that has them');

SELECT tap.upload('two', 'PK') AS refused \gset
SELECT is(:'refused'::jsonb ->> 'code', 'not_a_pdf', 'a file that does not begin like a PDF is refused');
SELECT is(:'refused'::jsonb ->> 'path', 'car_pdf', 'and named');
:as_tester
SELECT is_empty($$SELECT FROM app.document_chunks AS c JOIN app.documents AS d USING (document_id) WHERE NOT d.has_bytes$$,
    'its bytes are gone');
SELECT results_eq($$SELECT a.outcome, a.code, a.user_name FROM report.import_attempts AS a WHERE a.outcome = 'refused'$$,
    $$VALUES ('refused', 'not_a_pdf', 'pat')$$, 'the attempt is recorded');

:as_processor
SELECT s.session_id FROM api.create_session('Edges') AS s \gset
\set hash '''' :'session_id' ''''
SELECT is(api.begin_upload(:'session_id', 'a.pdf', repeat('a', 64), 0, 'b.pdf', repeat('b', 64), 1) ->> 'code',
    'empty_file', 'no bytes are refused');
SELECT is(api.begin_upload(:'session_id', 'a.pdf', repeat('a', 64), 1, 'b.pdf', repeat('b', 64), 0) ->> 'path',
    'receipt_pdf', 'on either side');
SELECT is(api.begin_upload(:'session_id', 'a.pdf', repeat('a', 64), 104857601, 'b.pdf', repeat('b', 64), 1) ->> 'code',
    'too_large', 'a byte over the limit is refused');
SELECT throws_ok(format($$SELECT api.begin_upload(%L, 'a.pdf', 'x', 1, 'b.pdf', repeat('b', 64), 1)$$, :'session_id'),
    'IV008', 'file is not described well', 'a checksum has 64 digits');
SELECT throws_ok(format($$SELECT api.begin_upload(%L, E'a\n.pdf', repeat('a', 64), 1, 'b.pdf', repeat('b', 64), 1)$$, :'session_id'),
    'IV071', 'name holds a control character', 'a name has one line');
SELECT throws_ok($$SELECT api.begin_upload(app.new_id(), 'a.pdf', repeat('a', 64), 1, 'b.pdf', repeat('b', 64), 1)$$,
    '42501', NULL, 'nobody reaches the schema of the tables');
SELECT throws_ok($$SELECT api.begin_upload(gen_random_uuid(), 'a.pdf', repeat('a', 64), 1, 'b.pdf', repeat('b', 64), 1)$$,
    'NF001', 'there is no such session', 'a session must be there');
SELECT is(api.begin_upload(:'session_id', 'a.pdf', repeat('a', 64), 104857600, 'b.pdf', repeat('b', 64), 1) ->> 'outcome',
    'wanted', 'the limit itself is taken');
SELECT throws_ok(format('SELECT api.queue_documents(%L)', :'session_id'), 'ST031',
    'pieces of a document do not add up to its size', 'not before all pieces are there');
SELECT throws_ok($$SELECT api.store_chunk(gen_random_uuid(), 0, 'x')$$, 'NF030',
    'there is no such document that waits for bytes', 'a piece needs a document');
SELECT throws_ok(format('SELECT api.store_chunk(%L, 1, %L)',
    (SELECT d.document_id FROM report.documents AS d WHERE d.has_bytes LIMIT 1), 'x'), 'NF030',
    'there is no such document that waits for bytes', 'one that has its bytes takes no more');
SELECT throws_ok(format($$SELECT api.begin_upload(%L, 'a.pdf', repeat('c', 64), 1, 'b.pdf', repeat('b', 64), 1)$$,
    :'answer'::jsonb ->> 'session_id'), 'ST002', 'session has its files already', 'a session takes files once');

:as_reviewer
SELECT throws_ok($$SELECT tap.upload('three')$$, '42501', NULL, 'a reviewer hands in nothing');
:as_reader
SELECT throws_ok($$SELECT api.read_chunk(gen_random_uuid(), 0)$$, '42501', NULL, 'a reader takes no bytes');
:as_processor
SELECT throws_ok($$SELECT api.read_chunk(gen_random_uuid(), 0)$$, 'NF030', 'there is no such piece of a document',
    'a piece that is not there is said so');
SELECT * FROM finish();
ROLLBACK;
