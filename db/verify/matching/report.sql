-- Matches and open rows can be read by everybody who reads and by nobody else.

BEGIN;

DO $$
BEGIN
    ASSERT (SELECT bool_and(has_table_privilege(r.role, v.name, 'SELECT') = (r.role <> 'ccp_worker'))
            FROM unnest(ARRAY['report.matches', 'report.matches_history', 'report.open_charges', 'report.open_receipts'])
                AS v (name)
            CROSS JOIN unnest(ARRAY['ccp_admin', 'ccp_processor', 'ccp_reviewer', 'ccp_read_only', 'ccp_report',
                'ccp_auditor', 'ccp_worker']) AS r (role));
    ASSERT NOT has_table_privilege('ccp_report', 'app.open_amounts', 'SELECT');
END
$$;

ROLLBACK;
