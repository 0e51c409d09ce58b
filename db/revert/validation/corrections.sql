-- Removes the rule about corrections.

BEGIN;

DROP FUNCTION app.find_correction_conflict(app.revision_draft[], jsonb);

COMMIT;
