-- Removes the answered requests.

BEGIN;

DROP FUNCTION api.remove_expired_answers();
DROP FUNCTION app.refuse_own_card(uuid[]);
DROP FUNCTION app.check_version(integer, integer);
DROP FUNCTION app.end_request(text, text, bytea, jsonb);
DROP FUNCTION app.begin_request(text, text, bytea, text);
DROP FUNCTION app.forget_reason();
DROP FUNCTION app.require_text(text, text, integer);
DROP FUNCTION app.hash_request(text, text[]);
DELETE FROM app.settings WHERE setting_name = 'answer_retention_days';
SELECT audit.forget_table('app.request_answers');
DROP TABLE app.request_answers;
SELECT audit.forget_table('app.answered_requests');
DROP TABLE app.answered_requests;

COMMIT;
