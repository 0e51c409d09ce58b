-- Administrators and auditors read it.

BEGIN;

SELECT app.expect_objects($$
view report.duty_conflicts (kind, user_id, user_name, other_user_id, other_user_name, login_name, session_id,
    cardholder_id, employee_name, issue_id, happened_at, amount): select ccp_admin ccp_auditor
$$);

ROLLBACK;
