-- What is cut and what is left: spellings of card numbers, and numbers that are none.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;

CREATE TEMP TABLE samples (text text, cut text, what text);
INSERT INTO samples VALUES
('4111111111111111', '411111XXXXXX1111', 'alone'),
('4111111111111111 12/27', '411111XXXXXX1111 12/27', 'with expiry'),
('4111111111111111 123', '411111XXXXXX1111 123', 'with the code'),
('4111 1111 1111 1111 123', '411111XXXXXX1111 123', 'in groups with the code'),
('No 7 4111111111111111', 'No 7 411111XXXXXX1111', 'after another number'),
('7 4111 1111 1111 1111', '7 411111XXXXXX1111', 'in groups after another number'),
('1234 4111 1111 1111 1111', '1234 411111XXXXXX1111', 'after a number of four digits'),
('03/14/2025 4111111111111111', '03/14/2025 411111XXXXXX1111', 'after a date'),
('4111111111111111 5500005555555559', '411111XXXXXX1111 550000XXXXXX5559', 'two in a row'),
('4111 1111 1111 1111 5500 0055 5555 5559', '411111XXXXXX1111 550000XXXXXX5559', 'two in a row in groups'),
('4242 4242 4242 4242 4242 4242 4242', '424242XXXXXX424242XXXXXX4242', 'two that share a group'),
('4111.1111.1111.1111', '411111XXXXXX1111', 'dots'),
('4111  1111  1111  1111', '411111XXXXXX1111', 'two blanks'),
(E'4111\u00a01111\u00a01111\u00a01111', '411111XXXXXX1111', 'no-break blanks'),
('4111/1111/1111/1111', '411111XXXXXX1111', 'slashes'),
('4111_1111_1111_1111', '411111XXXXXX1111', 'low lines'),
(E'4111\n1111\n1111\n1111', '411111XXXXXX1111', 'lines'),
(E'4111\t1111\t1111\t1111', '411111XXXXXX1111', 'tabs'),
('4111, 1111, 1111, 1111', '411111XXXXXX1111', 'commas'),
('4111 - 1111 - 1111 - 1111', '411111XXXXXX1111', 'hyphens between blanks'),
(E'4111\u200b1111\u200b1111\u200b1111', '411111XXXXXX1111', 'signs without width'),
('４１１１１１１１１１１１１１１１', '411111XXXXXX1111', 'full-width digits'),
('٤١١١ ١١١١ ١١١١ ١١١١', '411111XXXXXX1111', 'Arabic digits'),
('PAN4111111111111111X', 'PAN411111XXXXXX1111X', 'between letters'),
('(4111)1111 1111(1111)', '(411111XXXXXX1111)', 'in brackets'),
('411111 1111111111', '411111XXXXXX1111', '6-10'),
('3782 822463 10005', '378282XXXXX0005', '4-6-5'),
('3056 930902 5904', '305693XXXX5904', '4-6-4'),
('4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1', '411111XXXXXX1111', 'digit by digit'),
('41 11 11 11 11 11 11 11', '411111XXXXXX1111', 'in pairs'),
('41 11 11 11 11 11 11 11.', '411111XXXXXX1111.', 'in pairs at the end of a sentence'),
('/41/11/11/11/11/11/11/11', '/411111XXXXXX1111', 'in pairs after a sign'),
('000004111111111111111 x 4111111111111111', '000004111111111111111 x 411111XXXXXX1111', 'behind a longer number with its digits'),
(repeat('03/14/2025 140.71 ', 20) || 'x 4111111111111111', repeat('03/14/2025 140.71 ', 20) || 'x 411111XXXXXX1111',
    'at the end of a page'),
(repeat('1234567 ', 3000) || 'x 4111111111111111', repeat('1234567 ', 3000) || 'x 411111XXXXXX1111', 'at the end of a long text'),
(repeat('x', 20001) || '4111 1111 1111 1111 x 5500005555555559', repeat('x', 20001) || '411111XXXXXX1111 x 550000XXXXXX5559',
    'two in a long text'),
