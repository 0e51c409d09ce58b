-- The steps of an issue's life that people take, besides resolving it.
-- requires: workflow/issues
-- requires: validation/waivers
--
-- Step                 from                                to
-- start_issue          open, waiting                       in_progress, assigned to the actor when to nobody
-- suspend_issue        open, in_progress                   waiting
-- resolve_issue        open, in_progress, waiting          resolved
-- mark_false_positive  open, in_progress, waiting          false_positive
-- propose_waiver       open, in_progress, waiting          waiting
-- approve_waiver       waiting, proposed by another        waived
-- reject_waiver        waiting, proposed by another        open
-- reopen_issue         resolved, waived, false_positive    open
-- assign_issue         open, in_progress, waiting          the same
-- note_issue           any                                 the same

BEGIN;

CREATE OR REPLACE FUNCTION app.require_text(p_text text, p_column text, p_maximum integer) RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = ''
AS $$
BEGIN
    IF pg_catalog.length(pg_catalog.btrim(coalesce(p_text, ''))) NOT BETWEEN 1 AND p_maximum THEN
        RAISE EXCEPTION USING ERRCODE = 'IV008', MESSAGE = 'text is missing or too long',
            DETAIL = pg_catalog.format('expected 1 to %s characters, got %s', p_maximum,
                pg_catalog.length(coalesce(p_text, ''))),
            HINT = 'Say why in a few words.', COLUMN = p_column;
    END IF;
END
$$;
COMMENT ON FUNCTION app.require_text(text, text, integer) IS 'Raises IV008 for a text that is missing, blank or longer than allowed.';

CREATE OR REPLACE FUNCTION app.require_state(p_issue app.validation_issues, p_states text[]) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    IF p_issue.state <> ALL (p_states) THEN
        RAISE EXCEPTION USING ERRCODE = 'ST002', MESSAGE = 'state of the issue does not allow this step',
            DETAIL = pg_catalog.format('expected %s, got %s', pg_catalog.array_to_string(p_states, ', '), p_issue.state),
            HINT = 'Read the issue again.', COLUMN = 'issue_id';
    END IF;
END
$$;
COMMENT ON FUNCTION app.require_state(app.validation_issues, text[]) IS 'Raises ST002 when the issue has none of these states.';

CREATE OR REPLACE FUNCTION app.require_newest(p_session_id uuid) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    IF app.has_later_session(p_session_id) THEN
        RAISE EXCEPTION USING ERRCODE = 'ST006', MESSAGE = 'a later submission builds on this session',
            DETAIL = pg_catalog.format('session %s', p_session_id),
            HINT = 'Do it in the later submission.', COLUMN = 'session_id';
    END IF;
END
$$;
COMMENT ON FUNCTION app.require_newest(uuid) IS 'Raises ST006 when a later submission took over from the session. To be called with the person locked.';

CREATE OR REPLACE FUNCTION app.change_issue(
    p_issue app.validation_issues, p_to_state text, p_note text, p_assigned_to uuid, p_details jsonb,
    p_request_id text
) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_note text := app.hide_card_numbers(nullif(pg_catalog.btrim(p_note), ''));
    v_decides boolean := p_to_state IN ('waived', 'false_positive') AND p_to_state <> p_issue.state;
    v_stays boolean := p_to_state = p_issue.state;
BEGIN
    -- Naming the version makes even a mere note a change: the next one has to have seen it.
    UPDATE app.validation_issues AS i
    SET state = p_to_state, assigned_to = p_assigned_to, version = i.version + 1,
        resolved_by = CASE WHEN v_stays THEN i.resolved_by WHEN v_decides THEN app.actor_id() END,
        resolved_at = CASE WHEN v_stays THEN i.resolved_at WHEN v_decides THEN pg_catalog.clock_timestamp() END,
        resolution_notes = CASE WHEN v_stays THEN i.resolution_notes WHEN v_decides THEN v_note END,
        resolution_method = CASE WHEN v_stays THEN i.resolution_method END
    WHERE i.issue_id = p_issue.issue_id;
    INSERT INTO app.issue_events (issue_id, issue_version, from_state, to_state, note, user_id, request_id, details)
    VALUES (p_issue.issue_id, p_issue.version + 1, p_issue.state, p_to_state, v_note, app.actor_id(), p_request_id,
        p_details);
    PERFORM app.refresh_status(p_issue.session_id, p_issue.cardholder_id);
