-- Removes the way back to activity.json.

BEGIN;

DROP FUNCTION report.activity_changes(uuid, text, boolean);
DROP FUNCTION report.activity_json(uuid, text, boolean);
DROP FUNCTION report.activity_entries(uuid, text, boolean);
DROP FUNCTION app.hide_names_in_json(text, text[]);
DROP FUNCTION app.find_unfit(text, jsonb);
DROP FUNCTION app.find_unfit_receipt(jsonb);
DROP TYPE report.activity_entry;

COMMIT;
