-- Removes addresses of cardholders.

BEGIN;

DROP FUNCTION api.save_addresses(jsonb, boolean, text);
DROP FUNCTION app.judge_addresses(jsonb);
DROP TYPE app.listed_address;
DROP VIEW report.cardholder_addresses;
SELECT audit.forget_table('app.cardholder_addresses');
DROP TABLE app.cardholder_addresses;

COMMIT;
