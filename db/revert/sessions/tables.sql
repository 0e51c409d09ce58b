-- Removes sessions and people in sessions.

BEGIN;

DROP TABLE app.session_employees;
DROP TABLE app.processing_sessions;
DROP FUNCTION app.stamp_change();

COMMIT;
