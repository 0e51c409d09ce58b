-- Deciding about submissions that await it: taken with a reason, after the one that is named as parent, or discarded.
-- requires: workflow/steps
-- requires: documents/acceptance
-- requires: intake/sessions
--
-- Call                           the submission                     what was read of it
-- accept_submission              completed; or waits on, when       goes
--                                something new asks for a person    stays
-- discard_submission             cancelled                          goes, and so do bytes of its documents
-- discard_expired_submissions    cancelled                          the same

BEGIN;

CREATE TABLE app.submission_decisions (
    session_id uuid NOT NULL,
    control_number integer NOT NULL,
    decision text NOT NULL,
    reason text NOT NULL,
    parent_session_id uuid,
    decided_by uuid NOT NULL,
    decided_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT submission_decisions_pkey PRIMARY KEY (session_id),
    CONSTRAINT submission_decisions_control_number_fkey FOREIGN KEY (session_id, control_number)
        REFERENCES app.submission_controls (session_id, control_number),
    CONSTRAINT submission_decisions_parent_session_id_fkey FOREIGN KEY (parent_session_id)
        REFERENCES app.processing_sessions (session_id),
    CONSTRAINT submission_decisions_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES app.users (user_id),
    CONSTRAINT submission_decisions_decision_check CHECK (decision IN ('accepted', 'discarded', 'expired')),
    CONSTRAINT submission_decisions_reason_check CHECK (length(reason) BETWEEN 1 AND 4000)
);
CREATE INDEX submission_decisions_control_number_idx ON app.submission_decisions (session_id, control_number);
CREATE INDEX submission_decisions_parent_session_id_idx ON app.submission_decisions (parent_session_id);
CREATE INDEX submission_decisions_decided_by_idx ON app.submission_decisions (decided_by);
COMMENT ON TABLE app.submission_decisions IS 'What was decided about submissions that awaited it: one decision ends the waiting.';
COMMENT ON COLUMN app.submission_decisions.session_id IS 'The submission.';
COMMENT ON COLUMN app.submission_decisions.control_number IS 'The control block that was decided about: what its reasons say was known.';
COMMENT ON COLUMN app.submission_decisions.decision IS 'accepted, discarded, or expired: nobody decided in time.';
COMMENT ON COLUMN app.submission_decisions.reason IS 'Why.';
COMMENT ON COLUMN app.submission_decisions.parent_session_id IS 'The submission it was said to follow when it was decided; null: nothing was said then.';
COMMENT ON COLUMN app.submission_decisions.decided_by IS 'Who decided.';
COMMENT ON COLUMN app.submission_decisions.decided_at IS 'When.';
COMMENT ON COLUMN app.submission_decisions.created_tx IS 'Number of the writing transaction.';
SELECT audit.guard('app.submission_decisions', 'immutable');

CREATE OR REPLACE FUNCTION app.is_own_submission(p_session_id uuid, p_user_id uuid) RETURNS boolean
LANGUAGE sql STABLE
BEGIN ATOMIC
    -- Its people are not there before it is accepted, so they are told by what it says of them.
    SELECT coalesce((
        SELECT bool_and(p.name_key = c.name_key AND coalesce(p.employee_id = c.employee_id, true))
        FROM app.users AS u
        JOIN app.cardholders AS c ON c.cardholder_id = u.cardholder_id
        CROSS JOIN LATERAL app.newest_control(p_session_id) AS k
        CROSS JOIN LATERAL jsonb_to_recordset(k.people) AS p (name_key text, employee_id text)
        WHERE u.user_id = p_user_id), false);
END;
COMMENT ON FUNCTION app.is_own_submission(uuid, uuid) IS 'Whether a submission that awaits a decision names nobody but this user, by name and, where both are known, employee id.';

