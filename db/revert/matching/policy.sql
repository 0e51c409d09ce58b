-- Removes the matching policy.

BEGIN;

DROP FUNCTION api.save_matching_policy(jsonb, integer, text);
DROP VIEW report.matching_policies;
DROP FUNCTION app.matching_policy();
SELECT audit.forget_table('app.matching_policies');
DROP TABLE app.matching_policies;

COMMIT;
