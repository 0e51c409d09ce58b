-- Removes aliases and what approving one changes.

BEGIN;

DROP FUNCTION api.approve_alias(text, text, text);
DROP FUNCTION app.apply_alias(text, text);
DROP FUNCTION app.move_receipts(uuid, uuid, text);
DROP VIEW report.unmatched_names;
DROP FUNCTION report.name_distance(text, text, integer);

COMMIT;
