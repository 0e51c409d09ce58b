-- Removes the comparison of revisions.

BEGIN;

DROP FUNCTION app.change_of(anycompatible, anycompatible);
DROP FUNCTION app.said_fields(app.receipt_contents);
DROP FUNCTION app.compare_transactions(uuid[], uuid[]);

COMMIT;
