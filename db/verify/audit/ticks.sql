-- Everybody who reads may see the instants; the worker and administrators write them.

BEGIN;

SELECT app.expect_objects($$
constraint audit.ticks.ticks_ceiling_tx_check
constraint audit.ticks.ticks_instant_key
constraint audit.ticks.ticks_pkey
constraint audit.ticks.ticks_source_check
function audit.refuse_isolation()
function audit.tick(text) as owner: execute ccp_admin ccp_worker
index audit.ticks_tx_idx
table audit.ticks (tick_number, instant, floor_tx, ceiling_tx, snapshot, source, tx): select ccp_auditor
view report.ticks (tick_number, instant, source): select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report
    ccp_reviewer
$$);

ROLLBACK;
