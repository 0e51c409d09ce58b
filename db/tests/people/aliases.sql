-- Aliases: one step from the name of receipts to the name of the bank, and no circles.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
SELECT plan(17);

:as_processor
SELECT is(api.approve_alias('Judd W. Fennimark', 'Judson Fennimark'),
    '{"receipt_key": "JUDDWFENNIMARK", "name_key": "JUDSONFENNIMARK"}'::jsonb, 'both names are folded');
SELECT results_eq('SELECT a.receipt_key, a.name_key, a.approved_by_name FROM report.name_aliases AS a',
    $$VALUES ('JUDDWFENNIMARK', 'JUDSONFENNIMARK', 'pat')$$, 'it is listed with who approved it');
SELECT lives_ok($$SELECT api.approve_alias('JUDDWFENNIMARK', 'JUDFENNIMARK')$$, 'it may be changed');
SELECT lives_ok($$SELECT api.approve_alias('J. FENNIMARK', 'JUDFENNIMARK')$$, 'a person may have several');
SELECT throws_ok($$SELECT api.approve_alias('Jud Fennimark', 'judfennimark')$$, 'ST007',
    'alias would lead to itself or to another alias', 'no alias leads to itself');
SELECT throws_ok($$SELECT api.approve_alias('JUDY', 'JFENNIMARK')$$, 'ST007',
    'alias would lead to itself or to another alias', 'nor to another alias');
SELECT throws_ok($$SELECT api.approve_alias('JUDFENNIMARK', 'JUDY')$$, 'ST007',
    'alias would lead to itself or to another alias', 'nor does another alias lead to it');
SELECT throws_ok($$SELECT api.approve_alias('123', 'JUDY')$$, 'IV013', 'a name key holds no letter',
    'a name without letters is none');
SELECT throws_ok($$SELECT api.approve_alias('JUDY', '-')$$, 'IV013', 'a name key holds no letter', 'on neither side');
SELECT throws_ok($$SELECT api.approve_alias('JUDY', NULL)$$, 'IV013', 'a name key holds no letter', 'nothing is none');
SELECT lives_ok(format('SELECT api.approve_alias(%L, %L)', repeat('A', 200), repeat('B', 200)), '200 letters are a name key');
SELECT throws_ok(format('SELECT api.approve_alias(%L, %L)', repeat('A', 201), 'JUDY'), '23514',
    'new row for relation "name_aliases" violates check constraint "name_aliases_receipt_key_check"', '201 are none');
:as_reviewer
SELECT throws_ok($$SELECT api.approve_alias('JUDY', 'JUDITH')$$, '42501',
    'permission denied for function approve_alias', 'a reviewer approves no alias');
:as_reader
SELECT throws_ok($$SELECT api.approve_alias('JUDY', 'JUDITH')$$, '42501',
    'permission denied for function approve_alias', 'nor does a reader');
:as_tester
SELECT is(app.report_key('JFENNIMARK'), 'JUDFENNIMARK', 'the alias is found');
SELECT is(app.report_key('JUDY'), 'JUDY', 'a name without alias is itself');
SELECT is((SELECT count(*)::integer FROM app.name_aliases), 3, 'what was refused left nothing');
SELECT * FROM finish();
ROLLBACK;
