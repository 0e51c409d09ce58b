-- Removes the copying of revisions.

BEGIN;

DROP FUNCTION app.draft_next(uuid[], uuid[], uuid[]);
DROP FUNCTION app.copy_transactions(uuid[], uuid[], uuid[]);
DROP FUNCTION app.copy_bank_rows(uuid[], uuid[]);

COMMIT;
