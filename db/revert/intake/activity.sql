-- Removes the reading of activity.json.

BEGIN;

DROP FUNCTION app.known_card_numbers(jsonb);
DROP FUNCTION app.activity_receipts(jsonb, app.staged_person[], text[]);
DROP FUNCTION app.keep_id(text, text[]);
DROP FUNCTION app.stage_people(jsonb);
DROP FUNCTION app.entry_faults(jsonb, text[], text[]);
DROP FUNCTION app.suspect_entries(jsonb, boolean, boolean);
DROP VIEW app.activity_fields;

COMMIT;
