-- Removes the spending limits.

BEGIN;

DROP FUNCTION api.save_spending_limit(uuid, text, numeric, integer, text);
DROP VIEW report.spending_limits;
SELECT audit.forget_table('app.spending_limits');
DROP TABLE app.spending_limits;

COMMIT;
