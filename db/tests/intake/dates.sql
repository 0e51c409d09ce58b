-- Dates are real days from 2000-01-01 to one year from today, in two ways of writing.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
SELECT plan(23);

SELECT is(app.read_date('03/29/2025'), '2025-03-29'::date, 'month, day, year');
SELECT is(app.read_date('2025-03-29'), '2025-03-29'::date, 'year, month, day');
SELECT is(app.read_date('01/01/2000'), '2000-01-01'::date, 'the first day');
SELECT is(app.read_date('12/31/1999'), NULL, 'the day before it');
SELECT is(app.read_date(to_char(current_date + interval '1 year', 'MM/DD/YYYY')), (current_date + interval '1 year')::date,
    'the last day');
SELECT is(app.read_date(to_char(current_date + interval '1 year 1 day', 'MM/DD/YYYY')), NULL, 'the day after it');
SELECT is(app.read_date('12/15/2999'), NULL, 'a day far behind it, as each month has one');
SELECT is(app.read_date('02/29/2024'), '2024-02-29'::date, 'the 29th of February of a leap year');
SELECT is(app.read_date('02/29/2025'), NULL, 'of another year');
SELECT is(app.read_date('02/30/2025'), NULL, 'the 30th');
SELECT is(app.read_date('13/01/2025'), NULL, 'the 13th month');
SELECT is(app.read_date('00/10/2025'), NULL, 'month zero');
SELECT is(app.read_date('3/1/2025'), NULL, 'without leading zeros');
SELECT is(app.read_date('03/01/25'), NULL, 'a year of two digits');
SELECT is(app.read_date('03-01-2025'), NULL, 'other marks');
SELECT is(app.read_date('2025-03-01T00:00:00'), NULL, 'a time behind it');
SELECT is(app.read_date('infinity'), NULL, 'the word infinity');
SELECT is(app.read_date('now'), NULL, 'the word now');
SELECT is(app.read_date('epoch'), NULL, 'the word epoch');
SELECT is(app.read_date('today'), NULL, 'the word today');
SELECT is(app.read_date(''), NULL, 'nothing');
SELECT is(app.read_date(NULL), NULL, 'null');
SELECT is((SELECT count(*)::integer
    FROM generate_series(0, 33) AS d, generate_series(0, 13) AS m, (VALUES (2000), (2023), (2024)) AS y (year)
    CROSS JOIN LATERAL (SELECT app.read_date(lpad(m::text, 2, '0') || '/' || lpad(d::text, 2, '0') || '/' || y.year)) AS r (day)
    WHERE to_char(r.day, 'MM/DD/YYYY') = lpad(m::text, 2, '0') || '/' || lpad(d::text, 2, '0') || '/' || y.year),
    366 + 365 + 366, 'every day of a year is read as itself and nothing else is a day');
SELECT * FROM finish();
ROLLBACK;
