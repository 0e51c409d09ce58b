-- Measuring works on nothing and is private.

BEGIN;

SELECT app.expect_objects($$
function app.digest_rows(text, bytea)
function app.first_drafts(app.revision_draft[])
function app.hash_content(uuid, uuid, integer, text, text, text, boolean, numeric, numeric, integer, jsonb, integer[],
    integer[], text)
function app.measure_bank(uuid[], uuid[])
function app.measure_drafts(app.revision_draft[])
function app.measure_revisions(uuid[])
function app.receipt_turns(uuid)
function app.write_bank_sides(app.revision_draft[])
type app.revision_draft (revision_id, session_id, cardholder_id, revision_number, predecessor_id, compared_with,
    employee_name, employee_id, card_number, is_in_report, car_total, receipt_total, receipt_count, car_page_range,
    receipt_page_range, rows_digest, receipt_total_unique)
$$);

ROLLBACK;
