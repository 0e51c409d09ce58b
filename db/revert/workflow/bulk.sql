-- Removes bulk resolving.

BEGIN;

DROP FUNCTION api.undo_batch(uuid, text, boolean, boolean, text);
DROP FUNCTION api.resolve_issues(jsonb, jsonb, text, text, boolean, boolean, text);
DROP FUNCTION app.answer_batch(app.issue_item[], text, uuid);
DROP TYPE report.batch_answer;
DROP TYPE report.batch_item;
DROP FUNCTION app.take_batch(text, app.issue_item[], uuid, boolean, boolean, text);
DROP FUNCTION app.find_bulk_items(jsonb, text, text);
DROP FUNCTION app.read_bulk_items(jsonb, text, text);
DELETE FROM app.settings WHERE setting_name = 'bulk_max_items';

COMMIT;
