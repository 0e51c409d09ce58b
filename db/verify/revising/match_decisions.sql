-- Administrators and processors decide matches, nobody else.

BEGIN;

DO $$
BEGIN
    ASSERT (SELECT bool_and(has_function_privilege(r.role,
                'api.decide_match(text, uuid[], uuid[], integer, numeric[], text, text)', 'EXECUTE')
                = (r.role IN ('ccp_admin', 'ccp_processor')))
            FROM unnest(ARRAY['ccp_admin', 'ccp_processor', 'ccp_reviewer', 'ccp_read_only', 'ccp_report',
                'ccp_auditor', 'ccp_worker']) AS r (role));
    ASSERT has_table_privilege('ccp_auditor', 'report.match_decisions', 'SELECT');
    ASSERT NOT has_table_privilege('ccp_worker', 'report.match_decisions', 'SELECT');
END
$$;

ROLLBACK;
