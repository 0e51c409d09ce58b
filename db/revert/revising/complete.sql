-- Removes the making of revisions.

BEGIN;

DROP FUNCTION app.complete_revisions(app.revision_draft[], text, text);

COMMIT;
