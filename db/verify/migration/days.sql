-- The days 1 to 7 after going live: objects and who may use them.

BEGIN;

SELECT app.expect_objects($$
function api.run_cutover_day() as owner: execute ccp_admin ccp_worker
function app.ask_daily_check(text, timestamp with time zone, timestamp with time zone)
$$);

ROLLBACK;
