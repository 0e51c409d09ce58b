-- Removes the list of what comes near to a conflict of duties.

BEGIN;

DROP VIEW report.duty_conflicts;

COMMIT;
