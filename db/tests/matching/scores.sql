-- The parts of a score: what fits how well, to the thousandth, at every border.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
SELECT plan(41);

CREATE TEMP TABLE sides AS
SELECT ROW(NULL, NULL, 'c', 12.50, date '2025-03-11', date '2025-03-09', 'HARBOR', 'HARBOR', 'HARBOR', x.is_lodging, false, true, '',
        false)
        ::app.match_side AS charge, x.is_lodging, x.days,
    ROW(NULL, NULL, 'r', 12.50, date '2025-03-11' + x.days, NULL, 'HARBOR', 'HARBOR', 'HARBOR', false, false, true, '',
        false)::app.match_side
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

SELECT is(app.merchant_likeness(app.merchant_words(x.one), app.merchant_words(x.other)), x.part,
    x.one || ' and ' || x.other || ': ' || x.part)
FROM (VALUES
    ('TST* HERON DINER -', 'Heron Diner', 0.800), ('SQ *MARLOW BAKERY', 'Marlow Bakery #7', 0.800),
    ('QUARRY FUEL 77', 'QUARRY FUEL 0412', 0.800), ('THE COPPER KETTLE', 'Copper Kettle, Inc.', 0.800),
    ('MARLOW BAKERY SALE', 'Marlow Bakery', 0.600), ('ALDER HDW 118', 'Alder Hardware', 0.600),
    ('FOXGLOVE CAR SVC', 'Foxglove Car Service', 0.600), ('HARBORFUEL', 'Harbor Fuel Stop', 0.600),
    ('HARBOR FUEL STOP', 'HARBOR FUEL DEPOT', 0.300), ('QUARRY FUEL 77', 'The Copper Kettle', 0.000)
) AS x (one, other, part);
SELECT is(app.merchant_likeness(NULL, 'LAKESIDE INN'), 0.000, 'an unnamed merchant fits nobody');
SELECT is(app.merchant_words('7-Eleven 33'), '7 ELEVEN', 'a name may begin with a number');

SELECT is(app.merchant_key('  Skylark Air 5262200119'), 'SKYLARKAIR526220', 'cut at eighteen, folded');
SELECT is(app.merchant_key('CAFÉ «ÉTÉ»'), app.merchant_key('Cafe «Ete»'), 'accents do not count');
SELECT is(app.merchant_key(' *-#'), NULL, 'nothing left is no merchant');

SELECT is(app.score_of(1, 1, 1, 0.5, app.matching_policy()), 0.9500, 'an identical row without history scores 0.95');

SELECT is(app.score_of(x.amount, x.date, x.merchant, x.history, app.matching_policy()), x.score, x.what)
FROM (VALUES
    (1, 0, 0, 0, 0.4500, 'an amount alone'), (0, 1, 0, 0, 0.2500, 'a date alone'), (0, 0, 1, 0, 0.2000, 'a merchant alone'),
    (0, 0, 0, 1, 0.1000, 'a history alone')
) AS x (amount, date, merchant, history, score, what);

SELECT finish();
ROLLBACK;
