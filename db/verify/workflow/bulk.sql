-- Who may resolve in bulk.

BEGIN;

SELECT app.expect_objects($$
function api.resolve_issues(jsonb, jsonb, text, text, boolean, boolean, text) as owner: execute ccp_admin
    ccp_processor ccp_reviewer
function api.undo_batch(uuid, text, boolean, boolean, text) as owner: execute ccp_admin ccp_processor ccp_reviewer
function app.answer_batch(app.issue_item[], text, uuid)
function app.find_bulk_items(jsonb, text, text)
function app.read_bulk_items(jsonb, text, text)
function app.take_batch(text, app.issue_item[], uuid, boolean, boolean, text)
type report.batch_answer (outcome, batch_id, done, items)
type report.batch_item (issue_id, outcome, code, detail, version)
$$);

ROLLBACK;
