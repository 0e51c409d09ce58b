-- A receipt handed in again under another id is the same one where nothing else could be meant; of several none is picked.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/documents.psql
SELECT plan(48);

-- A file of one person with receipts of these ids and amounts, all of one merchant and day.
CREATE FUNCTION tap.file(VARIADIC p_receipts text[]) RETURNS text
LANGUAGE sql
BEGIN ATOMIC
    SELECT jsonb_build_object('ANN', tap.entry('{}', VARIADIC (
        SELECT array_agg(tap.receipt(jsonb_build_object('rec_id', split_part(r, ' ', 1), 'amt', split_part(r, ' ', 2))) ORDER BY r)
        FROM unnest(p_receipts) AS r)))::text;
END;
-- Ids of the second submission, each with what it was called in the first.
CREATE FUNCTION tap.pairs(p_first uuid, p_second uuid) RETURNS text
LANGUAGE sql
RETURN (SELECT string_agg(concat_ws(' is ', s.external_transaction_id, coalesce(f.external_transaction_id, 'new')), ', '
        ORDER BY s.external_transaction_id)
    FROM report.transactions AS s
    LEFT JOIN report.transactions AS f ON f.session_id = p_first AND f.transaction_id = s.transaction_id
    WHERE s.session_id = p_second);

:as_processor
SET LOCAL app.reason = 'as told by mail';
SELECT api.import_activity(tap.file('11 10.00', '12 20.00', '13 20.00', '14 30.00'), 'First') ->> 'session_id' AS first \gset
INSERT INTO api.current_transactions (employee_revision_id, amount, transaction_date, merchant_name)
SELECT e.revision_id, a.amount, '2025-03-29', 'As told'
FROM report.employee_revisions AS e, (VALUES (40.00), (50.00), (50.00)) AS a (amount) WHERE e.session_id = :'first';
SELECT t.transaction_id AS forty FROM report.transactions AS t WHERE t.session_id = :'first' AND t.amount = 40 \gset
SELECT api.import_activity(tap.file('21 10.00', '22 20.00', '23 30.00', '24 30.00', '25 40.00', '26 50.00'), 'Second', :'first')
    ->> 'session_id' AS second \gset
:as_tester
SELECT matches(tap.pairs(:'first', :'second'), '^21 is 11, 22 is new, 23 is new, 24 is new, ',
    'the only one is the same, one of two is not, nor are two of one');
SELECT is((SELECT t.external_transaction_id FROM report.transactions AS t WHERE t.session_id = :'second' AND t.transaction_id = :'forty'),
    '25', 'so is the only one that people made');
SELECT is((SELECT count(*) FROM report.transactions AS t WHERE t.session_id = :'second' AND t.amount = 50), 3::bigint,
    'and of two that people made neither');
SELECT alike(report.import_report(:'second'), E'%\n* ANN: receipt 21 was 11 before\n%', 'the report says what was handed in anew');
SELECT unalike(report.import_report(:'first'), '%another id%', 'and nothing where nothing was');

-- What people see, handed in as a file: nothing is new, nothing waits.
CREATE FUNCTION tap.fates(p_session uuid) RETURNS text
LANGUAGE sql
RETURN (SELECT string_agg(DISTINCT c.fate, ', ') FROM report.corrections AS c WHERE c.session_id = p_session AND c.fate <> 'replaced');
CREATE FUNCTION tap.count_known(p_first uuid, p_second uuid) RETURNS bigint
LANGUAGE sql
RETURN (SELECT count(*) FROM report.transactions AS s JOIN report.transactions AS f
        ON f.session_id = p_first AND f.transaction_id = s.transaction_id AND f.amount = s.amount WHERE s.session_id = p_second);
:as_processor
SELECT tap.import(jsonb_build_object('ANN', tap.entry('{}', tap.receipt('{"rec_id": "11"}'),
    tap.receipt('{"rec_id": "12", "amt": "20.00"}'), tap.receipt('{"rec_id": "12", "amt": "20.00"}'),
    tap.receipt('{"rec_id": null, "amt": "x"}')))) AS third \gset
