-- Removes what became of corrections.

BEGIN;

DROP FUNCTION app.count_corrections(uuid);
DROP VIEW report.corrections;
DROP VIEW app.correction_fates;

COMMIT;
