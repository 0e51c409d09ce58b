-- Removes judging.

BEGIN;

DROP FUNCTION app.judge_values(app.found_difference[], app.foreseen[], app.receipt_pair[], app.compared_receipt[], text[]);
DROP FUNCTION app.follow_values(app.found_difference[], integer);
DROP FUNCTION app.settle_entries(app.found_difference[], app.receipt_pair[], app.compared_receipt[], text[]);
DROP FUNCTION app.explain_values(app.found_difference[], app.foreseen[]);
DROP VIEW app.following_fields;

COMMIT;
