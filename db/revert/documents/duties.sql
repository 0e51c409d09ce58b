-- Removes the signs of life of the workers.

BEGIN;

DROP VIEW report.workers;
DROP FUNCTION api.record_duty(text, text, double precision, double precision, double precision, integer, text);
SELECT audit.forget_table('app.sign_minutes');
DROP TABLE app.sign_minutes;
SELECT audit.forget_table('app.worker_duties');
DROP TABLE app.worker_duties;

COMMIT;
