-- Removes judging again.

BEGIN;

DROP FUNCTION app.judge_without(uuid);
DROP FUNCTION app.judge_others(app.revision_draft[]);
DROP FUNCTION app.replaced_receipts(app.revision_draft[]);
DROP FUNCTION app.judge_silenced(uuid[]);
DROP FUNCTION app.judge_again(uuid[], uuid[], text[], text);
DROP FUNCTION app.current_drafts(uuid[], uuid[]);
DROP FUNCTION app.place_findings(app.revision_draft[], app.rule_finding[]);
DROP FUNCTION app.heard_findings(app.revision_draft[], app.rule_finding[]);
DROP FUNCTION app.is_silent(uuid, uuid, text);
DROP TABLE app.rule_silences;

COMMIT;
