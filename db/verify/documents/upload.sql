-- Processors hand in documents, reviewers do not.

BEGIN;

SELECT app.expect_objects($$
function api.begin_upload(uuid, text, text, bigint, text, text, bigint, text, text, date, date, boolean) as owner:
    execute ccp_admin ccp_processor
function api.queue_documents(uuid, text, boolean) as owner: execute ccp_admin ccp_processor
function api.store_chunk(uuid, integer, bytea) as owner: execute ccp_admin ccp_processor
function app.check_pieces(uuid)
function app.expect_document(uuid, text, text, text, bigint)
function app.find_upload(uuid, bytea, boolean)
function app.hash_pair(bytea, bytea)
function app.hash_upload(uuid, text, text, boolean)
function app.judge_file(text, text, text, bigint)
function app.say_month(uuid, text, date, date)
$$);

ROLLBACK;
