-- Migration: calls.

BEGIN;

SELECT app.expect_objects($$
function api.compare_old_result(uuid, text, text, text, boolean, text, text, text, text, jsonb, text, text, text) as
    owner: execute ccp_admin ccp_processor
function app.compare_waiting()
function app.keep_old_result(app.old_results, text, text, jsonb)
function app.read_checksum(text, text)
type report.parallel_answer (run_id, old_result_id, session_id, verdict, is_clean, roots_explained, roots_unexplained,
    roots_pending)
$$);

ROLLBACK;
