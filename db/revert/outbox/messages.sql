-- Removes the outbox.

BEGIN;

DROP VIEW report.outbox;
DROP TRIGGER t70_notify ON app.processing_sessions;
DROP FUNCTION app.processing_sessions_notify();
DELETE FROM app.settings WHERE setting_name = 'mail_max_attempts';
SELECT audit.forget_table('app.outbox');
DROP TABLE app.outbox;

COMMIT;
