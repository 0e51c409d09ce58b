-- The report can be read by every role but the worker.

BEGIN;

DO $$
BEGIN
    ASSERT has_function_privilege('ccp_report', 'report.import_report(uuid)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_worker', 'report.import_report(uuid)', 'EXECUTE');
    ASSERT report.session_summary('00000000-0000-0000-0000-000000000000') IS NULL;
END
$$;

ROLLBACK;
