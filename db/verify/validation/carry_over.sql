-- What place_issues calls is there and not open to roles.

BEGIN;

SELECT app.expect_objects($$
function app.add_issues(app.revision_draft[], app.rule_finding[])
function app.carry_issues(app.revision_draft[], app.rule_finding[])
function app.describe_difference(jsonb, jsonb)
function app.earlier_sessions(uuid[])
function app.has_later_session(uuid)
function app.revive_issues(uuid, uuid)
function app.supersede_issues(uuid[])
$$);

ROLLBACK;
