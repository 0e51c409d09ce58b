-- Every field of an employee and of a receipt takes the JSON types of the format and rejects the employee for any other.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/documents.psql
SELECT plan(6);

CREATE TEMP TABLE kinds (kind text, value jsonb);
INSERT INTO kinds VALUES ('string', '"x"'), ('number', '1'), ('boolean', 'true'), ('object', '{}'), ('array', '[]'), ('null', 'null');
CREATE TEMP TABLE fields (holder text, field text, kinds text[]);
INSERT INTO fields VALUES
('employee', 'name', '{string}'), ('employee', 'employee_id', '{string}'), ('employee', 'car_page_range', '{array}'),
('employee', 'car_total', '{number}'), ('employee', 'card_no', '{string}'), ('employee', 'files', '{array}'),
('employee', 'rec_page_range', '{array}'), ('employee', 'rec_total', '{number}'), ('employee', 'flags', '{object}'),
('employee', 'receipts', '{object}'), ('employee', 'unheard_of', '{string,number,boolean,object,array}'),
('receipt', 'rec_id', '{string}'), ('receipt', 'exp', '{string}'), ('receipt', 'date', '{string}'),
('receipt', 'title', '{string}'), ('receipt', 'amt', '{string,number}'), ('receipt', 'purpose', '{string}'),
('receipt', 'merch_name', '{string}'), ('receipt', 'merch_addy', '{string}'), ('receipt', 'code_type', '{string}'),
('receipt', 'job', '{string}'), ('receipt', 'phase', '{string}'), ('receipt', 'cost_type', '{string}'),
('receipt', 'gl_acct', '{string}'), ('receipt', 'gl_desc', '{string}'), ('receipt', 'coded', '{boolean}'),
('receipt', 'attachment', '{boolean}'), ('receipt', 'unheard_of', '{string,number,boolean,object,array}');

-- One employee for each field, JSON type and shape; the key says nothing but A to Z.
CREATE TEMP TABLE tried AS
SELECT f.holder, f.field, f.kinds, k.kind, k.value, s.shape,
    'E' || translate((row_number() OVER ())::text, '0123456789', 'ABCDEFGHIJ') AS key
FROM pg_temp.fields AS f CROSS JOIN pg_temp.kinds AS k
CROSS JOIN unnest(CASE f.holder WHEN 'employee' THEN '{none}' ELSE '{by_code,by_id}'::text[] END) AS s (shape);
CREATE TEMP TABLE wanted AS
SELECT t.key, '$."' || t.key || '"' || CASE t.shape WHEN 'none' THEN '' WHEN 'by_code' THEN '.receipts."6120.100"[0]'
        ELSE '.receipts."40000001"' END || '.' || t.field AS path,
    'expected ' || array_to_string(t.kinds, ' or ') || ', got ' || t.kind
        || CASE WHEN t.kind IN ('string', 'number', 'boolean') AND t.field <> 'card_no' THEN ' ' || t.value::text ELSE '' END AS message
FROM pg_temp.tried AS t WHERE t.kind <> ALL (t.kinds) AND t.kind <> 'null';

SELECT jsonb_object_agg(t.key, CASE t.shape
        WHEN 'none' THEN tap.entry(jsonb_build_object('employee_id', t.key) || jsonb_build_object(t.field, t.value))
        WHEN 'by_code' THEN tap.entry(jsonb_build_object('employee_id', t.key), tap.receipt(jsonb_build_object(t.field, t.value)))
        ELSE tap.entry(jsonb_build_object('employee_id', t.key, 'receipts',
            jsonb_build_object('40000001', tap.receipt(jsonb_build_object(t.field, t.value))))) END) AS document
FROM pg_temp.tried AS t \gset
:as_processor
SELECT api.import_activity(:'document') AS answer \gset
:as_tester
SELECT is(:'answer'::jsonb ->> 'outcome', 'accepted', 'one bad employee does not stop the others');
CREATE TEMP TABLE answer AS SELECT :'answer'::jsonb AS answer;
SELECT set_eq($$SELECT r.path, r.message FROM pg_temp.answer AS a,
        jsonb_to_recordset(a.answer -> 'rejects') AS r (path text, message text)$$,
    'SELECT w.path, w.message FROM pg_temp.wanted AS w', 'each wrong type is rejected with its path, what is expected and got');
SELECT set_eq($$SELECT DISTINCT r.code, r.sqlstate FROM pg_temp.answer AS a,
        jsonb_to_recordset(a.answer -> 'rejects') AS r (code text, sqlstate text)$$,
    $$VALUES ('wrong_type', 'IV010')$$, 'with the same code');
SELECT set_eq('SELECT r.path, r.message FROM report.import_rejects AS r',
    'SELECT w.path, w.message FROM pg_temp.wanted AS w', 'the rejects are stored');
SELECT set_eq($$SELECT c.source_key FROM app.old_claims AS c$$,
    $$SELECT t.key FROM pg_temp.tried AS t EXCEPT SELECT w.key FROM pg_temp.wanted AS w$$,
    'all others are taken, null and unknown fields included');
SELECT is(((SELECT a.answer FROM pg_temp.answer AS a) #>> '{report,rejected_employees}')::integer,
    (SELECT count(*)::integer FROM pg_temp.wanted), 'the report counts them');
SELECT * FROM finish();
ROLLBACK;
