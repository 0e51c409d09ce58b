-- Removes attempts, rejects and metrics.

BEGIN;

SELECT audit.forget_table('app.processing_metrics');
DROP TABLE app.processing_metrics;
SELECT audit.forget_table('app.import_rejects');
DROP TABLE app.import_rejects;
SELECT audit.forget_table('app.import_attempts');
DROP TABLE app.import_attempts;

COMMIT;
