-- What a pseudonym covers and whom it must not, and what it may not remove: nothing of a month under hold, nothing that waits.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/workflow.psql
\ir ../fixtures/pdfs.psql
\ir ../fixtures/alone.psql
\ir ../fixtures/closed.psql
SELECT no_plan();
\ir ../fixtures/calls.psql

-- How a name is found.
CREATE FUNCTION tap.covered(p_text text) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT report.hide_names(p_text, app.name_patterns('{Ann Roe,Jürgen Weiß,Ægir Þorn,Ng,Иван Петров}', '{1001}', '{9999991193}', '#AAAAAAAAAAAAAAAA'));
END;
SELECT is(tap.covered(x.text), '#AAAAAAAAAAAAAAAA', 'covers ' || to_json(x.text)) FROM unnest(ARRAY['Ann Roe', 'ROE, ANN', 'AnnRoe', 'Ann\nRoe', E'Ann\u00a0Roe',
    E'Ann\tRoe', E'Ann\nRoe', E'Ann\u200bRoe', 'Ann (Roe', 'Ann/Roe', 'Roe; Ann', E'Roe\u2010Ann', E'Roe\u2011Ann', 'Ḁnn Roe', E'A\u0301nn Roe',
    'Weiss, Jurgen', 'Jürgen Weiß', 'WEIẞ, JÜRGEN', 'ægir þorn', 'Thorn, Aegir', 'иван петров', 'Петров, Иван', 'Ng', '999999XXXXXX1193',
    '999999******1193']) AS x (text);
SELECT is(tap.covered(x.text), x.text, 'leaves ' || to_json(x.text)) FROM unnest(ARRAY['Bob Roe', 'JoAnn Roe', 'Ann Roeder', 'Ng was there', '1001',
    '999999XXXXXX1194', '["Ann", "Roe"]']) AS x (text);
SELECT is(report.hide_names_of_value('{"note": "paid\nAnn Roe\tsaid", "name": "NG", "to": "Ng Ltd"}', app.name_patterns('{ANNROE,NG}', '{}', '{}', '#A')),
    '{"note": "paid\n#A\tsaid", "name": "#A", "to": "Ng Ltd"}', 'also after a line end of JSON');
SELECT is(report.hide_names(repeat('Abcdefghi ', 10) || 'x, ' || repeat('abcde', 18), app.name_patterns(ARRAY[repeat('abcde', 18) || repeat('abcdefghi', 10) || 'x'], '{}', '{}', '#A')),
    '#A', 'a long name in another order');
-- No expression is run but where it finds something: this one would fail.
SELECT is(report.hide_names('Lunch', array_agg(p.part)), 'Lunch', 'of 40 names none is looked for that cannot be there')
FROM generate_series(1, 40) AS i (i)
CROSS JOIN LATERAL unnest(ARRAY['ANN' || chr(64 + i.i % 26) || 'ROE', '(', '#A']) AS p (part);
SELECT throws_ok($$SELECT report.hide_names('Ann Roe', '{ANNROE,(,#A}')$$, '2201B', NULL, 'where it can be, it is');

-- Whom it must not cover.
:as_tester
SELECT s.month_id AS month, m.version AS month_version FROM report.sessions AS s
JOIN report.months AS m ON m.month_id = s.month_id WHERE s.session_id = :'session' \gset
:as_admin
SELECT tap.close_as_it_is(:'month') AS closed \gset
SELECT throws_ok(format('SELECT api.pseudonymise_cardholder(%L, ''x'', ''{Bob Roe}'')', :'ann'), 'RL172', NULL, 'no spelling that is the name of another');
SELECT throws_ok(format('SELECT api.pseudonymise_cardholder(%L, ''x'', ''{"Roe, Bob"}'')', :'ann'), 'RL172', NULL, 'nor turned round');
:as_processor
SELECT api.approve_alias('Bobby Roe', 'BOBROE', 'Called so') \g /dev/null
:as_admin
SELECT throws_ok(format('SELECT api.pseudonymise_cardholder(%L, ''x'', ''{Bobby Roe}'')', :'ann'), 'RL172', NULL, 'nor an alias of another');
:as_owner
INSERT INTO app.cards (cardholder_id, first_six, last_four)
SELECT h.cardholder_id, '999999', '1193' FROM app.cardholders AS h WHERE h.name_key = 'BOBROE';
:as_admin
SELECT (api.pseudonymise_cardholder(:'ann', 'Asked for', '{Nan Roe}')).proposal_id AS proposal \gset

-- What it may not remove.
:as_tester
CREATE FUNCTION tap.confirm(p_proposal_id uuid) RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    v_detail text;
BEGIN
    PERFORM api.confirm_pseudonym(p_proposal_id);
    RAISE EXCEPTION USING ERRCODE = 'TT000', MESSAGE = 'undo';
