-- Comparisons are shown.

BEGIN;

SELECT app.expect_objects($$
view app.old_months (old_result_id, month_id, shape, shape_in_use, session_id, is_waiting): select ccp_auditor
view report.clean_months (month_id, month_name, programme, period_start, period_end, shape_in_use, run_id, session_id,
    verdict, is_clean, consecutive, started_at): select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report
    ccp_reviewer
view report.known_deviations (deviation_code, level, description, finder, approved_by, valid_until): select ccp_admin
    ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
view report.old_results (old_result_id, month_id, month_name, file_name, size_bytes, sha256, shape, shape_in_use,
    car_sha256, receipt_sha256, is_same_files, csv_name, csv_sha256, handed_in_by, handed_in_by_name, handed_in_at,
    session_id, is_waiting, failures, last_error, workbook_name, workbook_sha256): select ccp_admin ccp_auditor
    ccp_processor ccp_read_only ccp_report ccp_reviewer
view report.parallel_counts (run_id, level, class, deviation_code, differences, places, roots, dollars): select
    ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
view report.parallel_differences (run_id, difference_number, session_id, level, path, person, receipt, transaction_id,
    page_number, field, part, old_value, new_value, class, deviation_code, amount, ledger, receipt_amount,
    follows_from, is_accepted, is_root, is_unexplained, dollars): select ccp_admin ccp_auditor ccp_processor
    ccp_read_only ccp_report ccp_reviewer
view report.parallel_runs (run_id, session_id, month_id, month_name, programme, period_start, period_end,
    old_result_id, file_name, sha256, shape, shape_in_use, sources, is_newest, verdict, is_clean, roots_explained,
    roots_unexplained, roots_pending, car_total_old, car_total, car_total_explained, receipt_total_old, receipt_total,
    receipt_total_explained, figures, deviations, started_by, started_by_name, started_at, is_of_latest): select
    ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
$$);

ROLLBACK;