END
$$;
COMMENT ON FUNCTION app.change_issue(app.validation_issues, text, text, uuid, jsonb, text) IS 'Moves a locked issue to a state and assignment and writes the event; deciding states note who, when and why. The person''s status follows.';

CREATE OR REPLACE FUNCTION app.step_issue(
    p_call text, p_issue_id uuid, p_expected_version integer, p_from_states text[], p_to_state text, p_note text,
    p_note_required boolean, p_request_id text
) RETURNS report.validation_issues
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request(p_call, p_issue_id::text, p_expected_version::text, p_note);
    v_answer jsonb := app.begin_request(p_request_id, p_call, v_hash);
    v_issue app.validation_issues;
BEGIN
    IF v_answer IS NULL THEN
        IF p_note_required OR p_note IS NOT NULL THEN
            PERFORM app.require_text(p_note, 'note', 4000);
        END IF;
        v_issue := app.lock_issue(p_issue_id, p_expected_version);
        PERFORM app.require_state(v_issue, p_from_states);
        IF p_to_state = 'open' THEN
            PERFORM app.require_newest(v_issue.session_id);
        END IF;
        PERFORM app.change_issue(v_issue, coalesce(p_to_state, v_issue.state), p_note,
            CASE WHEN p_to_state = 'in_progress' THEN coalesce(v_issue.assigned_to, app.actor_id())
                ELSE v_issue.assigned_to END, NULL, p_request_id);
        SELECT pg_catalog.to_jsonb(r) INTO v_answer FROM report.validation_issues AS r WHERE r.issue_id = p_issue_id;
        PERFORM app.end_request(p_request_id, p_call, v_hash, v_answer);
    END IF;
    RETURN pg_catalog.jsonb_populate_record(NULL::report.validation_issues, v_answer);
END
$$;
COMMENT ON FUNCTION app.step_issue(text, uuid, integer, text[], text, text, boolean, text) IS 'What all plain steps share: the request id, the lock at the version seen, the states the step starts from (all but those raise ST002), the state it leads to (null: the same). Reopening is refused while a later submission builds on the session, ST006.';

CREATE OR REPLACE FUNCTION api.start_issue(
    p_issue_id uuid, p_expected_version integer, p_note text DEFAULT NULL, p_request_id text DEFAULT NULL
) RETURNS report.validation_issues
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = ''
BEGIN ATOMIC
    SELECT s FROM app.step_issue('start_issue', p_issue_id, p_expected_version, ARRAY['open', 'waiting'],
        'in_progress', p_note, false, p_request_id) AS s;
END;
COMMENT ON FUNCTION api.start_issue(uuid, integer, text, text) IS 'Begins or goes on with work on an issue; one that nobody has is assigned to the actor. Raises IV008, NF002, PM001, PM003, ST001, ST002, ST003.';

CREATE OR REPLACE FUNCTION api.suspend_issue(
    p_issue_id uuid, p_expected_version integer, p_note text, p_request_id text DEFAULT NULL
) RETURNS report.validation_issues
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = ''
BEGIN ATOMIC
    SELECT s FROM app.step_issue('suspend_issue', p_issue_id, p_expected_version, ARRAY['open', 'in_progress'],
        'waiting', p_note, true, p_request_id) AS s;
END;
COMMENT ON FUNCTION api.suspend_issue(uuid, integer, text, text) IS 'Lets an issue wait for somebody; the note says for what. Raises IV008, NF002, PM001, PM003, ST001, ST002, ST003.';

CREATE OR REPLACE FUNCTION api.reopen_issue(
    p_issue_id uuid, p_expected_version integer, p_note text, p_request_id text DEFAULT NULL
) RETURNS report.validation_issues
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = ''
BEGIN ATOMIC
    SELECT s FROM app.step_issue('reopen_issue', p_issue_id, p_expected_version,
        ARRAY['resolved', 'waived', 'false_positive'], 'open', p_note, true, p_request_id) AS s;
END;
COMMENT ON FUNCTION api.reopen_issue(uuid, integer, text, text) IS 'Takes a decision back; the note says why. Raises IV008, NF002, PM001, PM003, ST001, ST002, ST003, ST006 while a later submission builds on the session.';

