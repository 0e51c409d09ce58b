-- Each registered rule has its finder, and no finder is open to roles.

BEGIN;

SELECT app.expect_objects($$
function app.find_duplicate_transaction(app.revision_draft[], jsonb)
function app.find_invalid_amount(app.revision_draft[], jsonb)
function app.find_invalid_date(app.revision_draft[], jsonb)
function app.find_missing_all_receipts(app.revision_draft[], jsonb)
function app.find_missing_coding_info(app.revision_draft[], jsonb)
function app.find_missing_receipt(app.revision_draft[], jsonb)
function app.find_total_mismatch(app.revision_draft[], jsonb)
function app.kept_purchases(app.revision_draft[])
type app.finding (revision_id, transaction_id, subject_key, blocks, amount_impact, description, evidence, charge_id,
    severity)
$$);

ROLLBACK;
