-- Histories get a partition a month; a month without one still has a place.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
SET LOCAL timezone = 'UTC';
SELECT plan(11);

SELECT is(audit.make_partitions('2031-05-17'), (SELECT count(*)::integer FROM audit.guarded_tables AS g
    WHERE g.kind = 'mutable'), 'every history gets a partition for the month of the date');
SELECT is(audit.make_partitions('2031-05-01'), 0, 'asked again for the same month it makes none');
SELECT is(pg_get_expr(c.relpartbound, c.oid),
    $$FOR VALUES FROM ('2031-05-01 00:00:00+00') TO ('2031-06-01 00:00:00+00')$$, 'from the first to the next first, UTC')
FROM pg_class AS c WHERE c.oid = 'audit.users_history_y2031m05'::regclass;
SELECT is(obj_description('audit.users_history_y2031m05'::regclass) IS NOT NULL
    AND col_description('audit.users_history_y2031m05'::regclass, 1) IS NOT NULL, true, 'it has its comments');
SELECT has_table_privilege('ccp_auditor', 'audit.users_history_y2031m05', 'SELECT') AS is_readable \gset
SELECT ok(:'is_readable', 'the auditor reads it');

SET LOCAL SESSION AUTHORIZATION ccp_owner;
INSERT INTO audit.settings_history (setting_name, audit_seq, audit_tx, audit_at, audit_operation, audit_actor,
    audit_login, audit_role)
SELECT 'forged', 0, app.tx(), m.at, 'insert', app.actor_id(), 'x', 'x'
FROM (VALUES ('2031-05-31 23:59:59.999999+00'::timestamptz), ('2031-06-01 00:00:00+00')) AS m (at);
RESET SESSION AUTHORIZATION;
SELECT is((SELECT count(*)::integer FROM audit.settings_history_y2031m05), 1, 'the last microsecond belongs to the month');
SELECT is((SELECT count(*)::integer FROM audit.settings_history_rest WHERE audit_at >= '2031-06-01'), 1,
    'the first of the next goes to the rest, since it has no partition');
SELECT audit.make_partitions('2031-06-30') AS made \gset
SELECT is(:made, (SELECT count(*)::integer - 1 FROM audit.guarded_tables AS g WHERE g.kind = 'mutable'),
    'a month that has begun stays with the rest: its partition is not made');
SELECT is(to_regclass('audit.settings_history_y2031m06'), NULL, 'for the history that has rows of it');
SELECT throws_ok('DELETE FROM audit.settings_history_y2031m05', 'RL002',
    'rows of audit.settings_history_y2031m05 are never changed or removed', 'a new partition refuses changes');
SELECT is_empty($$SELECT * FROM audit.check_catalog() AS f WHERE f.finding = 'trigger_off'$$,
    'verification finds every partition guarded');
SELECT * FROM finish();
ROLLBACK;
