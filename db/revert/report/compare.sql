-- Removes comparisons.

BEGIN;

DROP FUNCTION report.compare_revisions(uuid, uuid);
DROP FUNCTION report.compare_sessions(uuid, uuid);
DROP FUNCTION app.compare_pairs(uuid[], uuid[]);
DROP TYPE report.difference;

COMMIT;
