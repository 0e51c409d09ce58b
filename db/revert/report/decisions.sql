-- Removes who decided how much.

BEGIN;

DROP VIEW report.decisions;
DROP VIEW app.personal_decisions;

COMMIT;
