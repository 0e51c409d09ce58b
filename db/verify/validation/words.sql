-- The functions are there, and closed to roles.

BEGIN;

SELECT app.expect_objects($$
function app.dollars(numeric)
function app.full_merchant(uuid, text)
function app.missing_codes(text, text, text, text, text)
function app.name_charge(uuid, app.charges)
function app.name_receipt(text, numeric, text, date)
function app.plain_words(text)
$$);

ROLLBACK;
