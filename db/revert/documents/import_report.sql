-- Removes the printed report of an import.

BEGIN;

DROP FUNCTION report.import_report(uuid);

COMMIT;
