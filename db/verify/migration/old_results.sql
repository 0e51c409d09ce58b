-- Old results and runs are kept.

BEGIN;

SELECT app.expect_objects($$
constraint app.alike_values.alike_values_card_numbers_check
constraint app.alike_values.alike_values_class_check
constraint app.alike_values.alike_values_compared_check
constraint app.alike_values.alike_values_created_tx_check
constraint app.alike_values.alike_values_level_check
constraint app.alike_values.alike_values_pkey
constraint app.alike_values.alike_values_run_id_fkey
constraint app.known_deviations.known_deviations_card_numbers_check
constraint app.known_deviations.known_deviations_deviation_code_check
constraint app.known_deviations.known_deviations_finder_check
constraint app.known_deviations.known_deviations_level_check
constraint app.known_deviations.known_deviations_pkey
constraint app.old_result_failures.old_result_failures_card_numbers_check
constraint app.old_result_failures.old_result_failures_created_tx_check
constraint app.old_result_failures.old_result_failures_old_result_id_fkey
constraint app.old_result_failures.old_result_failures_pkey
constraint app.old_result_texts.old_result_texts_card_numbers_check
constraint app.old_result_texts.old_result_texts_old_result_id_fkey
constraint app.old_result_texts.old_result_texts_pkey
constraint app.old_results.old_results_about_check
constraint app.old_results.old_results_card_numbers_check
constraint app.old_results.old_results_created_tx_check
constraint app.old_results.old_results_handed_in_by_check
constraint app.old_results.old_results_handed_in_by_fkey
constraint app.old_results.old_results_month_id_fkey
constraint app.old_results.old_results_pkey
constraint app.old_results.old_results_rejects_check
constraint app.old_results.old_results_session_id_fkey
constraint app.old_results.old_results_sha256_check
constraint app.old_results.old_results_shape_check
constraint app.old_results.old_results_shape_in_use_check
constraint app.old_results.old_results_size_bytes_check
constraint app.parallel_differences.parallel_differences_amount_check
constraint app.parallel_differences.parallel_differences_card_numbers_check
constraint app.parallel_differences.parallel_differences_class_check
constraint app.parallel_differences.parallel_differences_created_tx_check
constraint app.parallel_differences.parallel_differences_deviation_code_fkey
constraint app.parallel_differences.parallel_differences_ledger_check
constraint app.parallel_differences.parallel_differences_level_check
constraint app.parallel_differences.parallel_differences_pkey
constraint app.parallel_differences.parallel_differences_run_id_fkey
constraint app.parallel_runs.parallel_runs_card_numbers_check
constraint app.parallel_runs.parallel_runs_created_tx_check
constraint app.parallel_runs.parallel_runs_old_result_id_fkey
constraint app.parallel_runs.parallel_runs_pkey
constraint app.parallel_runs.parallel_runs_roots_check
constraint app.parallel_runs.parallel_runs_session_id_fkey
constraint app.parallel_runs.parallel_runs_sources_check
constraint app.parallel_runs.parallel_runs_started_by_check
constraint app.parallel_runs.parallel_runs_started_by_fkey
constraint app.parallel_runs.parallel_runs_totals_check
constraint app.parallel_runs.parallel_runs_verdict_check
constraint audit.known_deviations_history.known_deviations_history_audit_tx_check
constraint audit.known_deviations_history.known_deviations_history_pkey
function audit.capture_known_deviations() as owner
index app.alike_values_created_tx_idx
index app.old_result_failures_created_tx_idx
index app.old_result_failures_old_result_id_idx
index app.old_results_created_tx_idx
index app.old_results_handed_in_by_idx
index app.old_results_month_id_idx
index app.old_results_session_id_idx
index app.parallel_differences_created_tx_idx
index app.parallel_differences_deviation_code_idx
index app.parallel_runs_created_tx_idx
index app.parallel_runs_old_result_id_idx
index app.parallel_runs_session_id_idx
index app.parallel_runs_started_by_idx
index audit.known_deviations_history_audit_actor_idx
index audit.known_deviations_history_audit_tx_audit_at_idx
sequence app.old_result_failures_failure_number_seq
table app.alike_values (run_id, level, class, compared, created_tx): select ccp_auditor
table app.known_deviations (deviation_code, level, description, finder, approved_by, valid_until): select ccp_auditor
table app.old_result_failures (failure_number, old_result_id, error, failed_at, created_tx): select ccp_auditor
table app.old_result_texts (old_result_id, content, csv_content, workbook_content): select ccp_auditor
table app.old_results (old_result_id, month_id, session_id, file_name, size_bytes, sha256, shape, shape_in_use,
    car_sha256, receipt_sha256, is_same_files, csv_name, csv_sha256, workbook_name, workbook_sha256, rejects,
    handed_in_by, handed_in_at, created_tx): select ccp_auditor
table app.parallel_differences (run_id, difference_number, level, path, person, receipt, transaction_id, page_number,
    field, part, old_value, new_value, class, deviation_code, amount, ledger, receipt_amount, follows_from,
    is_accepted, created_tx): select ccp_auditor
table app.parallel_runs (run_id, old_result_id, session_id, sources, verdict, roots_explained, roots_unexplained,
    roots_pending, car_total_old, car_total, car_total_explained, receipt_total_old, receipt_total,
    receipt_total_explained, figures, deviations, started_by, started_at, created_tx): select ccp_auditor
table audit.known_deviations_history (deviation_code, level, description, finder, approved_by, valid_until, audit_seq,
    audit_tx, audit_at, audit_operation, audit_actor, audit_login, audit_role, audit_reason, audit_request_id): select
    ccp_auditor
trigger app.alike_values.t10_immutable
trigger app.alike_values.t90_mark
trigger app.known_deviations.t00_suppress_redundant
trigger app.known_deviations.t10_keep
trigger app.known_deviations.t80_keep_key
trigger app.known_deviations.t90_capture_delete
trigger app.known_deviations.t90_capture_insert
trigger app.known_deviations.t90_capture_update
trigger app.old_result_failures.t10_immutable
trigger app.old_result_failures.t90_mark
trigger app.old_result_texts.t10_keep
trigger app.old_result_texts.t90_mark
trigger app.old_results.t10_immutable
trigger app.old_results.t90_mark
trigger app.parallel_differences.t10_immutable
trigger app.parallel_differences.t90_mark
trigger app.parallel_runs.t10_immutable
trigger app.parallel_runs.t90_mark
trigger audit.known_deviations_history.t10_immutable
$$);

ROLLBACK;
