-- Removes the fields of activity.json and what is wrong with an entry.

BEGIN;

DROP FUNCTION app.entry_faults(jsonb, text[], text[]);
DROP FUNCTION app.shown_value(jsonb, text[]);
DROP FUNCTION app.suspect_entries(jsonb, boolean, boolean);
DROP FUNCTION app.listed_pages(jsonb);
DROP FUNCTION app.wrong_field(text);
DROP FUNCTION app.field_names(text);
DROP VIEW app.activity_fields;
DROP TYPE app.activity_receipt;

COMMIT;
