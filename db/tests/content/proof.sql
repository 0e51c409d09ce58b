-- The proof at commit: what does not fit is refused, whoever wrote it and in whatever order.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/small.psql
\ir ../fixtures/documents.psql
SELECT plan(29);

-- Does something as the owner and has it proved at once; all of it is undone again. Gives SQLSTATE or what is not sound.
CREATE FUNCTION tap.proof(p_statement text, p_prove_before boolean DEFAULT false) RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    v_detail text;
BEGIN
    SET CONSTRAINTS ALL DEFERRED;
    IF p_prove_before THEN
        SET CONSTRAINTS ALL IMMEDIATE;
        SET CONSTRAINTS ALL DEFERRED;
    END IF;
    EXECUTE p_statement;
    SET CONSTRAINTS ALL IMMEDIATE;
    RAISE EXCEPTION USING ERRCODE = 'ZX001', MESSAGE = 'sound';
EXCEPTION
    WHEN SQLSTATE 'RL001' OR SQLSTATE 'ZX001' THEN
        GET STACKED DIAGNOSTICS v_detail = PG_EXCEPTION_DETAIL;
        RETURN coalesce((regexp_match(v_detail, 'got ([a-z ]+) of [0-9a-f]{8}-[-0-9a-f]{27}: '))[1] || ' of ID is not reconciled',
            SQLERRM);
    WHEN integrity_constraint_violation THEN
        RETURN SQLSTATE;
END
$$;

-- Another revision of a person, right but for one thing.
CREATE FUNCTION tap.next_revision(p_wrong text, p_is_said boolean DEFAULT true) RETURNS text
LANGUAGE sql
RETURN format($f$
    WITH old AS (
        SELECT r.* FROM app.employee_revisions AS r WHERE r.employee_name = 'LINUSJUNIPOLD'
    ), head AS (
        INSERT INTO app.employee_revisions (session_id, cardholder_id, revision_number, predecessor_id, employee_name,
            employee_id, card_number, is_in_report, car_total, receipt_total, receipt_total_unique, receipt_count,
            validation_flags, car_page_range, receipt_page_range, changed_from_previous, origin, created_by, content_hash, hash_version)
        SELECT o.session_id, o.cardholder_id, 2, o.revision_id, o.employee_name, o.employee_id, o.card_number,
            o.is_in_report, x.car_total, x.receipt_total, x.receipt_total, x.receipt_count, x.flags, o.car_page_range,
            o.receipt_page_range, true, 'correction', o.created_by,
            CASE WHEN x.own_hash THEN app.hash_content(o.session_id, o.cardholder_id, 2, o.employee_name, o.employee_id,
                o.card_number, o.is_in_report, x.car_total, x.receipt_total, x.receipt_count, x.flags,
                o.car_page_range, o.receipt_page_range, app.digest_rows(m.links_digest, NULL)) ELSE o.content_hash END, 2
        FROM old AS o, app.measure_revisions(ARRAY['00000000-0000-7000-8000-000000000000'::uuid]) AS m,
            (SELECT %s) AS x (car_total, receipt_total, receipt_count, flags, own_hash)
        RETURNING revision_id, session_id, cardholder_id
    ), said AS (
        INSERT INTO app.corrections (chain_id, transaction_id, field_group, number, session_id, cardholder_id, base, value,
            reason, said_by)
        SELECT s.chain_id, l.transaction_id, 'presence', 1, o.session_id, o.cardholder_id, app.said_groups(c), 'false',
            'as a test', app.actor_id()
        FROM old AS o
        JOIN app.processing_sessions AS s ON s.session_id = o.session_id
        JOIN app.receipt_links AS l ON l.employee_revision_id = o.revision_id
        JOIN app.receipt_contents AS c ON c.content_id = l.content_id
        WHERE %L::boolean
    ), issues AS (
        UPDATE app.validation_issues AS i SET state = 'auto_closed', resolved_at = now()
        FROM head AS h WHERE i.session_id = h.session_id AND i.cardholder_id = h.cardholder_id
    )
    UPDATE app.session_employees AS e
    SET current_revision_id = h.revision_id, current_revision_number = 2, status = 'finished'
    FROM head AS h WHERE e.session_id = h.session_id AND e.cardholder_id = h.cardholder_id
$f$, p_wrong, p_is_said);

