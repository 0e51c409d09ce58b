-- Whoever reads may judge a file.

BEGIN;

SELECT app.expect_objects($$
function report.judge_old_file(uuid, jsonb) as owner: execute ccp_admin ccp_auditor ccp_processor ccp_read_only
    ccp_report ccp_reviewer
type report.old_file_verdict (is_right, unfit, first_unfit, people_in_file, people, receipts_in_file, receipts,
    car_total_in_file, car_total, receipt_total_in_file, receipt_total)
$$);

ROLLBACK;
