-- Removes rows of a worker checked as data.

BEGIN;

DROP FUNCTION app.judge_rows(jsonb, jsonb);
DROP FUNCTION app.problems_fault(jsonb);
DROP FUNCTION app.refuse_card_ids(jsonb, jsonb, text[]);
DROP FUNCTION app.pages_fault(jsonb, text);
DROP FUNCTION app.receipts_fault(jsonb);
DROP FUNCTION app.report_fault(jsonb);
DROP FUNCTION app.longest_text(jsonb, jsonpath);

COMMIT;
