-- What the checks look at: objects and who may use them.

BEGIN;

SELECT app.expect_objects($$
view app.cutover_clean_months (programme, month_name, not_compared, months_in_a_row): select ccp_auditor
view app.cutover_history (month_name, period_start, session_id, file_name, signature, entries_refused, month_people,
    month_receipts, accepted_by, is_complete, has_totals, is_exact): select ccp_auditor
view app.cutover_runs (old_result_id, month_id, month_name, file_name, sha256, handed_in_at, run_id, verdict,
    roots_unexplained, compared_at, is_of_latest, is_waiting, is_new): select ccp_auditor
$$);

ROLLBACK;
