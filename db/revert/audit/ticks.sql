-- Removes the ticks.

BEGIN;

DROP VIEW report.ticks;
DROP FUNCTION audit.tick(text);
DROP FUNCTION audit.refuse_isolation();
DROP TABLE audit.ticks;

COMMIT;
