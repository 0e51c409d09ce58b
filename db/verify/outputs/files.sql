-- The file for accounting can be read.

BEGIN;

SELECT app.expect_objects($$
function app.accounting_csv(uuid, text, date)
function app.accounting_heading(app.accounting_profiles)
function app.accounting_record(report.accounting_line, app.accounting_profiles)
function app.csv_field(text, app.accounting_profiles)
function app.csv_record(text[], app.accounting_profiles)
function app.line_end(app.accounting_profiles)
function report.accounting_records(uuid, text, date) as owner: execute ccp_admin ccp_auditor ccp_processor
    ccp_read_only ccp_report ccp_reviewer
$$);

ROLLBACK;
