-- Name keys: accents off, upper case, A to Z only.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
SELECT plan(13);

SELECT is(app.name_key('Wade Windfallow'), 'WADEWINDFALLOW', 'a name of two words');
SELECT is(app.name_key('WADEWINDFALLOW'), 'WADEWINDFALLOW', 'a name key is its own');
SELECT is(app.name_key('Judd W. Fennimark'), 'JUDDWFENNIMARK', 'dots go');
SELECT is(app.name_key('Maeve O''Tansyfield'), 'MAEVEOTANSYFIELD', 'apostrophes go');
SELECT is(app.name_key('Maeve O’Tansyfield'), 'MAEVEOTANSYFIELD', 'the other apostrophe too');
SELECT is(app.name_key('Anne-Lise Wrenbury'), 'ANNELISEWRENBURY', 'hyphens go');
SELECT is(app.name_key('René Underhollow'), 'RENEUNDERHOLLOW', 'accents go, the letter stays');
SELECT is(app.name_key(U&'Rene\0301 Underhollow'), 'RENEUNDERHOLLOW', 'written in two characters too');
SELECT is(app.name_key('Øre 2nd'), 'REND', 'a letter without a plain one inside goes, as do digits');
SELECT is(app.name_key('123 -'), '', 'nothing may be left');
SELECT is(app.name_key('../../UP'), 'UP', 'a path is only its letters');
SELECT is(app.name_key(NULL), NULL, 'no name has no key');
SELECT is(app.name_key('ijk' COLLATE "C"), 'IJK', 'upper case does not depend on a language');
SELECT * FROM finish();
ROLLBACK;
