-- Removes the words of findings.

BEGIN;

DROP FUNCTION app.missing_codes(text, text, text, text, text);
DROP FUNCTION app.name_charge(uuid, app.charges);
DROP FUNCTION app.full_merchant(uuid, text);
DROP FUNCTION app.plain_words(text);
DROP FUNCTION app.name_receipt(text, numeric, text, date);
DROP FUNCTION app.dollars(numeric);

COMMIT;
