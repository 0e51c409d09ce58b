-- Removes: checks about drills and the service as it runs.

BEGIN;

DROP FUNCTION app.check_day_accuracy(timestamptz, timestamptz);
DROP FUNCTION app.check_day_errors(timestamptz, timestamptz);
DROP FUNCTION app.check_day_uptime(timestamptz, timestamptz);
DROP FUNCTION app.check_day_performance(timestamptz, timestamptz);
DROP FUNCTION app.check_day_health(timestamptz, timestamptz);
DROP FUNCTION app.check_processing_time();
DROP FUNCTION app.find_runs(timestamptz, timestamptz, integer);
DROP FUNCTION app.check_system_health();
DROP FUNCTION app.check_restore_drill();
DROP FUNCTION app.check_rollback_rehearsed();
DROP FUNCTION app.check_load_drill();
DROP FUNCTION app.figure(jsonb, text);
DROP FUNCTION app.describe_drill(report.drills);
DROP FUNCTION app.newest_drill(text[]);

COMMIT;
