-- A pseudonym: nobody but an auditor reads the name in any table, view or output; what is proved stays proved.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/workflow.psql
\ir ../fixtures/pdfs.psql
\ir ../fixtures/alone.psql
\ir ../fixtures/closed.psql
SELECT no_plan();
\ir ../fixtures/calls.psql
\set name '(?i)ann[ ,.]{0,2}roe|roe[ ,.]{1,2}ann|annie[ ,.]?roe|999999X+1193'
-- Her number and the end of her card as whole values, in JSON and columns alike.
\set digits '(^|["{,])(1001|1193)(["},]|$)'
:as_owner
SELECT api.save_user('ava', NULL, 'admin') \g /dev/null
SELECT api.save_user('annuser', NULL, 'admin', :'ann') \g /dev/null
:as_tester
CREATE TEMP TABLE hits (relation text, column_name text, hits bigint);
GRANT ALL ON hits TO PUBLIC;
-- Every text, list of texts, JSON and run of bytes of every relation of these kinds.
CREATE FUNCTION tap.search(p_schema text, p_kind "char", p_pattern text) RETURNS SETOF hits
LANGUAGE plpgsql
AS $$
DECLARE
    v_column record;
    v_hits bigint;
BEGIN
    FOR v_column IN
        SELECT c.oid::regclass AS relation, a.attname, a.atttypid FROM pg_catalog.pg_class AS c
        JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relnamespace = p_schema::regnamespace AND c.relkind = p_kind
            AND a.atttypid IN ('text'::regtype, 'text[]'::regtype, 'json'::regtype, 'jsonb'::regtype, 'bytea'::regtype, 'name'::regtype)
        ORDER BY c.oid, a.attnum
    LOOP
        EXECUTE format('SELECT count(*) FROM %s AS t WHERE %s ~ $1', v_column.relation, CASE
            WHEN v_column.atttypid = 'bytea'::regtype THEN format('encode(t.%I, ''escape'')', v_column.attname)
            ELSE format('t.%I::text', v_column.attname) END) INTO v_hits USING p_pattern;
        IF v_hits > 0 THEN
            RETURN NEXT ROW(v_column.relation::text, v_column.attname::text, v_hits)::hits;
        END IF;
    END LOOP;
END
$$;

-- The name in all kinds of texts.
:as_processor
SET LOCAL app.reason = 'Asked Ann Roe';
UPDATE api.current_transactions SET purpose = 'Dinner of Bob Roe and Roe, Ann', external_transaction_id = 'R 7 Ann Roe', gl_description = 'Travel of Ann Roe', expense_type = 'Meals of Ann Roe' WHERE transaction_id = :'receipt';
SELECT api.save_addresses('[{"employee_name": "ANNROE", "email": "ann.roe@example.org"}]') \g /dev/null
SELECT api.save_addresses('[{"employee_name": "BOBROE", "email": "bob.roe@example.org"}, {"employee_name": "ANNROE", "is_quiet": false, "version": 1}]', p_request_id => 'key 1') \g /dev/null
SELECT api.note_issue(i.issue_id, i.version, 'Annie Roe knows, says Ánn Roe', 'key 2') FROM report.validation_issues AS i
WHERE i.issue_id = :'issue' \g /dev/null
SELECT api.compare_old_result(:'session', '{"ANNROE": {"name": "Ann Roe", "employee_id": "1001", "car_total": 10.0}}', 'ann roe.json',
    p_csv => E'Transaction ID,Transaction Date,Transaction Amount,Transaction Name,Vendor,Invoice #,Invoice Date,Header Description,Job,Phase,Cost Type,'
        'GL Account,Item Description,UM,Tax,Pay Type,Card Holder,Credit Card Number,Credit Card Vendor\r\n1,,,,,,,ANNROE,,,,,,,,,,,\r\n') \g /dev/null
:as_owner
INSERT INTO app.page_texts (document_id, page_number, parser_version, page_text)
SELECT d.document_id, 1, '0', 'Card Holder: ANN ROE' FROM app.session_documents AS d WHERE d.session_id = :'session' AND d.kind = 'car_pdf';
:as_tester
SELECT cmp_ok((SELECT count(DISTINCT s.relation) FROM tap.search('app', 'r', :'name') AS s), '>', 10::bigint, 'the name is in many tables');
SELECT cmp_ok((SELECT count(DISTINCT s.relation) FROM tap.search('report', 'v', :'name') AS s), '>', 15::bigint, 'and views');

