-- Removes the calendar and the settings of due dates.

BEGIN;

DROP FUNCTION api.save_calendar_day(date, boolean, text, integer, text);
DROP VIEW report.calendar_exceptions;
DROP FUNCTION app.due_dates(date);
DROP FUNCTION app.add_business_days(date, integer);
DROP FUNCTION app.business_day_number(date);
DELETE FROM app.settings WHERE setting_name IN ('due_days_high', 'due_days_medium', 'due_days_low');
SELECT audit.forget_table('app.calendar_exceptions');
DROP TABLE app.calendar_exceptions;

COMMIT;
