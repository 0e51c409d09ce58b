-- What is wrong with the rows of the surface, and the surface in one answer.
-- requires: surface/catalog

BEGIN;

CREATE OR REPLACE FUNCTION app.surface_faults() RETURNS TABLE (operation text, fault text)
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    -- Each part of the catalog is read once, whatever the planner knows of it.
    WITH sources AS MATERIALIZED (
        SELECT s.source_name, s.kind, s.row_id, s.row_name, s.is_set, s.writes, s.roles FROM app.surface_sources AS s
    ), columns AS MATERIALIZED (
        SELECT c.row_name, c.column_name::text AS column_name, c.type_name FROM app.surface_columns AS c
    ), all_arguments AS MATERIALIZED (
        SELECT a.source_name, a.argument_name, a.type_name, a.term FROM app.surface_arguments AS a
    ), parameters AS MATERIALIZED (
        SELECT p.operation, p.http_name, p.database_name FROM app.surface_parameters AS p
    ), source AS MATERIALIZED (
        SELECT o.operation, o.method, o.path, o.shape, o.target, o.as_of, o.parts, o.location, o.one_of, o.fixed,
            o.names, o.keys, s.kind, s.row_id, s.row_name, s.is_set, s.writes, s.roles
        FROM app.surface_operations AS o
        LEFT JOIN sources AS s ON s.source_name = o.target
    ), known AS MATERIALIZED (
        SELECT s.operation, s.shape, c.column_name AS name, c.type_name, s.kind
        FROM source AS s JOIN columns AS c ON c.row_name = s.row_name
    ), arguments AS MATERIALIZED (
        SELECT s.operation, a.argument_name AS name, a.type_name, a.term
        FROM source AS s JOIN all_arguments AS a ON a.source_name = s.target
        WHERE s.kind = 'function'
    )
    SELECT s.operation, pg_catalog.format('%s is no view of report, or no function of api or report, or two', s.target)
    FROM source AS s GROUP BY s.operation, s.target HAVING pg_catalog.count(s.kind) <> 1
    UNION ALL
    SELECT s.operation, 'a list is of a view or of a function that answers named rows'
    FROM source AS s WHERE s.shape = 'list' AND (NOT s.is_set OR s.row_id IS NULL)
    UNION ALL
    SELECT s.operation, 'nothing that writes is read by GET' FROM source AS s WHERE s.shape <> 'call' AND s.writes
    UNION ALL
    SELECT s.operation, 'a row of a function is one row, not several'
    FROM source AS s WHERE s.shape = 'row' AND s.kind = 'function' AND s.is_set
    UNION ALL
    SELECT s.operation, 'a call is a writing function of schema api that answers one row or value'
    FROM source AS s
    WHERE s.shape = 'call' AND (s.kind <> 'function' OR NOT s.writes OR s.is_set OR NOT starts_with(s.target, 'api.'))
    UNION ALL
    SELECT s.operation, 'a call has an argument p_request_id, or its key means nothing'
    FROM source AS s
    WHERE s.shape = 'call' AND NOT EXISTS (
        SELECT FROM arguments AS a WHERE a.operation = s.operation AND a.name = 'request_id')
    UNION ALL
    SELECT s.operation, pg_catalog.format('rows of %s have no named columns', s.row_name) FROM source AS s
    WHERE s.row_id IS NOT NULL AND NOT EXISTS (SELECT FROM known AS k WHERE k.operation = s.operation)
    UNION ALL
    SELECT s.operation, pg_catalog.format('the service has no form for what it answers, %s', s.row_name) FROM source AS s
    WHERE s.row_id IS NULL AND s.row_name NOT IN ('jsonb', 'text', 'integer', 'bigint', 'boolean', 'numeric', 'uuid')
    UNION ALL
    SELECT s.operation, 'no role of a person may use it' FROM source AS s WHERE s.roles = '{}'
    UNION ALL
    SELECT k.operation, pg_catalog.format('column %s has type %s, which the service does not know', k.name, k.type_name)
    FROM known AS k
    WHERE k.type_name NOT IN ('uuid', 'text', 'name', 'integer', 'bigint', 'numeric', 'boolean', 'date',
        'timestamp with time zone', 'interval', 'jsonb', 'uuid[]', 'text[]', 'integer[]')
        AND NOT EXISTS (SELECT FROM columns AS c WHERE c.row_name || '[]' = k.type_name)
    UNION ALL
    SELECT a.operation, pg_catalog.format('argument %s has type %s, which the service does not know', a.name, a.type_name)
    FROM arguments AS a
    WHERE a.type_name NOT IN ('uuid', 'text', 'integer', 'bigint', 'numeric', 'boolean', 'date',
        'timestamp with time zone', 'jsonb', 'uuid[]', 'text[]', 'integer[]', 'numeric[]')
    UNION ALL
    SELECT a.operation, pg_catalog.format('argument %s has no term', a.name) FROM arguments AS a
    WHERE a.term IS NULL AND a.name <> 'request_id'
    UNION ALL
    SELECT p.operation, pg_catalog.format('%s in the path is neither a column nor an argument', p.http_name)
    FROM parameters AS p JOIN source AS s ON s.operation = p.operation
    WHERE NOT EXISTS (SELECT FROM known AS k WHERE k.operation = p.operation AND k.kind = 'relation'
                      AND k.name = p.database_name)
        AND NOT EXISTS (SELECT FROM arguments AS a WHERE a.operation = p.operation AND a.name = p.database_name)
    UNION ALL
    SELECT s.operation, pg_catalog.format('%s is renamed and there is none', n.value) FROM source AS s
    CROSS JOIN LATERAL pg_catalog.jsonb_each_text(s.names) AS n
    WHERE NOT EXISTS (SELECT FROM known AS k WHERE k.operation = s.operation AND k.name = n.value)
        AND NOT EXISTS (SELECT FROM arguments AS a WHERE a.operation = s.operation AND a.name = n.value)
    UNION ALL
    SELECT s.operation, pg_catalog.format('%s is fixed and no column', f.key) FROM source AS s
    CROSS JOIN LATERAL pg_catalog.jsonb_each_text(s.fixed) AS f
    WHERE NOT EXISTS (SELECT FROM known AS k WHERE k.operation = s.operation AND k.name = f.key)
    UNION ALL
    SELECT s.operation, 'a list has keys' FROM source AS s WHERE s.shape = 'list' AND s.keys = '{}'
    UNION ALL
    SELECT k.operation, pg_catalog.format('key %s is no column', k.column_name)
    FROM app.surface_keys AS k JOIN source AS s ON s.operation = k.operation
    WHERE NOT EXISTS (SELECT FROM known AS n WHERE n.operation = k.operation AND n.name = k.column_name)
        AND NOT (k.column_name = '#' AND s.kind = 'function' AND NOT k.is_down)
    UNION ALL
    SELECT k.operation, 'keys go up and down, and one that goes down is no number'
    FROM app.surface_keys AS k
    LEFT JOIN known AS n ON n.operation = k.operation AND n.name = k.column_name
    GROUP BY k.operation, k.keys
    HAVING pg_catalog.count(DISTINCT k.is_down) = 2
        AND pg_catalog.bool_or(k.is_down AND n.type_name NOT IN ('integer', 'bigint', 'numeric'))
    UNION ALL
    SELECT f.operation, pg_catalog.format('filter %s: %s does not go with its column', f.filter_name, f.operator)
    FROM app.surface_filters AS f
    LEFT JOIN known AS k ON k.operation = f.operation AND k.name = f.column_name
    WHERE CASE f.operator
            WHEN 'flag' THEN k.type_name = 'jsonb'
            WHEN 'person' THEN k.type_name = 'text'
            WHEN 'search' THEN k.type_name = 'text' AND NOT EXISTS (
                SELECT FROM pg_catalog.jsonb_each_text(f.also) AS a
                LEFT JOIN known AS n ON n.operation = f.operation AND n.name = a.value
                WHERE n.type_name IS DISTINCT FROM CASE a.key WHEN 'amount' THEN 'numeric' ELSE 'text' END)
            WHEN 'month' THEN k.type_name = 'uuid' AND k.name = 'session_id'
            WHEN 'is' THEN k.type_name IN ('uuid', 'text', 'name', 'integer', 'bigint', 'boolean', 'date')
            ELSE k.type_name IN ('integer', 'bigint', 'numeric', 'date', 'timestamp with time zone') END IS NOT TRUE
        OR k.shape <> 'list'
    UNION ALL
    SELECT s.operation, pg_catalog.format('one of %s is needed, and there is no such filter', n.name) FROM source AS s
    CROSS JOIN LATERAL pg_catalog.unnest(s.one_of) AS n (name)
    WHERE NOT EXISTS (SELECT FROM app.surface_filters AS f WHERE f.operation = s.operation AND f.filter_name = n.name)
    UNION ALL
    SELECT s.operation, pg_catalog.format('part %s is no reading of the same names', p.key) FROM source AS s
    CROSS JOIN LATERAL pg_catalog.jsonb_each_text(s.parts) AS p
    WHERE s.shape <> 'row' OR NOT EXISTS (
        SELECT FROM app.surface_operations AS x WHERE x.operation = p.value AND x.shape <> 'call' AND x.parts = '{}'
            AND ARRAY(SELECT y.http_name FROM parameters AS y WHERE y.operation = x.operation ORDER BY 1)
                = ARRAY(SELECT y.http_name FROM parameters AS y WHERE y.operation = s.operation ORDER BY 1))
    UNION ALL
    SELECT s.operation, pg_catalog.format('%s does not answer its rows for one instant', s.as_of) FROM source AS s
    WHERE s.as_of IS NOT NULL AND NOT EXISTS (
        SELECT FROM sources AS x
        JOIN all_arguments AS a ON a.source_name = x.source_name AND a.type_name = 'timestamp with time zone'
        WHERE x.source_name = s.as_of AND x.row_name = s.row_name AND x.is_set AND a.argument_name = 'instant')
    UNION ALL
    SELECT s.operation, pg_catalog.format('%s in the location is no member of the answer', m.name[1]) FROM source AS s
    CROSS JOIN LATERAL pg_catalog.regexp_matches(s.location, '\{(\w+)\}', 'g') AS m (name)
    WHERE NOT EXISTS (SELECT FROM known AS k WHERE k.operation = s.operation AND k.name = m.name[1])
    UNION ALL
    SELECT pg_catalog.min(s.operation), pg_catalog.format('%s %s leads to several', s.method,
        pg_catalog.regexp_replace(s.path, '\{\w+\}', '{}', 'g'))
    FROM source AS s GROUP BY s.method, pg_catalog.regexp_replace(s.path, '\{\w+\}', '{}', 'g')
    HAVING pg_catalog.count(DISTINCT s.operation) > 1
    UNION ALL
    SELECT NULL, pg_catalog.format('parent %s: %s has no column %s', p.parameter, p.target, p.column_name)
    FROM app.surface_parents AS p
    WHERE NOT EXISTS (SELECT FROM columns AS c
                      WHERE c.row_name = p.target AND c.column_name = p.column_name)
    UNION ALL
    SELECT NULL, pg_catalog.format('term %s: %s is no closed list', t.term, t.values_of) FROM app.terms AS t
    WHERE t.values_of NOT IN (SELECT l.list_name FROM app.closed_lists AS l);
