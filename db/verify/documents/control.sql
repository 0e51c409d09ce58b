-- The rules are registered.

BEGIN;

SELECT app.expect_objects($$
function app.find_control_total(app.revision_draft[], jsonb)
function app.find_unread_value(app.revision_draft[], jsonb)
function app.judge_totals(uuid, jsonb)
function app.list_unread(jsonb)
function app.name_unread(jsonb)
function app.total_notices(jsonb)
$$);

ROLLBACK;
