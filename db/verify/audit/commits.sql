-- The row per writing transaction is readable for the auditor only.

BEGIN;

SELECT app.expect_objects($$
constraint audit.commits.commits_card_numbers_check
constraint audit.commits.commits_pkey
constraint audit.commits.commits_reason_check
constraint audit.commits.commits_request_id_check
constraint audit.commits.commits_user_id_fkey
constraint audit.guarded_tables.guarded_tables_card_numbers_check
constraint audit.guarded_tables.guarded_tables_kind_check
constraint audit.guarded_tables.guarded_tables_pkey
constraint audit.guarded_tables.guarded_tables_reason_check
function app.refuse_change()
function audit.mark() as owner
function audit.mark_commit() as owner
index audit.commits_user_id_idx
table audit.commits (tx, started_at, user_id, login_name, role_name, reason, request_id, is_dirty): select ccp_auditor
table audit.guarded_tables (table_name, kind, reason): select ccp_auditor
$$);

ROLLBACK;