EXCEPTION
    WHEN SQLSTATE 'TT000' THEN RETURN 'confirmed';
    WHEN OTHERS THEN RETURN SQLSTATE;
END
$$;
:as_processor
SELECT (api.import_activity('{"CYDROE": {"zzz": "\u00c1nn Roe", "name": "CYDROE", "employee_id": "1003", "car_total": 10.0, "card_no": "999999XXXXXX3333"}}', 'old',
    p_programme => 'other', p_period_start => '2024-01-01', p_period_end => '2024-01-31')) ->> 'session_id' AS old \gset
SELECT api.compare_old_result(:'old', '{"CYDROE": {"name": "CYDROE", "employee_id": "1003", "car_total": 10.0}}', 'old.json') \g /dev/null
:as_reviewer
SELECT is(tap.confirm(:'proposal'), 'confirmed', 'nothing stands against it');
:as_admin
SELECT (api.place_legal_hold(s.month_id, 'Case 7')).hold_id AS hold FROM report.sessions AS s WHERE s.session_id = :'old' \gset
:as_reviewer
SELECT is(tap.confirm(:'proposal'), 'ST171', 'a kept entry of a month under hold that mentions the person');
:as_owner
INSERT INTO app.removals (kind, cause, session_id, removed_bytes, handed_in_at) VALUES ('kept_entries', 'retention', :'old', 1, now());
DELETE FROM app.kept_entries AS k WHERE k.session_id = :'old';
:as_reviewer
SELECT is(tap.confirm(:'proposal'), 'confirmed', 'without it nothing of that month goes');
:as_owner
UPDATE app.old_result_texts AS t SET content = '{"CYDROE": "with \u00c1nn Roe"}';
:as_reviewer
SELECT is(tap.confirm(:'proposal'), 'ST171', 'an old result of that month that mentions the person');
:as_owner
UPDATE app.old_result_texts AS t SET content = '{}';
INSERT INTO app.documents (sha256, size_bytes, uploaded_by, has_bytes)
SELECT sha256('other'), 5, u.user_id, true FROM app.users AS u WHERE u.user_name = 'pat' RETURNING document_id AS other \gset
INSERT INTO app.session_documents (session_id, document_id, kind, file_name) VALUES (:'old', :'other', 'car_pdf', 'a.pdf');
INSERT INTO app.page_texts (document_id, page_number, parser_version, page_text) VALUES (:'other', 1, '0', 'with Roe, Ann');
:as_reviewer
SELECT is(tap.confirm(:'proposal'), 'ST171', 'a page of that month that mentions the person');
:as_owner
DELETE FROM app.page_texts AS t WHERE t.document_id = :'other';
DELETE FROM app.session_documents AS d WHERE d.session_id = :'old';
INSERT INTO app.session_documents (session_id, document_id, kind, file_name)
SELECT :'old', d.document_id, d.kind, d.file_name FROM app.session_documents AS d WHERE d.session_id = :'session' AND d.kind = 'receipt_pdf';
:as_reviewer
SELECT is(tap.confirm(:'proposal'), 'ST171', 'a PDF that is of that month, too');
:as_owner
UPDATE app.processing_sessions AS s SET status = 'cancelled' WHERE s.session_id = :'old';
:as_reviewer
SELECT is(tap.confirm(:'proposal'), 'ST171', 'also when its submission was cancelled');
:as_owner
DELETE FROM app.session_documents AS d WHERE d.session_id = :'old';
:as_reviewer
SELECT is(tap.confirm(:'proposal'), 'confirmed', 'else nothing of it goes');
:as_processor
SELECT s.session_id AS staged FROM api.create_session(p_programme => 'fourth') AS s \gset
:as_owner
UPDATE app.processing_sessions AS s SET status = 'awaiting_decision' WHERE s.session_id = :'staged';
INSERT INTO app.staged_submissions (session_id, content) VALUES (:'staged', '{"entries": ["with Ann Roe"]}');
:as_reviewer
SELECT is(tap.confirm(:'proposal'), 'ST170', 'a submission that awaits a decision keeps the name');
:as_owner
DELETE FROM app.staged_submissions AS t WHERE t.session_id = :'staged';
:as_reviewer
:as_processor
SELECT s.session_id AS queued FROM api.create_session(p_programme => 'third') AS s \gset
SELECT is(tap.upload('1', p_session => :'queued') ->> 'outcome', 'queued', 'the same PDFs are handed in for another programme');
:as_reviewer
SELECT is(tap.confirm(:'proposal'), 'ST170', 'a PDF that waits to be read stays');
:as_tester
SELECT is((SELECT count(*) FROM app.session_documents AS s JOIN app.documents AS d ON d.document_id = s.document_id
    WHERE s.session_id = :'queued' AND d.has_bytes), 2::bigint, 'whose bytes are there');
