-- Only administrators change the calendar, everybody reads it.

BEGIN;

DO $$
BEGIN
    ASSERT has_function_privilege('ccp_admin', 'api.save_calendar_day(date, boolean, text, integer, text)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_processor', 'api.save_calendar_day(date, boolean, text, integer, text)', 'EXECUTE');
    ASSERT has_table_privilege('ccp_report', 'report.calendar_exceptions', 'SELECT');
    ASSERT NOT has_table_privilege('ccp_admin', 'app.calendar_exceptions', 'INSERT');
END
$$;

ROLLBACK;
