-- The catalogue can be read through report and not written by anybody but the owner.

BEGIN;

DO $$
BEGIN
    ASSERT has_table_privilege('ccp_read_only', 'report.error_codes', 'SELECT');
    ASSERT NOT has_table_privilege('ccp_admin', 'app.error_codes', 'SELECT');
END
$$;

ROLLBACK;