-- What is refused.
:as_processor
SELECT throws_ok(format('SELECT api.pseudonymise_cardholder(%L, ''x'')', :'ann'), '42501', NULL, 'a processor proposes none');
:as_admin
SELECT throws_ok(format('SELECT api.pseudonymise_cardholder(%L, ''Asked for'')', :'ann'), 'ST170', 'the person is in an open month', 'nor anybody in an open month');
SELECT throws_ok($$SELECT api.pseudonymise_cardholder('00000000-0000-7000-8000-00000000000a', 'x')$$, 'NF004', NULL, 'or for nobody');
SELECT throws_ok(format('SELECT api.pseudonymise_cardholder(%L, '' '')', :'ann'), 'IV008', NULL, 'or without reason');
SELECT throws_ok(format('SELECT api.pseudonymise_cardholder(%L, ''x'', ''{Al}'')', :'ann'), 'IV008', NULL, 'two letters are no name');
SELECT s.month_id AS month, m.version AS month_version FROM report.sessions AS s
JOIN report.months AS m ON m.month_id = s.month_id WHERE s.session_id = :'session' \gset
SELECT tap.close_as_it_is(:'month') AS closed \gset
SELECT (api.place_legal_hold(:'month', 'Case 7')).hold_id AS hold \gset
SELECT throws_ok(format('SELECT api.pseudonymise_cardholder(%L, ''x'')', :'ann'), 'ST171', NULL, 'or under legal hold');
:as_reviewer
SELECT (api.lift_legal_hold(:'hold', 'Case 7 is over')).is_in_force AS held \gset
SET LOCAL SESSION AUTHORIZATION ccp_service; SET LOCAL ROLE ccp_admin; SET LOCAL app.actor = 'annuser';
SELECT throws_ok(format('SELECT api.pseudonymise_cardholder(%L, ''x'')', :'ann'), 'PM003', NULL, 'or for oneself');
:as_owner
INSERT INTO app.cardholders (name_key, employee_id) VALUES ('ANNROE', '77');
:as_admin
SELECT throws_ok(format('SELECT api.pseudonymise_cardholder(%L, ''x'')', :'ann'), 'RL172', NULL, 'or for one of two with one name');
:as_owner
DELETE FROM app.cardholders WHERE employee_id = '77';
:as_admin
SELECT results_eq(format('SELECT p.employee_name, p.state, p.proposed_by_name FROM api.pseudonymise_cardholder(%L, ''Asked for by Ann Roe'', ''{Nan Roe}'', ''key 3'') AS p', :'ann'),
    $$VALUES ('ANNROE', 'open', 'ada')$$, 'an administrator proposes');
