-- Shapes can be judged, and that is private.

BEGIN;

SELECT app.expect_objects($$
function app.closed_list(text)
function app.fail_all(text, text[], text[], text[])
function app.is_code(text)
function app.member_faults(text[], jsonb[], app.member[])
function app.refuse_members(text, jsonb, app.member[])
function app.wanted(text, text[], jsonb)
function report.role_names() as owner: execute ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report
    ccp_reviewer
type app.member (member_name, kind, may_miss, may_be_null, allowed)
view app.closed_lists (list_name, table_id, column_name, allowed): select ccp_auditor
$$);

ROLLBACK;
