-- Nobody but the owner makes revisions by these.

BEGIN;

SELECT app.expect_objects($$
function app.complete_revisions(app.revision_draft[], text, text)
function app.write_heads(app.revision_draft[], app.rule_finding[], text, text)
$$);

ROLLBACK;
