-- Reading works on nothing and is private.

BEGIN;

SELECT app.expect_objects($$
function app.activity_receipts(jsonb, app.staged_person[], text[])
function app.entry_faults(jsonb, text[], text[])
function app.keep_id(text, text[])
function app.known_card_numbers(jsonb)
function app.stage_people(jsonb)
function app.suspect_entries(jsonb, boolean, boolean)
view app.activity_fields (holder, field, kinds): select ccp_auditor
$$);

ROLLBACK;
