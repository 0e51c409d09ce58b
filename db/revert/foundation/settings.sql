-- Removes the settings.

BEGIN;

DROP VIEW report.settings;
DROP FUNCTION app.setting(text);
DROP TABLE app.settings;

COMMIT;
