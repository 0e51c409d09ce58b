-- Reading works on nothing and is private.

BEGIN;

SELECT app.expect_objects($$
function app.keep_id(text, text[])
function app.known_card_numbers(jsonb)
function app.stage_people(jsonb)
function app.write_activity(jsonb, app.staged_person[], text[], app.activity_entry[])
$$);

ROLLBACK;
