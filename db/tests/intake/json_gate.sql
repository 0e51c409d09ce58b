-- The gate: what is not strict JSON is refused as a whole, naming reason and place, before any of it is believed.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
SELECT plan(67);

-- The SQLSTATE a text is refused with, or null.
CREATE FUNCTION tap.judge(p_text text) RETURNS text
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM j.content FROM app.judge_json(p_text) AS j;
    RETURN NULL;
EXCEPTION
    WHEN OTHERS THEN RETURN SQLSTATE;
END
$$;
CREATE FUNCTION tap.detail(p_text text) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    v_detail text;
BEGIN
    PERFORM app.judge_json(p_text);
    RETURN NULL;
EXCEPTION WHEN SQLSTATE 'IV004' THEN
    GET STACKED DIAGNOSTICS v_detail = PG_EXCEPTION_DETAIL;
    RETURN v_detail;
END
$$;
CREATE FUNCTION tap.deep(p_levels integer) RETURNS text
LANGUAGE sql
RETURN repeat('[', p_levels) || repeat(']', p_levels);

-- Syntax.
SELECT throws_ok($$SELECT app.judge_json('{"a": 1,}')$$, 'IV001', 'file is not JSON', 'a comma too many');
SELECT throws_ok($$SELECT app.judge_json('{"a": NaN}')$$, 'IV001', 'file is not JSON', 'NaN');
SELECT is(tap.judge('{"a": Infinity}'), 'IV001', 'Infinity');
SELECT is(tap.judge('{"a": -Infinity}'), 'IV001', 'minus Infinity');
SELECT is(tap.judge('{"a": 01}'), 'IV001', 'a leading zero');
SELECT is(tap.judge('{"a": +1}'), 'IV001', 'a plus');
SELECT is(tap.judge('{"a": .5}'), 'IV001', 'no digit before the point');
SELECT is(tap.judge('{"a": 5.}'), 'IV001', 'no digit behind it');
SELECT is(tap.judge('{"a": 0x10}'), 'IV001', 'a hexadecimal number');
SELECT is(tap.judge('{''a'': 1}'), 'IV001', 'single quotes');
SELECT is(tap.judge('{a: 1}'), 'IV001', 'a key without quotes');
SELECT is(tap.judge('{"a": 1} // b'), 'IV001', 'a comment');
SELECT is(tap.judge('{"a": 1} {"b": 2}'), 'IV001', 'two documents');
SELECT is(tap.judge('{"a": "'), 'IV001', 'a text without end');
SELECT is(tap.judge('{"a": True}'), 'IV001', 'True of another language');
SELECT is(tap.judge(E'{"a": "\t"}'), 'IV001', 'a tab inside a text');
SELECT is(tap.judge(E'{"a": "\x01"}'), 'IV001', 'a control character inside a text');
SELECT is(tap.judge(E'{"a":\u00A0 1}'), 'IV001', 'a blank that JSON does not know');
SELECT is(tap.judge('{"a": "\x41"}'), 'IV001', 'an escape that JSON does not know');
SELECT is(tap.judge(U&'\FEFF{"a": 1}'), 'IV001', 'a byte order mark, which the import takes away before');
SELECT is(tap.judge('[1, 2'), 'IV001', 'a list without end');

-- Empty.
SELECT throws_ok($$SELECT app.judge_json('')$$, 'IV009', 'file is empty', 'nothing');
SELECT is(tap.judge(E' \r\n\t'), 'IV009', 'blanks only');

-- Text that cannot be stored.
SELECT throws_ok($$SELECT app.judge_json('{"a": "x\u0000y"}')$$, 'IV002', 'file holds a character that cannot be stored',
    'an escaped NUL');
SELECT is(tap.judge('{"a\u0000": 1}'), 'IV002', 'in a key too');
SELECT is(tap.judge('{"a": "\ud83d"}'), 'IV002', 'the first half of a pair alone');
SELECT is(tap.judge('{"a": "\ude00"}'), 'IV002', 'the second half alone');
SELECT is(tap.judge('{"a": "\ude00\ud83d"}'), 'IV002', 'the halves the wrong way round');
SELECT is(tap.judge('{"a": "\ud83d\ude00"}'), NULL, 'a whole pair is a character');
SELECT is(tap.judge('{"a": "\\u0000"}'), NULL, 'a backslash and five letters are text');

