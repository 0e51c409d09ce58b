-- Removes revisions, transactions and claims.

BEGIN;

SELECT audit.forget_table('app.old_claims');
DROP TABLE app.old_claims;
DROP FUNCTION app.ids_of_receipts(uuid[]);
DROP FUNCTION app.lock_submissions(uuid[]);
DROP FUNCTION app.lock_people(uuid[], uuid[], text[]);
DROP FUNCTION app.shown_receipts(text);
DROP VIEW app.transactions;
DROP FUNCTION app.hash_said(app.receipt_contents);
DROP FUNCTION app.is_same_content(app.receipt_contents, app.receipt_contents);
DROP FUNCTION app.says_the_same(app.receipt_contents, app.receipt_contents);
DROP FUNCTION app.is_copy_of(text, text);
DROP FUNCTION app.copy_key(text, bigint);
DROP FUNCTION app.key_number(text);
DROP FUNCTION app.base_key(text);
SELECT audit.forget_table('app.receipt_links');
DROP TABLE app.receipt_links;
SELECT audit.forget_table('app.receipt_contents');
DROP TABLE app.receipt_contents;
ALTER TABLE app.session_employees DROP CONSTRAINT session_employees_current_revision_id_fkey;
SELECT audit.forget_table('app.employee_revisions');
DROP TABLE app.employee_revisions;

COMMIT;
