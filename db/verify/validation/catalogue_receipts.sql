-- Each rule has its finder, and no finder is open to roles.

BEGIN;

SELECT app.expect_objects($$
function app.find_coding_conflict(app.revision_draft[], jsonb)
function app.find_coding_inactive(app.revision_draft[], jsonb)
function app.find_duplicate_across_cycles(app.revision_draft[], jsonb)
function app.find_future_dated(app.revision_draft[], jsonb)
function app.find_missing_purpose(app.revision_draft[], jsonb)
function app.find_name_collision(app.revision_draft[], jsonb)
function app.find_orphan_receipts(app.revision_draft[], jsonb)
function app.find_receipt_off_period(app.revision_draft[], jsonb)
function app.find_unresolved_identity(app.revision_draft[], jsonb)
function app.first_shown(uuid[], text, numeric, text)
$$);

ROLLBACK;