-- Keys twice.
SELECT throws_ok($$SELECT app.judge_json('{"a": 1, "a": 2}')$$, 'IV003', 'a key comes twice', 'a key twice');
SELECT is(tap.judge('{"a": 1, "b": {"c": 1, "d": 2, "c": 3}}'), 'IV003', 'further down');
SELECT is(tap.judge('{"a": [[{"c": 1, "c": 1}]]}'), 'IV003', 'in lists, also with the same value');
SELECT is(tap.judge('{"a": 1, "\u0061": 2}'), 'IV003', 'one of them escaped');
SELECT is(tap.judge('{"a" : 1, "a" : 2}'), 'IV003', 'with a blank before the colon');
SELECT is(tap.judge(E'{"a"\n: 1, "a"\r\n\t: 2}'), 'IV003', 'with other blanks before it');
SELECT is(tap.judge(E'{"a" :1, "b"\t:2, "c"\n:{"a":3}, "d"  : [{"a" : 1}]}'), NULL, 'blanks alone are no fault');
SELECT is(tap.judge('{"a\\": 1, "a\\": 2}'), 'IV003', 'keys that end with a backslash');
SELECT is(tap.judge('{"a\\": 1, "b\\": 2}'), NULL, 'other keys that do');
SELECT is(tap.judge('{"a\"": 1, "a\"": 2}'), 'IV003', 'keys that end with a quote');
SELECT is(tap.judge('{"a\"": 1, "a": 2}'), NULL, 'one that does is another');
SELECT is(tap.judge('{"a": "\":", "b": "\": \":", "c": "x\\"}'), NULL, 'texts that look like keys are none');
SELECT is(tap.judge('{"a": "\":", "a": "x"}'), 'IV003', 'beside such a text too');
SELECT is(tap.judge('{"a": "\": ", "b": 1, "b": 2}'), 'IV003', 'and the text does not count for the key');
SELECT is(tap.judge('{"": 1, "": 2}'), 'IV003', 'the empty key twice');
SELECT is(tap.judge('{"a": {"x": 1}, "b": {"x": 1}}'), NULL, 'the same key in two objects is none twice');
SELECT is(tap.judge('{"A": 1, "a": 2}'), NULL, 'other letters are another key');

-- Depth.
SELECT is(tap.judge(tap.deep(32)), NULL, '32 levels');
SELECT is(tap.judge(tap.deep(33)), 'IV004', '33 levels');
SELECT is(tap.judge('{"a": ' || tap.deep(31) || '}'), NULL, 'objects count as lists do');
SELECT is(tap.judge('{"a": ' || tap.deep(32) || '}'), 'IV004', 'one more of them');
SELECT is(tap.judge('{"a": ' || repeat('[', 30) || '1' || repeat(']', 30) || '}'), NULL, 'what stands inside is a level');
SELECT is(tap.judge('{"a": ' || repeat('[', 31) || '1' || repeat(']', 31) || '}'), 'IV004', 'so one list more is too deep');
SELECT throws_ok($$SELECT app.judge_json(repeat('[', 100000))$$, 'IV004', 'file nests too deep', '100,000 levels');
SELECT is(tap.detail(repeat('[', 100000)), 'expected at most 32 levels, got more', 'and are told as such');

-- Numbers: too strange to be printed, but for each employee to be judged.
CREATE FUNCTION tap.strange(p_number text) RETURNS boolean
LANGUAGE sql
BEGIN ATOMIC
    SELECT j.has_strange_numbers FROM app.judge_json('{"a": [' || p_number || ']}') AS j;
END;
SELECT is(tap.strange('999999999999.99'), false, 'the largest amount is not strange');
SELECT is(tap.strange('1000000000000'), true, 'one more is');
SELECT is(tap.strange('-1e12'), true, 'below zero too');
SELECT is(tap.strange('1e-20'), false, 'ten to the power of -20 is not');
SELECT is(tap.strange('1e-21'), true, 'less is');
SELECT is(tap.strange('0'), false, 'zero is not');
SELECT is(tap.strange('0e-20'), false, 'nor with 20 places');
SELECT is(tap.strange('0e-21'), true, 'with more it is');
SELECT is(tap.strange('1e131071'), true, 'the largest exponent is');
SELECT is(tap.judge('{"a": 1e131072}'), 'IV011', 'a larger one no number can have');
SELECT is(tap.judge('{"a": 1e131071, "a": 0e-9999}'), 'IV003', 'strange numbers hide no key');

-- Size.
SELECT is(tap.judge('"' || repeat('x', 134217728 - 1) || '"'), 'IV005', 'one byte over the limit');
SELECT * FROM finish();
ROLLBACK;
