-- Removes the strict gate.

BEGIN;

DROP FUNCTION app.judge_json(text);
DROP FUNCTION app.strange_numbers(jsonb);
DROP FUNCTION app.find_repeated_key(text);
DROP FUNCTION app.has_unique_keys(text, jsonb);
DROP FUNCTION app.count_text(text, text);

COMMIT;
