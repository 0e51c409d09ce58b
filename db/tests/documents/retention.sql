-- Bytes are kept for document_retention_days, to the microsecond, and while a job may still need them.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/pdfs.psql
SELECT plan(8);

\set as_worker 'SET LOCAL SESSION AUTHORIZATION ccp_service; SET LOCAL ROLE ccp_worker; SET LOCAL app.actor = ''worker'';'
:as_owner
SELECT tap.upload('kept') ->> 'session_id' AS session_id \gset
:as_tester
SELECT max(d.uploaded_at) + (SELECT s.value::integer FROM app.settings AS s
        WHERE s.setting_name = 'document_retention_days') * interval '1 day' AS last_moment,
    count(*) AS documents
FROM app.documents AS d \gset
SELECT is(:documents, 2, 'two documents hold bytes');
:as_owner
SELECT is(app.remove_expired(:'last_moment'::timestamptz + interval '1 year'), 0,
    'nothing goes while a job waits for it');
:as_worker
SELECT api.claim_job('tap') AS job \gset
:as_owner
SELECT is(app.remove_expired(:'last_moment'::timestamptz + interval '1 year'), 0, 'or is at work on it');
SELECT api.accept_documents((:'job'::jsonb ->> 'job_id')::uuid, (:'job'::jsonb ->> 'token')::uuid,
    tap.pdf_report('{}', tap.pdf_card('{}', tap.pdf_charge('{}'))), tap.pdf_receipts('{}', tap.pdf_receipt(1)))
    ->> 'outcome' AS outcome \gset
SELECT is(:'outcome'::text, 'accepted', 'the job is done');
SELECT is(app.remove_expired(:'last_moment'::timestamptz - interval '1 day'), 0, 'a day early they stay');
SELECT is(app.remove_expired(:'last_moment'), 0, 'in the last moment they stay');
SELECT is(app.remove_expired(:'last_moment'::timestamptz + interval '1 microsecond'), 2, 'after it both go');
:as_tester
SELECT is_empty('SELECT FROM app.document_chunks', 'with all their pieces');
SELECT * FROM finish();
ROLLBACK;
