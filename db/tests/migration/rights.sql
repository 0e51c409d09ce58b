-- Rights are compared with what was deployed, both ways.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
SELECT no_plan();
-- What is told of rights that stand otherwise now.
CREATE FUNCTION tap.told() RETURNS SETOF text
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT f.what FROM app.changed_rights() AS f (what);
END;

SELECT is_empty('SELECT tap.told()', 'as deployed, nothing is otherwise');
SELECT ok((SELECT passed FROM app.check_role_matrix()), 'and the check passes');
SELECT ok((SELECT count(*) > 1000 FROM app.deployed_rights), 'rights of all schemas are kept');

GRANT EXECUTE ON FUNCTION api.run_cutover_checks(text) TO ccp_read_only;
GRANT SELECT ON report.duty_conflicts TO ccp_report;
GRANT SELECT ON as_of.sessions TO PUBLIC;
GRANT UPDATE ON app.users TO ccp_auditor;
GRANT UPDATE (reason) ON audit.commits TO ccp_admin;
GRANT USAGE ON SCHEMA app TO ccp_report;
GRANT SELECT ON report.sessions TO ccp_read_only WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES FOR ROLE ccp_owner IN SCHEMA report GRANT SELECT ON TABLES TO ccp_report;
SELECT set_eq('SELECT tap.told()', ARRAY[
    'ccp_read_only may execute: api.run_cutover_checks(text), granted beyond the deployment',
    'ccp_report may select: report.duty_conflicts, granted beyond the deployment',
    'public may select: as_of.sessions, granted beyond the deployment',
    'ccp_auditor may update: app.users, granted beyond the deployment',
    'ccp_admin may update: column audit.commits.reason, granted beyond the deployment',
    'ccp_report may usage: schema app, granted beyond the deployment',
    'ccp_read_only may select and hand on: report.sessions, granted beyond the deployment',
    'ccp_read_only may no longer select: report.sessions',
    'ccp_report may select: what ccp_owner makes in report of kind r, granted beyond the deployment'],
    'what is granted beyond is named, function, view, table, column, schema and what is made later');
SELECT ok(NOT (SELECT passed FROM app.check_role_matrix()), 'and the check fails');
SELECT app.keep_rights();
SELECT is_empty('SELECT tap.told()', 'what the change itself granted becomes what was deployed');

REVOKE SELECT ON report.sessions FROM ccp_reviewer;
SELECT set_eq('SELECT tap.told()', ARRAY['ccp_reviewer may no longer select: report.sessions'], 'what is missing is named');
SELECT app.keep_rights();
SELECT is_empty('SELECT tap.told()', 'and what a change revoked is not missed');
DELETE FROM app.deployed_rights AS d WHERE d.object_name = 'api.whoami()' AND d.role_name = 'ccp_admin';
SELECT app.keep_rights();
SELECT set_eq('SELECT tap.told()', ARRAY['ccp_admin may execute: api.whoami(), granted beyond the deployment'],
    'on what a change did not touch nothing becomes right');
INSERT INTO app.deployed_rights VALUES ('api.whoami()', 'ccp_admin', 'execute');

GRANT ccp_admin TO ccp_read_only;
GRANT ccp_owner TO ccp_local;
GRANT pg_read_all_data TO ccp_report;
REVOKE ccp_worker FROM ccp_service;
ALTER ROLE ccp_reviewer CREATEROLE;
CREATE ROLE tap_login LOGIN;
GRANT ccp_read_only TO tap_login;
SELECT set_eq('SELECT tap.told()', ARRAY['ccp_read_only is ccp_admin beyond the bootstrap', 'ccp_local is ccp_owner beyond the bootstrap',
    'ccp_report is pg_read_all_data beyond the bootstrap', 'ccp_service is no longer ccp_worker',
    'ccp_reviewer has an attribute of administrators of the server'],
    'memberships and attributes of our roles are those of the bootstrap; logins of people have groups');
GRANT ccp_owner TO tap_login;
SELECT ok('tap_login is ccp_owner beyond the bootstrap' IN (SELECT tap.told()), 'but nobody is the owner');

SELECT * FROM finish();
ROLLBACK;
