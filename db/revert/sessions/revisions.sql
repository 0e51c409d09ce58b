-- Removes revisions, transactions and claims.

BEGIN;

DROP TABLE app.old_claims;
DROP TABLE app.transactions;
ALTER TABLE app.session_employees DROP CONSTRAINT session_employees_current_revision_id_fkey;
DROP TABLE app.employee_revisions;

COMMIT;
