-- The auditor reads the catalog of audited objects; recorded DDL is append-only.

BEGIN;

SELECT app.expect_objects($$
constraint audit.ddl_events.ddl_events_pkey
constraint audit.renamed_columns.renamed_columns_card_numbers_check
constraint audit.ticks.ticks_card_numbers_check
index audit.ddl_events_tx_idx
sequence audit.ddl_events_event_number_seq
table audit.ddl_events (event_number, tx, happened_at, login_name, role_name, event, command, object_type,
    object_name, statement, triggers_off): select ccp_auditor
trigger audit.ddl_events.t10_immutable
trigger audit.renamed_columns.t10_immutable
trigger audit.ticks.t10_immutable
view audit.catalog_objects (object_name, definition): select ccp_auditor
view audit.switched_triggers (event_number, tx, happened_at, login_name, table_name, trigger_name): select ccp_auditor
$$);

ROLLBACK;
