-- Comparisons can be read by every role but the worker.

BEGIN;

SELECT app.expect_objects($$
function app.compare_pairs(uuid[], uuid[])
function report.compare_revisions(uuid, uuid) as owner: execute ccp_admin ccp_auditor ccp_processor ccp_read_only
    ccp_report ccp_reviewer
function report.compare_sessions(uuid, uuid) as owner: execute ccp_admin ccp_auditor ccp_processor ccp_read_only
    ccp_report ccp_reviewer
type report.difference (kind, change, cardholder_id, employee_name, employee_id, natural_key, field, old_value,
    new_value, old_amount, new_amount, difference)
$$);

ROLLBACK;
