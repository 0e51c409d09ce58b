-- Removes the reading of values.

BEGIN;

DROP FUNCTION app.clean_words(text);
DROP FUNCTION app.letters_and_digits(text, text);
DROP FUNCTION app.fold_text(text);
DROP FUNCTION app.clean_text(text, boolean, text[]);
DROP FUNCTION app.read_date(text);
DROP FUNCTION app.read_odd_date(text);
DROP FUNCTION app.read_amount(text);
DROP FUNCTION app.whole_cents(numeric);

COMMIT;