CREATE OR REPLACE FUNCTION api.mark_false_positive(
    p_issue_id uuid, p_expected_version integer, p_reason text, p_request_id text DEFAULT NULL
) RETURNS report.validation_issues
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = ''
BEGIN ATOMIC
    SELECT s FROM app.step_issue('mark_false_positive', p_issue_id, p_expected_version,
        ARRAY['open', 'in_progress', 'waiting'], 'false_positive', p_reason, true, p_request_id) AS s;
END;
COMMENT ON FUNCTION api.mark_false_positive(uuid, integer, text, text) IS 'Says that a finding is none, and why. It stays silent, in later submissions too, while its evidence is the same. Raises IV008, NF002, PM001, PM003, ST001, ST002, ST003.';

CREATE OR REPLACE FUNCTION api.note_issue(
    p_issue_id uuid, p_expected_version integer, p_note text, p_request_id text DEFAULT NULL
) RETURNS report.validation_issues
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = ''
BEGIN ATOMIC
    SELECT s FROM app.step_issue('note_issue', p_issue_id, p_expected_version, ARRAY['open', 'in_progress', 'waiting',
        'resolved', 'waived', 'false_positive', 'auto_closed', 'superseded'], NULL, p_note, true, p_request_id) AS s;
END;
COMMENT ON FUNCTION api.note_issue(uuid, integer, text, text) IS 'Adds a note to an issue in any state; notes are never changed or removed. Raises IV008, NF002, PM001, PM003, ST001, ST003.';

CREATE OR REPLACE FUNCTION api.assign_issue(
    p_issue_id uuid, p_expected_version integer, p_user_name text, p_note text DEFAULT NULL,
    p_request_id text DEFAULT NULL
) RETURNS report.validation_issues
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('assign_issue', p_issue_id::text, p_expected_version::text, p_user_name, p_note);
    v_answer jsonb := app.begin_request(p_request_id, 'assign_issue', v_hash);
    v_issue app.validation_issues;
    v_assignee app.users;
BEGIN
    IF v_answer IS NULL THEN
        IF p_note IS NOT NULL THEN
            PERFORM app.require_text(p_note, 'note', 4000);
        END IF;
        v_issue := app.lock_issue(p_issue_id, p_expected_version);
        PERFORM app.require_state(v_issue, ARRAY['open', 'in_progress', 'waiting']);
        SELECT u.* INTO v_assignee FROM app.users AS u
        WHERE u.user_name = p_user_name AND u.is_active AND u.role <> 'read_only' AND NOT u.is_system;
        IF v_assignee.user_id IS NULL AND p_user_name IS NOT NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'NF003', MESSAGE = 'there is no such user who may work on issues',
                DETAIL = pg_catalog.format('got %L', p_user_name),
                HINT = 'Choose an active administrator, processor or reviewer.', COLUMN = 'user_name';
        ELSIF v_assignee.cardholder_id = v_issue.cardholder_id THEN
            RAISE EXCEPTION USING ERRCODE = 'PM003', MESSAGE = 'nobody acts on an issue about their own card',
                DETAIL = pg_catalog.format('issue %s', p_issue_id), HINT = 'Choose a colleague.', COLUMN = 'user_name';
        END IF;
        PERFORM app.change_issue(v_issue, v_issue.state, p_note, v_assignee.user_id,
            pg_catalog.jsonb_build_object('assigned_to', p_user_name), p_request_id);
        SELECT pg_catalog.to_jsonb(r) INTO v_answer FROM report.validation_issues AS r WHERE r.issue_id = p_issue_id;
        PERFORM app.end_request(p_request_id, 'assign_issue', v_hash, v_answer);
    END IF;
    RETURN pg_catalog.jsonb_populate_record(NULL::report.validation_issues, v_answer);
END
$$;
COMMENT ON FUNCTION api.assign_issue(uuid, integer, text, text, text) IS 'Gives an open issue to somebody who may work on it, or with null to nobody. Raises IV008, NF002, NF003, PM001, PM003 also for the assignee''s own card, ST001, ST002, ST003.';

GRANT EXECUTE ON FUNCTION api.start_issue(uuid, integer, text, text), api.suspend_issue(uuid, integer, text, text),
    api.reopen_issue(uuid, integer, text, text), api.mark_false_positive(uuid, integer, text, text),
    api.note_issue(uuid, integer, text, text), api.assign_issue(uuid, integer, text, text, text)
    TO ccp_admin, ccp_processor, ccp_reviewer;

SELECT app.pin_entry_points();

COMMIT;
