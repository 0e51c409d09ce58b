-- Removes bulk resolving.

BEGIN;

DROP FUNCTION api.resolve_issues(jsonb, jsonb, text, text, boolean, boolean, text);
DROP FUNCTION app.find_bulk_items(jsonb, text, text);
DROP FUNCTION app.read_bulk_items(jsonb, text, text);
DELETE FROM app.settings WHERE setting_name = 'bulk_max_items';

COMMIT;
