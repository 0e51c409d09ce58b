-- Rules over several people are asked again for everybody they concern, whoever of them changes.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/documents.psql
SELECT plan(24);

-- Who has an issue of a rule that is not closed by the machine, over all sessions that count.
CREATE FUNCTION tap.have(p_rule_code text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = tap, pg_catalog
AS $$
    SELECT string_agg(concat_ws(' ', s.session_name, i.employee_name, i.state), ', ' ORDER BY s.session_name COLLATE "C", i.employee_name COLLATE "C")
    FROM report.validation_issues AS i JOIN report.sessions AS s ON s.session_id = i.session_id AND s.status <> 'cancelled'
    WHERE i.issue_type = p_rule_code AND i.state NOT IN ('auto_closed', 'superseded')
$$;
CREATE FUNCTION tap.last_event(p_rule_code text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = tap, pg_catalog
AS $$ SELECT concat_ws(' ', v.from_state, v.to_state, split_part(v.cause, ' ', 1), v.note) FROM report.issue_events AS v
    JOIN report.validation_issues AS i ON i.issue_id = v.issue_id AND i.issue_type = p_rule_code
    ORDER BY v.happened_at DESC LIMIT 1 $$;
CREATE FUNCTION tap.month(p_name text, p_date text, p_parent uuid DEFAULT NULL, p_changes jsonb DEFAULT '{}') RETURNS text
LANGUAGE sql VOLATILE
AS $$
    SELECT tap.import_activity((jsonb_build_object(
        'ANN', tap.entry('{"employee_id": "1"}', tap.receipt(jsonb_build_object('rec_id', '77', 'date', p_date))),
        'BEA', tap.entry('{"employee_id": "2", "car_page_range": [2], "rec_page_range": [2]}',
            tap.receipt(jsonb_build_object('rec_id', '77', 'date', p_date))),
        'CID', tap.entry('{"employee_id": "3", "car_page_range": [3], "rec_page_range": [3]}',
            tap.receipt(jsonb_build_object('rec_id', '78', 'date', p_date)))) || p_changes)::text, p_name, p_parent) ->> 'session_id'
$$;

:as_processor
SELECT tap.month('March', '03/15/2025') AS march \gset
SELECT is(tap.have('duplicate_transaction'), 'March BEA open', 'the second receipt of two people is the duplicate');
SET LOCAL app.reason = 'looked it up';
UPDATE api.current_transactions AS t SET external_transaction_id = '79'
WHERE t.external_transaction_id = '77' AND t.employee_revision_id = (
    SELECT e.revision_id FROM report.employee_revisions AS e WHERE e.employee_name = 'ANN');
SELECT is(tap.have('duplicate_transaction'), NULL, 'a duplicate whose twin is gone closes');
SELECT is(tap.last_event('duplicate_transaction'), 'open auto_closed revision not found any more', 'because of the other''s revision');
UPDATE api.current_transactions AS t SET external_transaction_id = '78'
WHERE t.external_transaction_id = '79';
SELECT is(tap.have('duplicate_transaction'), 'March CID open', 'one whose twin appears opens');
SELECT is((SELECT count(*) FROM report.employee_revisions AS e WHERE e.session_id = :'march' AND e.revision_number > 1), 1::bigint,
    'without a revision of who was judged again');
UPDATE api.current_transactions AS t SET purpose = 'x' WHERE t.employee_revision_id = (
    SELECT e.revision_id FROM report.employee_revisions AS e WHERE e.employee_name = 'CID');
SELECT is(tap.have('duplicate_transaction'), 'March CID open', 'and stays while both are');
DELETE FROM api.current_transactions AS t WHERE t.employee_revision_id = (
    SELECT e.revision_id FROM report.employee_revisions AS e WHERE e.employee_name = 'ANN');
SELECT is(tap.have('duplicate_transaction'), NULL, 'a twin that is removed closes it too');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'and it can be proved');
SET CONSTRAINTS ALL DEFERRED;

-- Other months. BEA shows 77 and CID 78 in March.
SELECT tap.month('March twice', '03/20/2025') AS twice \gset
SELECT is(tap.have('duplicate_across_cycles'), NULL, 'the same period is the same month, whatever it is called');
:as_admin
SELECT api.cancel_session(s.session_id, s.version) FROM report.processing_sessions AS s WHERE s.session_id = :'twice' \g /dev/null
:as_processor
SELECT tap.month('April', '04/15/2025') AS april \gset
SELECT is(tap.have('duplicate_across_cycles'), 'April ANN open, April BEA open, April CID open', 'another month shows the duplicates');
SELECT matches((SELECT i.description FROM report.validation_issues AS i WHERE i.session_id = :'april' AND i.issue_type = 'duplicate_across_cycles'
    AND i.employee_name = 'CID'), '^Receipt id 78 was handed in before, in March: receipt 78 of \$10.00 from LANDING SEAFOOD CO on 2025-04-15$', 'and says where');
SELECT tap.month('May', '05/15/2025', NULL, jsonb_build_object('BEA', tap.entry('{"employee_id": "2", "car_page_range": [2]}',
    tap.receipt('{"rec_id": "77", "date": "05/15/2025", "amt": "11.00"}')), 'CID', tap.entry('{"employee_id": "3", "car_page_range": [3]}',
    tap.receipt('{"rec_id": "78", "date": "05/15/2025", "merch_name": "ELSEWHERE"}')))) AS may \gset
SELECT is(tap.have('duplicate_across_cycles'), 'April ANN open, April BEA open, April CID open, May ANN open',
    'another amount or merchant under the id is another receipt');
UPDATE api.current_transactions AS t SET amount = 10.00 WHERE t.session_id = :'may' AND t.external_transaction_id = '77' AND t.amount = 11.00;
SELECT is(tap.have('duplicate_across_cycles'), 'April ANN open, April BEA open, April CID open, May ANN open, May BEA open',
    'until it is corrected to the same');
UPDATE api.current_transactions AS t SET external_transaction_id = '178' WHERE t.session_id = :'march' AND t.external_transaction_id = '78';
SELECT is(tap.have('duplicate_across_cycles'), 'April ANN open, April BEA open, May ANN open, May BEA open', 'a twin that is gone from another month closes it there');
SELECT tap.month('March 2', '03/15/2025', :'march', jsonb_build_object('BEA', tap.entry('{"employee_id": "2", "car_page_range": [2]}',
    tap.receipt('{"rec_id": "177", "date": "03/15/2025"}')), 'ANN', tap.entry('{"employee_id": "1"}'))) AS march_2 \gset
SELECT is(tap.have('duplicate_across_cycles'), 'March 2 CID open, May ANN open, May BEA open',
    'a later submission without it closes it, one with it opens it; in one transaction the sessions'' order tells who was first');
SELECT is(tap.have('duplicate_transaction'), 'April BEA open, May BEA open', 'what is inside the other months stays');
:as_admin
SELECT api.cancel_session(s.session_id, s.version) FROM report.processing_sessions AS s WHERE s.session_id = :'march_2' \g /dev/null
:as_tester
SELECT is(tap.have('duplicate_across_cycles'), 'April ANN open, April BEA open, May ANN open, May BEA open', 'a cancelled submission gives back the one before');
SELECT matches((SELECT string_agg(DISTINCT split_part(v.cause, ' ', 1), ' ') FROM report.issue_events AS v
    WHERE v.cause LIKE '%' || :'march_2'), 'session', 'with the session as the cause');
:as_admin
SELECT api.cancel_session(s.session_id, s.version) FROM report.processing_sessions AS s WHERE s.session_id = :'march' \g /dev/null
:as_tester
SELECT is(tap.have('duplicate_across_cycles'), 'May ANN open, May BEA open', 'a cancelled month is none');
SELECT is_empty($$SELECT e.employee_name FROM report.employee_revisions AS e JOIN app.session_employees AS x
    ON x.session_id = e.session_id AND x.cardholder_id = e.cardholder_id
    WHERE x.status <> app.derive_status(x.session_id, x.cardholder_id, x.is_on_hold)$$, 'everybody''s status follows');
\ir ../fixtures/invariants.psql
SELECT * FROM finish();
ROLLBACK;
