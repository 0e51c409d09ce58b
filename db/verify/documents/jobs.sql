-- Jobs are private, their progress is for everybody to see.

BEGIN;

DO $$
BEGIN
    ASSERT NOT has_table_privilege('ccp_worker', 'app.jobs', 'UPDATE');
    ASSERT has_table_privilege('ccp_read_only', 'report.jobs', 'SELECT');
    ASSERT NOT has_function_privilege('ccp_worker', 'app.end_job(uuid, text, text, text, boolean)', 'EXECUTE');
END
$$;

ROLLBACK;