:as_owner
UPDATE app.processing_sessions AS s SET status = 'cancelled' WHERE s.session_id = :'queued';
:as_processor
SELECT (api.import_activity('{"CYDROE": {"zzz": "\u00c1nn Roe", "name": "CYDROE", "employee_id": "1003", "car_total": 10.0}}', 'kept',
    p_programme => 'fifth', p_period_start => '2024-01-01', p_period_end => '2024-01-31')) ->> 'session_id' AS kept \gset
SELECT api.compare_old_result(:'kept', '{"CYDROE": {"zzz": "\u00c1nn Roe, Bj\u00f6rn", "name": "CYDROE", "employee_id": "1003", "car_total": 10.0}}', 'kept.json') \g /dev/null
:as_tester
SELECT isnt_empty(format('SELECT FROM app.kept_entries AS k WHERE k.session_id = %L', :'kept'), 'an entry is kept that mentions the person');
:as_reviewer
SELECT is((api.confirm_pseudonym(:'proposal')).state, 'confirmed', 'later it is confirmed');
:as_tester
SELECT is_empty(format('SELECT FROM app.kept_entries AS k WHERE k.session_id = %L', :'kept'), 'the entry went, however it escaped the name');
SELECT results_eq($$SELECT t.content ~ '"zzz": "#[0-9A-F]{16}, Bj.u00f6rn"' FROM app.old_result_texts AS t WHERE t.content ~ 'zzz'$$, 'VALUES (true)', 'and an old result is covered in the same way');
SELECT isnt_empty($$SELECT FROM report.employee_revisions AS r WHERE r.employee_name = 'BOBROE'$$, 'nobody else is covered');
SELECT is(app.shown('999999XXXXXX1193'), '999999XXXXXX1193', 'nor a card that another has, too');

-- What is written anew, and what comes back.
:as_processor
SELECT (tap.import_activity('{"ANNROE": {"name": "ANNROE", "employee_id": "1001", "car_total": 10.0, "card_no": "999999XXXXXX1193", "said": "of \u00c1nn Roe and \u00d8"},
    "NANROE": {"name": "NANROE", "employee_id": "2001", "car_total": 10.0, "card_no": "999999XXXXXX2193"}}')) ->> 'session_id' AS again \gset
SELECT is(count(*), 2::bigint, 'two entries of one person have two keys') FROM (SELECT DISTINCT e.source_key, e.entry ->> 'name' AS name
    FROM report.activity_entries(:'again') AS e WHERE e.source_key = e.entry ->> 'name' AND e.source_key ~ '^#[0-9A-F]{16}( 2)?$') AS x;
SELECT matches((SELECT e.entry::text FROM report.activity_entries(:'again') AS e WHERE e.entry_number = 1), '"of #[0-9A-F]{16} and .u00d8"',
    'a name is covered where it is escaped');
:as_tester
SELECT p.pseudonym FROM app.pseudonyms AS p \gset
SELECT is((SELECT count(*) FROM unnest(app.find_bulk_items(jsonb_build_object('session_id', :'session', 'person', x.person), 'other', 'x')) AS i
    WHERE i.issue_id = :'issue'), x.hits, 'a filter finds ' || x.hits) FROM (VALUES ('Ann Roe', 0::bigint), (:'pseudonym', 1)) AS x (person, hits);
SELECT is(app.wished_coding(jsonb_build_object('purpose', 'With ' || :'pseudonym'), jsonb_populate_record(NULL::app.receipt_contents, '{"purpose": "With Ann Roe"}')),
    '{}', 'a workbook that comes back as it went out wants nothing');
SELECT is(app.wished_coding('{"purpose": "With Bob"}', jsonb_populate_record(NULL::app.receipt_contents, '{"purpose": "With Ann Roe"}')),
    '{"purpose": "With Bob"}', 'else what it says');
SELECT throws_ok(format('SELECT app.clean_wish(%L)', jsonb_build_object('purpose', 'Lunch with ' || :'pseudonym')), 'IV008', NULL,
    'what hides a name is not written in its place');
SELECT is(app.clean_wish('{"purpose": "Lunch with #BA69"}'), '{"purpose": "Lunch with #BA69"}', 'another number is');
:as_owner
INSERT INTO app.outbox (kind, session_id, cardholder_id, reminded_on, summary) VALUES ('reminder', :'session', :'ann', current_date, '{}');
:as_worker
SELECT is((SELECT m.recipient_name FROM api.claim_messages() AS m WHERE m.kind = 'reminder'), :'pseudonym', 'a mail that is due goes to the pseudonym');
:as_tester
SELECT * FROM finish();
ROLLBACK;
