-- What people said about receipts.

BEGIN;

SELECT app.expect_objects($$
function app.carry_corrections(uuid, app.revision_draft[], text)
function app.file_likeness(app.receipt_contents)
function app.identify_receipts(uuid, app.receipt_links[], app.staged_person[])
function app.identity_key(integer, app.known_receipt, boolean)
function app.known_receipts(uuid, app.receipt_links[], app.staged_person[], app.known_receipt[])
function app.link_receipts(uuid, app.receipt_links[], app.staged_person[])
function app.said_columns(uuid, uuid)
function app.staged_receipts(app.receipt_links[], app.staged_person[], boolean)
type app.known_receipt (place, transaction_id, holder, source_holder, receipt_id, amount, day, merchant_key, likeness,
    file_likeness, is_made_by_hand, is_shown, rank, natural_key)
$$);

ROLLBACK;
