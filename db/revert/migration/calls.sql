-- Removes handing in old results.

BEGIN;

DROP FUNCTION api.compare_old_result(uuid, text, text, text, boolean, text, text, text, text, jsonb, text, text, text);
DROP FUNCTION app.compare_waiting();
DROP FUNCTION app.keep_old_result(app.old_results, text, text, jsonb);
DROP FUNCTION app.read_checksum(text, text);
DROP TYPE report.parallel_answer;
DELETE FROM app.month_calls AS c WHERE c.call_name IN ('compare_old_result');

COMMIT;
