-- Reading works on nothing and is private.

BEGIN;

SELECT app.expect_objects($$
function app.entry_faults(jsonb, text[], text[])
function app.field_names(text)
function app.listed_pages(jsonb)
function app.shown_value(jsonb, text[])
function app.suspect_entries(jsonb, boolean, boolean)
function app.wrong_field(text)
type app.activity_receipt (rec_id, exp, date, title, amt, purpose, merch_name, merch_addy, code_type, job, phase,
    cost_type, gl_acct, gl_desc, coded, attachment)
view app.activity_fields (holder, field, kinds): select ccp_auditor
$$);

ROLLBACK;
