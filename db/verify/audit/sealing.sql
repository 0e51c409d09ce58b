-- The worker and administrators seal; the auditor reads.

BEGIN;

SELECT app.expect_objects($$
function audit.ended_before()
function audit.enter_commit() as owner
function audit.has_news(bigint, bigint)
function audit.publish_head() as owner: execute ccp_admin ccp_auditor ccp_worker
function audit.seal(bigint) as owner: execute ccp_admin ccp_worker
function audit.seal_lag() as owner: execute ccp_admin ccp_worker
function audit.slice_end(bigint, bigint, bigint)
function audit.slice_text()
function audit.start_epoch()
trigger audit.commits.t10_enter
view report.readiness (is_writable, seal_lag, is_seal_late): select ccp_admin ccp_auditor ccp_processor ccp_read_only
    ccp_report ccp_reviewer
view report.seal_status (seal_number, sealed_at, seal_hash, sealed_rows, unsealed_commits, oldest_unsealed_at, lag):
    select ccp_admin ccp_auditor
$$);

ROLLBACK;