UPDATE api.current_transactions SET external_transaction_id = '91', amount = 15 WHERE session_id = :'third' AND external_transaction_id = '11';
UPDATE api.current_transactions SET amount = 25 WHERE transaction_id = (
    SELECT min(t.transaction_id::text)::uuid FROM report.transactions AS t WHERE t.session_id = :'third' AND t.external_transaction_id = '12');
UPDATE api.current_transactions SET amount = 40 WHERE session_id = :'third' AND external_transaction_id IS NULL;
SELECT api.import_activity(report.activity_json(:'third', 'by_code', false)::text, NULL, :'third') ->> 'session_id' AS fourth \gset
:as_tester
SELECT is_empty(format($$WITH given AS (
        SELECT ARRAY(SELECT l FROM app.receipt_links AS l JOIN app.employee_revisions AS r ON r.revision_id = l.employee_revision_id
            WHERE r.session_id = %2$L AND r.revision_number = 1) AS links,
            ARRAY(SELECT jsonb_populate_record(NULL::app.staged_person, to_jsonb(r)) FROM app.employee_revisions AS r
                WHERE r.session_id = %2$L AND r.revision_number = 1) AS people)
    SELECT k.receipt_id FROM given AS g CROSS JOIN LATERAL app.known_receipts(%1$L, g.links, g.people,
        ARRAY(SELECT s FROM app.staged_receipts(g.links, g.people, true) AS s)) AS k
    WHERE k.receipt_id IS NOT NULL AND k.file_likeness IS NOT NULL$$, :'fourth', :'third'),
    'what comes as it was before is not looked for by what people made of it');
SET LOCAL track_functions = 'all';
SELECT coalesce(sum(f.calls), 0) AS before FROM pg_stat_xact_user_functions AS f WHERE f.funcname = 'judge_corrections' \gset
SELECT report.session_summary(:'fourth') \g /dev/null
SELECT is((SELECT f.calls FROM pg_stat_xact_user_functions AS f WHERE f.funcname = 'judge_corrections'), 1::bigint + :before,
    'and what became of it is worked out once for a summary');
SELECT is(tap.count_known(:'third', :'fourth'), 4::bigint, 'a file of what people see has no new receipt');
SELECT is(tap.fates(:'fourth'), 'arrived', 'and all they said has arrived');

-- The source as it was, though what people made of one receipt is what it says of another.
:as_processor
SELECT tap.import(jsonb_build_object('ANN', tap.entry('{}', tap.receipt('{"rec_id": "11"}'),
    tap.receipt('{"rec_id": "11", "amt": "20.00"}')))) AS fifth \gset
UPDATE api.current_transactions SET amount = 20 WHERE session_id = :'fifth' AND amount = 10;
SELECT api.import_activity(jsonb_build_object('ANN', tap.entry('{}', tap.receipt('{"rec_id": "11"}'),
    tap.receipt('{"rec_id": "11", "amt": "20.00"}'), tap.receipt('{"rec_id": "13"}')))::text, NULL, :'fifth') ->> 'session_id' AS sixth \gset
:as_tester
SELECT is(tap.count_known(:'fifth', :'sixth'), 2::bigint, 'the source''s own comes first');
SELECT is(tap.fates(:'sixth'), 'in_force', 'and what was said holds');

