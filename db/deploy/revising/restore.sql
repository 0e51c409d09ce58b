-- Going back: a new revision with the content of an old one.
-- requires: revising/conflicts
-- requires: report/people

BEGIN;

CREATE OR REPLACE FUNCTION app.holders_in(p_session_id uuid, p_transaction_ids uuid[])
RETURNS TABLE (transaction_id uuid, cardholder_id uuid)
LANGUAGE plpgsql STABLE
SET search_path = '' SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_nestloop = off
AS $$
BEGIN
    RETURN QUERY
    WITH sources AS MATERIALIZED (
        SELECT t.id, s.cardholder_id
        FROM pg_catalog.unnest(p_transaction_ids) AS t (id)
        LEFT JOIN LATERAL (
            SELECT r.cardholder_id FROM app.receipt_links AS l
            CROSS JOIN LATERAL (
                SELECT o.cardholder_id FROM app.employee_revisions AS o
                WHERE o.revision_id = l.employee_revision_id AND o.session_id = p_session_id AND o.revision_number = 1 OFFSET 0
            ) AS r
            WHERE l.transaction_id = t.id OFFSET 0
        ) AS s ON true
    ), moved AS (
        SELECT j.transaction_id, j.cardholder_id
        FROM app.judge_corrections(p_session_id, app.source_people(p_session_id, ARRAY(
            SELECT DISTINCT s.cardholder_id FROM sources AS s WHERE s.cardholder_id IS NOT NULL))) AS j
        WHERE j.field_group = 'person' AND j.fate = 'in_force'
    )
    SELECT s.id, coalesce(m.cardholder_id, s.cardholder_id, app.holder_of((
        SELECT p.chain_id FROM app.processing_sessions AS p WHERE p.session_id = p_session_id), s.id))
    FROM sources AS s
    LEFT JOIN moved AS m ON m.transaction_id = s.id;
END
$$;
COMMENT ON FUNCTION app.holders_in(uuid, uuid[]) IS 'Whose these receipts are in a submission, shown there or not: whom they were given to where that holds, else whose the source says, else who has them by what people said. A move that waits for somebody who is not there moves nothing.';

CREATE OR REPLACE FUNCTION app.tell_ended_waits(p_session_id uuid, p_said app.said_receipt[], p_reason text) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_ended text;
    v_reason text;
BEGIN
    SELECT pg_catalog.string_agg(pg_catalog.format('%s of %s', w.receipts, c.name_key), ', ' ORDER BY c.name_key, c.cardholder_id)
    INTO v_ended
    FROM (
        SELECT s.held_by, pg_catalog.count(*) AS receipts
        FROM pg_catalog.unnest(p_said) AS s
        WHERE s.held_by <> s.given_to AND NOT EXISTS (
            SELECT FROM app.session_employees AS e WHERE e.session_id = p_session_id AND e.cardholder_id = s.held_by)
        GROUP BY s.held_by
    ) AS w
    JOIN app.cardholders AS c ON c.cardholder_id = w.held_by;
    IF v_ended IS NULL THEN
        RETURN p_reason;
    END IF;
    IF EXISTS (SELECT FROM app.users AS u WHERE u.user_id = app.actor_id() AND u.cardholder_id IN (
        SELECT s.held_by FROM pg_catalog.unnest(p_said) AS s))
    THEN
        PERFORM app.fail('PM003', 'cardholder_id', 'receipts that wait for others', 'receipts that wait for the own card');
    END IF;
    v_reason := pg_catalog.format('%s (receipts that wait no longer: %s)', p_reason, v_ended);
    PERFORM app.require_text(v_reason, 'reason', 4000);
    RETURN v_reason;
END
$$;
COMMENT ON FUNCTION app.tell_ended_waits(uuid, app.said_receipt[], text) IS 'The reason of somebody who goes back, and in it for whom receipts wait no longer: made by hand or gone from the source, given to somebody who is not in the submission, and restored for who had them. Raises IV008 when both are too long together, PM003 when they wait for the own card.';

