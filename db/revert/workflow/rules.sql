-- Removes changing rules.

BEGIN;

DROP FUNCTION api.save_rule(text, integer, text, boolean, boolean, jsonb, text, text, date, date, text, text);

COMMIT;