-- Two without id, alike but for what they are for: by that under any id, else in order where both come again.
CREATE FUNCTION tap.two(p_first jsonb, p_second jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE
RETURN jsonb_build_object('ANN', tap.entry('{}', tap.receipt(p_first), tap.receipt(p_second)));
GRANT EXECUTE ON FUNCTION tap.two(jsonb, jsonb) TO PUBLIC;
:as_processor
SELECT tap.import(tap.two('{"rec_id": null, "purpose": "A"}', '{"rec_id": null, "purpose": "B"}')) AS nameless \gset
UPDATE api.current_transactions SET gl_account = '7000.100' WHERE session_id = :'nameless';
SELECT api.import_activity(report.activity_json(:'nameless')::text, NULL, :'nameless') ->> 'session_id' AS named \gset
SELECT tap.import(tap.two('{"rec_id": null, "purpose": "G"}', '{"rec_id": null, "purpose": "G"}')) AS unnamed \gset
UPDATE api.current_transactions SET is_out_of_pocket = true WHERE session_id = :'unnamed';
SELECT api.import_activity(report.activity_json(:'unnamed', 'by_id', false)::text, NULL, :'unnamed') ->> 'session_id' AS made_up \gset
SELECT api.import_activity(tap.two('{"rec_id": null, "purpose": "G"}', '{"rec_id": null, "purpose": "G"}')::text || ' ', NULL, :'made_up')
    ->> 'session_id' AS again \gset
SELECT tap.import(tap.two('{"rec_id": null, "purpose": "E"}', '{"rec_id": null, "purpose": "F", "amt": "5.00"}')) AS eighth \gset
SELECT api.import_activity(report.activity_json(:'eighth', 'by_id', false)::text, NULL, :'eighth') ->> 'session_id' AS ninth \gset
INSERT INTO api.current_transactions (employee_revision_id, amount, transaction_date, merchant_name)
SELECT e.revision_id, 33, '2025-03-05', 'BY MAIL' FROM report.employee_revisions AS e WHERE e.session_id = :'ninth';
SELECT api.import_activity(report.activity_json(:'ninth', 'by_id', false)::text, NULL, :'ninth') ->> 'session_id' AS tenth \gset
SELECT tap.import(jsonb_build_object('JOHN SMITH', tap.entry('{"employee_id": "1001"}', tap.receipt('{"rec_id": null}')),
    'JOHN  SMITH', tap.entry('{"employee_id": "1002"}', tap.receipt('{"rec_id": null}')))) AS namesakes \gset
UPDATE api.current_transactions AS c SET is_out_of_pocket = true FROM report.employee_revisions AS e
WHERE c.session_id = :'namesakes' AND e.revision_id = c.employee_revision_id AND e.employee_id = '1001';
SELECT api.import_activity(jsonb_build_object('JOHN  SMITH', tap.entry('{"employee_id": "1002"}', tap.receipt('{"rec_id": null}')))::text,
    NULL, :'namesakes') ->> 'session_id' AS namesake \gset
SELECT tap.import(tap.two('{"rec_id": null, "purpose": "A", "title": "x"}', '{"rec_id": null, "purpose": "B"}')) AS plain \gset
SELECT api.import_activity(tap.two('{"rec_id": "31", "purpose": "C"}', '{"rec_id": "32", "purpose": "D"}')::text, NULL, :'plain') ->> 'session_id' AS numbered \gset
:as_tester
SELECT is(tap.count_known(:'nameless', :'named'), 2::bigint, 'a file of what people see gives them ids, and they are the same');
SELECT is(tap.fates(:'named'), 'arrived', 'with what was said of them');
SELECT is(tap.count_known(:'unnamed', :'again'), 2::bigint, 'a file without ids has the same ones');
SELECT is(tap.fates(:'again'), 'in_force', 'and what was said of them holds');
SELECT is(tap.count_known(:'ninth', :'tenth'), 3::bigint, 'one that comes in between gets an id that none has');
SELECT results_eq(format('SELECT t.transaction_id, t.is_out_of_pocket FROM report.transactions AS t WHERE t.session_id = %L', :'namesake'),
    format($$SELECT t.transaction_id, false FROM report.transactions AS t JOIN report.employee_revisions AS e ON e.revision_id = t.employee_revision_id
        WHERE t.session_id = %L AND e.employee_id = '1002'$$, :'namesakes'), 'nobody gets what a namesake had who is left out');
SELECT is(tap.fates(:'namesake'), 'waiting', 'and what was said of it waits');
SELECT is(tap.count_known(:'plain', :'numbered'), 2::bigint, 'and nothing is new where as many come with ids');

-- Two pages of one receipt, one of them taken out: the source drops one.
:as_processor
SELECT tap.import(jsonb_build_object('ANN', tap.entry('{}', tap.receipt('{"rec_id": "11"}'), tap.receipt('{"rec_id": "11"}'),
    tap.receipt('{"rec_id": "12", "amt": "20.00"}'), tap.receipt('{"rec_id": "12", "amt": "20.00"}')))) AS seventh \gset
DELETE FROM api.current_transactions AS c WHERE c.session_id = :'seventh' AND c.transaction_id IN (
    SELECT (array_agg(t.transaction_id ORDER BY t.position * CASE t.external_transaction_id WHEN '11' THEN 1 ELSE -1 END))[1]
    FROM report.transactions AS t WHERE t.session_id = :'seventh' GROUP BY t.external_transaction_id);
SELECT api.import_activity(jsonb_build_object('ANN', tap.entry('{}', tap.receipt('{"rec_id": "11"}'),
    tap.receipt('{"rec_id": "12", "amt": "20.00"}')))::text, NULL, :'seventh') ->> 'session_id' AS eighth \gset
:as_tester
SELECT is(tap.count_known(:'seventh', :'eighth'), 2::bigint, 'the page that people left in stays, whichever it was');
SELECT is(tap.fates(:'eighth'), 'arrived', 'and the other one is what the source dropped');

-- Blanks, letters and what some files cannot say are no news.
:as_processor
SELECT tap.import(jsonb_build_object('ANN', tap.entry('{}',
    tap.receipt('{"merch_name": "HARBOR  DELI ", "gl_desc": "Meals ", "purpose": ""}'), tap.receipt('{"rec_id": "12"}')))) AS ninth \gset
UPDATE api.current_transactions SET gl_account = '7000.100', merchant_name = 'TOLL GATE' WHERE session_id = :'ninth' AND external_transaction_id <> '12';
DELETE FROM api.current_transactions WHERE session_id = :'ninth' AND external_transaction_id = '12';
SELECT api.import_activity(jsonb_build_object('ANN', tap.entry('{}',
    tap.receipt('{"merch_name": "HARBOR DELI", "merch_addy": "9367 OLD MILL RD, STE 4", "gl_desc": "Meals", "purpose": null}'),
    tap.receipt('{"rec_id": "12", "merch_addy": "9367 OLD MILL RD, STE 4", "purpose": "Crew of  six"}')))::text, NULL, :'ninth')
    ->> 'session_id' AS tenth \gset
:as_tester
SELECT is(tap.fates(:'tenth'), 'in_force', 'what a file spells otherwise, or has more of, makes no conflict');
SELECT is(app.fate_of(g, ARRAY[b::jsonb], '{"merchant_name": "X"}', s::jsonb, true), f, format('%s to %s: %s', b, s, f))
FROM (VALUES
    ('merchant', E'{"merchant_name": "Cafe\u0301"}', E'{"merchant_name": "Caf\u00e9"}', 'in_force'),
    ('merchant', '{"merchant_name": "A", "merchant_address": "1 OLD"}', '{"merchant_name": "A", "merchant_address": "2 OLD"}', 'conflict'),
    ('merchant', '{"merchant_name": "A", "merchant_address": "1 OLD"}', '{"merchant_name": "A", "merchant_address": "1 OLD, NEWTOWN"}', 'in_force'),
    ('merchant', '{"merchant_name": "A", "merchant_address": "1 OLD, NEWTOWN,"}', '{"merchant_name": "A", "merchant_address": "1 OLD, NEWTOWN, TX"}', 'in_force'),
    ('merchant', '{"merchant_name": "A", "merchant_address": "1 OLD"}', '{"merchant_name": "A", "merchant_address": "1 OLDER, NEWTOWN"}', 'conflict'),
    ('purpose', '{"description": "Meals", "expense_type": "Meals"}', '{"description": null, "expense_type": "Meals"}', 'in_force'),
    ('purpose', '{"description": "Meals", "expense_type": "Meals"}', '{"description": "Lunch", "expense_type": "Meals"}', 'conflict'),
    ('coding', '{"coding_type": "job_coding", "job_number": "1", "gl_account": "6120.100"}', '{"coding_type": "job_coding", "job_number": "1", "gl_account": null}', 'in_force'),
    ('coding', '{"coding_type": "gl_coding", "job_number": "1", "gl_account": "6120.100"}', '{"coding_type": "job_coding", "job_number": "1", "gl_account": null}', 'conflict'),
    ('coding', '{"coding_type": null, "job_number": null, "gl_account": ""}', '{"coding_type": "job_coding", "job_number": "", "gl_account": null}', 'in_force'),
    ('coding', '{"coding_type": null, "job_number": null, "gl_account": ""}', '{"coding_type": "job_coding", "job_number": "1", "gl_account": null}', 'conflict')
) AS v (g, b, s, f);

-- What was decided about a receipt made by hand goes on when it arrives.
SELECT is((SELECT l.natural_key FROM app.receipt_links AS l JOIN app.employee_revisions AS r ON r.revision_id = l.employee_revision_id
    WHERE r.session_id = :'second' AND l.transaction_id = :'forty' AND r.revision_number = 1), 'added: ' || :'forty',
    'what people made is called as before when the source has it');
-- A name that the source mended: its employee number tells, and somebody says that it is so.
:as_processor
SELECT tap.import(jsonb_build_object('ANN', tap.entry('{}', tap.receipt('{"attachment": false}')), 'BEA', tap.entry('{"employee_id": "1002"}'))) AS eleventh \gset
INSERT INTO api.current_transactions (employee_revision_id, amount, transaction_date, merchant_name)
SELECT e.revision_id, 5.00, '2025-03-20', 'TOLL GATE' FROM report.employee_revisions AS e WHERE e.session_id = :'eleventh' AND e.employee_name = 'ANN';
SELECT api.resolve_issue(i.issue_id, i.version, 'explained', 'Came by mail') FROM report.validation_issues AS i
WHERE i.session_id = :'eleventh' AND i.employee_name = 'ANN' AND i.issue_type = 'missing_receipt' AND i.amount_impact = 10.00 \g /dev/null
SELECT api.hold_employee(e.session_id, e.cardholder_id, e.version, 'On leave') FROM report.employee_revisions AS e
WHERE e.session_id = :'eleventh' AND e.employee_name = 'ANN' \g /dev/null
SELECT api.import_activity(jsonb_build_object('ANNE', tap.entry('{}', tap.receipt('{"attachment": false}')), 'BEA', tap.entry('{"employee_id": "1002"}'))::text, NULL,
    :'eleventh') AS answer \gset
SELECT :'answer'::jsonb ->> 'session_id' AS twelfth \gset
SELECT is((:'answer'::jsonb ->> 'outcome') || (:'answer'::jsonb #>> '{report,control,reasons}'), 'awaiting_decision["same_number"]', 'another name of an employee number asks for a person');
SELECT is((api.accept_submission(s.session_id, s.version, 'It is Ann')).status, 'completed', 'who accepts it')
FROM report.processing_sessions AS s WHERE s.session_id = :'twelfth';
:as_tester
SELECT results_eq(format('SELECT e.employee_name, e.status, e.receipt_total FROM report.employee_revisions AS e WHERE e.session_id = %L ORDER BY 1', :'twelfth'),
    $$VALUES ('ANN', 'on_hold', 15.00), ('BEA', 'unfinished', 0.00)$$, 'it is the same person: the hold and what was made by hand are there');
SELECT is((SELECT string_agg(i.state, ' ' ORDER BY i.amount_impact) FROM report.validation_issues AS i
    WHERE i.session_id = :'twelfth' AND i.issue_type = 'missing_receipt' AND i.employee_name = 'ANN'), 'open resolved', 'and what was decided');
SELECT alike(report.import_report(:'twelfth'), E'%\n* ANNE has employee number 1001, which ANN had before: the same person%',
    'the report says who has another name');
:as_processor
SELECT api.import_activity(jsonb_build_object('ANNE', tap.entry(), 'ANN', tap.entry('{"employee_id": "1003"}'))::text, NULL, :'twelfth') AS answer \gset
SELECT is(:'answer'::jsonb ->> 'outcome', 'accepted', 'where the report has both names, nobody is taken for somebody else');
:as_tester
SELECT is((SELECT string_agg(concat_ws(' ', e.employee_name, e.employee_id), ', ' ORDER BY e.employee_name) FROM report.employee_revisions AS e
    WHERE e.session_id = (:'answer'::jsonb ->> 'session_id')::uuid), 'ANN 1003, ANNE 1001', 'and there are two');
SELECT unalike(report.import_report(:'twelfth'), '%BEA has employee number%', 'and of nobody else');

-- A wrong child is cancelled: the right file finds its receipts as the submission that counts has them.
:as_processor
SELECT tap.import(jsonb_build_object('ANN', tap.entry('{}', tap.receipt('{"rec_id": "61"}'), tap.receipt('{"rec_id": "62"}')))) AS right \gset
UPDATE api.current_transactions SET external_transaction_id = '69', transaction_date = '2025-03-20' WHERE session_id = :'right' AND external_transaction_id = '61';
SELECT api.import_activity(report.activity_json(:'right', 'by_code', false)::text, NULL, :'right') ->> 'session_id' AS wrong \gset
:as_admin
SELECT c.outcome FROM report.processing_sessions AS s CROSS JOIN LATERAL api.cancel_session(s.session_id, s.version) AS c
WHERE s.session_id = :'wrong' \gset
:as_processor
SELECT api.import_activity(jsonb_build_object('ANN', tap.entry('{}', tap.receipt('{"rec_id": "61"}'), tap.receipt('{"rec_id": "62"}')))::text || ' ', NULL, :'right')
    ->> 'session_id' AS again \gset
:as_tester
SELECT is(tap.count_known(:'right', :'again'), 2::bigint, 'after a wrong child was cancelled no receipt is new');
SELECT is(tap.fates(:'again'), 'in_force', 'and what people said holds');

-- Of two that are alike and have no id people correct one: a file of what they see, with ids made up, has both.
SELECT jsonb_build_object('ANN', tap.entry('{}', tap.receipt('{"rec_id": null}'), tap.receipt('{"rec_id": null}'))) AS alike \gset
:as_processor
SELECT tap.import(:'alike') AS two \gset
UPDATE api.current_transactions SET gl_account = '7000.100' WHERE transaction_id = (
    SELECT min(t.transaction_id::text)::uuid FROM report.transactions AS t WHERE t.session_id = :'two');
SELECT api.import_activity(report.activity_json(:'two', 'by_code', false)::text, NULL, :'two') ->> 'session_id' AS same \gset
:as_tester
SELECT is_empty(format('SELECT t.transaction_id, t.gl_account FROM report.transactions AS t WHERE t.session_id = %L
        EXCEPT SELECT t.transaction_id, t.gl_account FROM report.transactions AS t WHERE t.session_id = %L', :'same', :'two'),
    'each of them says what it said');
SELECT is(tap.fates(:'same'), 'arrived', 'and what was corrected has arrived');

-- Given to somebody it is called as the receipts there are, and goes on being called so.
:as_processor
SELECT tap.import(jsonb_build_object('ANN', tap.entry('{}', tap.receipt('{"rec_id": null}')), 'BEA', tap.entry('{"employee_id": "1002"}'))) AS given \gset
UPDATE api.current_transactions AS t SET employee_revision_id = (SELECT e.revision_id FROM report.employee_revisions AS e
    WHERE e.session_id = t.session_id AND e.employee_name = 'BEA') WHERE t.session_id = :'given';
SELECT api.import_activity(report.activity_json(:'given', 'by_code', false)::text, NULL, :'given') ->> 'session_id' AS there \gset
:as_tester
SELECT is((SELECT t.natural_key FROM report.transactions AS t WHERE t.session_id = :'there'), 'no id: 03/29/2025, 10.00, LANDING SEAFOOD CO',
    'so what was decided about it is not asked again');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'all of it can be committed');
SELECT * FROM finish();
ROLLBACK;
