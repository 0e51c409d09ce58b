-- A pseudonym covers a person, not a list of words: what becomes known of them later is covered as well; and it is lifted by two.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/workflow.psql
\ir ../fixtures/pdfs.psql
\ir ../fixtures/alone.psql
\ir ../fixtures/closed.psql
SELECT no_plan();
\ir ../fixtures/calls.psql
CREATE TEMP TABLE foreseen (kind text, cause text, month_id uuid, session_id uuid, document_id uuid, removed_bytes bigint, handed_in_at timestamptz);
GRANT ALL ON foreseen TO PUBLIC;
:as_owner
SELECT api.save_user('ava', NULL, 'admin') \g /dev/null
SELECT api.save_user('annuser', NULL, 'admin', :'ann') \g /dev/null
:as_tester
SELECT s.month_id AS month, m.version AS month_version FROM report.sessions AS s
JOIN report.months AS m ON m.month_id = s.month_id WHERE s.session_id = :'session' \gset
:as_admin
SELECT tap.close_as_it_is(:'month') AS closed \gset

-- What will go is told before, and judged when it is proposed.
:as_processor
SELECT (api.import_activity('{"CYDROE": {"zzz": "Ann Roe", "name": "CYDROE", "employee_id": "1003", "car_total": 10.0, "card_no": "999999XXXXXX3333"},
    "DEEROE": {"zzz": 1, "name": "DEEROE", "employee_id": "1004", "car_total": 10.0, "card_no": "999999XXXXXX4444"}}', 'old',
    p_programme => 'other', p_period_start => '2024-01-01', p_period_end => '2024-01-31')) ->> 'session_id' AS old \gset
:as_admin
SELECT (api.place_legal_hold(s.month_id, 'Case 7')).hold_id AS hold FROM report.sessions AS s WHERE s.session_id = :'old' \gset
SELECT throws_ok(format('SELECT api.pseudonymise_cardholder(%L, ''Asked for'')', :'ann'), 'ST171', NULL, 'what may not go is not proposed to go');
:as_reviewer
SELECT (api.lift_legal_hold(:'hold', 'Over')).is_in_force AS held \gset
:as_admin
SELECT (api.pseudonymise_cardholder(:'ann', 'Asked for')).proposal_id AS proposal \gset
INSERT INTO foreseen
SELECT r.kind, r.cause, r.month_id, r.session_id, r.document_id, r.removed_bytes, r.handed_in_at FROM report.foreseen_removals(:'proposal') AS r;
SELECT results_eq('SELECT f.kind, count(*) FROM foreseen AS f GROUP BY 1 ORDER BY 1',
    $$VALUES ('card_report', 1::bigint), ('kept_entries', 1), ('receipts', 1)$$, 'who decides sees what will go');
SELECT is_empty('SELECT FROM report.removals', 'and nothing has gone');
SELECT is_empty('SELECT report.foreseen_removals(gen_random_uuid())', 'for no proposal nothing will');
:as_processor
SELECT throws_ok(format('SELECT report.foreseen_removals(%L)', :'proposal'), '42501', NULL, 'others see nothing of it');
:as_tester
SELECT m.content_digest AS mirrored FROM app.mirrored_months AS m WHERE m.session_id = :'old' \gset
:as_reviewer
SELECT (api.confirm_pseudonym(:'proposal')).employee_name AS pseudonym \gset
:as_tester
SELECT isnt((SELECT m.content_digest FROM app.mirrored_months AS m WHERE m.session_id = :'old'), :'mirrored', 'files that the mirror wrote are written anew');
SELECT set_eq('SELECT r.kind, r.cause, r.month_id, r.session_id, r.document_id, r.removed_bytes, r.handed_in_at FROM report.removals AS r',
    'SELECT f.* FROM foreseen AS f', 'just that goes');
SELECT is_empty(format('SELECT report.foreseen_removals(%L)', :'proposal'), 'nothing more will');
SELECT results_eq('SELECT k.source_key FROM app.kept_entries AS k', $$VALUES ('DEEROE')$$, 'the entry beside it stays');

-- What becomes known later.
SELECT is(app.shown(x.text), x.text, x.text || ' is nobody''s yet')
FROM unnest('{Ann Brown,Nan Brown,999999XXXXXX2193,Bob Roe}'::text[]) AS x (text);
:as_processor
SELECT tap.import_activity('{"ANNBROWN": {"name": "ANNBROWN", "employee_id": "1001", "car_total": 10.0, "card_no": "999999XXXXXX2193"},
    "BOBROE": {"name": "BOBROE", "employee_id": "1001", "car_total": 10.0, "card_no": "999999XXXXXX5193"}}') \g /dev/null
:as_tester
SELECT is(app.shown(x.text), :'pseudonym', x.text || ' is covered: another name or card with the number')
FROM unnest('{Ann Brown,999999XXXXXX2193,Ann Roe}'::text[]) AS x (text);
SELECT is(app.shown('Bob Roe'), 'Bob Roe', 'whoever has another number keeps the name, though it was once misread');
SELECT is((SELECT count(*) FROM report.employee_revisions AS r WHERE r.employee_name = :'pseudonym'), 2::bigint, 'views cover both');
:as_processor
SELECT api.approve_alias('Nan Brown', 'ANNBROWN', 'Called so', p_is_sure => true) \g /dev/null
:as_tester
SELECT is(app.shown('Nan Brown'), :'pseudonym', 'and an alias');
:as_processor
SELECT tap.import_activity('{"EVAROE": {"name": "EVAROE", "employee_id": "1005", "car_total": 10.0, "card_no": "999999XXXXXX2193"}}') \g /dev/null
:as_tester
SELECT is(app.shown('999999XXXXXX2193'), '999999XXXXXX2193', 'a card that looks like that of another is not covered any more');
SELECT is((SELECT count(*) FROM audit.pseudonyms_history AS h WHERE h.pseudonym = :'pseudonym' AND h.audit_operation = 'update'), 4::bigint,
    'each time is on record, and no time when nothing was new');

