-- Removes the work lists.

BEGIN;

DROP VIEW report.claimed_fixed_still_present;
DROP VIEW report.open_by_rule;
DROP VIEW report.ageing;
DROP VIEW report.counted_impacts;
DROP VIEW report.work_list;

COMMIT;
