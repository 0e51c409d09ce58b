-- Takes back what was said in a submission that is cancelled belongs to the month.
BEGIN;

DROP FUNCTION app.recalled_decisions(uuid, uuid);
DROP FUNCTION app.recall_decisions(uuid, uuid);
DROP FUNCTION app.recall_corrections(uuid);
DROP FUNCTION app.cancelled_after(uuid);

COMMIT;
