-- Removes importing.

BEGIN;

DROP FUNCTION app.accept_activity(jsonb, uuid, text[], app.activity_entry[]);
DROP FUNCTION app.write_claims(uuid, jsonb, app.staged_person[], text[], app.activity_entry[]);
DROP FUNCTION app.milliseconds(interval);
DROP FUNCTION app.finish_session(uuid);
DROP FUNCTION app.draft_people(uuid, app.staged_person[]);
DROP FUNCTION app.hold_earlier(uuid);
DROP FUNCTION app.open_session(text, uuid, text, bytea, text, text, text, date, date);
DROP FUNCTION app.lock_parent(uuid, bytea, text, uuid);
DROP FUNCTION app.judge_month(text, date, date);
DROP TYPE app.given_month;
DROP FUNCTION app.start_session(uuid, text, bytea, text, text);

COMMIT;