SELECT (api.pseudonymise_cardholder(:'ann', 'Asked for by Ann Roe', '{Nan Roe}', 'key 3')).proposal_id AS proposal \gset
SELECT is((SELECT count(*) FROM report.pseudonyms), 1::bigint, 'once, if asked twice with one key');
SELECT throws_ok(format('SELECT api.confirm_pseudonym(%L)', :'proposal'), 'PM170', NULL, 'nobody confirms what they proposed');
SELECT throws_ok(format('SELECT api.reject_pseudonym(%L, NULL)', :'proposal'), 'IV008', NULL, 'who rejects says why');
SELECT (api.pseudonymise_cardholder(:'ann', 'Another')).proposal_id AS other \gset
:as_reviewer
SELECT is((api.reject_pseudonym(:'other', 'One is enough')).state, 'rejected', 'another one is rejected');
SELECT throws_ok(format('SELECT api.confirm_pseudonym(%L)', :'other'), 'ST002', NULL, 'and stays so');
SELECT throws_ok($$SELECT api.confirm_pseudonym('00000000-0000-7000-8000-00000000000a')$$, 'NF171', NULL, 'one that is not there');
SELECT results_eq(format('SELECT p.employee_name ~ ''^#[0-9A-F]{16}$'', p.state, p.decided_by_name, p.reason = ''Asked for by '' || p.employee_name
    FROM api.confirm_pseudonym(%L, ''So be it'', ''key 4'') AS p', :'proposal'), $$VALUES (true, 'confirmed', 'rex', true)$$, 'a reviewer confirms');
SELECT is((api.confirm_pseudonym(:'proposal', 'So be it', 'key 4')).state, 'confirmed', 'and repeats it');
SELECT throws_ok(format('SELECT api.pseudonymise_cardholder(%L, ''x'')', :'ann'), '42501', NULL, 'a reviewer proposes none');
:as_admin
SELECT throws_ok(format('SELECT api.pseudonymise_cardholder(%L, ''x'')', :'ann'), 'ST002', NULL, 'there is no second one');

-- Everything is searched.
:as_tester
SELECT is_empty(format('SELECT * FROM tap.search(''report'', ''v'', %L)', :'name'), 'no view shows the name');
SELECT is_empty(format('SELECT * FROM tap.search(''report'', ''v'', %L)', :'digits'), 'nor the number or the end of the card');
SELECT is_empty(format('SELECT * FROM tap.search(''api'', ''v'', %L)', :'name'), 'nor what can be written to');
SELECT is_empty(format('SELECT * FROM tap.search(''as_of'', ''v'', %L)', :'name'), 'nor the past');
SELECT is_empty(format($$SELECT s.* FROM tap.search('app', 'r', %L) AS s
    JOIN audit.guarded_tables AS g ON format('app.%%I', g.table_name) = s.relation WHERE g.kind NOT IN ('immutable', 'mutable')$$, :'name'),
    'nor a table whose rows prove nothing');
SELECT is_empty($$SELECT FROM app.name_aliases AS a WHERE a.name_key = 'ANNROE'$$, 'no alias leads there');
SELECT results_eq('SELECT a.email FROM app.cardholder_addresses AS a', $$VALUES ('bob.roe@example.org')$$, 'only the other address is there');
SELECT is_empty('SELECT FROM app.document_chunks', 'the bytes went');
SELECT is_empty('SELECT FROM app.page_texts', 'and the texts of pages');
SELECT results_eq($$SELECT r.kind, r.cause FROM report.removals AS r ORDER BY 1$$,
    $$VALUES ('card_report', 'pseudonym'), ('receipts', 'pseudonym')$$, 'which is written down');
SELECT set_has(format($$SELECT s.relation FROM tap.search('app', 'r', %L) AS s$$, :'name'),
    $$VALUES ('app.employee_revisions'), ('app.receipt_contents'), ('app.issue_events'), ('app.pseudonyms')$$, 'rows that are proved keep it');
SELECT is_empty($$SELECT FROM report.employee_revisions AS r WHERE r.employee_id = '1001'
    UNION ALL SELECT FROM report.employee_revisions_history AS r WHERE r.employee_id = '1001'$$, 'the number of the person is covered');
SELECT isnt_empty($$SELECT FROM report.employee_revisions AS r WHERE r.employee_name = 'BOBROE' AND r.employee_id = '1002'$$, 'and that of no other');
SELECT results_eq($$SELECT DISTINCT t.purpose ~ '^Dinner of Bob Roe and #[0-9A-F]{16}$' FROM report.transactions AS t WHERE t.purpose LIKE 'Dinner%'$$,
    'VALUES (true)', 'a text keeps what is not the name');

-- What is not shown finds nobody: whoever asks by it learns nothing.
:as_processor
SELECT is((SELECT concat_ws(' ', r.outcome, r.code, r.detail) FROM unnest((api.save_addresses(jsonb_build_array(v.item), true)).rows) AS r), v.said, v.what)
FROM (VALUES
    (jsonb_build_object('employee_name', 'Ann Roe', 'email', 'guess@example.org'), 'refused no_such_cardholder expected one cardholder of this number and name, got 0', 'a covered name finds nobody'),
    (jsonb_build_object('employee_id', '1001', 'email', 'guess@example.org'), 'refused no_such_cardholder expected one cardholder of this number and name, got 0', 'nor does the number'),
    (jsonb_build_object('cardholder_id', :'ann', 'employee_name', 'Ann Roe', 'email', 'guess@example.org'), 'refused no_such_cardholder expected one cardholder of this number and name, got 0', 'nor is it confirmed'),
    (jsonb_build_object('cardholder_id', :'ann', 'email', 'guess@example.org'), 'made', 'who is pointed at can be reached')
) AS v (item, said, what);
:as_tester

-- What is written anew of the month.
CREATE TEMP TABLE outputs AS
SELECT 'activity' AS output, report.activity_json(:'session', s.shape, false)::text AS content FROM unnest('{by_code,by_id,as_imported}'::text[]) AS s (shape)
UNION ALL SELECT 'entries', e::text FROM report.activity_entries(:'session', 'by_code', false) AS e
UNION ALL SELECT 'lines', l::text FROM report.accounting_lines(:'session', 'old_program', current_date) AS l
UNION ALL SELECT 'records', l::text FROM report.accounting_records(:'session', 'old_program', current_date) AS l
UNION ALL SELECT 'coding', c::text FROM report.coding_rows(:'session') AS c
UNION ALL SELECT 'compare', c::text FROM report.compare_sessions(:'session', :'session') AS c
UNION ALL SELECT 'compare people', c::text FROM report.compare_revisions(:'ann_first', :'ann_now') AS c
UNION ALL SELECT 'import report', report.import_report(:'session')
UNION ALL SELECT 'summary', report.session_summary(:'session')::text
UNION ALL SELECT 'obstacles', o::text FROM report.month_obstacles(:'month') AS o
UNION ALL SELECT 'packet', p::text FROM report.packet_pages(:'session', NULL) AS p
UNION ALL SELECT 'recalled', p::text FROM report.recalled_corrections(:'session') AS p
UNION ALL SELECT 'object', h::text FROM report.object_history(:'issue') AS h
UNION ALL SELECT 'object', h::text FROM report.object_history(:'ann') AS h
UNION ALL SELECT 'trail', h::text FROM report.audit_trail AS h
UNION ALL SELECT 'changed', h::text FROM report.changed_since_export(:'session', 'old_program') AS h
UNION ALL SELECT 'trace', t::text FROM report.corrections AS c CROSS JOIN LATERAL report.trace_correction(c.correction_id) AS t
UNION ALL SELECT 'parallel', report.parallel_report(r.run_id) FROM report.parallel_runs AS r
UNION ALL SELECT 'changes', t::text FROM report.activity_changes(:'session', 'by_code', false) AS t;
SELECT is_empty(format('SELECT o.output, substring(o.content FROM 1 FOR 300) FROM outputs AS o WHERE o.content ~ %L', :'name'), 'no output shows the name');
SELECT is_empty(format('SELECT o.output, substring(o.content FROM 1 FOR 300) FROM outputs AS o WHERE replace(o.content, ''""'', ''"'') ~ %L', :'digits'),
    'nor the number or the end of the card');
SELECT isnt_empty('SELECT FROM outputs AS o WHERE o.output = ''activity'' AND o.content ~ ''"#[0-9A-F]{16}": ''', 'the file has the pseudonym');

-- Who reads it still.
SELECT is_empty($$SELECT x.grantee::regrole FROM pg_catalog.pg_class AS c CROSS JOIN LATERAL aclexplode(c.relacl) AS x
    WHERE c.relkind = 'r' AND c.relnamespace IN ('app'::regnamespace, 'audit'::regnamespace) AND x.privilege_type = 'SELECT'
        AND x.grantee NOT IN (c.relowner, 'ccp_auditor'::regrole)$$, 'nobody but auditors reads tables');
SET LOCAL ROLE ccp_auditor;
SELECT isnt_empty($$SELECT FROM app.pseudonyms AS p WHERE 'ANNROE' = ANY (p.spellings)$$, 'an auditor has the key');
:as_reader
SELECT throws_ok('SELECT FROM app.pseudonyms', '42501', NULL, 'a reader has not');
:as_tester
\ir ../fixtures/invariants.psql
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'it can be committed');
SELECT * FROM finish();
ROLLBACK;
