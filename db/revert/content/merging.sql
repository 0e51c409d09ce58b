-- Removes the judging of statements.

BEGIN;

DROP FUNCTION app.merge_receipts(uuid, app.source_person[]);
DROP TYPE app.merged_receipt;
DROP FUNCTION app.source_people(uuid, uuid[]);
DROP FUNCTION app.judge_corrections(uuid, app.source_person[], boolean);
DROP TYPE app.source_person;
DROP TYPE app.judged_correction;

COMMIT;
