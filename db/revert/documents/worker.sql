-- Removes what a worker may do.

BEGIN;

DROP FUNCTION api.fail_job(uuid, uuid, text, text, text, boolean);
DROP FUNCTION api.read_job_chunk(uuid, uuid, text, integer);
DROP FUNCTION api.record_progress(uuid, uuid, text, integer, integer);
DROP FUNCTION app.lock_job(uuid, uuid);
DROP FUNCTION api.claim_job(text);

COMMIT;
