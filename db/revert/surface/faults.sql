-- Removes the surface in one answer, and its faults.

BEGIN;

DROP FUNCTION report.surface();
DROP FUNCTION app.surface_faults();

COMMIT;
