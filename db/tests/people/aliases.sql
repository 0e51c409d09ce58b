-- Aliases: one step from the name of receipts to the name of the bank, no circles, and only where it can be meant.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/documents.psql
\ir ../fixtures/strangers.psql
SELECT no_plan();

-- Before there is any report, nobody can tell who is meant.
:as_processor
SELECT is((SELECT (a.outcome, a.receipt_key, a.name_key, a.session_id, a.version)::text FROM api.approve_alias('Judd W. Fennimark', 'Judson Fennimark', 'His full name') AS a),
    '(done,JUDDWFENNIMARK,JUDSONFENNIMARK,,1)', 'both names are folded');
SELECT results_eq('SELECT a.receipt_key, a.name_key, a.approved_by_name, a.reason, a.version FROM report.name_aliases AS a',
    $$VALUES ('JUDDWFENNIMARK', 'JUDSONFENNIMARK', 'pat', 'His full name', 1)$$, 'it is listed with who approved it, and why');
SELECT throws_ok($$SELECT api.approve_alias('JUDDWFENNIMARK', 'JUDFENNIMARK', 'x', 1)$$, 'ST082', 'the name has another alias', 'it leads to one name only');
SELECT throws_ok($$SELECT api.approve_alias('JUDDWFENNIMARK', 'JUDSONFENNIMARK', 'x')$$, 'ST001', 'it was changed meanwhile', 'changing it needs the version seen');
SELECT is((SELECT a.version FROM api.approve_alias('JUDDWFENNIMARK', 'JUDSONFENNIMARK', 'Card 4111111111111111', 1, '2025-01-01', '2099-12-31') AS a), 2, 'reason and validity may change');
SELECT is((SELECT (a.reason, a.valid_from, a.valid_until)::text FROM report.name_aliases AS a), '("Card 411111XXXXXX1111",2025-01-01,2099-12-31)', 'a reason holds no card number');
SELECT throws_ok($$SELECT api.approve_alias('JUDY', 'JUDITH', NULL)$$, 'IV008', 'argument is missing or not allowed', 'an alias has a reason');
SELECT throws_ok($$SELECT api.approve_alias('JUDY', 'JUDITH', ' ')$$, 'IV008', NULL, 'in words');
SELECT throws_ok(format('SELECT api.approve_alias(%L, %L, %L)', 'JUDY', 'JUDITH', repeat('x', 4001)), 'IV008', NULL, 'of up to 4000 characters');
SELECT throws_ok($$SELECT api.approve_alias('JUDY', 'JUDITH', 'x', NULL, '2025-02-01', '2025-01-31')$$, 'IV008', NULL, 'and a validity that ends after it starts');
SELECT throws_ok($$SELECT api.approve_alias('JUDY', 'JUDITH', 'x', NULL, 'infinity', NULL)$$, 'IV008', NULL, 'on days that come');
SELECT lives_ok($$SELECT api.approve_alias('J. FENNIMARK', 'JUDSONFENNIMARK', 'x')$$, 'a person may have several');
SELECT throws_ok($$SELECT api.approve_alias('Jud Fennimark', 'judfennimark', 'x')$$, 'ST007',
    'alias would lead to itself or to another alias', 'no alias leads to itself');
SELECT throws_ok($$SELECT api.approve_alias('JUDY', 'JFENNIMARK', 'x')$$, 'ST007', NULL, 'nor to another alias');
SELECT throws_ok($$SELECT api.approve_alias('JUDSONFENNIMARK', 'JUDY', 'x')$$, 'ST007', NULL, 'nor does another alias lead to it');
SELECT throws_ok($$SELECT api.approve_alias('123', 'JUDY', 'x')$$, 'IV013', 'a name key holds no letter', 'a name without letters is none');
SELECT throws_ok($$SELECT api.approve_alias('JUDY', '-', 'x')$$, 'IV013', NULL, 'on neither side');
SELECT throws_ok($$SELECT api.approve_alias('JUDY', NULL, 'x')$$, 'IV013', NULL, 'nothing is none');
SELECT lives_ok(format('SELECT api.approve_alias(%L, %L, %L)', repeat('A', 200), repeat('B', 200), 'x'), '200 letters are a name key');
SELECT throws_ok(format('SELECT api.approve_alias(%L, %L, %L)', repeat('A', 201), 'JUDY', 'x'), '23514',
    'new row for relation "name_aliases" violates check constraint "name_aliases_receipt_key_check"', '201 are none');
