-- Checks about drills and the service as it runs: objects and who may use them.

BEGIN;

SELECT app.expect_objects($$
function app.check_day_accuracy(timestamp with time zone, timestamp with time zone)
function app.check_day_errors(timestamp with time zone, timestamp with time zone)
function app.check_day_health(timestamp with time zone, timestamp with time zone)
function app.check_day_performance(timestamp with time zone, timestamp with time zone)
function app.check_day_uptime(timestamp with time zone, timestamp with time zone)
function app.check_load_drill()
function app.check_processing_time()
function app.check_restore_drill()
function app.check_rollback_rehearsed()
function app.check_system_health()
function app.describe_drill(report.drills)
function app.figure(jsonb, text)
function app.find_runs(timestamp with time zone, timestamp with time zone, integer)
function app.newest_drill(text[])
$$);

ROLLBACK;
