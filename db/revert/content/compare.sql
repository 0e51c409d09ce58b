-- Removes the comparison of revisions.

BEGIN;

DROP FUNCTION app.change_of(anycompatible, anycompatible);
DROP FUNCTION app.said_fields(app.receipt_contents);
DROP FUNCTION app.compare_transactions(uuid[], uuid[]);
DROP FUNCTION app.says_the_same(app.receipt_contents, app.receipt_contents);

COMMIT;
