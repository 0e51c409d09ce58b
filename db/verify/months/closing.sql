-- Months are closed and reopened.

BEGIN;

SELECT app.expect_objects($$
function api.close_month(uuid, integer, text, text) as owner: execute ccp_admin ccp_reviewer
function api.close_past_month(uuid, integer, text) as owner: execute ccp_admin
function api.reopen_month(uuid, integer, text, text) as owner: execute ccp_admin
function api.sign_off_month(uuid, integer, uuid, text, text) as owner: execute ccp_admin ccp_reviewer
function app.lock_month(uuid, integer)
function app.next_event(uuid)
function app.note_month(app.month_events)
function app.prove_month(uuid)
function app.refuse_obstacles(uuid)
function app.refuse_own_submissions(uuid)
function app.take_closing(text, uuid, integer, text, text)
view report.month_events (month_id, event_number, kind, is_history, cardholder_id, employee_name, reason, user_id,
    user_name, closing_number, closed_by, tick_number, proof, digest, happened_at, seal_number, seal_hash): select
    ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
$$);

ROLLBACK;
