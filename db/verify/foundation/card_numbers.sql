-- Card numbers are cut, and tables refuse them.

BEGIN;

SELECT app.expect_objects($$
function app.begins_like_card(text)
function app.card_digits(text)
function app.cut_card_field(text)
function app.cut_card_numbers(text, text[])
function app.cut_in_json(jsonb, text[])
function app.cut_row(text, text, text, text[])
function app.cuts_in_json(text[], text[])
function app.flat_json(text)
function app.foreign_digits()
function app.has_hidden_digits(text)
function app.hide_card_numbers(text, text[])
function app.hide_in_json(jsonb, text[])
function app.holds_card_number(text)
function app.json_holds_card_number(jsonb)
function app.json_may_hold_card_number(text)
function app.mask_card_number(text)
function app.may_hold_card_number(text)
function app.passes_luhn(text)
function app.plain_digits(text)
function app.refuse_card_number(text, text)
function app.shorten(text, integer)
function audit.guard_texts(regclass)
function audit.text_test(regclass)
function report.find_masked_texts(text) as owner: execute ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report
    ccp_reviewer
view audit.text_columns (attrelid, attname, attnum, atttypid): select ccp_auditor
view report.masked_texts (table_name, column_name, row_key, masks): select ccp_admin ccp_auditor ccp_processor
    ccp_read_only ccp_report ccp_reviewer
$$);

ROLLBACK;
