-- Logins that reach the roles of this system, and the limits they lack.
-- requires: foundation/users

BEGIN;

CREATE OR REPLACE VIEW report.login_limits AS
SELECT l.rolname::text AS login_name, g.role_names, l.rolconnlimit AS connection_limit,
    ARRAY(
        SELECT w.name FROM unnest(ARRAY['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout',
            'temp_file_limit']) AS w (name)
        -- A setting for this database goes before one for all; nought in whatever unit is none, and so is a minus.
        WHERE coalesce((
            SELECT split_part(c.entry, '=', 2) FROM pg_catalog.pg_db_role_setting AS s
            CROSS JOIN LATERAL unnest(s.setconfig) AS c (entry)
            WHERE s.setrole = l.oid AND starts_with(c.entry, w.name || '=')
                AND s.setdatabase IN (0, (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = current_database()))
            ORDER BY s.setdatabase DESC LIMIT 1), '0') !~ '^[^-]*[1-9]'
        UNION ALL
        SELECT 'connection_limit' WHERE l.rolconnlimit = -1
        ORDER BY 1
    ) AS missing_limits
FROM pg_catalog.pg_roles AS l
CROSS JOIN LATERAL (
    SELECT array_agg(r.rolname::text ORDER BY r.rolname) AS role_names
    FROM pg_catalog.pg_roles AS r
    WHERE r.rolname IN ('ccp_admin', 'ccp_processor', 'ccp_reviewer', 'ccp_read_only', 'ccp_report', 'ccp_auditor',
        'ccp_worker') AND pg_has_role(l.oid, r.oid, 'MEMBER')
) AS g
WHERE l.rolcanlogin AND NOT l.rolsuper AND g.role_names IS NOT NULL;
COMMENT ON VIEW report.login_limits IS 'Logins that can take a role of this system, superusers apart, with the limits they lack. A login without limits can hold locks, memory and disk for as long as it likes; db/login.sql sets them.';
COMMENT ON COLUMN report.login_limits.login_name IS 'The login.';
COMMENT ON COLUMN report.login_limits.role_names IS 'Roles of this system it is a member of.';
COMMENT ON COLUMN report.login_limits.connection_limit IS 'How many connections it may have; -1: any number.';
COMMENT ON COLUMN report.login_limits.missing_limits IS 'Limits that are not set on it; empty means sound.';
GRANT SELECT ON report.login_limits TO ccp_admin, ccp_auditor;

COMMIT;
