-- Comparisons can be read by every role but the worker.

BEGIN;

DO $$
BEGIN
    ASSERT has_function_privilege('ccp_report', 'report.compare_sessions(uuid, uuid)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_worker', 'report.compare_sessions(uuid, uuid)', 'EXECUTE');
END
$$;

ROLLBACK;
