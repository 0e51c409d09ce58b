-- Only workers deliver.

BEGIN;

SELECT app.expect_objects($$
function api.claim_messages(integer, integer) as owner: execute ccp_worker
function api.record_delivery(uuid, integer, text, boolean) as owner: execute ccp_worker
$$);

ROLLBACK;
