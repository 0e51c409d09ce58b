-- Removes the reading of activity.json.

BEGIN;

DROP FUNCTION app.known_card_numbers(jsonb);
DROP FUNCTION app.activity_receipts(jsonb, app.staged_person[], text[], app.activity_entry[]);
DROP FUNCTION app.keep_id(text, text[]);
DROP FUNCTION app.stage_people(jsonb);
DROP FUNCTION app.entry_faults(jsonb, text[], text[]);
DROP FUNCTION app.shown_value(jsonb, text[]);
DROP FUNCTION app.suspect_entries(jsonb, boolean, boolean);
DROP FUNCTION app.wrong_field(text);
DROP FUNCTION app.field_names(text);
DROP VIEW app.activity_fields;
DROP TYPE app.activity_receipt;

COMMIT;
