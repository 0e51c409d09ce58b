-- The merchants are private.

BEGIN;

SELECT app.expect_objects($$
function app.merchant_key(text)
function app.merchant_likeness(text, text)
function app.merchant_words(text)
$$);

ROLLBACK;
