-- What a person gave away by hand stays there, whatever alias comes or goes in between; nothing is asked about it.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/documents.psql
SELECT plan(19);

-- Receipts as the file prints them: Dee and Eva of the report, and Dee by another name, two receipts without id among hers.
CREATE FUNCTION tap.file(p_spaces integer DEFAULT 0) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN jsonb_build_object('DEE', tap.entry('{"employee_id": "4"}', tap.receipt('{"rec_id": "1", "amt": "10.00"}')),
    'EVA', tap.entry('{"employee_id": "5"}', tap.receipt('{"rec_id": "2", "amt": "11.00"}')),
    'DEEDEE', tap.receipts_only('{}', tap.receipt('{"rec_id": "3", "amt": "12.00"}'), tap.receipt('{"rec_id": "4", "amt": "13.00"}'),
        tap.receipt('{"rec_id": null, "amt": "14.00"}'), tap.receipt('{"rec_id": null, "amt": "14.00"}'),
        tap.receipt('{"rec_id": "5", "amt": "15.00"}')))::text || repeat(' ', p_spaces);
CREATE FUNCTION tap.shown(p_session uuid) RETURNS text
LANGUAGE sql
RETURN (SELECT string_agg(t.employee_name || ' ' || coalesce(t.external_transaction_id, 'none'), ', '
        ORDER BY t.employee_name, t.external_transaction_id) FROM report.transactions AS t WHERE t.session_id = p_session);
CREATE FUNCTION tap.fates(p_session uuid) RETURNS text
LANGUAGE sql
RETURN (SELECT string_agg(f.fate || ' ' || f.n, ', ' ORDER BY f.fate) FROM (
        SELECT c.fate, count(*) AS n FROM report.corrections AS c WHERE c.session_id = p_session AND c.fate <> 'replaced' GROUP BY 1) AS f);
CREATE FUNCTION tap.give(p_session uuid, p_name text, p_ids text[]) RETURNS bigint
LANGUAGE sql
BEGIN ATOMIC
    WITH given AS (
        UPDATE api.current_transactions AS t SET employee_revision_id = e.revision_id FROM report.employee_revisions AS e
        WHERE t.session_id = p_session AND e.session_id = p_session AND e.employee_name = p_name
            AND coalesce(t.external_transaction_id, 'none') = ANY (p_ids)
        RETURNING t.transaction_id
    )
    SELECT count(g.transaction_id) FROM given AS g;
END;

:as_processor
SET LOCAL app.reason = 'as told';
SELECT api.import_activity(tap.file(), 'First') ->> 'session_id' AS first \gset
SELECT tap.give(:'first', 'EVA', '{3,none}') AS given \gset
SELECT tap.give(:'first', 'DEE', '{4}') AS given \gset
SELECT is(tap.shown(:'first'), 'DEE 1, DEE 4, DEEDEE 5, EVA 2, EVA 3, EVA none, EVA none', 'moved by hand');
SELECT is((SELECT a.moved_receipts FROM api.approve_alias('DEEDEE', 'DEE', 'Called so') AS a), 1::bigint, 'the alias moves what is left');
SELECT is(tap.shown(:'first'), 'DEE 1, DEE 4, DEE 5, EVA 2, EVA 3, EVA none, EVA none', 'and nothing else');
SAVEPOINT approved;
SELECT is((SELECT a.moved_receipts FROM api.withdraw_alias('DEEDEE', 1, 'Somebody else', p_dry_run => true) AS a), 1::bigint,
    'as much would go back');
SELECT (api.withdraw_alias('DEEDEE', 1, 'Somebody else')).outcome \g /dev/null
SELECT is(tap.shown(:'first'), 'DEE 1, DEE 4, DEEDEE 5, EVA 2, EVA 3, EVA none, EVA none', 'and goes back, what was given by hand stays');
ROLLBACK TO SAVEPOINT approved;

