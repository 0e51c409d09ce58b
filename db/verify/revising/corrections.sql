-- Only administrators and processors correct.

BEGIN;

SELECT app.expect_objects($$
constraint app.correction_wishes.correction_wishes_card_numbers_check
constraint app.correction_wishes.correction_wishes_operation_check
constraint app.correction_wishes.correction_wishes_pkey
function api.correct_transactions(uuid, jsonb, text, text) as owner: execute ccp_admin ccp_processor
function app.apply_corrections() as owner
function app.apply_wishes(text, text)
function app.check_corrections(uuid, jsonb)
function app.check_wishes()
function app.clean_wish(jsonb)
function app.correct_content(app.receipt_contents, jsonb)
function app.correctable_members()
function app.note_correction() as owner
function app.wished_ids(boolean)
table app.correction_wishes (tx, transaction_id, employee_revision_id, operation, wished): select ccp_auditor
trigger api.current_transactions.t10_note that does not fire always
trigger api.current_transactions.t20_apply that does not fire always
type report.correction_answer (session_id, transactions_changed, revisions_made)
view api.current_transactions (transaction_id, employee_revision_id, external_transaction_id, transaction_date,
    transaction_type, amount, expense_type, description, purpose, merchant_name, merchant_address, coding_type,
    job_number, job_phase, cost_type, gl_account, gl_description, has_attachment, attachment_name, is_coded,
    is_out_of_pocket, session_id): delete ccp_admin ccp_processor; insert ccp_admin ccp_processor; select ccp_admin
    ccp_processor; update ccp_admin ccp_processor
$$);

ROLLBACK;
