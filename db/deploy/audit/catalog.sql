-- The catalog of audited objects as text, so that seals can tell what was altered; and recorded DDL.
-- requires: audit/ticks

BEGIN;

CREATE TABLE audit.ddl_events (
    event_number bigint GENERATED ALWAYS AS IDENTITY,
    tx bigint NOT NULL DEFAULT app.tx(),
    happened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    login_name name NOT NULL DEFAULT session_user,
    role_name text NOT NULL DEFAULT current_setting('role'),
    event text NOT NULL,
    command text NOT NULL,
    object_type text,
    object_name text,
    statement text,
    triggers_off name[],
    CONSTRAINT ddl_events_pkey PRIMARY KEY (event_number)
);
CREATE INDEX ddl_events_tx_idx ON audit.ddl_events USING brin (tx) WITH (autosummarize = on);
COMMENT ON TABLE audit.ddl_events IS 'Changes of the schema, where the event trigger of db/bootstrap_audit.sql is installed: it takes a superuser to switch it off, and the next seal tells.';
COMMENT ON COLUMN audit.ddl_events.event_number IS 'Order.';
COMMENT ON COLUMN audit.ddl_events.tx IS 'Number of the transaction.';
COMMENT ON COLUMN audit.ddl_events.happened_at IS 'When.';
COMMENT ON COLUMN audit.ddl_events.login_name IS 'Database login.';
COMMENT ON COLUMN audit.ddl_events.role_name IS 'Role in force, or none.';
COMMENT ON COLUMN audit.ddl_events.event IS 'ddl_command_end or sql_drop.';
COMMENT ON COLUMN audit.ddl_events.command IS 'Command tag, such as ALTER TABLE.';
COMMENT ON COLUMN audit.ddl_events.object_type IS 'Kind of object.';
COMMENT ON COLUMN audit.ddl_events.object_name IS 'The object.';
COMMENT ON COLUMN audit.ddl_events.statement IS 'The statement, cut at 2,000 characters.';
COMMENT ON COLUMN audit.ddl_events.triggers_off IS 'Triggers of the table that were off after the command; null when none was.';
SELECT audit.guard('audit.ddl_events', 'log');

CREATE OR REPLACE VIEW audit.switched_triggers AS
SELECT e.event_number, e.tx, e.happened_at, e.login_name, o.table_name, o.trigger_name
FROM audit.ddl_events AS e
CROSS JOIN LATERAL (
    SELECT e.object_name, t.name FROM unnest(e.triggers_off) AS t (name)
    UNION ALL
    SELECT split_part(e.object_name, ' on ', 2), split_part(e.object_name, ' on ', 1)::name
    WHERE e.event = 'sql_drop' AND e.object_type = 'trigger'
) AS o (table_name, trigger_name)
WHERE o.table_name ^@ 'app.' OR o.table_name ^@ 'audit.';
COMMENT ON VIEW audit.switched_triggers IS 'Each time a trigger of app or audit was off after a command, or dropped, where schema changes are recorded: also when it was switched on again before anybody looked.';
COMMENT ON COLUMN audit.switched_triggers.event_number IS 'Number of the event.';
COMMENT ON COLUMN audit.switched_triggers.tx IS 'Number of the transaction.';
COMMENT ON COLUMN audit.switched_triggers.happened_at IS 'When.';
COMMENT ON COLUMN audit.switched_triggers.login_name IS 'Who, by database login.';
COMMENT ON COLUMN audit.switched_triggers.table_name IS 'The table, with its schema.';
COMMENT ON COLUMN audit.switched_triggers.trigger_name IS 'The trigger.';
SELECT audit.guard('audit.ticks', 'log');
SELECT audit.guard('audit.renamed_columns', 'log');
SELECT audit.guard_texts('audit.ticks');
SELECT audit.guard_texts('audit.renamed_columns');

CREATE OR REPLACE VIEW audit.catalog_objects AS
WITH tables AS (
    SELECT c.oid, format('%I.%I', n.nspname, c.relname) AS name, c.relkind, c.relpersistence, c.relrowsecurity,
        c.relforcerowsecurity, pg_get_userbyid(c.relowner) AS owner
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('app', 'audit') AND c.relkind = 'r'
)
SELECT 'table ' || t.name AS object_name,
    concat_ws(' ', t.relkind, t.relpersistence, t.relrowsecurity, t.relforcerowsecurity, t.owner) AS definition
FROM tables AS t
UNION ALL
SELECT format('column %s.%I', t.name, a.attname),
    concat_ws(' ', format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'NOT NULL' END, a.attidentity,
        a.attgenerated, pg_get_expr(d.adbin, d.adrelid, true))
FROM tables AS t
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = t.oid AND d.adnum = a.attnum
UNION ALL
SELECT format('constraint %s.%I', t.name, k.conname),
    concat_ws(' ', pg_get_constraintdef(k.oid, true), (SELECT string_agg(DISTINCT g.tgenabled::text, '')
        FROM pg_catalog.pg_trigger AS g WHERE g.tgconstraint = k.oid AND g.tgisinternal))
