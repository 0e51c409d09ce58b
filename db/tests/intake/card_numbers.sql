-- Of a card number at most first six and last four are kept, also inside free text.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
SELECT plan(27);

SELECT is(app.mask_card_number('4111111111111111'), '411111XXXXXX1111', 'a whole number');
SELECT is(app.mask_card_number('411111XXXXXX1111'), '411111XXXXXX1111', 'a masked one');
SELECT is(app.mask_card_number('411111xxxxxx1111'), '411111XXXXXX1111', 'with small letters');
SELECT is(app.mask_card_number('411111******1111'), '411111XXXXXX1111', 'with stars');
SELECT is(app.mask_card_number('411111XXX1111111'), NULL, 'half masked');
SELECT is(app.mask_card_number('411111111111111'), NULL, '15 digits');
SELECT is(app.mask_card_number('41111111111111111'), NULL, '17 digits');
SELECT is(app.mask_card_number('None'), NULL, 'the word None');

SELECT ok(app.passes_luhn('4111111111111111'), 'a right check digit');
SELECT ok(NOT app.passes_luhn('4111111111111112'), 'a wrong one');
SELECT ok(NOT app.passes_luhn('9999990000000001'), 'a sum that ends in 5 is as wrong');
SELECT is(app.hide_card_numbers('card 4111111111111111.'), 'card 411111XXXXXX1111.', 'a number in a sentence');
SELECT is(app.hide_card_numbers('4111 1111 1111 1111'), '411111XXXXXX1111', 'in groups with blanks');
SELECT is(app.hide_card_numbers('4111-1111-1111-1111'), '411111XXXXXX1111', 'with hyphens');
SELECT is(app.hide_card_numbers('4111111111111112'), '4111111111111112', 'what fails the check is no card number');
SELECT is(app.hide_card_numbers('378282246310005'), '378282XXXXX0005', '15 digits');
SELECT is(app.hide_card_numbers('4222222222222'), '422222XXX2222', '13 digits');
SELECT is(app.hide_card_numbers('a 4111111111111111 b 5500005555555559 c'), 'a 411111XXXXXX1111 b 550000XXXXXX5559 c',
    'two of them');
SELECT is(app.hide_card_numbers('call 555 123 4567'), 'call 555 123 4567', 'a telephone number stays');
SELECT is(app.hide_card_numbers(''), '', 'nothing stays nothing');
SELECT is(app.hide_card_numbers(NULL), NULL, 'null stays null');

SELECT is(app.hide_in_json('{"a": "4111111111111111", "4111111111111111": [4111111111111111, {"b": "x\"4111111111111111"}]}'),
    '{"a": "411111XXXXXX1111", "4111111111111111": ["411111XXXXXX1111", {"b": "x\"411111XXXXXX1111"}]}'::jsonb,
    'in JSON texts and whole numbers are cut, keys are not');
SELECT ok(app.json_holds_card_number('{"4111111111111111": 1}'), 'which is why tables refuse keys');
SELECT is(app.hide_in_json('{"a": 1}'), '{"a": 1}'::jsonb, 'a document without any stays');
SELECT is(app.clean_text('', true), NULL, 'an empty text is none');
SELECT is(app.clean_text('4111111111111111', true), '411111XXXXXX1111', 'a text that may hold one is cut');
SELECT is(app.clean_text(NULL, true), NULL, 'no text is none');
SELECT * FROM finish();
ROLLBACK;
