-- Removes who decided how much.

BEGIN;

DROP VIEW report.decisions;

COMMIT;
