-- Removes revisions, transactions and claims.

BEGIN;

SELECT audit.forget_table('app.old_claims');
DROP TABLE app.old_claims;
SELECT audit.forget_table('app.transactions');
DROP TABLE app.transactions;
ALTER TABLE app.session_employees DROP CONSTRAINT session_employees_current_revision_id_fkey;
SELECT audit.forget_table('app.employee_revisions');
DROP TABLE app.employee_revisions;

COMMIT;
