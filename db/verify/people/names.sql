-- Names fold.

BEGIN;

SELECT app.expect_objects($$
function app.change_aliases()
function app.keep_aliases()
function app.name_key(text)
function app.own_key(text, text)
function app.report_key(text)
function report.name_patterns(text) as owner: execute ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report
    ccp_reviewer
function report.search_patterns(text) as owner: execute ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report
    ccp_reviewer
function report.search_text(text, text, text, numeric) as owner: execute ccp_admin ccp_auditor ccp_processor
    ccp_read_only ccp_report ccp_reviewer
$$);

ROLLBACK;
