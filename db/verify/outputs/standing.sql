-- Lines that stand can be told from others.

BEGIN;

SELECT app.expect_objects($$
function app.accounting_states(uuid, app.accounting_profiles, uuid[])
function app.changes_of_line(app.accounting_batch_lines, app.accounting_row)
function app.likenesses(uuid[])
function app.posted_lines(uuid, text)
function app.words_of_line(app.accounting_batch_lines, app.accounting_row)
function report.accounting_lines(uuid, text, date) as owner: execute ccp_admin ccp_auditor ccp_processor ccp_read_only
    ccp_report ccp_reviewer
function report.changed_since_export(uuid, text) as owner: execute ccp_admin ccp_auditor ccp_processor ccp_read_only
    ccp_report ccp_reviewer
$$);

ROLLBACK;
