-- The steps of an issue's life that people take, one line each over the table of steps.
-- requires: workflow/issues
-- requires: validation/waivers

BEGIN;

CREATE OR REPLACE FUNCTION api.resolve_issue(
    p_issue_id uuid, p_expected_version integer, p_method text, p_notes text DEFAULT NULL,
    p_request_id text DEFAULT NULL
) RETURNS report.validation_issues
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    RETURN app.step_issue('resolve_issue', p_issue_id, p_expected_version, p_notes, p_request_id, p_method);
END
$$;
COMMENT ON FUNCTION api.resolve_issue(uuid, integer, text, text, text) IS 'Resolves an open issue at the version the caller saw; the person finishes with the last open blocking issue. corrected, receipt_provided and coding_provided are claims: the person is not finished while the newest revision, also of later submissions, still shows the finding. explained, accepted and other need notes, and a second person above what the role decides alone (settings decision_limit_*), see api.propose_decision. Raises IV008, NF002, PM001, PM003, RL062 for a correction_conflict, RL081 above that, ST001 with the other person''s change, ST002 when not open or in a cancelled session, ST003, ST006 when a later submission builds on the session, ST051 when the month is closed.';

CREATE OR REPLACE FUNCTION api.start_issue(
    p_issue_id uuid, p_expected_version integer, p_note text DEFAULT NULL, p_request_id text DEFAULT NULL
) RETURNS report.validation_issues
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    RETURN app.step_issue('start_issue', p_issue_id, p_expected_version, p_note, p_request_id);
END
$$;
COMMENT ON FUNCTION api.start_issue(uuid, integer, text, text) IS 'Begins or goes on with work on an issue; one that nobody has is assigned to the actor. Raises IV008, NF002, PM001, PM003, ST001, ST002, ST003, ST006 when a later submission builds on the session, ST051 when the month is closed.';

CREATE OR REPLACE FUNCTION api.suspend_issue(
    p_issue_id uuid, p_expected_version integer, p_note text, p_request_id text DEFAULT NULL
) RETURNS report.validation_issues
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    RETURN app.step_issue('suspend_issue', p_issue_id, p_expected_version, p_note, p_request_id);
END
$$;
COMMENT ON FUNCTION api.suspend_issue(uuid, integer, text, text) IS 'Lets an issue wait for somebody; the note says for what. Raises IV008, NF002, PM001, PM003, ST001, ST002, ST003, ST006 when a later submission builds on the session, ST051 when the month is closed.';

CREATE OR REPLACE FUNCTION api.reopen_issue(
    p_issue_id uuid, p_expected_version integer, p_note text, p_request_id text DEFAULT NULL
) RETURNS report.validation_issues
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    RETURN app.step_issue('reopen_issue', p_issue_id, p_expected_version, p_note, p_request_id);
END
$$;
COMMENT ON FUNCTION api.reopen_issue(uuid, integer, text, text) IS 'Takes a decision back; the note says why. Raises IV008, NF002, PM001, PM003, ST001, ST002, ST003, ST006 when a later submission builds on the session, ST051 when the month is closed.';

CREATE OR REPLACE FUNCTION api.mark_false_positive(
    p_issue_id uuid, p_expected_version integer, p_reason text, p_request_id text DEFAULT NULL
) RETURNS report.validation_issues
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    RETURN app.step_issue('mark_false_positive', p_issue_id, p_expected_version, p_reason, p_request_id);
END
$$;
COMMENT ON FUNCTION api.mark_false_positive(uuid, integer, text, text) IS 'Says that a finding is none, and why. It stays silent, in later submissions too, while its evidence is the same. Raises IV008, NF002, PM001, PM003, RL062 for a correction_conflict, RL081 above what the role decides alone, ST001, ST002, ST003, ST006 when a later submission builds on the session, ST051 when the month is closed.';

CREATE OR REPLACE FUNCTION api.note_issue(
    p_issue_id uuid, p_expected_version integer, p_note text, p_request_id text DEFAULT NULL
) RETURNS report.validation_issues
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    RETURN app.step_issue('note_issue', p_issue_id, p_expected_version, p_note, p_request_id);
END
$$;
COMMENT ON FUNCTION api.note_issue(uuid, integer, text, text) IS 'Adds a note to an issue in any state but superseded; notes are never changed or removed. Raises IV008, NF002, PM001, PM003, ST001, ST002, ST003, ST006 when a later submission builds on the session, ST051 when the month is closed.';

CREATE OR REPLACE FUNCTION api.assign_issue(
    p_issue_id uuid, p_expected_version integer, p_user_name text DEFAULT NULL, p_note text DEFAULT NULL,
    p_request_id text DEFAULT NULL
) RETURNS report.validation_issues
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    RETURN app.step_issue('assign_issue', p_issue_id, p_expected_version, p_note, p_request_id,
        p_assignee => p_user_name);
END
$$;
COMMENT ON FUNCTION api.assign_issue(uuid, integer, text, text, text) IS 'Gives an open issue to somebody who may work on it, or with null to nobody. Raises IV008, NF002, NF003, PM001, PM003 also for the assignee''s own card, ST001, ST002, ST003, ST006 when a later submission builds on the session, ST051 when the month is closed.';

GRANT EXECUTE ON FUNCTION api.resolve_issue(uuid, integer, text, text, text),
    api.start_issue(uuid, integer, text, text), api.suspend_issue(uuid, integer, text, text),
    api.reopen_issue(uuid, integer, text, text), api.mark_false_positive(uuid, integer, text, text),
    api.note_issue(uuid, integer, text, text), api.assign_issue(uuid, integer, text, text, text)
    TO ccp_admin, ccp_processor, ccp_reviewer;

SELECT app.pin_entry_points();

COMMIT;
