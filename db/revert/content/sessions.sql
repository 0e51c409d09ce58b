-- Removes sessions and people in sessions.

BEGIN;

SELECT audit.forget_table('app.processing_metrics');
DROP TABLE app.processing_metrics;
SELECT audit.forget_table('app.session_employees');
DROP TABLE app.session_employees;
SELECT audit.forget_table('app.processing_sessions');
DROP TABLE app.processing_sessions;
DROP FUNCTION app.stamp_person();

COMMIT;