-- Links a receipt of somebody else to the newest revision of that person, and says who else the proof sees with it.
CREATE FUNCTION tap.given_twice(p_is_kept boolean, p_is_said boolean DEFAULT true) RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    v_found text;
BEGIN
    EXECUTE tap.next_revision($f$5.00::numeric(14, 2), 0.00::numeric(14, 2), 0, app.flags_of('{}'), true$f$, p_is_said);
    INSERT INTO app.receipt_links (employee_revision_id, transaction_id, content_id, natural_key, position)
    SELECT r.revision_id, l.transaction_id, l.content_id, l.natural_key || ' too', 1
    FROM app.employee_revisions AS r
    JOIN app.session_employees AS e ON e.session_id = r.session_id AND (e.cardholder_id <> r.cardholder_id) = p_is_kept
    JOIN app.employee_revisions AS o ON o.session_id = e.session_id AND o.cardholder_id = e.cardholder_id AND o.revision_number = 1
    JOIN app.receipt_links AS l ON l.employee_revision_id = o.revision_id
    WHERE r.employee_name = 'LINUSJUNIPOLD' AND r.revision_number = 2
    ORDER BY l.transaction_id LIMIT 1;
    SELECT string_agg(DISTINCT v.got, ', ') INTO v_found FROM app.merge_violations(app.tx()) AS v WHERE v.expected = 'one person';
    RAISE EXCEPTION USING ERRCODE = 'ZX001', MESSAGE = coalesce(v_found, 'one');
EXCEPTION
    WHEN SQLSTATE 'ZX001' THEN
        RETURN SQLERRM;
END
$$;

:as_owner
SELECT is(tap.given_twice(true), 'two', 'a receipt that stands under two people');
-- While nobody said anything the revisions before are not looked at, as those of earlier transactions are not.
SELECT is(tap.given_twice(true, false), 'two', 'and under one whose revision is not proved again');
SELECT is(tap.given_twice(false), 'one', 'one that its own person shows again');
SELECT is(tap.proof('SELECT 1'), 'sound', 'what an import wrote is sound');
SELECT is(tap.proof(tap.next_revision($$5.00::numeric(14, 2), 0.00::numeric(14, 2), 0, app.flags_of('{}'), true$$)), 'sound',
    'a revision whose totals, count, flags, hash and status fit is accepted');
SELECT is(tap.proof(tap.next_revision($$5.00::numeric(14, 2), 0.00::numeric(14, 2), 0, app.flags_of('{}'), true$$, false)),
    'receipt of ID is not reconciled', 'receipts that are gone without anybody saying so');
SELECT is(tap.proof(tap.next_revision($$5.00::numeric(14, 2), 0.01::numeric(14, 2), 0, app.flags_of('{}'), true$$)),
    'content of ID is not reconciled', 'a receipt total that is not the sum of its receipts');
SELECT is(tap.proof(tap.next_revision($$5.00::numeric(14, 2), 0.00::numeric(14, 2), 1, app.flags_of('{}'), true$$)),
    'content of ID is not reconciled', 'a count that is not theirs');
SELECT is(tap.proof(tap.next_revision($$5.00::numeric(14, 2), 0.00::numeric(14, 2), 0, app.flags_of('{}'), false$$)),
    'content of ID is not reconciled', 'a hash of other content');
SELECT is(tap.proof(tap.next_revision($$5.00::numeric(14, 2), 0.00::numeric(14, 2), 0, app.flags_of('{total_mismatch}'), true$$)),
    'flags of ID is not reconciled', 'a flag without an issue');
