-- Removes when two merchant names are one.

BEGIN;

DROP FUNCTION app.merchant_likeness(text, text);
DROP FUNCTION app.merchant_words(text);
DROP FUNCTION app.merchant_key(text);

COMMIT;
