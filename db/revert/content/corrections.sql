-- Removes what people say about receipts.

BEGIN;

DROP FUNCTION app.merge_receipts(uuid, app.source_person[]);
DROP TYPE app.merged_receipt;
DROP FUNCTION app.source_people(uuid, uuid[]);
DROP FUNCTION app.judge_corrections(uuid, app.source_person[]);
DROP TYPE app.source_person;
DROP TYPE app.judged_correction;
DROP FUNCTION app.fate_of(text, jsonb[], jsonb, jsonb);
DROP FUNCTION app.bases_of(uuid, text, integer);
DROP FUNCTION app.said_groups(app.receipt_contents);
SELECT audit.forget_table('app.corrections');
DROP TABLE app.corrections;

COMMIT;
