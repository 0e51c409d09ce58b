-- Removes work that takes longer than a request.

BEGIN;

DROP FUNCTION app.end_job(uuid, text, text, text, boolean);
DROP FUNCTION app.refuse_session(uuid, text, text, text, boolean);
DROP FUNCTION app.reopen_session(uuid);
DROP FUNCTION app.drop_session_bytes(uuid);
DROP FUNCTION app.drop_bytes(uuid[]);
DROP VIEW report.jobs;
SELECT audit.forget_table('app.job_progress');
DROP TABLE app.job_progress;
SELECT audit.forget_table('app.jobs');
DROP TABLE app.jobs;

COMMIT;
