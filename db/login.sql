-- Makes a login for a person or a tool, with its limits: run by a superuser through psql, any number of times.
--
--   psql -X -v ON_ERROR_STOP=1 -v login=jane -v role=ccp_report [-v database=ccp] -f db/login.sql postgres
--
-- The role is one of ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report and ccp_auditor. Limits act on
-- the login only, never on SET ROLE; report.login_limits names logins that lack one. The password is not set here.
\set ON_ERROR_STOP on
\if :{?database}
\else
\set database ccp
\endif

BEGIN;

SELECT format('CREATE ROLE %I LOGIN', :'login')
WHERE NOT EXISTS (SELECT FROM pg_roles AS r WHERE r.rolname = :'login')
\gexec
ALTER ROLE :"login" NOSUPERUSER NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS CONNECTION LIMIT 10;
GRANT :"role" TO :"login";
GRANT CONNECT ON DATABASE :"database" TO :"login";
ALTER ROLE :"login" SET statement_timeout = '5min';
ALTER ROLE :"login" SET lock_timeout = '10s';
ALTER ROLE :"login" SET idle_in_transaction_session_timeout = '5min';
ALTER ROLE :"login" SET temp_file_limit = '2GB';

COMMIT;
