-- Removes attempts, rejects and metrics.

BEGIN;

DROP TABLE app.processing_metrics;
DROP TABLE app.import_rejects;
DROP TABLE app.import_attempts;

COMMIT;
