-- Migration: workbook.

BEGIN;

SELECT app.expect_objects($$
function app.clear_workbook(jsonb, text[])
function app.workbook_lines(jsonb)
function app.workbook_people(app.compared_side, boolean)
function app.workbook_receipts(app.compared_side)
function app.workbook_values(jsonb, app.compared_side, app.compared_side)
$$);

ROLLBACK;
