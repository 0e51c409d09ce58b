-- Removes the reading of values.

BEGIN;

DROP FUNCTION app.clean_text(text, boolean);
DROP FUNCTION app.hide_in_json(jsonb);
DROP FUNCTION app.hide_card_numbers(text);
DROP FUNCTION app.passes_luhn(text);
DROP FUNCTION app.mask_card_number(text);
DROP FUNCTION app.read_date(text);
DROP FUNCTION app.read_amount(text);
DROP FUNCTION app.whole_cents(numeric);

COMMIT;