CREATE OR REPLACE FUNCTION app.receipts_to_restore(p_session_id uuid, p_cardholder_id uuid, p_revision_id uuid)
RETURNS app.said_receipt[]
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    WITH old AS (
        SELECT l.transaction_id, c AS content
        FROM app.receipt_links AS l
        JOIN app.receipt_contents AS c ON c.content_id = l.content_id
        WHERE l.employee_revision_id = p_revision_id
    ), now AS (
        SELECT e.cardholder_id, l.transaction_id, c AS content, s.cardholder_id AS source_holder
        FROM app.session_employees AS e
        JOIN app.receipt_links AS l ON l.employee_revision_id = e.current_revision_id
        JOIN app.receipt_contents AS c ON c.content_id = l.content_id
        LEFT JOIN LATERAL (
            SELECT r.cardholder_id FROM app.receipt_links AS x
            JOIN app.employee_revisions AS r ON r.revision_id = x.employee_revision_id
            WHERE x.transaction_id = l.transaction_id AND r.session_id = p_session_id AND r.revision_number = 1
        ) AS s ON true
        WHERE e.session_id = p_session_id AND (e.cardholder_id = p_cardholder_id
            OR l.transaction_id IN (SELECT o.transaction_id FROM old AS o))
    )
    SELECT array_agg(ROW(coalesce(o.transaction_id, n.transaction_id),
        coalesce(n.cardholder_id, h.cardholder_id, p_cardholder_id), n.content,
        CASE WHEN o.transaction_id IS NULL AND n.source_holder <> p_cardholder_id THEN n.source_holder
            ELSE p_cardholder_id END,
        CASE WHEN o.transaction_id IS NOT NULL THEN o.content
            WHEN n.source_holder <> p_cardholder_id THEN n.content END)::app.said_receipt)
    FROM old AS o FULL JOIN now AS n ON n.transaction_id = o.transaction_id
    LEFT JOIN app.holders_in(p_session_id, ARRAY(
        SELECT x.transaction_id FROM old AS x WHERE x.transaction_id NOT IN (SELECT y.transaction_id FROM now AS y))) AS h
        ON h.transaction_id = o.transaction_id
    WHERE o.transaction_id IS NULL OR n.transaction_id IS NULL OR n.cardholder_id <> p_cardholder_id
        OR o.content IS DISTINCT FROM n.content;
END;
COMMENT ON FUNCTION app.receipts_to_restore(uuid, uuid, uuid) IS 'What a person has to say so that somebody''s receipts are those of an old revision again: receipts given away come back, those given to the person since go back to where the source has them.';

CREATE OR REPLACE FUNCTION app.corrections_of(p_session_id uuid, p_cardholder_id uuid) RETURNS app.judged_correction[]
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    SELECT coalesce(array_agg(j), '{}')
    FROM app.processing_sessions AS s
    CROSS JOIN LATERAL app.judge_corrections(p_session_id, app.source_people(p_session_id, ARRAY[p_cardholder_id]), true) AS j
    LEFT JOIN LATERAL (
        SELECT r.cardholder_id FROM app.receipt_links AS l
        JOIN app.employee_revisions AS r ON r.revision_id = l.employee_revision_id
        WHERE l.transaction_id = j.transaction_id AND r.session_id = p_session_id AND r.revision_number = 1 LIMIT 1
    ) AS o ON true
    WHERE s.session_id = p_session_id AND j.value IS NOT NULL AND (j.field_group, j.fate) <> ('person', 'waiting')
        AND coalesce(o.cardholder_id, app.holder_of(s.chain_id, j.transaction_id), j.cardholder_id) = p_cardholder_id;
END;
COMMENT ON FUNCTION app.corrections_of(uuid, uuid) IS 'What was said and not taken back about the receipts that the source of a submission has of a person, and about those that it has of nobody and that are the person''s by what was said. A move that waits for somebody goes on waiting.';

CREATE OR REPLACE FUNCTION api.restore_revision(
    p_revision_id uuid, p_expected_revision_id uuid, p_reason text, p_request_id text DEFAULT NULL
) RETURNS report.employee_revisions
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('restore_revision', p_revision_id::text, p_expected_revision_id::text, p_reason);
    v_answer jsonb := app.begin_request(p_request_id, 'restore_revision', v_hash, p_reason);
    v_session_id uuid;
    v_cardholder_id uuid;
    v_said app.said_receipt[];
    v_concerned app.door_person[];
    v_people uuid[];
    v_reason text;
    v_result report.employee_revisions;
