-- Files of closed months are stored and read.

BEGIN;

SELECT app.expect_objects($$
constraint app.closed_files.closed_files_card_numbers_check
constraint app.closed_files.closed_files_closing_fkey
constraint app.closed_files.closed_files_created_tx_check
constraint app.closed_files.closed_files_kind_check
constraint app.closed_files.closed_files_pkey
constraint app.closed_files.closed_files_session_id_fkey
function api.store_closed_workbook(uuid, integer, uuid, bytea) as owner: execute ccp_worker
function app.check_closed_texts() as owner
function app.make_closed_file() as owner
function app.store_closed_texts(uuid)
function report.closed_file(uuid, text, text, date, text) as owner: execute ccp_admin ccp_auditor ccp_processor
    ccp_read_only ccp_report ccp_reviewer
function report.missing_workbooks() as owner: execute ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report
    ccp_reviewer
index app.closed_files_created_tx_idx
index app.closed_files_session_id_idx
table app.closed_files (month_id, closing_number, session_id, kind, closing_kind, digest, content, sha256, stored_at,
    created_tx): select ccp_auditor
trigger app.closed_files.t10_immutable
trigger app.closed_files.t50_make
trigger app.closed_files.t90_mark
trigger app.months.t90_files
view app.closings (month_id, closing_number, tick_number, happened_at): select ccp_auditor
view app.missing_closed_files (month_id, closing_number, session_id, kind): select ccp_auditor
view report.closed_files (month_id, closing_number, session_id, kind, size_bytes, sha256, stored_at): select ccp_admin
    ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
$$);

ROLLBACK;
