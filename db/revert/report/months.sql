-- Removes the view of months.

BEGIN;

DROP VIEW report.months;

COMMIT;
