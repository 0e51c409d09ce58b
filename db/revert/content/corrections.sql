-- Removes what people say about receipts.

BEGIN;

DROP FUNCTION app.merge_receipts(uuid, app.source_person[]);
DROP TYPE app.merged_receipt;
DROP FUNCTION app.source_people(uuid, uuid[]);
DROP FUNCTION app.judge_corrections(uuid, app.source_person[]);
DROP TYPE app.source_person;
DROP TYPE app.judged_correction;
DROP FUNCTION app.fate_of(text, jsonb[], jsonb, jsonb, boolean);
DROP FUNCTION app.bases_of(uuid, text, integer);
DROP FUNCTION app.said_groups(app.receipt_contents);
DROP FUNCTION app.holder_of(uuid);
DROP VIEW app.newest_corrections;
SELECT audit.forget_table('app.corrections');
DROP TABLE app.corrections;

COMMIT;
