-- Nobody but the owner makes revisions.

BEGIN;

SELECT app.expect_objects($$
function app.complete_revisions(app.revision_draft[], text, text)
$$);

ROLLBACK;
