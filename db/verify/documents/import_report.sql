-- Everybody but the worker can read the printed report.

BEGIN;

SELECT app.expect_objects($$
function app.reason_in_words(text)
function report.import_report(uuid) as owner: execute ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report
    ccp_reviewer
$$);

ROLLBACK;
