-- Removes waivers.

BEGIN;

DROP VIEW report.waivers;
DROP VIEW app.latest_waivers;
DELETE FROM app.settings WHERE setting_name = 'waiver_max_days';
DROP TABLE app.waiver_decisions;
DROP TABLE app.waivers;

COMMIT;
