-- Removes the old workbook beside its file.

BEGIN;

DROP FUNCTION app.workbook_values(jsonb, app.compared_side, app.compared_side);
DROP FUNCTION app.workbook_receipts(app.compared_side);
DROP FUNCTION app.workbook_people(app.compared_side, boolean);
DROP FUNCTION app.workbook_lines(jsonb);
DROP FUNCTION app.clear_workbook(jsonb, text[]);

COMMIT;
