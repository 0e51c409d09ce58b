-- The parts of a score: what fits how well, to the thousandth, at every border.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
SELECT plan(29);

CREATE TEMP TABLE sides AS
SELECT ROW(NULL, NULL, 'c', 12.50, date '2025-03-11', date '2025-03-09', 'HARBOR', x.is_lodging, false, true, '')
        ::app.match_side AS charge, x.is_lodging, x.days,
    ROW(NULL, NULL, 'r', 12.50, date '2025-03-11' + x.days, NULL, 'HARBOR', false, false, true, '')::app.match_side
        AS receipt, x.part
FROM (VALUES
    (false, -6, 0.000), (false, -5, 0.375), (false, -3, 0.500), (false, -2, 0.900), (false, -1, 0.500),
    (false, 0, 1.000), (false, 1, 0.500), (false, 2, 0.438), (false, 7, 0.125), (false, 8, 0.000),
    (true, -4, 0.000), (true, -3, 0.500), (true, 30, 0.032), (true, 31, 0.000)
) AS x (is_lodging, days, part);

SELECT is(
    app.date_part_of(s.charge, s.receipt, app.matching_policy()), s.part,
    'date part of ' || s.days || ' days' || CASE WHEN s.is_lodging THEN ' of lodging' ELSE '' END)
FROM sides AS s ORDER BY s.is_lodging, s.days;

SELECT is(app.amount_part_of(10.00, 10.00), 1.000, 'equal amounts fit wholly');
SELECT is(app.amount_part_of(-10.00, -10.00), 1.000, 'so do equal refunds');
SELECT is(app.amount_part_of(10.00, -10.00), 0.000, 'other signs do not fit');
SELECT is(app.amount_part_of(0.00, 0.01), 0.000, 'nothing and something do not fit');
SELECT is(app.amount_part_of(0.00, 0.00), 1.000, 'nothing and nothing do');
SELECT is(app.amount_part_of(9.00, 10.00), 0.810, 'a tenth apart');
SELECT is(app.amount_part_of(999999999999.99, 0.01), 0.000, 'the largest and the smallest');

SELECT is(app.merchant_part_of('HARBORFUELSTOP0', 'HARBORFUELSTOP0'), 1.000, 'the same merchant');
SELECT is(app.merchant_part_of('HARBORFUELSTOP0', 'HARBORFUELDEPOT'), 0.500, 'the first eight are equal');
SELECT is(app.merchant_part_of('HARBORFUELSTOP0', 'LAKESIDEINN'), 0.000, 'another merchant');
SELECT is(app.merchant_part_of(NULL, 'LAKESIDEINN'), 0.000, 'an unnamed merchant fits nobody');

SELECT is(app.merchant_key('  Skylark Air 5262200119'), 'SKYLARKAIR526220', 'cut at eighteen, folded');
SELECT is(app.merchant_key('CAFÉ «ÉTÉ»'), app.merchant_key('Cafe «Ete»'), 'accents do not count');
SELECT is(app.merchant_key(' *-#'), NULL, 'nothing left is no merchant');

SELECT is(app.score_of(1, 1, 1, 0.5, app.matching_policy()), 0.9500, 'an identical row without history scores 0.95');

SELECT finish();
ROLLBACK;
