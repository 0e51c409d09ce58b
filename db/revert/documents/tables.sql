-- Removes documents, their bytes, pages and notices.

BEGIN;

SELECT audit.forget_table('app.document_notices');
DROP TABLE app.document_notices;
SELECT audit.forget_table('app.page_texts');
DROP TABLE app.page_texts;
SELECT audit.forget_table('app.document_pages');
DROP TABLE app.document_pages;
SELECT audit.forget_table('app.receipt_attachments');
DROP TABLE app.receipt_attachments;
DROP FUNCTION app.require_statement();
SELECT audit.forget_table('app.session_documents');
DROP TABLE app.session_documents;
SELECT audit.forget_table('app.document_chunks');
DROP TABLE app.document_chunks;
SELECT audit.forget_table('app.documents');
DROP TABLE app.documents;
DELETE FROM app.settings AS s WHERE s.setting_name IN ('job_lease_seconds', 'job_max_attempts');

COMMIT;
