-- The history of an object is for administrators and auditors.

BEGIN;

SELECT app.expect_objects($$
function report.object_history(uuid): execute ccp_admin ccp_auditor
index app.employee_revisions_cardholder_id_idx
index app.employee_revisions_processed_at_idx
view audit.trail_revisions (change_number, tx, changed_at, table_name, operation, object_id, object_key, session_id,
    cardholder_id, user_id, user_name, login_name, role_name, reason, request_id, changes, is_bookkeeping): select
    ccp_auditor
view audit.trail_transactions (change_number, tx, changed_at, table_name, operation, object_id, object_key,
    session_id, cardholder_id, user_id, user_name, login_name, role_name, reason, request_id, changes,
    is_bookkeeping): select ccp_auditor
$$);

ROLLBACK;
