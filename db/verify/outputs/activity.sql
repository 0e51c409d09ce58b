-- Sessions can be read as the old file.

BEGIN;

SELECT app.expect_objects($$
function app.find_unfit(text, jsonb)
function app.find_unfit_receipt(jsonb)
function app.hide_names_in_json(text, text[])
function report.activity_changes(uuid, text, boolean) as owner: execute ccp_admin ccp_auditor ccp_processor
    ccp_read_only ccp_report ccp_reviewer
function report.activity_entries(uuid, text, boolean) as owner: execute ccp_admin ccp_auditor ccp_processor
    ccp_read_only ccp_report ccp_reviewer
function report.activity_json(uuid, text, boolean) as owner: execute ccp_admin ccp_auditor ccp_processor ccp_read_only
    ccp_report ccp_reviewer
type report.activity_entry (entry_number, source_key, entry, is_as_imported, no_coding_type, half_code, no_purpose,
    no_receipt_id, amount_unknown, page_left_out, people, fault)
$$);

ROLLBACK;
