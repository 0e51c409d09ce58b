-- House rules of tables: keys, indexes of foreign keys, triggers, types, constraint names.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
SELECT plan(10);

CREATE TEMP TABLE ours AS
SELECT c.oid, c.relname, c.oid::regclass::text AS name, n.nspname
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname IN ('app', 'audit', 'api', 'report', 'as_of') AND c.relkind = 'r';

SELECT is_empty($$SELECT o.name FROM pg_temp.ours AS o WHERE o.nspname IN ('api', 'report', 'as_of')$$,
    'the schemas that others reach hold no table');
SELECT is_empty($$SELECT o.name FROM pg_temp.ours AS o
    WHERE NOT EXISTS (SELECT FROM pg_constraint AS k WHERE k.conrelid = o.oid AND k.contype = 'p')$$,
    'every table has a primary key');
SELECT is_empty($$SELECT k.conrelid::regclass, k.conname
    FROM pg_constraint AS k JOIN pg_temp.ours AS o ON o.oid = k.conrelid
    WHERE k.contype = 'f' AND k.conparentid = 0 AND NOT EXISTS (
        SELECT FROM pg_index AS i
        WHERE i.indrelid = k.conrelid AND i.indisvalid
            -- A partial index serves when it leaves out only rows without a reference.
            AND (i.indpred IS NULL OR pg_get_expr(i.indpred, i.indrelid) ~ '^\(\w+ IS NOT NULL\)$')
            AND (i.indkey::smallint[])[0] = ANY (k.conkey))$$,
    'every foreign key has an index that begins with one of its columns');
SELECT is_empty($$SELECT i.indexrelid::regclass, j.indexrelid::regclass
    FROM pg_index AS i
    JOIN pg_temp.ours AS o ON o.oid = i.indrelid
    JOIN pg_index AS j ON j.indrelid = i.indrelid AND j.indexrelid <> i.indexrelid
    JOIN pg_class AS a ON a.oid = i.indexrelid
    JOIN pg_class AS b ON b.oid = j.indexrelid AND b.relam = a.relam
    WHERE NOT i.indisunique AND num_nulls(i.indpred, j.indpred, i.indexprs, j.indexprs) = 4
        AND starts_with(j.indkey::text || ' ', i.indkey::text || ' ')
        AND starts_with(array_to_string(j.indclass::oid[], ' ') || ' ', array_to_string(i.indclass::oid[], ' ') || ' ')
    UNION ALL
    SELECT i.indexrelid::regclass, NULL FROM pg_index AS i JOIN pg_temp.ours AS o ON o.oid = i.indrelid WHERE NOT i.indisvalid$$,
    'no index is the beginning of another, or not valid');
SELECT is_empty($$SELECT a.attrelid::regclass, a.attname, a.atttypid::regtype
    FROM pg_attribute AS a JOIN pg_temp.ours AS o ON o.oid = a.attrelid
    WHERE a.attnum > 0 AND NOT a.attisdropped AND a.atttypid IN (
        'real'::regtype, 'double precision'::regtype, 'money'::regtype, 'timestamp'::regtype, 'timetz'::regtype,
        'character'::regtype, 'character varying'::regtype, 'json'::regtype)$$,
    'no column is a float, money, a timestamp without zone, padded or limited text, or json');
-- Such a view could get no further column: its row would have to change in the table.
SELECT is_empty($$WITH RECURSIVE kept AS (
        SELECT o.name AS table_name, a.attname, a.atttypid
        FROM pg_attribute AS a JOIN pg_temp.ours AS o ON o.oid = a.attrelid
        WHERE a.attnum > 0 AND NOT a.attisdropped
        UNION
        -- Elements of arrays, base types of domains and fields of composites.
        SELECT k.table_name, k.attname, i.type_id
        FROM kept AS k JOIN pg_type AS t ON t.oid = k.atttypid
        CROSS JOIN LATERAL (
            SELECT t.typelem UNION ALL SELECT t.typbasetype
            UNION ALL SELECT a.atttypid FROM pg_attribute AS a
            WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped) AS i (type_id)
        WHERE i.type_id <> 0)
    SELECT k.table_name, k.attname, c.oid::regclass
    FROM kept AS k JOIN pg_type AS t ON t.oid = k.atttypid JOIN pg_class AS c ON c.oid = t.typrelid
    WHERE c.relkind = 'v'$$, 'no column holds rows of a view');
SELECT is_empty($$SELECT a.attrelid::regclass, a.attname, format_type(a.atttypid, a.atttypmod)
    FROM pg_attribute AS a JOIN pg_temp.ours AS o ON o.oid = a.attrelid
    WHERE a.attnum > 0 AND NOT a.attisdropped AND a.atttypid = 'numeric'::regtype
        AND a.attname ~ '(amount|total|gross|discount|net|difference|residual|impact)$'
        -- Claims are kept as the file has them, float tail included.
        AND a.attname NOT IN ('claimed_car_total', 'claimed_receipt_total')
        -- Sums of a month, and of what an old file says, may be larger than an amount.
        AND NOT (o.oid IN ('app.accounting_batches'::regclass, 'app.parallel_runs'::regclass, 'app.parallel_differences'::regclass)
            AND format_type(a.atttypid, a.atttypmod) = 'numeric(20,2)')
        AND format_type(a.atttypid, a.atttypmod) <> 'numeric(14,2)'$$, 'every amount is numeric(14,2)');
SELECT is_empty($$SELECT a.attrelid::regclass, a.attname
    FROM pg_attribute AS a JOIN pg_temp.ours AS o ON o.oid = a.attrelid
    WHERE o.nspname = 'app' AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
        AND format_type(a.atttypid, a.atttypmod) = 'numeric(14,2)'
        -- Open amounts are worked out from amounts that refuse it, and proved at commit.
        AND o.relname <> 'open_items'
        -- NaN sorts above everything, so a range keeps it out as well.
        AND NOT EXISTS (SELECT FROM pg_constraint AS k WHERE k.conrelid = o.oid AND k.contype = 'c'
            AND a.attnum = ANY (k.conkey)
            AND pg_get_constraintdef(k.oid) ~ ('NaN|\(' || a.attname || ' <= '))$$, 'every amount refuses NaN');
SELECT is_empty($$SELECT k.conrelid::regclass, k.conname FROM pg_constraint AS k JOIN pg_temp.ours AS o ON o.oid = k.conrelid
    WHERE k.contype IN ('p', 'f', 'u', 'c', 'x') AND k.conparentid = 0 AND k.conname !~ ('^' || o.relname || '_(\w+_)?'
        || CASE k.contype WHEN 'p' THEN 'pkey' WHEN 'f' THEN 'fkey' WHEN 'u' THEN 'key' WHEN 'c' THEN 'check'
            ELSE 'excl' END || '$')$$, 'constraints are named after their table and kind');
SELECT is_empty($$SELECT t.tgrelid::regclass, t.tgname FROM pg_trigger AS t JOIN pg_temp.ours AS o ON o.oid = t.tgrelid
    WHERE NOT t.tgisinternal AND t.tgenabled <> 'A'$$, 'every trigger fires always, in replica mode too');
SELECT * FROM finish();
ROLLBACK;
