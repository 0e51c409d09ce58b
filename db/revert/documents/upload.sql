-- Removes handing in the two PDFs.

BEGIN;

DROP FUNCTION api.queue_documents(uuid, text, boolean);
DROP FUNCTION app.check_pieces(uuid);
DROP FUNCTION api.store_chunk(uuid, integer, bytea);
DROP FUNCTION api.begin_upload(uuid, text, text, bigint, text, text, bigint, text, text, date, date, boolean);
DROP FUNCTION app.hash_upload(uuid, text, text, boolean);
DROP FUNCTION app.say_month(uuid, text, date, date);
DROP FUNCTION app.find_upload(uuid, bytea, boolean);
DROP FUNCTION app.expect_document(uuid, text, text, text, bigint);
DROP FUNCTION app.judge_file(text, text, text, bigint);
DROP FUNCTION app.hash_pair(bytea, bytea);

COMMIT;
