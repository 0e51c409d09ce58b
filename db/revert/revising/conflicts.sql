-- Removes deciding conflicts.

BEGIN;

DROP FUNCTION api.decide_conflict(uuid, uuid, uuid, boolean, text, text[], text);
DROP FUNCTION app.answer_corrections(uuid, app.judged_correction[], boolean, text);

COMMIT;