-- The file again, now under the alias: the same name says nothing new.
:as_processor
SELECT api.import_activity(tap.file(1), 'Second', :'first') ->> 'session_id' AS second \gset
SELECT is(tap.shown(:'second'), 'DEE 1, DEE 4, DEE 5, EVA 2, EVA 3, EVA none, EVA none', 'the file again leaves it so');
SELECT is(tap.fates(:'second'), 'arrived 2, in_force 3', 'what the alias says has arrived, all else holds');
SELECT is((SELECT count(*) FROM report.validation_issues AS i WHERE i.session_id = :'second' AND i.issue_type = 'correction_conflict'),
    0::bigint, 'nothing is asked');
SELECT is((SELECT count(*) FROM report.transactions AS o JOIN report.transactions AS n ON n.session_id = :'second'
    AND n.transaction_id = o.transaction_id WHERE o.session_id = :'first'), 7::bigint, 'and every receipt is known, those without id, too');

-- Given away under the alias, which is withdrawn: its file is again in the other name.
SELECT tap.give(:'second', 'EVA', '{5}') AS given \gset
SELECT is((SELECT a.moved_receipts FROM api.withdraw_alias('DEEDEE', 1, 'Somebody else') AS a), 0::bigint, 'withdrawn, nothing goes back');
SELECT is(tap.shown(:'second'), 'DEE 1, DEE 4, EVA 2, EVA 3, EVA 5, EVA none, EVA none', 'all was given by hand');
SELECT api.import_activity(tap.file(2), 'Third', :'second') ->> 'session_id' AS third \gset
SELECT is(tap.shown(:'third'), tap.shown(:'second'), 'and stays so under the own name');
SELECT is(tap.fates(:'third'), 'in_force 5', 'all of it holds');
SELECT is((SELECT count(*) FROM report.validation_issues AS i WHERE i.session_id = :'third' AND i.issue_type = 'correction_conflict'),
    0::bigint, 'nothing is asked');

-- An alias that was taken along into another chain of submissions is an alias there.
SAVEPOINT before_another;
SELECT api.import_activity(tap.file(5), p_programme => 'Fleet') ->> 'session_id' AS sixth \gset
SELECT api.approve_alias('DEEDEE', 'DEE', 'Called so') \g /dev/null
:as_admin
SELECT api.cancel_session(:'sixth', s.version) FROM report.sessions AS s WHERE s.session_id = :'sixth' \g /dev/null
SELECT api.import_activity(replace(tap.file(6), '10.00', '10.50'), p_programme => 'Fleet') ->> 'session_id' AS seventh \gset
SELECT (api.restore_session(:'sixth', :'seventh', 'It was right')).session_id AS eighth \gset
SELECT is(tap.shown(:'eighth'), 'DEE 1, DEE 3, DEE 4, DEE 5, DEE none, DEE none, EVA 2', 'restored, it stands under the person');
SELECT api.withdraw_alias('DEEDEE', 1, 'Somebody else') \g /dev/null
SELECT is(tap.shown(:'eighth'), 'DEE 1, DEEDEE 3, DEEDEE 4, DEEDEE 5, DEEDEE none, DEEDEE none, EVA 2', 'and goes back when the alias does');
ROLLBACK TO SAVEPOINT before_another;
:as_processor

-- Under another name it is a third thing.
SELECT api.import_activity(replace(tap.file(3), '"rec_id": "3"', '"rec_id": "3", "title": "x"')::jsonb
    #>> '{}', 'Fourth', :'third') ->> 'outcome' AS outcome \gset
SELECT is(:'outcome'::text, 'accepted', 'a file that says something else of a receipt');
SELECT api.import_activity((SELECT jsonb_build_object('DEE', d -> 'DEE', 'EVA', d -> 'EVA', 'FAY', d -> 'DEEDEE')::text
    FROM (SELECT tap.file()::jsonb AS d) AS f), 'Fifth', s.session_id) ->> 'session_id' AS fifth
FROM report.sessions AS s WHERE s.session_name = 'Fourth' \gset
:as_tester
SELECT matches(tap.fates(:'fifth'), 'conflict 3', 'receipts that come under a third name are asked about');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'all of which can be committed');
SELECT * FROM finish();
ROLLBACK;
