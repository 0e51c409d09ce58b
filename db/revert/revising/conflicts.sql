-- Removes deciding conflicts.

BEGIN;

DROP FUNCTION api.decide_conflict(uuid, uuid, uuid, boolean, text, text[], text);

COMMIT;
