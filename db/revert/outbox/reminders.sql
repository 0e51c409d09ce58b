-- Removes reminders of cardholders.

BEGIN;

DROP FUNCTION api.write_reminders(timestamptz);
DROP FUNCTION api.choose_reminder_day(uuid, date, boolean, text);
DROP VIEW report.reminders;
DROP VIEW report.reminder_days;
SELECT audit.forget_table('app.reminder_days');
DROP TABLE app.reminder_days;
DELETE FROM app.settings WHERE setting_name = 'reminder_hour';

COMMIT;