CREATE OR REPLACE FUNCTION app.lock_awaiting(p_session_id uuid, p_expected_version integer, p_reason text) RETURNS app.processing_sessions
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_session app.processing_sessions;
BEGIN
    PERFORM app.require_text(p_reason, 'reason', 4000);
    v_session := app.lock_chain(p_session_id);
    IF v_session.session_id IS NULL THEN
        PERFORM app.fail('NF001', 'session_id', NULL, p_session_id::text);
    END IF;
    PERFORM app.check_version(p_expected_version, v_session.version);
    IF v_session.status <> 'awaiting_decision' THEN
        PERFORM app.fail('ST002', 'session_id', 'a session that awaits a decision', v_session.status);
    ELSIF app.is_own_submission(p_session_id, app.actor_id()) THEN
        PERFORM app.fail('PM003', 'session_id', 'somebody else in the submission',
            pg_catalog.format('session %s with the caller''s card alone', p_session_id));
    END IF;
    RETURN v_session;
END
$$;
COMMENT ON FUNCTION app.lock_awaiting(uuid, integer, text) IS 'What every decision begins with: the submission, locked, in the version the caller saw. Of two at once one finds another version. Raises IV008, NF001, PM003, ST001, ST002.';

CREATE OR REPLACE FUNCTION app.name_parent(p_session app.processing_sessions, p_parent_session_id uuid) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_parent app.processing_sessions := app.lock_parent(p_parent_session_id, p_session.source_sha256,
        nullif(p_session.programme, ''), p_session.session_id);
BEGIN
    UPDATE app.processing_sessions AS s
    SET parent_session_id = v_parent.session_id, chain_id = v_parent.chain_id, revision_number = v_parent.revision_number + 1,
        programme = v_parent.programme, month_id = v_parent.month_id,
        period_source = CASE WHEN v_parent.month_id IS NOT NULL THEN 'chain' END
    WHERE s.session_id = p_session.session_id;
END
$$;
COMMENT ON FUNCTION app.name_parent(app.processing_sessions, uuid) IS 'Makes a submission that awaits a decision the next one after its parent, judged as any parent is. Raises NF001, ST002, ST004, ST005, ST050, ST051.';

CREATE OR REPLACE FUNCTION app.take_staged(p_session app.processing_sessions, p_allowed text[]) RETURNS app.submission_controls
LANGUAGE plpgsql VOLATILE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    v_content jsonb;
    v_control app.submission_controls;
BEGIN
    PERFORM app.start_session(p_session.session_id, p_session.source_type, p_session.source_sha256,
        p_session.car_file_name, p_session.receipt_file_name);
    SELECT g.content INTO v_content FROM app.staged_submissions AS g WHERE g.session_id = p_session.session_id;
    -- The inner block ends in an error when something new asks for a person, and takes with it all that was written.
    BEGIN
        IF v_content ? 'activity' THEN
            PERFORM app.accept_activity(v_content -> 'activity', p_session.session_id, '{}', ARRAY(
                SELECT e FROM pg_catalog.jsonb_populate_recordset(NULL::app.activity_entry, v_content -> 'entries') AS e));
        ELSE
            PERFORM app.take_documents(p_session.session_id, v_content -> 'car', v_content -> 'receipts',
                nullif(v_content -> 'phases', 'null'));
        END IF;
        v_control := app.newest_control(p_session.session_id);
        IF NOT v_control.reasons <@ p_allowed THEN
            PERFORM app.take_back();
        END IF;
        DELETE FROM app.staged_submissions AS g WHERE g.session_id = p_session.session_id;
    EXCEPTION
        WHEN SQLSTATE 'ZX001' THEN
            PERFORM app.await_decision(v_control, v_content);
    END;
    RETURN v_control;
END
$$;
COMMENT ON FUNCTION app.take_staged(app.processing_sessions, text[]) IS 'Takes what was read of a submission that awaits a decision: whole, when nothing but the allowed reasons asks for a person; else it waits on. Answers the new control block.';

