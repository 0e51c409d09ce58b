-- Removes the reading of activity.json.

BEGIN;

DROP FUNCTION app.known_card_numbers(jsonb);
DROP FUNCTION app.write_activity(jsonb, app.staged_person[], text[], app.activity_entry[]);
DROP FUNCTION app.keep_id(text, text[]);
DROP FUNCTION app.stage_people(jsonb);

COMMIT;
