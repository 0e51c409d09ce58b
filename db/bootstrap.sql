-- Roles, logins, memberships and the database: run by a superuser through psql, any number of times.
--
--   psql -X -v ON_ERROR_STOP=1 [-v database=ccp] -f db/bootstrap.sql postgres
--
-- Deployment cannot make these: it runs as ccp_owner, which is neither superuser nor CREATEROLE.
-- Passwords are not set here; a server that asks for them needs ALTER ROLE ... PASSWORD for each login.
\set ON_ERROR_STOP on
\if :{?database}
\else
\set database ccp
\endif

BEGIN;

-- NOINHERIT belongs into CREATE ROLE: from 16 on a membership copies it when it is granted.
SELECT format('CREATE ROLE %I NOLOGIN', wanted.rolname)
FROM unnest(ARRAY[
    'ccp_admin', 'ccp_processor', 'ccp_reviewer', 'ccp_read_only', 'ccp_report', 'ccp_auditor', 'ccp_worker'
]) AS wanted (rolname)
WHERE NOT EXISTS (SELECT FROM pg_roles AS r WHERE r.rolname = wanted.rolname)
\gexec
SELECT format('CREATE ROLE %I LOGIN %s', wanted.rolname, wanted.inheritance)
FROM (VALUES
    ('ccp_owner', 'INHERIT'), ('ccp_service', 'NOINHERIT'), ('ccp_local', 'INHERIT')
) AS wanted (rolname, inheritance)
WHERE NOT EXISTS (SELECT FROM pg_roles AS r WHERE r.rolname = wanted.rolname)
\gexec

ALTER ROLE ccp_owner NOSUPERUSER NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS;
ALTER ROLE ccp_service NOSUPERUSER NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS NOINHERIT;
ALTER ROLE ccp_local NOSUPERUSER NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS;

GRANT ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_worker TO ccp_service;
GRANT ccp_admin, ccp_auditor TO ccp_local;

-- Limits act on login roles only, not on SET ROLE. The service sets its own per request below these
-- or, for an import, above.
ALTER ROLE ccp_service SET statement_timeout = '15s';
ALTER ROLE ccp_service SET lock_timeout = '3s';
ALTER ROLE ccp_service SET idle_in_transaction_session_timeout = '10s';
ALTER ROLE ccp_service SET temp_file_limit = '4GB';
ALTER ROLE ccp_service CONNECTION LIMIT 100;
ALTER ROLE ccp_local SET statement_timeout = '10min';
ALTER ROLE ccp_local SET lock_timeout = '10s';
ALTER ROLE ccp_local SET idle_in_transaction_session_timeout = '10min';
ALTER ROLE ccp_local SET temp_file_limit = '4GB';
ALTER ROLE ccp_local CONNECTION LIMIT 20;
-- A deployment waits inside a transaction while a script runs in another session.
ALTER ROLE ccp_owner SET lock_timeout = '30s';
ALTER ROLE ccp_owner SET idle_in_transaction_session_timeout = '1h';

COMMENT ON ROLE ccp_admin IS 'Manages users, logins, rules, settings; may do all that the other application roles may.';
COMMENT ON ROLE ccp_processor IS 'Imports, corrects, resolves and exports.';
COMMENT ON ROLE ccp_reviewer IS 'Resolves issues, approves waivers and exports.';
COMMENT ON ROLE ccp_read_only IS 'Reads sessions, people, transactions, issues and matches.';
COMMENT ON ROLE ccp_report IS 'Reads schema report, for report writers and their tools.';
COMMENT ON ROLE ccp_auditor IS 'Reads everything but the bytes of PDFs, the audit trail included, and verifies it; writes nothing.';
COMMENT ON ROLE ccp_worker IS 'Claims work, records progress, seals the audit trail, sends mail.';
COMMENT ON ROLE ccp_owner IS 'Owns every object and deploys; nobody works as this login.';
COMMENT ON ROLE ccp_service IS 'The login of the service: no rights of its own, takes the role of the acting user.';
COMMENT ON ROLE ccp_local IS 'The login of the administrator at this machine.';

COMMIT;

SELECT format('CREATE DATABASE %I OWNER ccp_owner ENCODING ''UTF8'' TEMPLATE template0', :'database')
WHERE NOT EXISTS (SELECT FROM pg_database AS d WHERE d.datname = :'database')
\gexec

BEGIN;

ALTER DATABASE :"database" OWNER TO ccp_owner;
-- Statements here touch few rows of many tables: compiling them costs more than running them, and a server that
-- compiles a statement over many relations answers to nobody until it is done.
ALTER DATABASE :"database" SET jit = off;
-- Rows are looked up by their keys, in memory or on flash. With the cost of a turning disk the planner rather reads a
-- whole table of all months than the three hundred rows of one.
ALTER DATABASE :"database" SET random_page_cost = 1.1;
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO ccp_service, ccp_local;
-- A group belongs to the server: who may read one company's database may not read all. db/login.sql lets a login in.
REVOKE CONNECT ON DATABASE :"database" FROM ccp_report, ccp_auditor;

COMMIT;

\connect :"database"

BEGIN;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;

-- What writes nothing writes nothing: large objects would be kept, dumped and audited by nobody, and notifications wait
-- in a queue of the whole server. A transaction number held open keeps the seals from going on, so nobody takes one
-- without writing a table of ours. Advisory locks share one table of the server with all other locks: whoever fills it
-- stops everybody. A snapshot that is exported is a file. Verification finds what is open again by its rights, which
-- are not those of initdb; the names stand here alone.
DO $$
DECLARE
    v_function regprocedure;
BEGIN
    FOR v_function IN
        SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
        WHERE p.pronamespace = 'pg_catalog'::regnamespace
            AND (p.proname ~ '^pg_(try_)?advisory_' OR p.proname IN (
                'lo_create', 'lo_creat', 'lo_from_bytea', 'lo_put', 'lo_open', 'lowrite', 'lo_truncate',
                'lo_truncate64', 'lo_unlink', 'pg_notify', 'pg_logical_emit_message', 'txid_current',
                'pg_current_xact_id', 'pg_export_snapshot'))
    LOOP
        EXECUTE pg_catalog.format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', v_function);
    END LOOP;
END
$$;
-- Of those the owner's functions number transactions, and a deployment locks the plan.
GRANT EXECUTE ON FUNCTION pg_catalog.txid_current(), pg_catalog.pg_advisory_lock(bigint),
    pg_catalog.pg_try_advisory_lock(bigint), pg_catalog.pg_advisory_unlock(bigint) TO ccp_owner;

COMMIT;
