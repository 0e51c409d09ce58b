-- The rules are registered, informing only.

BEGIN;

SELECT app.expect_objects($$
function app.find_control_total(app.revision_draft[], jsonb)
function app.judge_totals(jsonb)
function app.total_notices(jsonb)
$$);

ROLLBACK;
