-- The five schemas, closed by default: what is not granted later is not reachable.

BEGIN;

ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM PUBLIC;

CREATE SCHEMA app;
CREATE SCHEMA audit;
CREATE SCHEMA api;
CREATE SCHEMA report;
CREATE SCHEMA as_of;

COMMENT ON SCHEMA app IS 'Tables, types, private and trigger functions. Reached by the owner only; ccp_auditor reads.';
COMMENT ON SCHEMA audit IS 'Proof: the row of each writing transaction, history of mutable tables, seals. ccp_auditor reads.';
COMMENT ON SCHEMA api IS 'The whole write surface: functions, each granted to the roles that may call it.';
COMMENT ON SCHEMA report IS 'The read surface: commented views and functions with stable columns.';
COMMENT ON SCHEMA as_of IS 'What the functions report.…_as_of read: report views under their own names with the rows of every tick, apart from what report writers choose from.';

GRANT USAGE ON SCHEMA app, audit TO ccp_auditor;
GRANT USAGE ON SCHEMA api TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_worker, ccp_auditor;
GRANT USAGE ON SCHEMA report, as_of TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;
ALTER DEFAULT PRIVILEGES IN SCHEMA app, audit GRANT SELECT ON TABLES TO ccp_auditor;

COMMIT;
