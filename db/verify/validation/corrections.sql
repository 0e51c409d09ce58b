-- What people said about receipts.

BEGIN;

SELECT app.expect_objects($$
function app.find_correction_conflict(app.revision_draft[], jsonb)
$$);

ROLLBACK;
