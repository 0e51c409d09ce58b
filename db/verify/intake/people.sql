-- Identification is private.

BEGIN;

SELECT app.expect_objects($$
function app.identify_people(uuid, app.staged_person[])
function app.renamed_people(app.staged_person[])
function app.save_cardholders(app.staged_person[])
function app.save_cards(uuid[], text[])
type app.staged_person (source_key, name_key, employee_id, card_number, is_in_report, car_total, car_pages,
    receipt_pages, cardholder_id, revision_id, is_ambiguous)
type app.staged_receipt (revision_id, transaction_id, natural_key, "position", page_number, content, receipt_key)
$$);

ROLLBACK;
