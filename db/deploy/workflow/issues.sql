-- Deciding issues.
-- requires: report/people
-- requires: revising/proof
-- requires: access/requests

BEGIN;

CREATE OR REPLACE FUNCTION app.refresh_status(p_session_id uuid, p_cardholder_id uuid) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
BEGIN
    UPDATE app.session_employees AS e
    SET status = app.derive_status(e.session_id, e.cardholder_id, e.is_on_hold)
    WHERE e.session_id = p_session_id AND e.cardholder_id = p_cardholder_id
        AND e.status <> app.derive_status(e.session_id, e.cardholder_id, e.is_on_hold);
END
$$;
COMMENT ON FUNCTION app.refresh_status(uuid, uuid) IS 'Sets the status of a person to what follows from the open issues.';

CREATE OR REPLACE FUNCTION app.lock_issue(p_issue_id uuid, p_expected_version integer) RETURNS app.validation_issues
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_issue app.validation_issues;
    v_last text;
BEGIN
    -- The person first, then the issue: the order of everything that changes issues.
    PERFORM FROM app.session_employees AS e
    JOIN app.validation_issues AS i ON i.session_id = e.session_id AND i.cardholder_id = e.cardholder_id
    WHERE i.issue_id = p_issue_id
    FOR NO KEY UPDATE OF e;
    SELECT i.* INTO v_issue FROM app.validation_issues AS i WHERE i.issue_id = p_issue_id FOR NO KEY UPDATE;
    IF v_issue.issue_id IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NF002', MESSAGE = 'there is no such issue',
            DETAIL = pg_catalog.format('got %s', p_issue_id), HINT = 'See report.validation_issues.', COLUMN = 'issue_id';
    ELSIF v_issue.version IS DISTINCT FROM p_expected_version THEN
        SELECT pg_catalog.concat_ws(' ', v.user_name, v.from_state || ' -> ' || v.to_state, v.method,
            'at ' || pg_catalog.to_char(v.happened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"'), v.note)
            INTO v_last
            FROM report.issue_events AS v WHERE v.issue_id = p_issue_id ORDER BY v.issue_version DESC LIMIT 1;
        RAISE EXCEPTION USING ERRCODE = 'ST001', MESSAGE = 'issue was changed meanwhile',
            DETAIL = pg_catalog.format('expected version %s, got %s: %s', coalesce(p_expected_version::text, 'none'),
                v_issue.version, coalesce(v_last, 'moved to another revision')),
            HINT = 'Read the issue again and decide on what it says now.', COLUMN = 'expected_version';
    ELSIF EXISTS (SELECT FROM app.users AS u
                  WHERE u.user_id = app.actor_id() AND u.cardholder_id = v_issue.cardholder_id)
    THEN
        RAISE EXCEPTION USING ERRCODE = 'PM003', MESSAGE = 'nobody acts on an issue about their own card',
            DETAIL = pg_catalog.format('issue %s', p_issue_id),
            HINT = 'Ask a colleague.', COLUMN = 'issue_id';
    ELSIF EXISTS (SELECT FROM app.processing_sessions AS s
                  WHERE s.session_id = v_issue.session_id AND s.status = 'cancelled')
    THEN
        RAISE EXCEPTION USING ERRCODE = 'ST002', MESSAGE = 'session of the issue is cancelled',
            DETAIL = pg_catalog.format('session %s', v_issue.session_id),
            HINT = 'Work on the session that counts.', COLUMN = 'issue_id';
    END IF;
    RETURN v_issue;
END
$$;
COMMENT ON FUNCTION app.lock_issue(uuid, integer) IS 'The issue, locked with its person, when it still has the version the caller saw and is not about the caller''s own card. Raises NF002, PM003, ST001 with the other person''s change, ST002 when its session is cancelled.';

CREATE OR REPLACE FUNCTION api.resolve_issue(
    p_issue_id uuid, p_expected_version integer, p_method text, p_notes text DEFAULT NULL,
    p_request_id text DEFAULT NULL
) RETURNS report.validation_issues
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('resolve_issue', p_issue_id::text, p_expected_version::text, p_method, p_notes);
    v_answer jsonb := app.begin_request(p_request_id, 'resolve_issue', v_hash);
    v_issue app.validation_issues;
    v_result report.validation_issues;
BEGIN
    IF v_answer IS NOT NULL THEN
        SELECT r.* INTO v_result FROM pg_catalog.jsonb_populate_record(NULL::report.validation_issues, v_answer) AS r;
        RETURN v_result;
    END IF;
    IF p_method IS NULL OR p_method NOT IN
        ('corrected', 'receipt_provided', 'coding_provided', 'explained', 'accepted', 'other')
    THEN
        RAISE EXCEPTION USING ERRCODE = 'IV008', MESSAGE = 'resolution method is unknown',
            DETAIL = pg_catalog.format(
                'expected corrected, receipt_provided, coding_provided, explained, accepted or other, got %L', p_method),
            HINT = 'Choose one of the six methods.', COLUMN = 'method';
    ELSIF pg_catalog.length(p_notes) > 4000 THEN
        RAISE EXCEPTION USING ERRCODE = 'IV008', MESSAGE = 'notes are too long',
            DETAIL = pg_catalog.format('expected at most 4000 characters, got %s', pg_catalog.length(p_notes)),
            HINT = 'Shorten the notes.', COLUMN = 'notes';
    END IF;
    v_issue := app.lock_issue(p_issue_id, p_expected_version);
    IF NOT v_issue.is_open THEN
        RAISE EXCEPTION USING ERRCODE = 'ST002', MESSAGE = 'issue is not open',
            DETAIL = pg_catalog.format('expected open, in_progress or waiting, got %s', v_issue.state),
            HINT = 'Nothing to resolve.', COLUMN = 'issue_id';
    END IF;
    UPDATE app.validation_issues AS i
    SET state = 'resolved', resolved_by = app.actor_id(), resolved_at = pg_catalog.clock_timestamp(),
        resolution_notes = app.hide_card_numbers(p_notes), resolution_method = p_method
    WHERE i.issue_id = p_issue_id;
    INSERT INTO app.issue_events (issue_id, issue_version, from_state, to_state, method, note, user_id, request_id)
    VALUES (p_issue_id, v_issue.version + 1, v_issue.state, 'resolved', p_method, app.hide_card_numbers(p_notes),
        app.actor_id(), p_request_id);
    PERFORM app.refresh_status(v_issue.session_id, v_issue.cardholder_id);
    SELECT r.* INTO v_result FROM report.validation_issues AS r WHERE r.issue_id = p_issue_id;
    PERFORM app.end_request(p_request_id, 'resolve_issue', v_hash, pg_catalog.to_jsonb(v_result));
    RETURN v_result;
END
$$;
COMMENT ON FUNCTION api.resolve_issue(uuid, integer, text, text, text) IS 'Resolves an open issue at the version the caller saw; the person finishes with the last open blocking issue. Raises IV008, NF002, PM001, PM003, ST001 with the other person''s change, ST002 when not open or in a cancelled session, ST003.';
GRANT EXECUTE ON FUNCTION api.resolve_issue(uuid, integer, text, text, text) TO ccp_admin, ccp_processor, ccp_reviewer;

SELECT app.pin_entry_points();

COMMIT;
