-- Comparisons are reported.

BEGIN;

SELECT app.expect_objects($$
function app.markdown(text)
function app.table_line(text[])
function report.parallel_report(uuid) as owner: execute ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report
    ccp_reviewer
$$);

ROLLBACK;
