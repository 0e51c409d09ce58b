-- Removes: computing and signing checks.

BEGIN;

DROP FUNCTION api.sign_cutover_check(text, boolean, text, date, jsonb, date, text);
DROP FUNCTION app.find_check(text);
DROP FUNCTION app.judge_signature(app.cutover_checks, boolean, date, jsonb, date);
DROP FUNCTION api.run_cutover_checks(text);
DROP FUNCTION app.run_checks();

COMMIT;
