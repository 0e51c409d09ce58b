-- Dates are real days from 2000-01-01 to one year from today, in two ways of writing.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
SELECT plan(21);

CREATE FUNCTION tap.read_date(p_text text) RETURNS date
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT d.day FROM app.readable_dates() AS d WHERE d.date_text = p_text;
END;

SELECT is(tap.read_date('03/29/2025'), '2025-03-29'::date, 'month, day, year');
SELECT is(tap.read_date('2025-03-29'), '2025-03-29'::date, 'year, month, day');
SELECT is(tap.read_date('01/01/2000'), '2000-01-01'::date, 'the first day');
SELECT is(tap.read_date('12/31/1999'), NULL, 'the day before it');
SELECT is(tap.read_date(to_char(current_date + interval '1 year', 'MM/DD/YYYY')), (current_date + interval '1 year')::date,
    'the last day');
SELECT is(tap.read_date(to_char(current_date + interval '1 year 1 day', 'MM/DD/YYYY')), NULL, 'the day after it');
SELECT is(tap.read_date('02/29/2024'), '2024-02-29'::date, 'the 29th of February of a leap year');
SELECT is(tap.read_date('02/29/2025'), NULL, 'of another year');
SELECT is(tap.read_date('02/30/2025'), NULL, 'the 30th');
SELECT is(tap.read_date('13/01/2025'), NULL, 'the 13th month');
SELECT is(tap.read_date('00/10/2025'), NULL, 'month zero');
SELECT is(tap.read_date('3/1/2025'), NULL, 'without leading zeros');
SELECT is(tap.read_date('03/01/25'), NULL, 'a year of two digits');
SELECT is(tap.read_date('03-01-2025'), NULL, 'other marks');
SELECT is(tap.read_date('2025-03-01T00:00:00'), NULL, 'a time behind it');
SELECT is(tap.read_date('infinity'), NULL, 'the word infinity');
SELECT is(tap.read_date('now'), NULL, 'the word now');
SELECT is(tap.read_date('epoch'), NULL, 'the word epoch');
SELECT is(tap.read_date('today'), NULL, 'the word today');
SELECT is(tap.read_date(''), NULL, 'nothing');
SELECT is_empty('SELECT d.date_text FROM app.readable_dates() AS d GROUP BY 1 HAVING count(*) > 1',
    'no text means two days');
SELECT * FROM finish();
ROLLBACK;
