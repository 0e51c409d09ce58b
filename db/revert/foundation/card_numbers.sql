-- Removes the rule about card numbers.

BEGIN;

ALTER TABLE app.error_codes DROP CONSTRAINT IF EXISTS error_codes_card_numbers_check;
DROP VIEW report.masked_texts;
DROP FUNCTION report.find_masked_texts(text);
DROP FUNCTION audit.guard_texts(regclass);
DROP FUNCTION audit.text_test(regclass);
DROP VIEW audit.text_columns;
DROP FUNCTION app.cut_card_field(text);
DROP FUNCTION app.mask_card_number(text);
DROP FUNCTION app.card_digits(text);
DROP FUNCTION app.json_holds_card_number(jsonb);
DROP FUNCTION app.hide_in_json(jsonb, text[]);
DROP FUNCTION app.cut_in_json(jsonb, text[]);
DROP FUNCTION app.cuts_in_json(text[], text[]);
DROP FUNCTION app.json_may_hold_card_number(text);
DROP FUNCTION app.flat_json(text);
DROP FUNCTION app.refuse_card_number(text, text);
DROP FUNCTION app.shorten(text, integer);
DROP FUNCTION app.holds_card_number(text);
DROP FUNCTION app.hide_card_numbers(text, text[]);
DROP FUNCTION app.cut_card_numbers(text, text[]);
DROP FUNCTION app.cut_row(text, text, text, text[]);
DROP FUNCTION app.may_hold_card_number(text);
DROP FUNCTION app.begins_like_card(text);
DROP FUNCTION app.passes_luhn(text);
DROP FUNCTION app.plain_digits(text);
DROP FUNCTION app.has_hidden_digits(text);
DROP FUNCTION app.foreign_digits();

COMMIT;
