-- Removes the views of sessions.

BEGIN;

DROP VIEW report.processing_metrics;
DROP VIEW report.sessions;
DROP VIEW report.processing_sessions;

COMMIT;
