-- Removes the making of revisions.

BEGIN;

DROP FUNCTION app.complete_revisions(app.revision_draft[], text, text);
DROP FUNCTION app.write_heads(app.revision_draft[], app.rule_finding[], text, text);

COMMIT;
