-- Removes the finders; their rows go with the table.

BEGIN;

DROP FUNCTION app.find_invalid_date(app.revision_draft[], jsonb);
DROP FUNCTION app.find_invalid_amount(app.revision_draft[], jsonb);
DROP FUNCTION app.find_duplicate_transaction(app.revision_draft[], jsonb);
DROP FUNCTION app.find_total_mismatch(app.revision_draft[], jsonb);
DROP FUNCTION app.find_missing_all_receipts(app.revision_draft[], jsonb);
DROP FUNCTION app.find_missing_receipt(app.revision_draft[], jsonb);
DROP FUNCTION app.find_missing_coding_info(app.revision_draft[], jsonb);
DROP FUNCTION app.kept_purchases(app.revision_draft[]);
DROP TYPE app.finding;

COMMIT;
