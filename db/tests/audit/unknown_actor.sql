-- Nobody writes without being known, not even a superuser.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
SELECT plan(3);

SELECT lives_ok($$UPDATE app.users SET email = 'x@example.org' WHERE false$$,
    'an update of no row asks for nobody');
SELECT is_empty('SELECT * FROM audit.commits AS c WHERE c.tx = app.tx()', 'and leaves no mark');
SELECT throws_ok($$UPDATE app.users SET email = 'x@example.org' WHERE user_name = 'worker'$$, 'PM001',
    'acting person is unknown or not active', 'a write without a known actor is refused');
SELECT * FROM finish();
ROLLBACK;
