-- Removes what became of corrections.

BEGIN;

DROP FUNCTION report.recalled_corrections(uuid);
DROP FUNCTION report.count_corrections(uuid);
DROP VIEW report.corrections;
DROP FUNCTION report.trace_correction(uuid);
DROP TYPE report.traced_correction;
DROP VIEW app.correction_fates;

COMMIT;
