-- Judging is private.

BEGIN;

SELECT app.expect_objects($$
function app.judge_rows(jsonb, jsonb)
function app.longest_text(jsonb, jsonpath)
function app.pages_fault(jsonb, text)
function app.problems_fault(jsonb)
function app.receipts_fault(jsonb)
function app.refuse_card_ids(jsonb, jsonb, text[])
function app.report_fault(jsonb)
$$);

ROLLBACK;
