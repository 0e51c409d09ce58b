-- Who may open and who may cancel.

BEGIN;

SELECT app.expect_objects($$
function api.cancel_session(uuid, integer, boolean, text) as owner: execute ccp_admin ccp_processor
function api.create_session(text, uuid, text, text, date, date) as owner: execute ccp_admin ccp_processor
function app.enter_cancelling(uuid, integer)
type report.cancel_answer (outcome, session_id, session_name, status, version, month_id, counts_then, reopened_issues,
    corrections, decisions)
$$);

ROLLBACK;
