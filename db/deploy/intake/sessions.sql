-- Opening and cancelling sessions.
-- requires: intake/recall
-- requires: report/sessions
-- requires: report/corrections

BEGIN;

CREATE OR REPLACE FUNCTION api.create_session(
    p_session_name text DEFAULT NULL, p_parent_session_id uuid DEFAULT NULL, p_request_id text DEFAULT NULL,
    p_programme text DEFAULT NULL, p_period_start date DEFAULT NULL, p_period_end date DEFAULT NULL
) RETURNS report.sessions
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('create_session', p_session_name, p_parent_session_id::text, p_programme,
        p_period_start::text, p_period_end::text);
    v_answer jsonb := app.begin_request(p_request_id, 'create_session', v_hash);
    v_session report.sessions;
BEGIN
    IF v_answer IS NULL THEN
        v_answer := app.end_request(p_request_id, 'create_session', v_hash, pg_catalog.jsonb_build_object(
            'session_id', app.open_session(p_session_name, p_parent_session_id, NULL, NULL,
                p_programme => p_programme, p_period_start => p_period_start, p_period_end => p_period_end)));
        PERFORM app.enter_period(s.programme, s.given_start, s.given_end) FROM app.processing_sessions AS s
        WHERE s.session_id = (v_answer ->> 'session_id')::uuid AND s.month_id IS NULL;
    END IF;
    SELECT s.* INTO v_session FROM report.processing_sessions AS s
    WHERE s.session_id = (v_answer ->> 'session_id')::uuid;
    RETURN v_session;
END
$$;
COMMENT ON FUNCTION api.create_session(text, uuid, text, text, date, date) IS 'Opens an empty session, to be given files; perhaps with the month they are of: a programme, and the first day of a calendar month or a first and a last day. The period the card report prints goes before it, and a decision is asked for when they differ. Without a name the session is named after its period when its files are accepted. Raises IV008, IV071, NF001, ST002, ST003, ST005, ST050, ST051.';
GRANT EXECUTE ON FUNCTION api.create_session(text, uuid, text, text, date, date) TO ccp_admin, ccp_processor;

CREATE TYPE report.cancel_answer AS (
    outcome text,
    session_id uuid,
    session_name text,
    status text,
    version integer,
    month_id uuid,
    counts_then uuid,
    reopened_issues bigint,
    corrections jsonb,
    decisions jsonb
);
COMMENT ON TYPE report.cancel_answer IS 'What cancelling a session did, or would do.';
COMMENT ON COLUMN report.cancel_answer.outcome IS 'done, or dry_run: nothing was changed.';
COMMENT ON COLUMN report.cancel_answer.session_id IS 'The session.';
COMMENT ON COLUMN report.cancel_answer.session_name IS 'Its name.';
COMMENT ON COLUMN report.cancel_answer.status IS 'Its status: cancelled, and for a dry run as it is.';
COMMENT ON COLUMN report.cancel_answer.version IS 'Its version; for a dry run as it is.';
COMMENT ON COLUMN report.cancel_answer.month_id IS 'Its month; null while it has none.';
COMMENT ON COLUMN report.cancel_answer.counts_then IS 'The submission of its month that counts then; null: the month has none left.';
COMMENT ON COLUMN report.cancel_answer.reopened_issues IS 'Issues of that submission that are open there again.';
COMMENT ON COLUMN report.cancel_answer.corrections IS 'By person, receipts of which a correction was made in it, or has another fate then: employee_name, fate, fate_then, receipts, said_here, as report.recalled_corrections; empty: nothing goes back.';

COMMENT ON COLUMN report.cancel_answer.decisions IS 'By person and kind, what was decided in it: employee_name, kind (issue, match or hold), decisions, and how many of them are carried to the submission that counts then. What does not fit there is not lost: it is back with what it was decided about. Empty: nothing was.';

CREATE OR REPLACE FUNCTION app.enter_cancelling(p_session_id uuid, p_expected_version integer) RETURNS app.processing_sessions
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_session app.processing_sessions := app.lock_chain(p_session_id);
BEGIN
    IF v_session.session_id IS NULL THEN
        PERFORM app.fail('NF001', 'session_id', NULL, p_session_id::text);
    ELSIF (v_session.user_id = app.actor_id() AND v_session.status IN ('open', 'failed')) IS NOT TRUE
        AND (SELECT u.role FROM app.users AS u WHERE u.user_id = app.actor_id()) = 'processor'
    THEN
        PERFORM app.fail('PM005', 'session_id', 'a session of one''s own that is open or failed', pg_catalog.format('%s of %s',
            v_session.status, (SELECT u.user_name FROM app.users AS u WHERE u.user_id = v_session.user_id)));
    ELSIF v_session.status IN ('cancelled', 'awaiting_decision') THEN
        PERFORM app.fail('ST002', 'session_id',
            'a session that is not cancelled and awaits no decision (see api.discard_submission)', v_session.status);
    ELSIF EXISTS (SELECT FROM app.processing_sessions AS s
                  WHERE s.parent_session_id = p_session_id AND s.status NOT IN ('cancelled', 'failed'))
    THEN
        PERFORM app.fail('ST006', 'session_id', 'the newest submission, ' || app.newest_session(v_session.chain_id),
            p_session_id::text);
    END IF;
    PERFORM app.refuse_closed_month(v_session.month_id, 'session_id');
    PERFORM app.check_version(p_expected_version, v_session.version);
    PERFORM app.refuse_own_month(p_session_id);
    -- What was handed in and is not processed yet is taken out of the queue; what counts of a month stays.
    IF v_session.status = 'completed' AND app.cutover_state() = 'rolled_back' THEN
        PERFORM app.fail('ST150', 'session_id', 'a session that is not completed', app.describe_cutover());
    END IF;
    -- Whoever corrects or decides in it right now goes first.
    PERFORM app.lock_submissions(ARRAY[p_session_id]);
    RETURN v_session;
