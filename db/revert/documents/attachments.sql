-- Removes attaching.

BEGIN;

DROP FUNCTION api.attach_document(uuid, uuid, uuid, text, bytea, text, text);
DROP FUNCTION app.judge_attachment(text, bytea);
DROP FUNCTION app.keep_bytes(bytea);
DROP FUNCTION app.media_type(bytea);
DELETE FROM app.month_calls WHERE call_name = 'attach_document';

COMMIT;
