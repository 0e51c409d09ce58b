-- The next revision of people: their receipts linked again, as wished or as they once were.
-- requires: revising/proof
-- requires: access/requests

BEGIN;

CREATE OR REPLACE FUNCTION app.lock_people(p_revision_ids uuid[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_stale record;
BEGIN
    -- In key order, so that two corrections of the same people wait for each other and never deadlock.
    PERFORM FROM app.session_employees AS e
    JOIN (SELECT DISTINCT r.session_id, r.cardholder_id FROM app.employee_revisions AS r
          WHERE r.revision_id = ANY (p_revision_ids)) AS p
        ON p.session_id = e.session_id AND p.cardholder_id = e.cardholder_id
    ORDER BY e.session_id, e.cardholder_id
    FOR NO KEY UPDATE OF e;
    SELECT r.employee_name, r.revision_number, e.current_revision_number, c.origin, u.user_name, c.processed_at
    INTO v_stale
    FROM app.employee_revisions AS r
    JOIN app.session_employees AS e ON e.session_id = r.session_id AND e.cardholder_id = r.cardholder_id
    JOIN app.employee_revisions AS c ON c.revision_id = e.current_revision_id
    JOIN app.users AS u ON u.user_id = c.created_by
    WHERE r.revision_id = ANY (p_revision_ids) AND e.current_revision_id <> r.revision_id
    ORDER BY r.employee_name LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'ST001', MESSAGE = 'the person has a newer revision',
            DETAIL = pg_catalog.format('expected revision %s of %s, got %s: %s by %s at %s UTC', v_stale.revision_number,
                v_stale.employee_name, v_stale.current_revision_number, v_stale.origin, v_stale.user_name,
                pg_catalog.to_char(v_stale.processed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')),
            HINT = 'Read the rows again and correct what they say now.', COLUMN = 'employee_revision_id';
    END IF;
    IF EXISTS (
        SELECT FROM app.employee_revisions AS r
        JOIN app.processing_sessions AS s ON s.session_id = r.session_id
        WHERE r.revision_id = ANY (p_revision_ids) AND s.status <> 'completed')
    THEN
        RAISE EXCEPTION USING ERRCODE = 'ST002', MESSAGE = 'the session is not completed',
            DETAIL = 'expected completed', HINT = 'Only completed sessions are corrected.', COLUMN = 'session_id';
    END IF;
END
$$;
COMMENT ON FUNCTION app.lock_people(uuid[]) IS 'Locks the people of these revisions in key order. Raises ST001 with the other change when one of the revisions is not current any more, ST002 when a session is not completed.';

CREATE OR REPLACE FUNCTION app.lock_person(p_session_id uuid, p_cardholder_id uuid, p_expected_version integer)
RETURNS app.session_employees
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_person app.session_employees;
    v_last text;
BEGIN
    SELECT e.* INTO v_person FROM app.session_employees AS e
    WHERE e.session_id = p_session_id AND e.cardholder_id = p_cardholder_id
    FOR NO KEY UPDATE;
    IF v_person.session_id IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NF004', MESSAGE = 'there is no such person in this session',
            DETAIL = pg_catalog.format('got %s in %s', p_cardholder_id, p_session_id),
            HINT = 'See report.employee_revisions.', COLUMN = 'cardholder_id';
    ELSIF v_person.version IS DISTINCT FROM p_expected_version THEN
        -- What made a revision says why there, anything else in the history.
        SELECT pg_catalog.concat_ws(' ', u.user_name, coalesce(r.origin, h.status),
            'at ' || pg_catalog.to_char(h.audit_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"'),
            coalesce(r.reason, h.audit_reason))
            INTO v_last
            FROM audit.session_employees_history AS h
            JOIN app.users AS u ON u.user_id = h.audit_actor
            LEFT JOIN app.employee_revisions AS r
                ON r.revision_id = h.current_revision_id AND r.created_tx = h.audit_tx
            WHERE h.session_id = p_session_id AND h.cardholder_id = p_cardholder_id
            ORDER BY h.audit_seq DESC LIMIT 1;
        RAISE EXCEPTION USING ERRCODE = 'ST001', MESSAGE = 'person was changed meanwhile',
            DETAIL = pg_catalog.format('expected version %s, got %s: %s', coalesce(p_expected_version::text, 'none'),
                v_person.version, v_last),
            HINT = 'Read the person again and decide on what is there now.', COLUMN = 'expected_version';
    ELSIF EXISTS (SELECT FROM app.users AS u
                  WHERE u.user_id = app.actor_id() AND u.cardholder_id = p_cardholder_id)
    THEN
        RAISE EXCEPTION USING ERRCODE = 'PM003', MESSAGE = 'nobody decides about their own card',
            DETAIL = pg_catalog.format('person %s', p_cardholder_id), HINT = 'Ask a colleague.',
            COLUMN = 'cardholder_id';
    ELSIF (SELECT s.status FROM app.processing_sessions AS s WHERE s.session_id = p_session_id) <> 'completed' THEN
        RAISE EXCEPTION USING ERRCODE = 'ST002', MESSAGE = 'session is not completed',
            DETAIL = pg_catalog.format('session %s', p_session_id),
            HINT = 'Only people of completed sessions are worked on.', COLUMN = 'session_id';
    END IF;
    RETURN v_person;
END
$$;
COMMENT ON FUNCTION app.lock_person(uuid, uuid, integer) IS 'The person''s row in a session, locked, when it still has the version the caller saw and is not the caller''s own. Raises NF004, PM003, ST001 with the other person''s change, ST002 when the session is not completed.';

CREATE OR REPLACE FUNCTION app.copy_receipts(p_old_ids uuid[], p_new_ids uuid[], p_without uuid[]) RETURNS void
LANGUAGE sql VOLATILE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
    INSERT INTO app.receipt_links (employee_revision_id, transaction_id, content_id, natural_key, position, page_number)
    SELECT p.new_id, x.transaction_id, x.content_id, x.natural_key, x.position, x.page_number
    FROM unnest(p_old_ids, p_new_ids) AS p (old_id, new_id)
    -- One look-up by key for each revision, whatever the planner believes of the table.
    CROSS JOIN LATERAL (SELECT l.* FROM app.receipt_links AS l WHERE l.employee_revision_id = p.old_id OFFSET 0) AS x
    WHERE NOT EXISTS (SELECT FROM unnest(p_without) AS w (transaction_id) WHERE w.transaction_id = x.transaction_id);
END;
COMMENT ON FUNCTION app.copy_receipts(uuid[], uuid[], uuid[]) IS 'Links the receipts of old revisions to new ones (same place in both arrays), but for those named. What they say is not copied.';

CREATE OR REPLACE FUNCTION app.draft_next(p_current_ids uuid[], p_new_ids uuid[], p_like_ids uuid[]) RETURNS app.revision_draft[]
LANGUAGE sql STABLE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
    SELECT array_agg(ROW(p.new_id, r.session_id, r.cardholder_id, r.revision_number + 1, r.revision_id, NULL,
        l.employee_name, l.employee_id, l.card_number, l.is_in_report, l.car_total, NULL, NULL,
        l.car_page_range, l.receipt_page_range, NULL)::app.revision_draft)
    FROM unnest(p_current_ids, p_new_ids, p_like_ids) AS p (current_id, new_id, like_id)
    JOIN app.employee_revisions AS r ON r.revision_id = p.current_id
    JOIN app.employee_revisions AS l ON l.revision_id = p.like_id;
END;
COMMENT ON FUNCTION app.draft_next(uuid[], uuid[], uuid[]) IS 'Drafts of the revisions that follow the current ones, with the head of another revision (the current one for a correction, an old one for a restoration); same place in all arrays.';

COMMIT;