CREATE OR REPLACE FUNCTION api.accept_submission(
    p_session_id uuid, p_expected_version integer, p_reason text, p_parent_session_id uuid DEFAULT NULL,
    p_request_id text DEFAULT NULL
) RETURNS report.processing_sessions
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
SET work_mem = '64MB'
AS $$
DECLARE
    v_hash bytea := app.hash_request('accept_submission', p_session_id::text, p_expected_version::text, p_reason,
        p_parent_session_id::text);
    v_answer jsonb := app.begin_request(p_request_id, 'accept_submission', v_hash, p_reason);
    v_session app.processing_sessions;
    v_told app.submission_controls;
    v_control app.submission_controls;
    v_result report.processing_sessions;
BEGIN
    IF v_answer IS NULL THEN
        v_session := app.lock_awaiting(p_session_id, p_expected_version, p_reason);
        v_told := app.newest_control(p_session_id);
        IF p_parent_session_id IS NOT NULL THEN
            PERFORM app.name_parent(v_session, p_parent_session_id);
        END IF;
        v_control := app.take_staged(v_session, v_told.reasons);
        -- Whoever was told says what it follows; told now, it waits on.
        IF 'month_exists' = ANY (v_told.reasons) AND 'month_exists' = ANY (v_control.reasons) THEN
            PERFORM app.fail('ST052', 'parent_session_id', (SELECT pg_catalog.format('session %s, or a programme of its own',
                pg_catalog.string_agg(o.value ->> 'session_id', ' or ')) FROM pg_catalog.jsonb_array_elements(v_control.same_days) AS o
                WHERE o.value @> '{"is_same_month": true}'), coalesce(p_parent_session_id::text, 'no parent'));
        END IF;
        IF v_control.reasons <@ v_told.reasons THEN
            INSERT INTO app.submission_decisions (session_id, control_number, decision, reason, parent_session_id, decided_by)
            VALUES (p_session_id, v_told.control_number, 'accepted', pg_catalog.current_setting('app.reason'),
                p_parent_session_id, app.actor_id());
        END IF;
        PERFORM app.end_request(p_request_id, 'accept_submission', v_hash,
            pg_catalog.jsonb_build_object('session_id', p_session_id));
    END IF;
    SELECT s.* INTO v_result FROM report.processing_sessions AS s WHERE s.session_id = p_session_id;
    RETURN v_result;
END
$$;
COMMENT ON FUNCTION api.accept_submission(uuid, integer, text, uuid, text) IS 'Accepts a submission that awaits a decision, at the version the caller saw and with a reason; perhaps as the next one after a parent, judged as if it had been named at once. Its control block is worked out again: when something asks for a person that did not before, such as a month that was accepted meanwhile, the session waits on and its status says so. Raises IV008 without a reason, NF001, PM001, PM002, PM003 when it is the caller''s own card and nobody else''s, ST001 when somebody was faster, ST002 when it awaits nothing, ST003, ST004, ST005, ST050, ST051, ST052 when its month is here already and no submission of it is named as parent.';

CREATE OR REPLACE FUNCTION app.discard_staged(p_session_id uuid, p_decision text) RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    INSERT INTO app.submission_decisions (session_id, control_number, decision, reason, decided_by)
    SELECT p_session_id, k.control_number, p_decision, current_setting('app.reason'), app.actor_id()
    FROM app.newest_control(p_session_id) AS k;
    DELETE FROM app.staged_submissions AS g WHERE g.session_id = p_session_id;
    SELECT app.drop_session_bytes(p_session_id);
    UPDATE app.processing_sessions AS s SET status = 'cancelled' WHERE s.session_id = p_session_id;
END;
COMMENT ON FUNCTION app.discard_staged(uuid, text) IS 'Ends the waiting of a submission without taking it: the decision, for the reason of the transaction, nothing of what was read, no bytes.';

CREATE OR REPLACE FUNCTION api.discard_submission(
    p_session_id uuid, p_expected_version integer, p_reason text, p_request_id text DEFAULT NULL
) RETURNS report.processing_sessions
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('discard_submission', p_session_id::text, p_expected_version::text, p_reason);
    v_answer jsonb := app.begin_request(p_request_id, 'discard_submission', v_hash, p_reason);
    v_result report.processing_sessions;
