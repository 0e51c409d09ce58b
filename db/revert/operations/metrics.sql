-- Takes the metrics away.

BEGIN;

DROP VIEW report.metrics;

COMMIT;
