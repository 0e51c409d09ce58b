-- Every table of schema app is immutable or has a history with its columns, and the triggers that write it.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
SELECT plan(7);

SELECT set_eq($$SELECT c.relname FROM pg_class AS c WHERE c.relnamespace = 'app'::regnamespace AND c.relkind = 'r'$$,
    $$SELECT g.table_name FROM audit.guarded_tables AS g WHERE g.kind <> 'log'$$,
    'every table is guarded, or listed with the reason why it is not');
SELECT set_eq($$SELECT g.table_name FROM audit.guarded_tables AS g WHERE g.kind = 'free'$$,
    ARRAY['error_codes', 'turns', 'month_calls', 'issue_steps', 'rule_silences', 'correction_wishes', 'cutover_checks', 'deployed_rights']::name[], 'few are free of any guard');
SELECT is_empty('SELECT * FROM audit.unfollowed_columns', 'every mutable table and its history agree in columns and types');
SELECT is_empty('SELECT * FROM audit.missing_triggers', 'every guarded table has its triggers, for every replication role');
SELECT is_empty($$SELECT g.table_name FROM audit.guarded_tables AS g
        WHERE g.kind = 'mutable' AND NOT EXISTS (SELECT FROM pg_trigger AS r
            WHERE r.tgrelid = format('audit.%I', g.table_name || '_history')::regclass
                AND r.tgname = 't10_immutable' AND r.tgenabled = 'A')$$,
    'every history refuses changes');
SELECT is_empty($$SELECT g.table_name FROM audit.guarded_tables AS g WHERE g.kind = 'immutable' AND NOT EXISTS (
        SELECT FROM pg_constraint AS k WHERE k.conrelid = format('app.%I', g.table_name)::regclass
            AND k.conname = g.table_name || '_created_tx_check')$$,
    'rows of every immutable table carry the number of their transaction');
SELECT isnt_empty('SELECT * FROM audit.guarded_tables', 'there are guarded tables');
SELECT * FROM finish();
ROLLBACK;
