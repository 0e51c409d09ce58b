-- Removes the reading of activity.json.

BEGIN;

DROP FUNCTION app.activity_receipts(jsonb, app.staged_person[]);
DROP FUNCTION app.stage_people(jsonb);
DROP FUNCTION app.entry_faults(jsonb, text[]);
DROP FUNCTION app.suspect_entries(jsonb, boolean);
DROP VIEW app.activity_fields;

COMMIT;
