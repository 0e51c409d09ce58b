-- What is staged and the block itself are reached by nobody but the owner and the auditor.

BEGIN;

SELECT app.expect_objects($$
constraint app.staged_submissions.staged_submissions_card_numbers_check
constraint app.staged_submissions.staged_submissions_pkey
constraint app.staged_submissions.staged_submissions_session_id_fkey
constraint app.submission_controls.submission_controls_card_numbers_check
constraint app.submission_controls.submission_controls_control_number_check
constraint app.submission_controls.submission_controls_created_tx_check
constraint app.submission_controls.submission_controls_pkey
constraint app.submission_controls.submission_controls_reasons_check
constraint app.submission_controls.submission_controls_report_totals_check
constraint app.submission_controls.submission_controls_session_id_fkey
constraint app.submission_controls.submission_controls_shares_check
function app.await_decision(app.submission_controls, jsonb)
function app.control_people(uuid, app.staged_person[])
function app.control_reasons(app.submission_controls, text, boolean, boolean)
function app.dates_about_period(uuid, app.staged_person[])
function app.keep_control(app.submission_controls)
function app.newest_control(uuid)
function app.take_back()
function app.write_control(uuid, app.staged_person[], app.control_totals, text)
index app.staged_submissions_staged_at_idx
index app.submission_controls_created_tx_idx
table app.staged_submissions (session_id, content, staged_at): select ccp_auditor
table app.submission_controls (session_id, control_number, programme, period_start, period_end, period_source,
    report_totals, card_totals, card_totals_differing, names, names_fitting, receipts, receipts_fitting,
    dated_receipts, receipts_in_period, charges, people, same_days, reasons, worked_out_at, created_tx): select
    ccp_auditor
trigger app.staged_submissions.t10_keep
trigger app.staged_submissions.t90_mark
trigger app.submission_controls.t10_immutable
trigger app.submission_controls.t90_mark
type app.control_totals (report_totals, card_totals, card_totals_differing)
$$);

ROLLBACK;
