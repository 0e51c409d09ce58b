-- A database that was just deployed is sound, also where a migration wrote rows before the guard of their table.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
GRANT USAGE ON SCHEMA tap TO PUBLIC;
SELECT plan(6);

SELECT is_empty('SELECT v.* FROM audit.verify() AS v', 'right after deployment nothing is amiss');

SET LOCAL SESSION AUTHORIZATION ccp_owner;
CREATE TABLE app.filled_early (number integer PRIMARY KEY, created_tx bigint NOT NULL DEFAULT app.tx());
CREATE TABLE app.filled_late (number integer PRIMARY KEY, created_tx bigint NOT NULL DEFAULT app.tx());
SELECT audit.guard('app.filled_late', 'immutable');
SELECT is((SELECT count(*) FROM audit.commits AS c WHERE c.tx = app.tx()), 0::bigint,
    'guarding an empty table writes nothing that has to be proved');
INSERT INTO app.filled_early (number) VALUES (1), (2);
SELECT isnt_empty($$SELECT FROM app.filled_early AS f
    WHERE NOT EXISTS (SELECT FROM audit.commits AS c WHERE c.tx = f.created_tx)$$,
    'rows written before the guard have no transaction yet');
SELECT audit.guard('app.filled_early', 'immutable');
SELECT is((SELECT count(*) FROM audit.commits AS c WHERE c.tx = app.tx()), 1::bigint, 'the guard gives them theirs, once');
INSERT INTO app.filled_late (number) VALUES (1);
SELECT is((SELECT count(*) FROM audit.commits AS c WHERE c.tx = app.tx()), 1::bigint, 'which later rows share');
RESET SESSION AUTHORIZATION;
SELECT is_empty('SELECT v.* FROM audit.verify() AS v', 'and nothing is amiss');
SELECT * FROM finish();
ROLLBACK;
