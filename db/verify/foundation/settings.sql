-- Settings are readable through report only.

BEGIN;

DO $$
BEGIN
    ASSERT app.setting('json_max_depth') IS NOT NULL;
    ASSERT has_table_privilege('ccp_report', 'report.settings', 'SELECT');
    ASSERT NOT has_table_privilege('ccp_admin', 'app.settings', 'UPDATE');
END
$$;

ROLLBACK;
