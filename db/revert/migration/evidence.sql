-- Removes: what the checks look at.

BEGIN;

DROP VIEW app.cutover_history;
DROP VIEW app.cutover_clean_months;
DROP VIEW app.cutover_runs;

COMMIT;