('4222222222222', '422222XXX2222', '13 digits'),
('6304 1234 5678 9012 347', '630412XXXXXXXXX2347', '19 digits in groups'),
('9999991234561193', '999999XXXXXX1193', 'a number of the programme'),
('a 4111111111111111 b', 'a 411111XXXXXX1111 b', 'in a sentence'),
('4111111111111112', '4111111111111112', 'a wrong check digit'),
('1234567812345670', '1234567812345670', 'the beginning of no card'),
('411111111111', '411111111111', '12 digits'),
('41111111111111110000', '41111111111111110000', '20 digits'),
('4111 1111 x 1111 1111', '4111 1111 x 1111 1111', 'a letter between'),
('4111 -- 1111 -- 1111 -- 1111', '4111 -- 1111 -- 1111 -- 1111', 'four signs between'),
('40478041, 40478042, 40478043', '40478041, 40478042, 40478043', 'receipt ids in a row'),
('4103, 4104, 4105, 4106', '4103, 4104, 4105, 4106', 'pages in a row'),
('6199, 6200, 6201, 6202, 6203', '6199, 6200, 6201, 6202, 6203', 'pages over a hundred'),
('+1 (504) 555-0143, +1 (504) 555-0199', '+1 (504) 555-0143, +1 (504) 555-0199', 'telephone numbers'),
('9400 1118 9956 3111 1111 11', '9400 1118 9956 3111 1111 11', 'a parcel'),
('2025-03-14 12:30:45 2025-03-15', '2025-03-14 12:30:45 2025-03-15', 'dates and times'),
('$4,111.11 + $1,111.11 = $5,222.22', '$4,111.11 + $1,111.11 = $5,222.22', 'amounts'),
('019ac000-4111-7111-8111-111111111111', '019ac000-4111-7111-8111-111111111111', 'an id of this program'),
('************1234, 999999XXXXXX1193', '************1234, 999999XXXXXX1193', 'masked numbers'),
('880011, 880012, 880013', '880011, 880012, 880013', 'job numbers in a row'),
('4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1', '4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1', 'a row of 20 digits'),
('', '', 'nothing');

SELECT plan(10 + (SELECT 2 * count(*)::integer FROM pg_temp.samples));
SELECT is(app.hide_card_numbers(s.text), s.cut, s.what) FROM pg_temp.samples AS s;
SELECT is(app.holds_card_number(s.text), s.text <> s.cut, s.what || ': the constraint agrees') FROM pg_temp.samples AS s;
SELECT is_empty($$SELECT s.what FROM pg_temp.samples AS s WHERE app.hide_card_numbers(s.cut) <> s.cut$$,
    'what was cut is left alone');
SELECT is(app.hide_card_numbers('see 9999-9912-3456-1190 and 9999991234561191', '{9999991234561190}'),
    'see 999999XXXXXX1190 and 9999991234561191', 'the number of a card field is cut without check digit');
SELECT is(app.cut_card_field('9999 9912 3456 1190'), '999999XXXXXX1190', 'in the card field whatever it is');
SELECT is(app.cut_card_field('4111-1111111-11112'), '411111XXXXXX1112', 'and however it is grouped');
SELECT is(app.shorten('No 4111 1111 1111 11110', 20), 'No 4111 1111 1111 11', 'a text is cut off');
SELECT is(app.shorten('4111111111111111222', 16), '411111XXXXXX1111', 'and what then is a card number is cut');
SELECT is_empty($$SELECT s.what FROM pg_temp.samples AS s WHERE app.cut_card_numbers(s.text, NULL) <> s.cut$$,
    'the quick tests before the close look leave nothing out');
SELECT is_empty($$SELECT d.place FROM generate_series(1, length(app.foreign_digits())) AS d (place)
        WHERE NOT app.has_hidden_digits('a' || substr(app.foreign_digits(), d.place, 1))$$,
    'every digit of another script is noticed');
SELECT is_empty($$SELECT d.sign FROM (SELECT chr(ascii(substr(app.foreign_digits(), p, 1)) + n)
            FROM generate_series(1, length(app.foreign_digits()), 10) AS p, (VALUES (-1), (10)) AS v (n)) AS d (sign)
        WHERE app.has_hidden_digits(d.sign) AND strpos(app.foreign_digits(), d.sign) = 0$$, 'and no sign beside them');
SELECT is_empty($$SELECT d.sign FROM regexp_split_to_table(U&'\00AD\200B\200C\200D\200E\200F\202A\202B\202C\202D\202E\2060\FEFF', '')
        AS d (sign) WHERE NOT app.has_hidden_digits(d.sign)$$, 'nor is a sign without width missed');
SELECT * FROM finish();
ROLLBACK;
