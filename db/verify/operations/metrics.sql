-- The metrics are shown.

BEGIN;

SELECT app.expect_objects($$
view report.metrics (metric, labels, value, help): select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report
    ccp_reviewer
$$);

ROLLBACK;
