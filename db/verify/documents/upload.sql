-- Processors hand in documents, reviewers do not.

BEGIN;

SELECT app.expect_objects($$
function api.begin_upload(uuid, text, text, bigint, text, text, bigint, text) as owner: execute ccp_admin
    ccp_processor
function api.queue_documents(uuid, text) as owner: execute ccp_admin ccp_processor
function api.store_chunk(uuid, integer, bytea) as owner: execute ccp_admin ccp_processor
function app.check_pieces(uuid)
function app.expect_document(uuid, text, text, text, bigint)
function app.find_upload(uuid, bytea)
function app.hash_pair(bytea, bytea)
function app.judge_file(text, text, text, bigint)
$$);

ROLLBACK;
