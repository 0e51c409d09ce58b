-- Processors approve aliases; everybody sees the names without one.

BEGIN;

SELECT app.expect_objects($$
function api.approve_alias(text, text, text, integer, date, date, boolean, boolean, text) as owner: execute ccp_admin
    ccp_processor
function api.withdraw_alias(text, integer, text, boolean, text) as owner: execute ccp_admin ccp_processor
function app.apply_alias(text, text, text)
function app.check_alias(text, text, boolean)
function app.hold_name(text, text)
function app.is_given_by_hand(uuid, uuid, uuid)
function app.is_in_report(text)
function app.move_receipts(text, uuid, uuid, uuid, uuid[], text)
function app.refuse_own_name(text, text)
function app.sessions_of_name(text, text)
function app.unapply_alias(text, text, text)
type report.alias_answer (outcome, receipt_key, name_key, session_id, moved_receipts, moved_amount, fits_people,
    matched_receipts, matched_amount, revision_id, version)
$$);

ROLLBACK;