END
$$;
COMMENT ON FUNCTION app.enter_cancelling(uuid, integer) IS 'Locks a session that may be cancelled with its chain, and the people whom it concerns, and gives it as it is. Raises NF001, PM003, PM005, ST001, ST002, ST006, ST051, ST150.';

CREATE OR REPLACE FUNCTION api.cancel_session(
    p_session_id uuid, p_expected_version integer, p_dry_run boolean DEFAULT false, p_request_id text DEFAULT NULL
) RETURNS report.cancel_answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('cancel_session', p_session_id::text, p_expected_version::text, p_dry_run::text);
    v_before jsonb := app.begin_request(p_request_id, 'cancel_session', v_hash);
    v_session app.processing_sessions;
    v_answer report.cancel_answer;
BEGIN
    IF v_before IS NOT NULL THEN
        RETURN pg_catalog.jsonb_populate_record(NULL::report.cancel_answer, v_before);
    END IF;
    v_session := app.enter_cancelling(p_session_id, p_expected_version);
    SELECT coalesce(pg_catalog.jsonb_agg(pg_catalog.to_jsonb(r)), '[]') INTO v_answer.corrections
    FROM report.recalled_corrections(p_session_id) AS r;
    v_answer.session_id := p_session_id;
    v_answer.session_name := v_session.session_name;
    v_answer.month_id := v_session.month_id;
    -- A dry run does it all, and takes it back.
    BEGIN
        UPDATE app.processing_sessions AS s SET status = 'cancelled' WHERE s.session_id = p_session_id
        RETURNING s.status, s.version INTO v_answer.status, v_answer.version;
        v_answer.reopened_issues := 0;
        v_answer.decisions := '[]';
        -- One that was never accepted took nothing over; another one may have done so meanwhile.
        IF v_session.status = 'completed' THEN
            PERFORM app.revive_issues(v_session.parent_session_id, p_session_id);
            PERFORM app.recall_corrections(v_session.parent_session_id);
            PERFORM app.recall_decisions(v_session.parent_session_id, p_session_id);
            PERFORM app.settle_back(p_session_id);
            PERFORM app.judge_without(p_session_id);
            SELECT s.month_id INTO v_answer.month_id FROM app.processing_sessions AS s WHERE s.session_id = p_session_id;
            SELECT pg_catalog.count(*) INTO v_answer.reopened_issues FROM app.validation_issues AS i
            WHERE i.session_id = v_session.parent_session_id AND i.is_open;
            SELECT coalesce(pg_catalog.jsonb_agg(pg_catalog.to_jsonb(r)), '[]') INTO v_answer.decisions
            FROM app.recalled_decisions(v_session.parent_session_id, p_session_id) AS r;
        END IF;
        v_answer.counts_then := app.newest_session(v_session.chain_id);
        IF p_dry_run THEN
            PERFORM app.fail('ZX001');
        END IF;
        v_answer.outcome := 'done';
    EXCEPTION
        WHEN SQLSTATE 'ZX001' THEN
            v_answer.outcome := 'dry_run';
            v_answer.status := v_session.status;
            v_answer.version := v_session.version;
            RETURN v_answer;
    END;
    PERFORM app.end_request(p_request_id, 'cancel_session', v_hash, pg_catalog.to_jsonb(v_answer));
    RETURN v_answer;
END
$$;
COMMENT ON FUNCTION api.cancel_session(uuid, integer, boolean, text) IS 'Hides a session from lists, at the version seen; nothing is deleted, and api.restore_session brings its content back as a submission of its own. The submission before counts again: what was corrected in it, and of which corrections it changes the fate, is judged against that one''s source, what was decided in it goes to that one where it fits, and what other months found because of it is judged again. A dry run tells what goes back, by person, and which submission counts then, and changes nothing. Processors cancel what they opened themselves while it is empty or when it failed. Raises NF001, PM003 when it is the caller''s own card and nobody else''s, PM005 for other sessions of a processor, ST001, ST002 when cancelled already or awaiting a decision, ST003, ST006 while a later submission builds on it, ST051 when its month is closed, ST150 for a completed one while the cut-over is rolled back.';
GRANT EXECUTE ON FUNCTION api.cancel_session(uuid, integer, boolean, text) TO ccp_admin, ccp_processor;

SELECT app.pin_entry_points();

COMMIT;
