-- One text finds rows by person, merchant, purpose and amount, folded as names are.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
SELECT plan(30);

CREATE FUNCTION tap.finds(p_q text, p_person text DEFAULT 'ZOEMUNOZ', p_merchant text DEFAULT 'Café O''Neill #45', p_purpose text DEFAULT 'Crew lunch, 12 people', p_amount numeric DEFAULT 1234.50)
RETURNS boolean
LANGUAGE sql STABLE
RETURN report.search_text(p_person, p_merchant, p_purpose, p_amount) COLLATE "C" ~ ALL (report.search_patterns(p_q));

:as_reader
SELECT ok(tap.finds(w.q), format('%L finds it', w.q))
FROM (VALUES (''), ('  '), ('Zoë Muñoz'), ('cafe'), ('CAFÉ oneill'), ('o’neill, munoz'), ('crew Lunch'), ('12'), ('45'), ('#45'), ('lunch 1234.50'), ('$1,234.5'), ('Crew & lunch -')) AS w (q);
SELECT ok(NOT tap.finds(w.q), format('%L does not', w.q))
FROM (VALUES ('zoe smith'), ('%'), ('.*'), ('@'), ('234.50'), ('1234.51'), ('1234'), ('-1234.50'), ('46')) AS w (q);
SELECT ok(tap.finds('45', p_merchant => 'Deli', p_amount => 45), '45 finds the amount 45.00');
SELECT ok(tap.finds('-45', p_amount => -45) AND tap.finds('45.00', p_amount => -45), 'a refund is found with its sign and without');
SELECT ok(NOT tap.finds('45', p_merchant => 'Deli', p_amount => 145), 'not 145.00');
SELECT ok(tap.finds('deli', p_merchant => 'Deli', p_person => NULL, p_purpose => NULL, p_amount => NULL), 'what is not known is left out');
SELECT ok(NOT tap.finds('zoecafe'), 'a word does not reach over two fields');
SELECT is(cardinality(report.search_patterns(repeat('a ', 10))), 10, 'ten words');
SELECT throws_ok($$SELECT report.search_patterns(repeat('a ', 11))$$, 'IV008', NULL, 'and no more');
SELECT throws_ok($$SELECT report.search_patterns(repeat('a', 201))$$, 'IV008', NULL, 'of 200 letters');
:as_tester
SELECT * FROM finish();
ROLLBACK;
