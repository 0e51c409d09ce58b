-- What the catalog says is private, the words are public.

BEGIN;

SELECT app.expect_objects($$
view app.listed_columns (view_id, column_number, list_name): select ccp_auditor
view app.surface_arguments (source_name, "position", argument_name, type_name, term, default_text): select ccp_auditor
view app.surface_columns (row_name, "position", column_name, type_name, comment, list_name): select ccp_auditor
view app.surface_keys (operation, keys, column_name, is_down): select ccp_auditor
view app.surface_parameters (operation, http_name, database_name): select ccp_auditor
view app.surface_sources (source_name, kind, source_id, row_id, row_name, is_set, writes, comment, roles): select
    ccp_auditor
view report.terms (term, meaning, allowed, "least", most, is_money, json_kind): select ccp_admin ccp_auditor
    ccp_processor ccp_read_only ccp_report ccp_reviewer
$$);

ROLLBACK;
