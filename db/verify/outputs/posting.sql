-- What is not posted can be told and accepted.

BEGIN;

SELECT app.expect_objects($$
function api.accept_unposted(uuid, integer, text, text) as owner: execute ccp_admin ccp_reviewer
function app.digest_unposted(uuid, report.month_obstacle[])
function app.posting_obstacles(uuid)
function app.refuse_own_acceptance(uuid)
function app.unposted_receipts(uuid)
$$);

ROLLBACK;