BEGIN
    IF v_answer IS NOT NULL THEN
        SELECT r.* INTO v_result FROM pg_catalog.jsonb_populate_record(NULL::report.employee_revisions, v_answer) AS r;
        RETURN v_result;
    END IF;
    PERFORM app.require_text(p_reason, 'reason', 4000);
    IF NOT EXISTS (
        SELECT FROM app.employee_revisions AS o
        JOIN app.employee_revisions AS c ON c.session_id = o.session_id AND c.cardholder_id = o.cardholder_id
        WHERE o.revision_id = p_revision_id AND c.revision_id = p_expected_revision_id)
    THEN
        PERFORM app.fail('NF005', 'revision_id', 'two revisions of one person in one session',
            pg_catalog.format('%s and %s', p_revision_id, p_expected_revision_id));
    ELSIF p_revision_id = p_expected_revision_id THEN
        PERFORM app.fail('ST002', 'revision_id', 'another revision than the current one', p_revision_id::text);
    END IF;
    SELECT r.session_id, r.cardholder_id INTO v_session_id, v_cardholder_id
    FROM app.employee_revisions AS r WHERE r.revision_id = p_expected_revision_id;
    -- All at once, so that nobody waits for one while another is held: with whoever has a receipt by now that goes back, or
    -- gets one back, as they are in the same look.
    WITH looked AS MATERIALIZED (
        SELECT app.receipts_to_restore(v_session_id, v_cardholder_id, p_revision_id) AS said
    )
    SELECT l.said, app.people_of_revisions(ARRAY[p_expected_revision_id]) || ARRAY(
        SELECT ROW(e.session_id, e.cardholder_id, NULL, e.current_revision_id)::app.door_person
        FROM app.session_employees AS e
        WHERE e.session_id = v_session_id AND e.cardholder_id <> v_cardholder_id AND e.cardholder_id IN (
            SELECT x.id FROM pg_catalog.unnest(l.said) AS s, pg_catalog.unnest(ARRAY[s.held_by, s.given_to]) AS x (id))
        ORDER BY e.cardholder_id)
    INTO v_said, v_concerned
    FROM looked AS l;
    PERFORM app.enter_month('restore_revision', v_concerned, app.ids_of_receipts(ARRAY(
        SELECT s.transaction_id FROM pg_catalog.unnest(v_said) AS s)));
    v_reason := app.tell_ended_waits(v_session_id, v_said, p_reason);
    v_people := app.state_corrections(v_session_id, v_said, v_reason) || v_cardholder_id;
    -- The first one is what the source says, and nothing else: what waits, arrived or is in conflict ends, too.
    IF EXISTS (SELECT FROM app.employee_revisions AS r WHERE r.revision_id = p_revision_id AND r.revision_number = 1) THEN
        PERFORM app.answer_corrections(v_session_id, app.corrections_of(v_session_id, v_cardholder_id), false, v_reason);
    END IF;
    PERFORM app.revise_people(v_session_id, ARRAY(SELECT DISTINCT x.id FROM pg_catalog.unnest(v_people) AS x (id)),
        'restore', v_reason);
    SELECT r.* INTO v_result FROM report.employee_revisions AS r
    WHERE r.session_id = v_session_id AND r.cardholder_id = v_cardholder_id;
    PERFORM app.end_request(p_request_id, 'restore_revision', v_hash, pg_catalog.to_jsonb(v_result));
    RETURN v_result;
END
$$;
COMMENT ON FUNCTION api.restore_revision(uuid, uuid, text, text) IS 'Makes a new revision of a person with the content of an old one of the same session; the second argument is the current revision the caller saw, the third says why. The reason of the new revision also tells for whom receipts wait no longer. Raises IV008, NF005, PM003, ST001, ST002, ST003, ST006, ST051.';
GRANT EXECUTE ON FUNCTION api.restore_revision(uuid, uuid, text, text) TO ccp_admin, ccp_processor;

SELECT app.pin_entry_points();

COMMIT;
