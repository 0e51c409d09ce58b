-- Removes the strict gate.

BEGIN;

DROP FUNCTION app.judge_json(text);
DROP FUNCTION app.strange_numbers(jsonb);
DROP FUNCTION app.find_repeated_key(text);
DROP FUNCTION app.has_unique_keys(text, jsonb);
DROP FUNCTION app.count_text(text, text);
DELETE FROM app.settings AS s WHERE s.setting_name IN ('json_max_employees', 'json_max_rejects');

COMMIT;