END;
COMMENT ON FUNCTION app.surface_faults() IS 'What is wrong with the rows of the surface as the catalog is now: the operation, null for parents and terms, and what it lacks. The service leaves an operation with a fault out; verify and a test find none.';

CREATE OR REPLACE FUNCTION report.surface() RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = ''
BEGIN ATOMIC
    WITH faults AS MATERIALIZED (
        SELECT f.operation, f.fault FROM app.surface_faults() AS f
    ), used AS MATERIALIZED (
        SELECT s.source_name, s.kind, s.row_name, s.is_set, s.comment, s.roles
        FROM app.surface_sources AS s
        WHERE s.source_name IN (
            SELECT o.target FROM app.surface_operations AS o UNION SELECT o.as_of FROM app.surface_operations AS o
            UNION SELECT p.target FROM app.surface_parents AS p)
    ), arguments AS MATERIALIZED (
        SELECT a.source_name, pg_catalog.jsonb_agg(pg_catalog.to_jsonb(a) - 'source_name' ORDER BY a.position) AS arguments
        FROM app.surface_arguments AS a GROUP BY a.source_name
    )
    SELECT pg_catalog.jsonb_build_object(
        'number', (SELECT n.number FROM app.surface_number AS n),
        'faults', coalesce((SELECT pg_catalog.jsonb_agg(pg_catalog.to_jsonb(f)) FROM faults AS f), '[]'),
        'operations', coalesce((
            SELECT pg_catalog.jsonb_agg(pg_catalog.to_jsonb(o) || pg_catalog.jsonb_build_object(
                'filters', coalesce((
                    SELECT pg_catalog.jsonb_agg(pg_catalog.to_jsonb(f) - 'operation' ORDER BY f.filter_name)
                    FROM app.surface_filters AS f WHERE f.operation = o.operation), '[]'),
                'orders', coalesce((
                    SELECT pg_catalog.jsonb_object_agg(x.order_name, x.keys)
                    FROM app.surface_orders AS x WHERE x.operation = o.operation), '{}')) ORDER BY o.path, o.method)
            FROM app.surface_operations AS o
            WHERE NOT EXISTS (SELECT FROM faults AS f WHERE f.operation = o.operation)), '[]'),
        'parents', coalesce((SELECT pg_catalog.jsonb_agg(pg_catalog.to_jsonb(p)) FROM app.surface_parents AS p), '[]'),
        'terms', coalesce((SELECT pg_catalog.jsonb_agg(pg_catalog.to_jsonb(t)) FROM app.terms AS t), '[]'),
        'lists', (SELECT pg_catalog.jsonb_object_agg(l.list_name, l.allowed) FROM app.closed_lists AS l),
        'sources', (
            SELECT pg_catalog.jsonb_object_agg(u.source_name, pg_catalog.to_jsonb(u) || pg_catalog.jsonb_build_object(
                'errors', coalesce((
                    SELECT pg_catalog.jsonb_agg(pg_catalog.to_jsonb(e) ORDER BY e.sqlstate)
                    FROM app.error_codes AS e
                    WHERE e.sqlstate IN (
                        SELECT m.words[1]
                        FROM pg_catalog.regexp_matches(u.comment, '\m[A-Z]{2}[0-9]{3}\M', 'g') AS m (words))), '[]'),
                'arguments', coalesce(a.arguments, '[]')))
            FROM used AS u LEFT JOIN arguments AS a ON u.kind = 'function' AND a.source_name = u.source_name),
        'rows', (
            SELECT pg_catalog.jsonb_object_agg(c.row_name, c.columns)
            FROM (
                SELECT x.row_name, pg_catalog.jsonb_agg(pg_catalog.to_jsonb(x) - 'row_name' ORDER BY x.position) AS columns
                FROM app.surface_columns AS x
                WHERE x.row_name IN (SELECT u.row_name FROM used AS u)
                    -- The rows that a column of them holds a list of.
                    OR x.row_name || '[]' IN (
                        SELECT y.type_name FROM app.surface_columns AS y
                        WHERE y.row_name IN (SELECT u.row_name FROM used AS u))
                GROUP BY x.row_name
            ) AS c));
END;
COMMENT ON FUNCTION report.surface() IS 'The HTTP surface in one answer, seen at one moment: its number, operations without a fault, parents, terms, closed lists, and of the views and functions behind them arguments, columns, comments, error codes and roles. The service is made of it.';
GRANT EXECUTE ON FUNCTION report.surface()
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

SELECT app.pin_entry_points();

COMMIT;
