-- Administrators and auditors see which logins lack limits.

BEGIN;

SELECT app.expect_objects($$
view report.login_limits (login_name, role_names, connection_limit, missing_limits): select ccp_admin ccp_auditor
$$);

ROLLBACK;
