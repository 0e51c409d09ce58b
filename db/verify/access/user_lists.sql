-- Only administrators hand in lists of users.

BEGIN;

SELECT app.expect_objects($$
function api.save_users(jsonb, boolean, text) as owner: execute ccp_admin
function app.answer_rows(report.row_answer[], boolean)
function app.judge_users(jsonb)
function app.list_faults(jsonb, app.member[])
function app.refuse_list(text, jsonb)
type app.listed_user (row_number, user_name, user_id, email, role, cardholder_id, is_active, outcome, code, detail)
type report.row_answer (row_number, name, outcome, code, detail)
type report.rows_answer (outcome, made, changed, unchanged, refused, rows)
$$);

ROLLBACK;
