-- Removes attempts and rejects.

BEGIN;

SELECT audit.forget_table('app.import_rejects');
DROP TABLE app.import_rejects;
SELECT audit.forget_table('app.import_attempts');
DROP TABLE app.import_attempts;

COMMIT;
