-- Processors approve aliases; everybody sees the names without one.

BEGIN;

SELECT app.expect_objects($$
function api.approve_alias(text, text, text, integer, date, date, boolean, boolean, text) as owner: execute ccp_admin
    ccp_processor
function api.withdraw_alias(text, integer, text, boolean, text) as owner: execute ccp_admin ccp_processor
function app.apply_alias(text, text, text)
function app.check_alias(text, text, boolean)
function app.is_in_report(text)
function app.move_receipts(text, uuid, uuid, uuid, uuid[], text, text)
function app.refuse_own_name(text, text)
function app.unapply_alias(text, text, text)
function report.name_distance(text, text, integer): execute ccp_admin ccp_auditor ccp_processor ccp_read_only
    ccp_report ccp_reviewer
type report.alias_answer (outcome, receipt_key, name_key, session_id, moved_receipts, moved_amount, fits_people,
    matched_receipts, matched_amount, revision_id, version)
view report.unmatched_names (session_id, cardholder_id, receipt_key, printed_names, receipt_count, receipt_total,
    suggested_key, suggested_employee_id, distance, has_same_last_name, suggested_receipt_count, suggestion_number,
    fitting_receipts, has_same_total, has_same_first_name, has_same_initials): select ccp_admin ccp_auditor
    ccp_processor ccp_read_only ccp_report ccp_reviewer
$$);

ROLLBACK;
