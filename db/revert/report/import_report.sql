-- Removes the import report.

BEGIN;

DROP FUNCTION report.import_report(uuid);
DROP FUNCTION report.session_summary(uuid);
DROP VIEW report.claim_differences;

COMMIT;
