-- Removes the work lists.

BEGIN;

DROP VIEW report.claimed_fixed_still_present;
DROP VIEW report.ageing;
DROP VIEW app.counted_impacts;
DROP VIEW report.work_list;

COMMIT;
