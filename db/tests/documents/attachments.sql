-- A scan that came in later is attached to a receipt, whoever may, of a kind and size that is allowed, and kept.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/small.psql
SELECT plan(43);

SELECT t.transaction_id AS receipt, t.cardholder_id AS person, t.employee_revision_id AS first, coalesce(t.attachment_name, '') AS before
FROM report.transactions AS t WHERE t.session_id = :'session_id' ORDER BY t.transaction_id LIMIT 1 \gset
SELECT t.transaction_id AS another FROM report.transactions AS t
WHERE t.session_id = :'session_id' AND t.cardholder_id <> :'person' ORDER BY t.transaction_id LIMIT 1 \gset
CREATE FUNCTION tap.png(p_size integer DEFAULT 8) RETURNS bytea
LANGUAGE sql IMMUTABLE
RETURN decode('89504e470d0a1a0a', 'hex') || decode(repeat('00', p_size - 8), 'hex');
CREATE FUNCTION tap.attach(p_name text, p_bytes bytea, p_reason text DEFAULT 'came late', p_request text DEFAULT NULL, p_receipt uuid DEFAULT NULL) RETURNS text
LANGUAGE sql VOLATILE
RETURN (SELECT a.attachment_name FROM report.transactions AS t CROSS JOIN LATERAL
    api.attach_document(t.session_id, coalesce(p_receipt, t.transaction_id), t.employee_revision_id, p_name, p_bytes, p_reason, p_request) AS a
    WHERE t.transaction_id = current_setting('tap.receipt')::uuid);
SELECT set_config('tap.receipt', :'receipt', true) \g /dev/null
PREPARE shown AS SELECT a.file_name || ' ' || a.media_type FROM report.attachments AS a WHERE a.is_in_packet ORDER BY a.attachment_id;

-- Who.
:as_reviewer
SELECT throws_ok($$SELECT tap.attach('a.png', tap.png())$$, '42501', NULL, 'a reviewer does not attach');
:as_reader
SELECT throws_ok($$SELECT tap.attach('a.png', tap.png())$$, '42501', NULL, 'nor does a reader');
SELECT is_empty('SELECT FROM report.attachments', 'who sees that there is none');
SELECT throws_ok('SELECT FROM app.receipt_attachments', '42501', NULL, 'by the view alone');
:as_owner
SELECT api.save_user('pat', p_cardholder_id => :'person', p_expected_version => 1) \g /dev/null
:as_processor
SELECT throws_ok($$SELECT tap.attach('a.png', tap.png())$$, 'PM003', NULL, 'nobody to the own card');
:as_tester
SELECT is_empty('SELECT FROM app.documents', 'of which nothing is kept');
:as_admin

-- What.
SELECT throws_ok(format('SELECT tap.attach(%L, tap.png(), %L)', w.name, w.reason), w.code, NULL, w.what)
FROM (VALUES ('', 'x', 'IV008', 'a name is needed'), (NULL, 'x', 'IV008', 'not null'), (repeat('n', 401), 'x', 'IV008', 'of 400 letters at most'),
    (E'a\nb.png', 'x', 'IV071', 'without line ends'), ('a.png', ' ', 'IV008', 'and a reason'), ('a.png', NULL, 'IV008', 'always'),
    ('a.png', repeat('r', 4001), 'IV008', 'of 4000 letters at most')) AS w (name, reason, code, what);
SELECT throws_ok(format('SELECT tap.attach(''a.pdf'', %L::bytea)', w.bytes), w.code, NULL, w.what)
FROM (VALUES ('', 'IV009', 'an empty file'), (NULL, 'IV009', 'none'), ('GIF89a', 'IV037', 'a GIF'), ('<svg/>', 'IV037', 'a drawing that could do things'),
    ('MM', 'IV037', 'two bytes'), (repeat(' ', 1020) || '%PDF-', 'IV037', 'a PDF that begins too late')) AS w (bytes, code, what);
SELECT throws_ok('SELECT tap.attach(''a.png'', tap.png(10485761))', 'IV005', NULL, 'a byte too many');
SELECT throws_ok(format('SELECT tap.attach(''a.png'', tap.png(), ''x'', NULL, %L)', :'another'), 'NF005', NULL, 'a receipt of somebody else');
SELECT is(tap.attach('a.pdf', (repeat(' ', 1019) || '%PDF-')::bytea), concat_ws(', ', nullif(:'before', ''), 'a.pdf'), 'a PDF that begins in time');
:as_tester
SELECT is_empty($$SELECT FROM app.documents AS d WHERE d.size_bytes <> 1024$$, 'what was refused is not kept');
-- Half an upload of the same bytes, with another size, is in nobody's way.
:as_owner
INSERT INTO app.documents AS d (sha256, size_bytes, uploaded_by)
SELECT sha256(tap.png(10485760)), 7, app.actor_id() RETURNING d.document_id AS half \gset
INSERT INTO app.document_chunks (document_id, chunk_number, bytes) VALUES (:'half', 0, 'x');
:as_admin
SELECT is(tap.attach(' a, b 4111111111111111.png ', tap.png(10485760), ' 4111111111111111 ', 'k1'), concat_ws(', ', nullif(:'before', ''), 'a.pdf', 'a; b 411111XXXXXX1111.png'),
    'the largest, its name without comma and card number');
