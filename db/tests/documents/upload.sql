-- Two files become a job, or a reason why not; the same two files are known again.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/pdfs.psql
SELECT plan(28);

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
    'IV008', 'argument is missing or not allowed', 'a checksum has 64 digits');
SELECT throws_ok(format($$SELECT api.begin_upload(%L, E'a\n.pdf', repeat('a', 64), 1, 'b.pdf', repeat('b', 64), 1)$$, :'session_id'),
    'IV071', 'name holds a control character', 'a name has one line');
SELECT throws_ok($$SELECT api.begin_upload(app.new_id(), 'a.pdf', repeat('a', 64), 1, 'b.pdf', repeat('b', 64), 1)$$,
    '42501', NULL, 'nobody reaches the schema of the tables');
SELECT throws_ok($$SELECT api.begin_upload(gen_random_uuid(), 'a.pdf', repeat('a', 64), 1, 'b.pdf', repeat('b', 64), 1)$$,
    'NF001', 'there is no such session', 'a session must be there');
SELECT is(api.begin_upload(:'session_id', 'a.pdf', repeat('a', 64), 104857600, 'b.pdf', repeat('b', 64), 1) ->> 'outcome',
    'wanted', 'the limit itself is taken');
SELECT throws_ok(format('SELECT api.queue_documents(%L)', :'session_id'), 'ST031',
    'pieces of a document do not add up to it', 'not before all pieces are there');
SELECT throws_ok($$SELECT api.store_chunk(gen_random_uuid(), 0, 'x')$$, 'NF030',
    'there is no such document or piece of it', 'a piece needs a document');
SELECT throws_ok(format('SELECT api.store_chunk(%L, 1, %L)',
    (SELECT d.document_id FROM report.documents AS d WHERE d.has_bytes LIMIT 1), 'x'), 'NF030',
    'there is no such document or piece of it', 'one that has its bytes takes no more');
SELECT throws_ok(format($$SELECT api.begin_upload(%L, 'a.pdf', repeat('c', 64), 1, 'b.pdf', repeat('b', 64), 1)$$,
    :'answer'::jsonb ->> 'session_id'), 'ST002', 'state does not allow this step', 'a session takes files once');

-- Bytes that are not those announced are refused with the last piece, whatever their number.
SELECT s.session_id AS poisoned FROM api.create_session() AS s \gset
SELECT a #>> '{car_pdf,document_id}' AS car, a #>> '{receipt_pdf,document_id}' AS receipts
FROM api.begin_upload(:'poisoned', 'a.pdf', repeat('d', 64), 9, 'b.pdf', encode(sha256('%PDF-good'), 'hex'), 9) AS a \gset
SELECT api.store_chunk(:'car', 0, '%PDF-evil'), api.store_chunk(:'receipts', 0, '%PDF-good') \g /dev/null
SELECT throws_ok(format('SELECT api.queue_documents(%L)', :'poisoned'), 'ST031', NULL, 'other bytes of the same size are refused');
SELECT s.session_id AS honest FROM api.create_session() AS s \gset
SELECT api.begin_upload(:'honest', 'a.pdf', encode(sha256('%PDF-fine'), 'hex'), 9, 'b.pdf', encode(sha256('%PDF-also'), 'hex'), 9) AS a \gset
SELECT api.store_chunk((:'a'::jsonb #>> '{car_pdf,document_id}')::uuid, 1, 'fine'),
    api.store_chunk((:'a'::jsonb #>> '{car_pdf,document_id}')::uuid, 0, '%PDF-'),
    api.store_chunk((:'a'::jsonb #>> '{receipt_pdf,document_id}')::uuid, 0, '%PDF-also') \g /dev/null
SELECT is(api.queue_documents(:'honest') ->> 'outcome', 'queued', 'those announced are taken, in whatever order the pieces came');
SELECT is((SELECT count(*) FROM report.documents AS d WHERE d.session_id = :'poisoned' AND d.has_bytes), 0::bigint,
    'what was refused is not there for others');

:as_reviewer
SELECT throws_ok($$SELECT tap.upload('three')$$, '42501', NULL, 'a reviewer hands in nothing');
:as_reader
SELECT throws_ok($$SELECT api.read_chunk(gen_random_uuid(), 0)$$, '42501', NULL, 'a reader takes no bytes');
:as_processor
SELECT throws_ok($$SELECT api.read_chunk(gen_random_uuid(), 0)$$, 'NF030', 'there is no such document or piece of it',
    'a piece that is not there is said so');
SELECT * FROM finish();
ROLLBACK;
