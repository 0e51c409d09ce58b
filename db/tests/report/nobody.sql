-- A name whose receipts all went to somebody else is nobody any more, wherever people are counted.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/pdfs.psql
\ir ../fixtures/strangers.psql
SELECT plan(9);

CREATE FUNCTION tap.counted(p_session_id uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER
BEGIN ATOMIC
    SELECT concat_ws(' ', s.total_employees, j ->> 'employees', j ->> 'unidentified_people', j ->> 'transactions', b.people,
        b.receipts, (SELECT count(*) FROM report.employee_revisions AS e WHERE e.session_id = p_session_id),
        (SELECT count(*) FROM report.bridge AS g WHERE g.session_id = p_session_id))
    FROM report.sessions AS s
    JOIN report.session_bridge AS b ON b.session_id = s.session_id
    CROSS JOIN LATERAL report.session_summary(s.session_id) AS j
    WHERE s.session_id = p_session_id;
END;

:as_owner
SELECT tap.hand_in('nobody', tap.pdf_report('{}', tap.pdf_card('{}')),
    tap.pdf_receipts('{}', tap.pdf_receipt(1), tap.pdf_receipt(2, '{"employee": "Anna B. Roe"}'),
        tap.pdf_receipt(3, '{"employee": "Bea Poe"}'))) ->> 'session_id' AS session_id \gset
:as_tester
SELECT is(tap.counted(:'session_id'), '3 3 0 3 3 3 3 3', 'before the alias three names are three people everywhere');
SELECT is((SELECT count(*) FROM app.employee_revisions AS r WHERE r.is_nobody), 0::bigint, 'each of them somebody');
:as_processor
SELECT api.approve_alias('Anna B. Roe', 'ANNROE', 'Her middle name') AS alias \gset
:as_tester
SELECT is(tap.counted(:'session_id'), '2 2 0 3 2 3 2 2', 'after it they are two, with all their receipts');
SELECT is((SELECT string_agg(concat_ws(' ', r.employee_name, r.revision_number), ', ') FROM app.employee_revisions AS r
    WHERE r.is_nobody), 'ANNABROE 2', 'the name is nobody from its revision without receipts on');
SELECT is((SELECT concat_ws(' ', s.people, s.people_with_open_rows) FROM report.session_bridge AS s WHERE s.session_id = :'session_id'),
    '2 2', 'of the two both have open rows');

-- Who only lost the last receipt by a correction is still somebody: the month knows the name.
:as_processor
SET LOCAL app.reason = 'as told';
DELETE FROM api.current_transactions AS t WHERE t.session_id = :'session_id' AND t.external_transaction_id = '40000003';
:as_tester
SELECT is(tap.counted(:'session_id'), '2 2 0 2 2 2 2 2', 'without receipts, but not by an alias: somebody');

SELECT is_empty($$SELECT c.oid::regclass, a.attname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'report'::regnamespace AND c.relkind = 'v' AND a.attnum > 0 AND a.atttypid = 'numeric'::regtype
        AND a.attname ~ '(_count|_issues|_employees|_people|_rows)$|^(matched_(?!amount).*|people.*|employees.*|charges|receipts|matches|issues|transactions|overdue)$'$$,
    'what is counted is a whole number');

CREATE FUNCTION tap.relations_read(p_query text) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    v_plan json;
BEGIN
    EXECUTE 'EXPLAIN (FORMAT JSON) ' || p_query INTO v_plan;
    RETURN (SELECT string_agg(DISTINCT m.name[1], ' ' ORDER BY m.name[1])
            FROM regexp_matches(v_plan::text, '"Relation Name": "(\w+)"', 'g') AS m (name));
END
$$;
SELECT is(tap.relations_read('SELECT count(*) FROM report.sessions AS s'), 'processing_sessions users',
    'who counts sessions has nobody''s sums computed');
SELECT is(tap.relations_read('SELECT e.employee_name, e.status FROM report.employee_revisions AS e'),
    'employee_revisions pseudonyms session_employees', 'who asks for people and their status, no issues');
SELECT * FROM finish();
ROLLBACK;
