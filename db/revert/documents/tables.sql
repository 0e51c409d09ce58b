-- Removes documents, their bytes, pages and notices.

BEGIN;

SELECT audit.forget_table('app.document_notices');
DROP TABLE app.document_notices;
DROP TABLE app.page_texts;
SELECT audit.forget_table('app.document_pages');
DROP TABLE app.document_pages;
SELECT audit.forget_table('app.session_documents');
DROP TABLE app.session_documents;
DROP TABLE app.document_chunks;
SELECT audit.forget_table('app.documents');
DROP TABLE app.documents;
DROP FUNCTION audit.guard_working(regclass, text);
DELETE FROM app.settings AS s WHERE s.setting_name IN ('job_lease_seconds', 'job_max_attempts');
DELETE FROM audit.unguarded_tables AS u WHERE u.table_name IN ('document_chunks', 'page_texts');

COMMIT;
