-- Removes the views of sessions.

BEGIN;

DROP VIEW report.figures;
DROP VIEW report.processing_metrics;
DROP VIEW report.months;
DROP VIEW report.sessions;
DROP VIEW report.processing_sessions;

COMMIT;
