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
DELETE FROM app.error_codes AS e WHERE e.sqlstate IN (
    'IV030', 'IV031', 'IV032', 'IV033', 'IV034', 'IV035', 'IV036', 'NF030', 'ST030', 'ST031', 'RL030', 'RL031');
DELETE FROM audit.unguarded_tables AS u WHERE u.table_name IN ('document_chunks', 'page_texts');

COMMIT;
