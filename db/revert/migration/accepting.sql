-- Removes accepted differences.

BEGIN;

DROP VIEW report.accepted_differences;
DROP FUNCTION api.accept_difference(uuid, text);
DROP FUNCTION api.propose_difference(uuid, integer, date, text, text);
DROP TYPE report.acceptance_answer;
DROP FUNCTION app.is_accepted_difference(uuid, text, text, text, text, text);
SELECT audit.forget_table('app.accepted_differences');
DROP TABLE app.accepted_differences;
DELETE FROM app.month_calls AS c WHERE c.call_name IN ('propose_difference', 'accept_difference');

COMMIT;
