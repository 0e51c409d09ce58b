-- Removes coding in a spreadsheet.

BEGIN;

DROP FUNCTION api.take_coding(uuid, jsonb, text, text);
DELETE FROM app.month_calls AS c WHERE c.call_name = 'take_coding';
DROP FUNCTION report.judge_coding(uuid, jsonb);
DROP FUNCTION app.lacking_code(app.receipt_contents, jsonb);
DROP FUNCTION app.wished_coding(jsonb, app.receipt_contents);
DROP TYPE report.coding_answer;
DROP FUNCTION app.describe_receipt_change(uuid, uuid, jsonb, jsonb);
DROP FUNCTION report.coding_rows(uuid);
DROP FUNCTION app.coding_stamp(uuid, uuid);

COMMIT;
