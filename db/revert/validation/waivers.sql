-- Removes waivers.

BEGIN;

DROP VIEW report.waivers;
DROP VIEW app.waivers_over;
DROP VIEW app.latest_waivers;
DROP FUNCTION app.decision_limit(uuid);
DELETE FROM app.settings WHERE setting_name = 'waiver_max_days' OR setting_name LIKE 'decision\_limit\_%';
SELECT audit.forget_table('app.waiver_decisions');
DROP TABLE app.waiver_decisions;
SELECT audit.forget_table('app.waivers');
DROP TABLE app.waivers;

COMMIT;
