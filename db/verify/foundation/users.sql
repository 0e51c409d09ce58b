-- System users exist; the list of users is for administrators and auditors only.

BEGIN;

SELECT app.expect_objects($$
constraint app.login_users.login_users_login_name_check
constraint app.login_users.login_users_pkey
constraint app.login_users.login_users_user_id_fkey
constraint app.users.users_email_check
constraint app.users.users_pkey
constraint app.users.users_role_check
constraint app.users.users_user_name_check
constraint app.users.users_user_name_key
function api.whoami() as owner: execute ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_reviewer ccp_worker
function app.actor_id() as owner
function app.find_actor()
function app.is_actor(uuid)
function app.refuse_control(text, text)
function app.refuse_role(text)
function app.refuse_same_person(text, uuid, text, text)
function app.require_call(text) as owner
function app.user_roles()
index app.login_users_user_id_idx
index app.users_cardholder_id_active_key
table app.login_users (login_name, user_id): select ccp_auditor
table app.users (user_id, user_name, email, role, cardholder_id, is_active, is_system, created_at, version,
    switched_off_at): select ccp_auditor
trigger app.users.t50_version
type report.actor (user_id, user_name, role)
view report.users (user_id, user_name, email, role, cardholder_id, is_active, is_system, created_at, version, logins):
    select ccp_admin ccp_auditor
$$);

ROLLBACK;
