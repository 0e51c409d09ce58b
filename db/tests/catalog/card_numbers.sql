-- No text column is without the constraint that refuses card numbers, and it refuses them in every kind of column.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
SELECT plan(13);

-- What holds copies of rows that passed, or texts no person writes.
CREATE TEMP TABLE exempt AS
SELECT c.oid FROM pg_class AS c WHERE c.oid IN (
    'audit.sealed_leaves'::regclass, -- keys of rows that passed
    'audit.sealed_catalog'::regclass, -- definitions of our own objects
    'audit.ddl_events'::regclass) -- statements of the owner of the database
UNION
-- Copied by triggers from rows that passed; reason and request id are cut by the same rule on the way.
SELECT format('audit.%I', g.table_name || '_history')::regclass FROM audit.guarded_tables AS g WHERE g.kind = 'mutable';

CREATE TEMP VIEW uncovered AS
SELECT a.attrelid::regclass::text AS table_name, a.attname::text AS column_name
FROM audit.text_columns AS a
WHERE a.attrelid NOT IN (SELECT e.oid FROM pg_temp.exempt AS e)
    AND NOT EXISTS (
        SELECT FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid
        WHERE k.conrelid = a.attrelid AND k.contype = 'c' AND k.conname = c.relname || '_card_numbers_check'
            AND k.convalidated AND a.attnum = ANY (k.conkey)
            AND pg_get_constraintdef(k.oid) ~ ('holds_card_number\(.*\m' || a.attname || '\M'));

SELECT is_empty('SELECT * FROM pg_temp.uncovered', 'every text column is under the constraint of its table');
SELECT isnt_empty('SELECT * FROM audit.text_columns', 'there are text columns');
SELECT is_empty($$SELECT a.attrelid::regclass::text, a.attname::text
    FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_type AS t ON t.oid = a.atttypid
    WHERE c.relnamespace IN ('app'::regnamespace, 'audit'::regnamespace) AND c.relkind IN ('r', 'p') AND a.attnum > 0
        AND NOT a.attisdropped AND t.typtype = 'c'$$, 'no column is a row, whose texts nobody would see');
SELECT set_eq($$SELECT a.attrelid::regclass::text, a.attname::text
    FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
    WHERE c.relnamespace IN ('app'::regnamespace, 'audit'::regnamespace) AND c.relkind IN ('r', 'p') AND a.attnum > 0
        AND a.atttypid = 'bytea'::regtype AND a.attname !~ '(sha256|hash|root|leaves|digest)$'$$,
    -- Those of closed months are made of rows, which hold none; batches are proved to be their lines.
    $$VALUES ('app.document_chunks', 'bytes'), ('app.closed_files', 'content'), ('app.accounting_batches', 'content')$$,
    'bytes are checksums, and those of files');

ALTER TABLE app.users ADD COLUMN nickname text;
SELECT set_eq('SELECT * FROM pg_temp.uncovered', $$VALUES ('app.users', 'nickname')$$, 'a new column is noticed');
SELECT audit.follow_table('app.users');
SELECT is_empty('SELECT * FROM pg_temp.uncovered', 'and covered when its history follows');

CREATE TABLE app.samples (sample_id integer PRIMARY KEY, words text, list text[], document jsonb);
SELECT audit.guard_texts('app.samples');
SELECT lives_ok($$INSERT INTO app.samples VALUES (1, 'No 7', '{a,b}', '{"a": 1}'), (2, NULL, NULL, NULL)$$,
    'other texts are taken');
SELECT throws_ok($$INSERT INTO app.samples VALUES (3, '4111 1111 1111 1111 12/27')$$, '23514', NULL, 'a text is refused');
SELECT throws_ok($$INSERT INTO app.samples VALUES (3, '', '{a,4111-1111-1111-1111}')$$, '23514', NULL, 'an item of an array');
SELECT throws_ok($$INSERT INTO app.samples VALUES (3, '', '{}', '{"a": ["4111\n1111\n1111\n1111"]}')$$, '23514', NULL,
    'a value of a document');
SELECT throws_ok($$INSERT INTO app.samples VALUES (3, '', '{}', '{"4111111111111111": 1}')$$, '23514', NULL, 'a key of one');
SELECT lives_ok($$INSERT INTO app.samples VALUES (3, '4111 1111', '{1111,1111}', '[4111, 1111, 1111, 1111]')$$,
    'digits of several columns or of numbers are none');
SELECT throws_ok($$UPDATE app.samples SET words = '378282246310005'$$, '23514', NULL, 'a change is refused as well');
SELECT * FROM finish();
ROLLBACK;
