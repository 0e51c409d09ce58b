-- What is cut in documents: strings and whole numbers, whatever else stands there; keys are left.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;

CREATE TEMP TABLE samples (doc jsonb, cut jsonb, what text);
INSERT INTO samples VALUES
('"4111111111111111"', '"411111XXXXXX1111"', 'a string alone'),
('4111111111111111', '"411111XXXXXX1111"', 'a number becomes a string'),
('-4111111111111111', '"-411111XXXXXX1111"', 'one below zero too'),
('[4111111111111111, 12, [5500005555555559]]', '["411111XXXXXX1111", 12, ["550000XXXXXX5559"]]', 'numbers in lists'),
('{"a": 4111111111111111, "b": 41111111111111112222}', '{"a": "411111XXXXXX1111", "b": 41111111111111112222}',
    'a number of 20 digits is none'),
('{"a": 4111111111111111.25}', '{"a": 4111111111111111.25}', 'nor is one with cents'),
('{"a": "4111-1111-1111-1111", "b": "x"}', '{"a": "411111XXXXXX1111", "b": "x"}', 'groups'),
('["4111", "1111", "1111", "1111"]', '["4111", "1111", "1111", "1111"]', 'groups in strings of their own are none'),
('[4111, 1111, 1111, 1111]', '[4111, 1111, 1111, 1111]', 'nor are numbers in a row'),
('"4111\"1111\"1111\"1111"', '"411111XXXXXX1111"', 'quotes between'),
('"4111\\1111\\1111\\1111"', '"411111XXXXXX1111"', 'backslashes between'),
('"4111\n1111\n1111\n1111"', '"411111XXXXXX1111"', 'line ends between'),
('"4111\t1111\t1111\t1111"', '"411111XXXXXX1111"', 'tabs between'),
('"\u00014111 1111 1111 1111"', '"\u0001411111XXXXXX1111"', 'behind a control character'),
('"n4111\u001f1111\u001f1111\u001f1111"', '"n411111XXXXXX1111"', 'control characters between'),
('{"say \"a\\\": ": "\"4111111111111111\\\n\""}', '{"say \"a\\\": ": "\"411111XXXXXX1111\\\n\""}', 'beside all of them'),
('[": 4111111111111111", ": x"]', '[": 411111XXXXXX1111", ": x"]', 'a string that begins as what follows a key'),
('{"a": "٤١١١١١١١١١١١١١١١"}', '{"a": "411111XXXXXX1111"}', 'digits of another script'),
('{"café": "3 × 4111 1111 1111 1111 é"}', '{"café": "3 × 411111XXXXXX1111 é"}', 'beside signs beyond ASCII'),
('{"4111111111111111": "4111111111111111"}', '{"4111111111111111": "411111XXXXXX1111"}', 'a key stays, its value does not'),
('{"a": [], "b": {}, "c": null, "d": true, "e": ""}', '{"a": [], "b": {}, "c": null, "d": true, "e": ""}', 'nothing');

SELECT plan(6 + (SELECT 2 * count(*)::integer FROM pg_temp.samples));
SELECT is(app.hide_in_json(s.doc), s.cut, s.what) FROM pg_temp.samples AS s;
SELECT is(app.json_holds_card_number(s.doc), s.doc <> s.cut, s.what || ': the constraint agrees') FROM pg_temp.samples AS s;
SELECT is(app.hide_in_json((SELECT jsonb_agg(s.doc) FROM pg_temp.samples AS s)), (SELECT jsonb_agg(s.cut) FROM pg_temp.samples AS s),
    'all of them in one document');
SELECT is(app.hide_in_json('{"a": "9999991234561190", "b": 9999991234561190}', '{9999991234561190}'),
    '{"a": "999999XXXXXX1190", "b": "999999XXXXXX1190"}', 'the number of a card field is cut without check digit');
SELECT ok(app.json_holds_card_number('{"x": {"4111111111111111": 1}}'), 'tables refuse one in a key');
SELECT is(app.hide_in_json('{"4111111111111111": "x"}'), '{"4111111111111111": "x"}', 'which nothing shortens');
SELECT ok(NOT app.json_may_hold_card_number(jsonb(
    '{"id": "40478041", "amount": "1299.00", "date": "2025-03-14", "text": "03/14/2025\n$140.71\n************1234\n999999XXXXXX1193"}')::text),
    'ids, amounts, dates and masked numbers are looked at once');
SELECT ok(app.hide_in_json(NULL) IS NULL, 'nothing is nothing');
SELECT * FROM finish();
ROLLBACK;
