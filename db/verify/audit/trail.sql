-- The trail's differences can be read by those who may read the trail; only migrations build it.

BEGIN;

SELECT app.expect_objects($$
function audit.build_trail()
function audit.row_text(regclass, text)
function audit.trail_of(name)
function audit.trail_text()
function report.changed_fields(jsonb, jsonb): execute ccp_admin ccp_auditor
function report.is_bookkeeping(text, jsonb): execute ccp_admin ccp_auditor
$$);

ROLLBACK;
