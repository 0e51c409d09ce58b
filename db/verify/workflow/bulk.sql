-- Who may resolve in bulk.

BEGIN;

SELECT app.expect_objects($$
function api.resolve_issues(jsonb, jsonb, text, text, boolean, boolean, text) as owner: execute ccp_admin
    ccp_processor ccp_reviewer
function app.find_bulk_items(jsonb, text, text)
function app.read_bulk_items(jsonb, text, text)
$$);

ROLLBACK;
