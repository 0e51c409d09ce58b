-- Removes: the days 1 to 7 after going live.

BEGIN;

DROP FUNCTION api.run_cutover_day();
DROP FUNCTION app.ask_daily_check(text, timestamptz, timestamptz);

COMMIT;
