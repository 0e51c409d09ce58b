-- Only the worker claims.

BEGIN;

SELECT app.expect_objects($$
function api.claim_job(text) as owner: execute ccp_worker
function api.fail_job(uuid, uuid, text, text, text, boolean) as owner: execute ccp_worker
function api.read_job_chunk(uuid, uuid, text, integer) as owner: execute ccp_worker
function api.record_progress(uuid, uuid, text, integer, integer) as owner: execute ccp_worker
function app.lock_job(uuid, uuid)
$$);

ROLLBACK;
