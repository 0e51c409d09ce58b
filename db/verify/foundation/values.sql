-- Values are read as promised.

BEGIN;

SELECT app.expect_objects($$
function app.clean_text(text, boolean, text[])
function app.clean_words(text)
function app.fold_text(text)
function app.letters_and_digits(text, text)
function app.read_amount(text)
function app.read_date(text)
function app.read_odd_date(text)
function app.whole_cents(numeric)
$$);

ROLLBACK;
