-- The catalogue can be read through report and not written by anybody but the owner.

BEGIN;

SELECT app.expect_objects($$
constraint app.error_codes.error_codes_pkey
constraint app.error_codes.error_codes_slug_check
constraint app.error_codes.error_codes_slug_key
constraint app.error_codes.error_codes_sqlstate_check
function app.fail(text, text, text, text) as owner
table app.error_codes (sqlstate, slug, meaning, message, hint): select ccp_auditor
view report.error_codes (sqlstate, slug, meaning, message, hint): select ccp_admin ccp_auditor ccp_processor
    ccp_read_only ccp_report ccp_reviewer
$$);

ROLLBACK;