:as_tester
SELECT is((SELECT (d.size_bytes, d.has_bytes, a.reason, a.chunk_count, a.attached_by_name, a.media_type)::text FROM report.attachments AS a JOIN app.documents AS d USING (document_id) WHERE a.document_id = :'half'),
    '(10485760,t,411111XXXXXX1111,3,ada,image/png)', 'is kept whole, in pieces');
SELECT is((SELECT sha256(string_agg(c.bytes, '' ORDER BY c.chunk_number)) FROM app.document_chunks AS c WHERE c.document_id = :'half'), sha256(tap.png(10485760)), 'of the same bytes');
:as_admin
SELECT is(tap.attach('a.pdf', decode('ffd8ff', 'hex') || '%PDF-'), concat_ws(', ', nullif(:'before', ''), 'a.pdf', 'a; b 411111XXXXXX1111.png', 'a.pdf (2)'), 'a name twice gets a number');
SELECT results_eq('shown', ARRAY['a.pdf application/pdf', 'a; b 411111XXXXXX1111.png image/png', 'a.pdf (2) image/jpeg'], 'each is what it begins like');
SELECT results_eq(format('SELECT p.cardholder_id, p.document_id IS NOT NULL, p.page_number FROM report.packet_pages(%L) AS p WHERE p.kind = ''attachment''', :'session_id'),
    format('SELECT %L::uuid, true, NULL::integer FROM generate_series(1, 3)', :'person'), 'and all are in the packet of the person');
SELECT is_empty(format('SELECT FROM report.packet_pages(%L, %L) AS p WHERE p.kind = ''attachment''', :'session_id', t.cardholder_id), 'of nobody else')
FROM report.transactions AS t WHERE t.transaction_id = :'another';
SELECT throws_ok(format('SELECT api.attach_document(%L, %L, %L, ''a.png'', tap.png(), ''x'')', :'session_id', :'receipt', :'first'), 'ST001', NULL, 'who saw an older revision is told');

-- Taken back, and a name is not used again.
SELECT api.restore_revision(:'first', e.revision_id, 'wrong scans') FROM report.employee_revisions AS e
WHERE e.session_id = :'session_id' AND e.cardholder_id = :'person' \g /dev/null
SELECT is_empty('shown', 'taken back, none is shown');
SELECT is(tap.attach('a.pdf', tap.png()), concat_ws(', ', nullif(:'before', ''), 'a.pdf (3)'), 'a name that was there is not used again');
SELECT results_eq('shown', ARRAY['a.pdf (3) image/png'], 'so that no old one comes back with it');

-- Kept as long as any document.
:as_tester
SELECT is((SELECT count(*) FROM app.documents AS d WHERE d.has_bytes), 4::bigint, 'four files');
:as_owner
SELECT is(app.remove_expired(now() + interval '100 years'), 4, 'go when their time is over');
:as_admin
SELECT is((SELECT (a.is_in_packet, a.chunk_count)::text FROM report.attachments AS a WHERE a.file_name = 'a.pdf (3)'), '(t,0)', 'what is known of them stays');
SELECT is(tap.attach('b.png', tap.png()), concat_ws(', ', nullif(:'before', ''), 'a.pdf (3)', 'b.png'), 'attached anew');
SELECT results_eq('SELECT a.file_name, a.chunk_count FROM report.attachments AS a WHERE a.is_in_packet ORDER BY 1', $$VALUES ('a.pdf (3)', 1::bigint), ('b.png', 1)$$, 'the bytes are there again');
:as_tester
-- The report brings a name itself that was attached once and taken back; somebody attaches another file then.
:as_owner
INSERT INTO app.corrections (chain_id, transaction_id, field_group, number, session_id, cardholder_id, base, value, reason, said_by)
SELECT c.chain_id, c.transaction_id, c.field_group, c.number + 1, c.session_id, c.cardholder_id,
    '{"has_attachment": true, "attachment_name": "a.pdf, b.png"}', '{"has_attachment": true, "attachment_name": "a.pdf, b.png, c.png"}', 'x', app.actor_id()
FROM app.newest_corrections AS c WHERE c.transaction_id = :'receipt' AND c.field_group = 'attachment';
:as_admin
SELECT results_eq('SELECT a.file_name FROM report.attachments AS a WHERE a.is_in_packet', ARRAY['b.png'],
    'a name that the report brings is no scan that was taken back, and one that never was stays');
:as_owner
SELECT throws_ok($$INSERT INTO app.receipt_attachments (transaction_id, document_id, file_name, media_type, session_id, reason, attached_by)
    SELECT a.transaction_id, a.document_id, 'd.png', a.media_type, a.session_id, 'x', a.attached_by FROM app.receipt_attachments AS a LIMIT 1$$,
    '23514', NULL, 'nobody attaches in the name of another');
SELECT throws_ok(format($$INSERT INTO app.receipt_attachments (transaction_id, document_id, file_name, media_type, session_id, reason)
    SELECT %L, a.document_id, 'd.png', a.media_type, a.session_id, 'x' FROM app.receipt_attachments AS a LIMIT 1$$, :'another'),
    'RL001', NULL, 'nor a scan that no correction names');
:as_tester
SELECT throws_ok('UPDATE app.receipt_attachments SET reason = ''y''', NULL, NULL, 'and nobody changes what was attached');
SELECT * FROM finish();
ROLLBACK;
