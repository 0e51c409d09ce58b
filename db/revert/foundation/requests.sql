-- Removes the answered requests.

BEGIN;

DROP FUNCTION app.end_request(text, text, bytea, jsonb);
DROP FUNCTION app.begin_request(text, text, bytea);
DROP FUNCTION app.hash_request(text, text[]);
DROP TABLE app.answered_requests;

COMMIT;
