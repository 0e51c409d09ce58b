-- Removes the views of comparisons.

BEGIN;

DROP VIEW report.clean_months;
DROP VIEW report.parallel_counts;
DROP VIEW report.parallel_differences;
DROP VIEW report.parallel_runs;
DROP VIEW report.old_results;
DROP VIEW app.old_months;
DROP VIEW report.known_deviations;

COMMIT;
