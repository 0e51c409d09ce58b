-- A history follows its table: added, renamed and dropped columns.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/watched_table.psql
SELECT plan(12);

SELECT is(pg_temp.try($$INSERT INTO app."Odd ""table" ("Key", "select") VALUES (1, 'x');
    ALTER TABLE app."Odd ""table" ADD COLUMN amount numeric(14, 2) DEFAULT 5$$), '', 'a column is added');
SELECT isnt_empty('SELECT * FROM audit.unfollowed_columns', 'it is noticed until the history follows');
SELECT is(pg_temp.try($$SELECT audit.follow_table('app."Odd ""table"');
    UPDATE app."Odd ""table" SET amount = 6$$), '', 'the history follows');
SELECT is_empty('SELECT * FROM audit.unfollowed_columns', 'afterwards history and table agree');
SELECT is((SELECT amount FROM audit."Odd ""table_history" ORDER BY audit_seq DESC LIMIT 1), 6.00,
    'the added column is captured');

SELECT is(pg_temp.try($$SELECT audit.rename_column('app."Odd ""table"', 'select', 'chosen');
    UPDATE app."Odd ""table" SET chosen = 'y'$$), '', 'a column is renamed');
SELECT results_eq('SELECT chosen FROM audit."Odd ""table_history" ORDER BY audit_seq',
    $$VALUES ('x'), ('x'), ('y')$$, 'it keeps its past');
SELECT results_eq('SELECT relation_name, old_name, new_name FROM audit.renamed_columns ORDER BY rename_number',
    $$VALUES ('app."Odd ""table"', 'select'::name, 'chosen'::name),
        ('audit."Odd ""table_history"', 'select', 'chosen')$$, 'the rename is noted for both');

SELECT is(pg_temp.try($$ALTER TABLE app."Odd ""table" DROP COLUMN details;
    UPDATE app."Odd ""table" SET chosen = 'n'$$), '42703',
    'no write passes uncaptured while the history lags behind a dropped column');
SELECT is(pg_temp.act($$ALTER TABLE app."Odd ""table" DROP COLUMN details;
    SELECT audit.follow_table('app."Odd ""table"'); UPDATE app."Odd ""table" SET chosen = 'z'$$), 'update:1:a:z',
    'when the history has followed, writes are captured again');
SELECT is(pg_temp.try($$ALTER TABLE app."Odd ""table" ALTER COLUMN amount TYPE numeric(16, 4);
    SELECT audit.follow_table('app."Odd ""table"')$$), 'RL005',
    'a change of type is refused, because the past would have to be rewritten');
SELECT is(pg_temp.try($$CREATE TABLE app.bad (bad_id integer PRIMARY KEY, audit_x text);
    SELECT audit.guard('app.bad', 'mutable')$$), 'RL005', 'a column may not be called as those of the audit are');
SELECT * FROM finish();
ROLLBACK;
