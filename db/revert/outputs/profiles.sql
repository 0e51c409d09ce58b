-- Removes the accounting profiles.

BEGIN;

DROP FUNCTION api.save_accounting_profile(text, jsonb, integer, text);
DROP VIEW report.accounting_profiles;
DROP FUNCTION app.accounting_profile(text);
SELECT audit.forget_table('app.accounting_profiles');
DROP TABLE app.accounting_profiles;

COMMIT;
