-- The surface can be read by people, its faults by the owner alone.

BEGIN;

SELECT app.expect_objects($$
function app.surface_faults()
function report.surface() as owner: execute ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
$$);

ROLLBACK;
