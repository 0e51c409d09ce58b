-- Removes the copying of revisions.

BEGIN;

DROP FUNCTION app.draft_next(uuid[], uuid[], uuid[]);
DROP FUNCTION app.copy_receipts(uuid[], uuid[], uuid[]);

COMMIT;
