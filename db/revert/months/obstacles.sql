-- Removes what keeps a month open.

BEGIN;

DROP FUNCTION report.month_obstacles(uuid);
DROP FUNCTION app.sign_off_obstacles(uuid);
DROP FUNCTION app.open_row_obstacles(uuid);
DROP FUNCTION app.person_obstacles(uuid);
DROP FUNCTION app.submission_obstacles(uuid);
DROP FUNCTION app.current_submissions(uuid);
DROP TYPE report.month_obstacle;
DELETE FROM app.settings WHERE setting_name IN ('month_sign_off', 'month_history_days');

COMMIT;