BEGIN
    IF v_answer IS NULL THEN
        PERFORM app.lock_awaiting(p_session_id, p_expected_version, p_reason);
        PERFORM app.discard_staged(p_session_id, 'discarded');
        PERFORM app.end_request(p_request_id, 'discard_submission', v_hash,
            pg_catalog.jsonb_build_object('session_id', p_session_id));
    END IF;
    SELECT s.* INTO v_result FROM report.processing_sessions AS s WHERE s.session_id = p_session_id;
    RETURN v_result;
END
$$;
COMMENT ON FUNCTION api.discard_submission(uuid, integer, text, text) IS 'Discards a submission that awaits a decision, at the version the caller saw and with a reason: the session is cancelled, nothing of it is accepted, what was read and the bytes of its documents go. Raises IV008 without a reason, NF001, PM001, PM002, PM003 when it is the caller''s own card and nobody else''s, ST001 when somebody was faster, ST002 when it awaits nothing, ST003.';

CREATE OR REPLACE FUNCTION api.discard_expired_submissions() RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_days integer := least(app.setting('decision_days'), app.setting('document_retention_days'))::integer;
    v_returned timestamptz := (SELECT max(e.happened_at) FROM app.cutover_events AS e WHERE e.step = 'return');
    v_expired uuid[];
BEGIN
    PERFORM app.begin_request(NULL, 'discard_expired_submissions', NULL,
        pg_catalog.format('Nobody decided within %s days.', v_days));
    v_expired := ARRAY(
        SELECT s.session_id
        FROM app.staged_submissions AS g JOIN app.processing_sessions AS s ON s.session_id = g.session_id
        -- Of the migration, which comes later in the plan: nobody may decide while it is rolled back, and that time does not count.
        WHERE greatest(g.staged_at, v_returned) < pg_catalog.now() - v_days * interval '1 day' AND app.cutover_state() <> 'rolled_back'
        ORDER BY s.session_id FOR UPDATE OF s SKIP LOCKED);
    -- Whoever decided a moment ago has taken the staged rows along.
    PERFORM app.discard_staged(g.session_id, 'expired') FROM app.staged_submissions AS g WHERE g.session_id = ANY (v_expired);
    PERFORM app.forget_reason();
    RETURN pg_catalog.cardinality(v_expired);
END
$$;
COMMENT ON FUNCTION api.discard_expired_submissions() IS 'Discards submissions that await a decision for longer than decision_days, or than document_retention_days where these are fewer; none while the cut-over is rolled back, when nobody may decide, and after the return they have that time again. Answers how many. Raises PM001, PM002.';

CREATE OR REPLACE VIEW report.submission_decisions AS
SELECT d.session_id, s.session_name, d.control_number, d.decision, k.reasons, d.reason, d.parent_session_id,
    u.user_name AS decided_by_name, d.decided_at
FROM app.submission_decisions AS d
JOIN app.processing_sessions AS s ON s.session_id = d.session_id
JOIN app.submission_controls AS k ON k.session_id = d.session_id AND k.control_number = d.control_number
JOIN app.users AS u ON u.user_id = d.decided_by;
COMMENT ON VIEW report.submission_decisions IS 'What was decided about submissions that awaited it, by whom, why, and what was known.';
COMMENT ON COLUMN report.submission_decisions.session_name IS 'Name of the submission.';
COMMENT ON COLUMN report.submission_decisions.reasons IS 'What asked for a person when it was decided.';
COMMENT ON COLUMN report.submission_decisions.decided_by_name IS 'Name of who decided.';
SELECT app.describe_columns('report.submission_decisions', 'app.submission_decisions');

GRANT SELECT ON report.submission_decisions
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;
GRANT EXECUTE ON FUNCTION api.accept_submission(uuid, integer, text, uuid, text),
    api.discard_submission(uuid, integer, text, text) TO ccp_admin, ccp_processor;
GRANT EXECUTE ON FUNCTION api.discard_expired_submissions() TO ccp_worker, ccp_admin;

SELECT app.cover_names();
SELECT app.pin_entry_points();

COMMIT;
