-- Removes bulk resolving.

BEGIN;

DROP FUNCTION api.resolve_issues(jsonb, jsonb, text, text, boolean, boolean, text);
DROP FUNCTION app.apply_bulk_items(app.bulk_item[], uuid, text);
DROP FUNCTION app.judge_bulk_items(app.bulk_item[]);
DROP FUNCTION app.find_bulk_items(jsonb, text, text);
DROP FUNCTION app.read_bulk_items(jsonb, text, text);
DELETE FROM app.settings WHERE setting_name = 'bulk_max_items';
DROP TYPE app.bulk_item;

COMMIT;
