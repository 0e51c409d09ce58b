-- Removes deciding about submissions.

BEGIN;

DROP VIEW report.submission_decisions;
DROP FUNCTION api.discard_expired_submissions();
DROP FUNCTION api.discard_submission(uuid, integer, text, text);
DROP FUNCTION app.discard_staged(uuid, text);
DROP FUNCTION api.accept_submission(uuid, integer, text, uuid, text);
DROP FUNCTION app.take_staged(app.processing_sessions, text[]);
DROP FUNCTION app.name_parent(app.processing_sessions, uuid);
DROP FUNCTION app.lock_awaiting(uuid, integer, text);
DROP FUNCTION app.is_own_submission(uuid, uuid);
SELECT audit.forget_table('app.submission_decisions');
DROP TABLE app.submission_decisions;

COMMIT;
