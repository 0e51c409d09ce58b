-- Removes handing in files.

BEGIN;

DROP FUNCTION api.refuse_import(text, bigint, text, text, text, text);
DROP FUNCTION api.import_activity(text, text, uuid, boolean, text, text, text, date, date);
DROP FUNCTION app.try_activity(text, text, uuid, bytea, text, boolean, text, date, date);
DROP FUNCTION app.try_employees(jsonb, text[], app.activity_entry[], uuid, bytea);
DROP FUNCTION app.is_passing(text);
DROP FUNCTION app.name_fault(text, text, text);
DROP FUNCTION app.sift_activity(jsonb, boolean, boolean, text[], app.staged_reject[]);
DROP FUNCTION app.list_rejects(app.staged_reject[]);
DROP FUNCTION app.without_keys(jsonb, text[]);
DROP TYPE app.staged_reject;
DROP FUNCTION app.tried_answer(app.submission_controls, text[], boolean);
DROP FUNCTION app.refusal(text, text, text, text, text);
DROP FUNCTION app.record_attempt(text, bigint, bytea, jsonb, text);

COMMIT;
