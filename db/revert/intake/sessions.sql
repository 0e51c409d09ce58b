-- Removes opening and cancelling sessions.

BEGIN;

DROP FUNCTION api.cancel_session(uuid, integer, boolean, text);
DROP FUNCTION app.enter_cancelling(uuid, integer);
DROP TYPE report.cancel_answer;
DROP FUNCTION api.create_session(text, uuid, text, text, date, date);

COMMIT;