-- What an error says.
CREATE FUNCTION tap.detail(p_statement text) RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    v_detail text;
BEGIN
    EXECUTE p_statement;
    RETURN 'done';
EXCEPTION
    WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS v_detail = PG_EXCEPTION_DETAIL;
        RETURN v_detail;
END
$$;
:as_admin
SELECT is(tap.detail($$SELECT api.withdraw_alias('Roe, Ann', 1, 'x')$$), format('got ''%s''', :'pseudonym'), 'no error tells the name');

-- It is lifted by two.
SELECT throws_ok($$SELECT api.lift_pseudonym('00000000-0000-7000-8000-00000000000a', 'x')$$, 'NF171', NULL, 'one that is not there is not lifted');
SELECT throws_ok(format('SELECT api.lift_pseudonym(%L, '' '')', :'proposal'), 'IV008', NULL, 'nor without reason');
:as_reviewer
SELECT throws_ok(format('SELECT api.lift_pseudonym(%L, ''x'')', :'proposal'), '42501', NULL, 'a reviewer proposes it not');
SET LOCAL ROLE ccp_admin; SET LOCAL app.actor = 'annuser';
SELECT throws_ok(format('SELECT api.lift_pseudonym(%L, ''x'')', :'proposal'), 'PM003', NULL, 'nor does the person');
:as_admin
SELECT results_eq(format('SELECT p.employee_name, p.state, p.reason, p.lifts FROM api.lift_pseudonym(%L, ''Of the wrong one'', ''key 1'') AS p', :'proposal'),
    format('VALUES (%L, ''open'', ''Of the wrong one'', %L::uuid)', :'pseudonym', :'proposal'), 'an administrator proposes it');
SELECT (api.lift_pseudonym(:'proposal', 'Of the wrong one', 'key 1')).proposal_id AS lift, (api.lift_pseudonym(:'proposal', 'Again')).proposal_id AS other \gset
SELECT is_empty(format('SELECT report.foreseen_removals(%L)', :'lift'), 'nothing goes by it');
SELECT throws_ok(format('SELECT api.lift_pseudonym(%L, ''x'')', :'lift'), 'ST002', NULL, 'what is no pseudonym is not lifted');
SELECT throws_ok(format('SELECT api.confirm_pseudonym(%L)', :'lift'), 'PM170', NULL, 'nobody confirms what they proposed');
SET LOCAL app.actor = 'annuser';
SELECT throws_ok(format('SELECT api.confirm_pseudonym(%L)', :'lift'), 'PM003', NULL, 'nor their own');
:as_tester
SELECT is(app.shown('Ann Roe'), :'pseudonym', 'until then it is in force');
:as_reviewer
SELECT results_eq(format('SELECT p.employee_name, p.state FROM api.confirm_pseudonym(%L) AS p', :'lift'), $$VALUES ('ANNROE', 'confirmed')$$, 'another person confirms it');
SELECT throws_ok(format('SELECT api.confirm_pseudonym(%L)', :'other'), 'ST002', NULL, 'once');
SELECT is((SELECT p.state FROM report.pseudonyms AS p WHERE p.proposal_id = :'proposal'), 'lifted', 'which its own proposal tells');
:as_tester
SELECT set_has('SELECT r.employee_name FROM report.employee_revisions AS r', $$VALUES ('ANNROE'), ('ANNBROWN')$$, 'the names are shown again');
:as_admin
SELECT throws_ok(format('SELECT api.lift_pseudonym(%L, ''x'')', :'proposal'), 'ST002', NULL, 'what is lifted is not lifted again');
:as_tester
SELECT is(app.shown('Ann Roe'), 'Ann Roe', 'nothing is covered');
SELECT is_empty('SELECT FROM app.document_chunks', 'what went does not come back');
SELECT throws_ok(format('SELECT app.clean_wish(%L)', jsonb_build_object('purpose', 'Lunch with ' || :'pseudonym')), 'IV008', NULL,
    'an old word for a person is still not taken for a name');

-- And given again, another one.
SELECT m.month_id AS next, m.version AS next_version FROM report.months AS m WHERE m.state = 'open' LIMIT 1 \gset
:as_admin
SELECT throws_ok(format('SELECT api.pseudonymise_cardholder(%L, ''Asked again'')', :'ann'), 'ST170', NULL, 'whose other name is in an open month is not covered');
:as_owner
UPDATE app.processing_sessions AS s SET status = 'cancelled' WHERE s.session_id NOT IN (:'session', :'old') AND s.status = 'completed';
:as_admin
SELECT (api.pseudonymise_cardholder(:'ann', 'Asked again')).proposal_id AS again \gset
:as_reviewer
SELECT isnt((api.confirm_pseudonym(:'again')).employee_name, :'pseudonym', 'the next is another one');
:as_tester
SELECT isnt(app.shown(x.text), x.text, x.text || ' is covered again') FROM unnest('{Ann Roe,Ann Brown,Nan Brown}'::text[]) AS x (text);
\ir ../fixtures/invariants.psql
SELECT * FROM finish();
ROLLBACK;
