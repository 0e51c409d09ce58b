-- Removes the answered requests.

BEGIN;

DROP FUNCTION app.end_request(text, text, bytea, jsonb);
DROP FUNCTION app.begin_request(text, text, bytea);
DROP FUNCTION app.hash_request(text, text[]);
SELECT audit.forget_table('app.answered_requests');
DROP TABLE app.answered_requests;

COMMIT;
