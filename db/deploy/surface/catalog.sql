-- What the catalog says about what the surface may name: views, functions, arguments, columns, closed lists.
-- requires: surface/tables
-- requires: foundation/members

BEGIN;

CREATE OR REPLACE VIEW app.listed_columns AS
WITH RECURSIVE parts AS (
    -- The rule of a view as the server keeps it, cut before the number of each column that a query in it has; what stands
    -- between the second pair of braces belongs to the view itself, what is deeper to a query inside.
    SELECT c.oid AS view_id, t.ordinality AS place, t.part,
        sum(length(replace(t.part, '}', '')) - length(replace(t.part, '{', ''))) OVER (PARTITION BY c.oid
            ORDER BY t.ordinality ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS depth
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_rewrite AS r ON r.ev_class = c.oid AND r.ev_type = '1'
    CROSS JOIN LATERAL string_to_table(r.ev_action::text, ' :resno ') WITH ORDINALITY AS t (part)
    WHERE c.relkind = 'v' AND c.relnamespace::regnamespace::text IN ('app', 'api', 'report')
), sources AS MATERIALIZED (
    -- "2 :resname state :ressortgroupref 0 :resorigtbl 16385 :resorigcol 7 ...": what shows a column as it is, and which.
    SELECT p.view_id, split_part(p.part, ' ', 1)::integer AS column_number, split_part(p.part, ' ', 7)::oid AS source_id,
        split_part(p.part, ' ', 9)::integer AS source_column
    FROM parts AS p
    WHERE p.place > 1 AND p.depth = 2 AND p.part ~ '^\d+ :resname \S+ :ressortgroupref \d+ :resorigtbl [1-9]\d* :resorigcol [1-9]'
), origins AS (
    SELECT s.view_id, s.column_number, s.source_id, s.source_column FROM sources AS s
    UNION ALL
    SELECT o.view_id, o.column_number, s.source_id, s.source_column
    FROM origins AS o JOIN sources AS s ON s.view_id = o.source_id AND s.column_number = o.source_column
)
SELECT o.view_id, o.column_number, l.list_name
FROM origins AS o
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = o.source_id AND a.attnum = o.source_column
JOIN app.closed_lists AS l ON l.table_id = o.source_id AND l.column_name = a.attname;
COMMENT ON VIEW app.listed_columns IS 'The columns of views that show a column with a closed list as it is, and which list; not what is worked out, or put together by UNION.';

CREATE OR REPLACE VIEW app.surface_sources AS
SELECT n.nspname || '.' || c.relname AS source_name, 'relation' AS kind, c.oid AS source_id, c.oid AS row_id,
    n.nspname || '.' || c.relname AS row_name, true AS is_set, false AS writes,
    coalesce(obj_description(c.oid, 'pg_class'), obj_description(c.reltype, 'pg_type')) AS comment,
    ARRAY(SELECT r.role FROM unnest(app.user_roles()) AS r (role)
          WHERE has_table_privilege('ccp_' || r.role, c.oid, 'SELECT')) AS roles
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = 'report' AND c.relkind = 'v'
UNION ALL
SELECT n.nspname || '.' || p.proname, 'function', p.oid, nullif(t.typrelid, 0),
    CASE WHEN t.typrelid <> 0 THEN (SELECT m.nspname || '.' || c.relname FROM pg_catalog.pg_class AS c
        JOIN pg_catalog.pg_namespace AS m ON m.oid = c.relnamespace WHERE c.oid = t.typrelid)
        ELSE format_type(t.oid, NULL) END,
    p.proretset, p.provolatile = 'v', obj_description(p.oid, 'pg_proc'),
    ARRAY(SELECT r.role FROM unnest(app.user_roles()) AS r (role)
          WHERE has_function_privilege('ccp_' || r.role, p.oid, 'EXECUTE'))
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_type AS t ON t.oid = p.prorettype
WHERE n.nspname IN ('api', 'report') AND p.prokind = 'f';
COMMENT ON VIEW app.surface_sources IS 'What an operation may name: views and functions, with their kind of row, comment, and the roles of people who may use them.';

CREATE OR REPLACE VIEW app.surface_arguments AS
SELECT n.nspname || '.' || p.proname AS source_name, a.position, substr(a.name, 3) AS argument_name,
    format_type(a.type_id, NULL) AS type_name, t.term,
    CASE WHEN a.position > p.pronargs - p.pronargdefaults
        THEN coalesce(pg_get_function_arg_default(p.oid, a.position::integer), 'NULL') END AS default_text
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
CROSS JOIN LATERAL unnest(p.proargtypes::oid[], (p.proargnames)[:p.pronargs]) WITH ORDINALITY
    AS a (type_id, name, position)
LEFT JOIN app.terms AS t ON t.term = substr(a.name, 3)
WHERE n.nspname IN ('api', 'report') AND p.prokind = 'f';
COMMENT ON VIEW app.surface_arguments IS 'The arguments of functions an operation may name, without p_, with type, term and default; a null default is a required argument.';

CREATE OR REPLACE VIEW app.surface_columns AS
SELECT n.nspname || '.' || c.relname AS row_name, a.attnum AS position, a.attname AS column_name,
    format_type(a.atttypid, NULL) AS type_name, col_description(c.oid, a.attnum) AS comment, l.list_name
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN app.listed_columns AS l ON l.view_id = c.oid AND l.column_number = a.attnum
WHERE n.nspname IN ('api', 'report') AND c.relkind IN ('v', 'c');
COMMENT ON VIEW app.surface_columns IS 'The columns of rows an operation may answer: views and composite types.';

CREATE OR REPLACE VIEW app.surface_parameters AS
SELECT o.operation, p.name AS http_name, coalesce(o.names ->> p.name, p.name) AS database_name
FROM app.surface_operations AS o
CROSS JOIN LATERAL (SELECT m.name[1] AS name FROM regexp_matches(o.path, '\{(\w+)\}', 'g') AS m (name)) AS p;
COMMENT ON VIEW app.surface_parameters IS 'The names in the paths of operations, and what the database calls them.';

CREATE OR REPLACE VIEW app.surface_keys AS
SELECT k.operation, k.keys, ltrim(n.key, '-') AS column_name, starts_with(n.key, '-') AS is_down
FROM (
    SELECT o.operation, o.keys FROM app.surface_operations AS o
    UNION ALL
    SELECT o.operation, o.keys FROM app.surface_orders AS o
) AS k
CROSS JOIN LATERAL unnest(k.keys) AS n (key);
COMMENT ON VIEW app.surface_keys IS 'The keys of all orders of operations, one row each.';

CREATE OR REPLACE VIEW report.terms AS
SELECT t.term, t.meaning, nullif(coalesce(l.allowed, '{}') || t.more_values, '{}') AS allowed, t.least, t.most, t.is_money, t.json_kind
FROM app.terms AS t
LEFT JOIN app.closed_lists AS l ON l.list_name = t.values_of;
COMMENT ON VIEW report.terms IS 'What the arguments and filters of the HTTP surface mean, and which values they may have.';
COMMENT ON COLUMN report.terms.allowed IS 'The values allowed; null: any.';
SELECT app.describe_columns('report.terms', 'app.terms');
GRANT SELECT ON report.terms TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

SELECT app.cover_names();
SELECT app.pin_entry_points();

COMMIT;