SELECT is(tap.proof(tap.next_revision($$5.00::numeric(14, 2), 0.01::numeric(14, 2), 0, app.flags_of('{}'), true$$), true),
    'content of ID is not reconciled', 'also after the checks were made immediate once');

-- A receipt that joins a revision of this same transaction makes it wrong: after the check it is checked again.
SELECT is(tap.proof($$INSERT INTO app.receipt_links (employee_revision_id, transaction_id, content_id, natural_key, position)
    SELECT r.revision_id, app.new_id(), (SELECT c.content_id FROM app.receipt_contents AS c LIMIT 1), 'late', 1
    FROM app.employee_revisions AS r LIMIT 1$$, true), 'content of ID is not reconciled', 'a receipt added after the proof');

-- Status follows from issues and cannot be set otherwise.
SELECT is(tap.proof($$UPDATE app.session_employees SET status = 'finished' WHERE status = 'unfinished'$$),
    'status of ID is not reconciled', 'somebody finished by hand');
SELECT is(tap.proof($$UPDATE app.session_employees SET status = 'unfinished' WHERE status = 'finished'$$),
    'status of ID is not reconciled', 'somebody unfinished by hand');
SELECT is(tap.proof($$UPDATE app.session_employees SET status = 'in_progress' WHERE status = 'unfinished'$$),
    'status of ID is not reconciled', 'somebody put in progress by hand');
SELECT is(tap.proof($$UPDATE app.session_employees SET status = 'on_hold', hold_reason = 'On leave'$$), 'sound',
    'on hold is by hand');
SELECT is(tap.proof($$UPDATE app.session_employees SET status = 'on_hold'$$), '23514', 'and says why');
SELECT is(tap.proof($$UPDATE app.validation_issues SET state = 'resolved', resolved_at = now(), resolution_method = 'other',
        resolved_by = (SELECT u.user_id FROM app.users AS u LIMIT 1)$$), 'status of ID is not reconciled',
    'issues decided without their people');
SELECT is(tap.proof($$UPDATE app.validation_issues SET blocks = false WHERE blocks$$), 'status of ID is not reconciled',
    'issues that stop blocking');
SELECT throws_ok('DELETE FROM app.validation_issues', 'RL002', 'rows of this table are never changed or removed',
    'issues removed');

-- Issues point to a revision, receipt and rule of their own session and person.
SELECT is(tap.proof($$UPDATE app.validation_issues AS i SET employee_revision_id = (
        SELECT r.revision_id FROM app.employee_revisions AS r WHERE r.cardholder_id <> i.cardholder_id LIMIT 1)
    WHERE i.rule_code = 'missing_receipt'$$) IN ('issue of ID is not reconciled', 'flags of ID is not reconciled'), true,
    'an issue on the revision of another person');
SELECT is(tap.proof($$UPDATE app.validation_issues AS i SET transaction_id = app.new_id()
    WHERE i.rule_code = 'missing_receipt'$$), 'issue of ID is not reconciled', 'an issue about a receipt that is none');
SELECT is(tap.proof($$UPDATE app.validation_issues AS i SET rule_version = 99 WHERE i.rule_code = 'missing_receipt'$$),
    'issue of ID is not reconciled', 'an issue of a rule that is none');

-- The chain of revisions.
SELECT is(tap.proof(replace(tap.next_revision($$5.00::numeric(14, 2), 0.00::numeric(14, 2), 0, app.flags_of('{}'), true$$),
    '2, o.revision_id', '3, o.revision_id')), '23503', 'a number left out');
SELECT is(tap.proof(replace(tap.next_revision($$5.00::numeric(14, 2), 0.00::numeric(14, 2), 0, app.flags_of('{}'), true$$),
    '2, o.revision_id', '1, NULL')), '23505', 'the same number again');
:as_tester
\ir ../fixtures/invariants.psql
SELECT * FROM finish();
ROLLBACK;