:as_reviewer
SELECT throws_ok($$SELECT api.approve_alias('JUDY', 'JUDITH', 'x')$$, '42501', 'permission denied for function approve_alias', 'a reviewer approves no alias');
SELECT throws_ok($$SELECT api.withdraw_alias('JFENNIMARK', 1, 'x')$$, '42501', 'permission denied for function withdraw_alias', 'and withdraws none');
:as_reader
SELECT throws_ok($$SELECT api.approve_alias('JUDY', 'JUDITH', 'x')$$, '42501', NULL, 'nor does a reader');
:as_tester
SELECT is(app.report_key('JFENNIMARK'), 'JUDSONFENNIMARK', 'the alias is found');
SELECT is(app.report_key('JUDY'), 'JUDY', 'a name without alias is itself');
SELECT is((SELECT count(*)::integer FROM app.name_aliases), 3, 'what was refused left nothing');

-- Valid from a day to a day, both included.
:as_processor
SELECT count(*) AS dated FROM (VALUES ('A', 0, 0), ('B', 1, NULL), ('C', NULL, -1), ('D', NULL, 0), ('E', 0, NULL), ('F', NULL, NULL)) AS x (name, first, last)
CROSS JOIN LATERAL api.approve_alias('V' || x.name, 'TARGET', 'x', NULL, (now() AT TIME ZONE 'UTC')::date + x.first, (now() AT TIME ZONE 'UTC')::date + x.last) AS a \gset
:as_tester
SELECT is(app.report_key('V' || x.name), CASE WHEN x.counts THEN 'TARGET' ELSE 'V' || x.name END, x.what)
FROM (VALUES ('A', true, 'today only'), ('B', false, 'from tomorrow'), ('C', false, 'until yesterday'), ('D', true, 'until today'),
    ('E', true, 'from today'), ('F', true, 'always')) AS x (name, counts, what);

-- Where there are reports they tell who can be meant.
:as_processor
SELECT tap.import(jsonb_build_object('ANN', tap.entry(), 'BEA', tap.entry('{"employee_id": "2"}'),
    'ANNIE', tap.receipts_only('{}', tap.receipt()))) AS session_id \gset
SELECT throws_ok($$SELECT api.approve_alias('ANNIE', 'NOBODY', 'x')$$, 'NF083', 'nobody of a card report has this name', 'a name that nobody has');
SELECT throws_ok($$SELECT api.approve_alias('ANN', 'ANNIE', 'x')$$, 'ST081', 'the two names are swapped', 'the wrong way round');
SELECT throws_ok($$SELECT api.approve_alias('ANN', 'ANNIE', 'x', p_is_sure => true)$$, 'ST081', NULL, 'however sure');
SELECT throws_ok($$SELECT api.approve_alias('BEA', 'ANN', 'x')$$, 'RL082', 'the name of the receipts is that of a cardholder', 'the name of another cardholder');
SELECT is((SELECT a.outcome FROM api.approve_alias('BEA', 'ANN', 'x', p_is_sure => true, p_dry_run => true) AS a), 'dry_run', 'unless it is said twice');
SELECT is((SELECT a.outcome FROM api.approve_alias('CAL', 'CALVIN', 'New next month', p_is_sure => true) AS a), 'done', 'somebody of a report to come is said twice too');
SELECT is((SELECT a.outcome FROM api.approve_alias('ANNIE', 'ANN', 'Her nickname') AS a), 'done', 'the right way round it is taken');
:as_tester
SELECT is((SELECT count(*)::integer FROM app.name_aliases AS a WHERE a.receipt_key = 'BEA'), 0, 'a dry run left nothing');
\ir ../fixtures/invariants.psql
SELECT * FROM finish();
ROLLBACK;