FROM tables AS t JOIN pg_catalog.pg_constraint AS k ON k.conrelid = t.oid AND k.contype <> 'n'
UNION ALL
SELECT format('trigger %s.%I', t.name, g.tgname), concat_ws(' ', g.tgenabled, pg_get_triggerdef(g.oid, true))
FROM tables AS t JOIN pg_catalog.pg_trigger AS g ON g.tgrelid = t.oid AND NOT g.tgisinternal
UNION ALL
SELECT format('rule %s.%I', t.name, w.rulename), pg_get_ruledef(w.oid, true)
FROM tables AS t JOIN pg_catalog.pg_rewrite AS w ON w.ev_class = t.oid
UNION ALL
SELECT format('policy %s.%I', t.name, p.polname), concat_ws(' ', p.polcmd, p.polpermissive, p.polroles::regrole[],
    pg_get_expr(p.polqual, p.polrelid, true), pg_get_expr(p.polwithcheck, p.polrelid, true))
FROM tables AS t JOIN pg_catalog.pg_policy AS p ON p.polrelid = t.oid
UNION ALL
SELECT format('function %I.%I(%s)', n.nspname, f.proname, pg_get_function_identity_arguments(f.oid)),
    encode(sha256(convert_to(concat_ws(' ', pg_get_userbyid(f.proowner), pg_get_functiondef(f.oid)), 'UTF8')), 'hex')
FROM pg_catalog.pg_proc AS f JOIN pg_catalog.pg_namespace AS n ON n.oid = f.pronamespace
WHERE n.nspname IN ('app', 'audit', 'api') AND f.prokind IN ('f', 'p')
UNION ALL
SELECT format('view %I.%I', n.nspname, c.relname),
    encode(sha256(convert_to(pg_get_viewdef(c.oid, true), 'UTF8')), 'hex')
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname IN ('app', 'audit', 'api', 'report', 'as_of') AND c.relkind = 'v'
UNION ALL
SELECT format('event trigger %I', e.evtname), concat_ws(' ', e.evtenabled, e.evtevent, e.evtfoid::regproc)
FROM pg_catalog.pg_event_trigger AS e WHERE e.evtname ^@ 'ccp_'
UNION ALL
SELECT format('guard %I', g.table_name), g.kind FROM audit.guarded_tables AS g
UNION ALL
-- Who may what, in an order of its own: the server keeps grants in the order they were given. What is as without any
-- grant is not told: a dump leaves it out.
SELECT g.object_name, (SELECT string_agg(x.item::text, ' ' ORDER BY x.item::text COLLATE "C") FROM unnest(g.acl) AS x (item))
FROM (
    SELECT format('grants schema %I', n.nspname) AS object_name, nullif(n.nspacl, acldefault('n', n.nspowner)) AS acl
    FROM pg_catalog.pg_namespace AS n WHERE n.nspname IN ('app', 'audit', 'api', 'report', 'as_of', 'public')
    UNION ALL
    SELECT format('grants relation %I.%I', n.nspname, c.relname),
        nullif(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's'::"char" ELSE 'r'::"char" END, c.relowner))
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('app', 'audit', 'api', 'report', 'as_of') AND c.relkind IN ('r', 'v', 'S')
    UNION ALL
    SELECT format('grants column %I.%I.%I', n.nspname, c.relname, a.attname), a.attacl
    FROM pg_catalog.pg_attribute AS a
    JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid AND c.relkind IN ('r', 'v')
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('app', 'audit', 'api', 'report', 'as_of') AND NOT a.attisdropped
    UNION ALL
    SELECT format('grants function %I.%I(%s)', n.nspname, f.proname, pg_get_function_identity_arguments(f.oid)),
        nullif(f.proacl, acldefault('f', f.proowner))
    FROM pg_catalog.pg_proc AS f JOIN pg_catalog.pg_namespace AS n ON n.oid = f.pronamespace
    WHERE n.nspname IN ('app', 'audit', 'api', 'report', 'as_of')
    UNION ALL
    SELECT format('default grants of %I in %I on %s', pg_get_userbyid(d.defaclrole), coalesce(n.nspname, ''), d.defaclobjtype),
        d.defaclacl
    FROM pg_catalog.pg_default_acl AS d LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = d.defaclnamespace
) AS g
WHERE g.acl IS NOT NULL;
COMMENT ON VIEW audit.catalog_objects IS 'Definitions of all objects that the audit rests on: tables of app and audit with columns, constraints, triggers, rules and policies; functions and views; the event trigger; what is guarded; grants and default grants.';
COMMENT ON COLUMN audit.catalog_objects.object_name IS 'Kind and name.';
COMMENT ON COLUMN audit.catalog_objects.definition IS 'The definition, of a function or view its hash.';

COMMIT;
