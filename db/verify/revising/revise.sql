-- Nobody but the owner makes revisions by these.

BEGIN;

SELECT app.expect_objects($$
function app.copy_receipts(uuid[], uuid[], uuid[])
function app.draft_next(uuid[], uuid[], uuid[])
$$);

ROLLBACK;
