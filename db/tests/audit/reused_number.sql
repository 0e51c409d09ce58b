-- A transaction that carries the number of an earlier one writes nothing.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/watched_table.psql
SELECT plan(3);

INSERT INTO audit.commits (tx, started_at, user_id, login_name, role_name, is_dirty)
SELECT app.tx(), now() - interval '1 year', u.user_id, 'ccp_owner', 'none', false
FROM app.users AS u WHERE u.user_name = 'deployment';
SELECT is(pg_temp.try($$UPDATE app.settings SET value = 5 WHERE setting_name = 'pdf_max_pages'$$), 'ST021',
    'an update is refused, as after a restore without the epoch step');
SELECT is(pg_temp.try($$INSERT INTO app."Odd ""table" ("Key") VALUES (1)$$), 'ST021', 'so is an insert');
UPDATE audit.commits SET is_dirty = true WHERE tx = app.tx();
SELECT is(pg_temp.try($$UPDATE app.settings SET value = 5 WHERE setting_name = 'pdf_max_pages'$$), 'ST021',
    'also when the earlier one was never proved');
SELECT * FROM finish();
ROLLBACK;
