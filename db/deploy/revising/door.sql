-- The door: every call that writes to a person's month locks the person here and is judged here.
-- requires: validation/carry_over
-- requires: matching/tables
-- requires: access/requests
-- requires: revising/months
--
-- Judged in this order               refused with
-- the cut-over is not rolled back    ST150, by app.require_call
-- the person is in the session       NF004
-- it is not the caller's own card    PM003, not asked of the machine
-- no later submission took over      ST006
-- the session is completed           ST002
-- the month is not closed            ST051
-- nobody was faster                  ST001, by version or by revision as the call says

BEGIN;

CREATE TABLE app.month_calls (
    call_name text NOT NULL,
    changes text NOT NULL,
    expects text,
    is_held boolean NOT NULL GENERATED ALWAYS AS (changes IN ('people', 'month')
        OR call_name IN ('restore_session', 'accept_submission', 'discard_submission')) STORED,
    CONSTRAINT month_calls_pkey PRIMARY KEY (call_name),
    CONSTRAINT month_calls_changes_check CHECK (changes IN ('people', 'machine', 'submission', 'month', 'nothing')),
    CONSTRAINT month_calls_expects_check
        CHECK (expects IN ('version', 'revision', 'issue') AND (changes = 'people' OR expects IS NULL))
);
COMMENT ON TABLE app.month_calls IS 'Every call of schema api that writes, and what it changes of a person''s month. Written by migrations; a test compares it with the functions of the schema, another sends every call about people through the door.';
COMMENT ON COLUMN app.month_calls.call_name IS 'The function of schema api, or its view current_transactions.';
COMMENT ON COLUMN app.month_calls.changes IS 'people: what a person decides or corrects for people of a submission, through the door; machine: what follows from the time, through the door, whosever card it is; submission: makes or hides a whole submission; month: signs off, closes or reopens a whole month, or hands it over; nothing: another thing than a month.';
COMMENT ON COLUMN app.month_calls.expects IS 'What the caller has to have seen: version of the person, revision of the person, or version of the issue (asked where issues are judged).';
COMMENT ON COLUMN app.month_calls.is_held IS 'True: refused while the cut-over is rolled back, because it would change what is said of a month. What hands files in is not: they are kept, and processed after the return.';
SELECT audit.guard('app.month_calls', 'free', 'Written by migrations only; part of the code.');

INSERT INTO app.month_calls (call_name, changes, expects) VALUES
('current_transactions', 'people', 'revision'),
('correct_transactions', 'people', 'revision'),
('restore_revision', 'people', 'revision'),
('decide_conflict', 'people', 'revision'),
('approve_alias', 'people', 'revision'),
('withdraw_alias', 'people', 'revision'),
('decide_match', 'people', 'version'),
('hold_employee', 'people', 'version'),
('release_employee', 'people', 'version'),
('resolve_issue', 'people', 'issue'),
('resolve_issues', 'people', 'issue'),
('start_issue', 'people', 'issue'),
('suspend_issue', 'people', 'issue'),
('reopen_issue', 'people', 'issue'),
('mark_false_positive', 'people', 'issue'),
('note_issue', 'people', 'issue'),
('assign_issue', 'people', 'issue'),
('undo_batch', 'people', 'issue'),
('propose_decision', 'people', 'issue'),
('propose_waiver', 'people', 'issue'),
('approve_waiver', 'people', 'issue'),
('reject_waiver', 'people', 'issue'),
('expire_waivers', 'machine', NULL),
('create_session', 'submission', NULL),
('cancel_session', 'submission', NULL),
('restore_session', 'submission', NULL),
('import_activity', 'submission', NULL),
('begin_upload', 'submission', NULL),
('queue_documents', 'submission', NULL),
('accept_documents', 'submission', NULL),
('accept_submission', 'submission', NULL),
('discard_submission', 'submission', NULL),
('discard_expired_submissions', 'submission', NULL),
('sign_off_month', 'month', NULL),
('close_month', 'month', NULL),
('close_past_month', 'month', NULL),
('reopen_month', 'month', NULL),
('accept_unposted', 'month', NULL),
('export_lines', 'month', NULL),
('void_batch', 'month', NULL),
('store_chunk', 'nothing', NULL),
('refuse_import', 'nothing', NULL),
('claim_job', 'nothing', NULL),
('record_progress', 'nothing', NULL),
('record_duty', 'nothing', NULL),
('fail_job', 'nothing', NULL),
('remove_expired_documents', 'nothing', NULL),
('remove_expired_answers', 'nothing', NULL),
('claim_messages', 'nothing', NULL),
('record_delivery', 'nothing', NULL),
('save_user', 'nothing', NULL),
('map_login', 'nothing', NULL),
('link_identity', 'nothing', NULL),
('save_role_claim', 'nothing', NULL),
('revoke_token', 'nothing', NULL),
('sign_in', 'nothing', NULL),
('record_sign_in', 'nothing', NULL),
('record_sign_out', 'nothing', NULL),
('admit_identity', 'nothing', NULL),
('save_users', 'nothing', NULL),
('save_addresses', 'nothing', NULL),
('choose_reminder_day', 'nothing', NULL),
('write_reminders', 'nothing', NULL),
('save_setting', 'nothing', NULL),
('save_calendar_day', 'nothing', NULL),
('load_chart', 'nothing', NULL),
('save_prohibited_merchant', 'nothing', NULL),
('save_spending_limit', 'nothing', NULL),
('save_accounting_profile', 'nothing', NULL),
('save_matching_policy', 'nothing', NULL),
('save_rule', 'nothing', NULL),
('try_rule', 'nothing', NULL);

CREATE TYPE app.door_person AS (
    session_id uuid,
    cardholder_id uuid,
    version integer,
    revision_id uuid
);
COMMENT ON TYPE app.door_person IS 'Whom a call is about: a person of a submission, with the version or the revision the caller saw.';

CREATE TYPE app.door_refusal AS (
    session_id uuid,
    cardholder_id uuid,
    code text,
    column_name text,
    expected text,
    got text
);
COMMENT ON TYPE app.door_refusal IS 'Why a call may not write to a person''s month, as app.fail raises it.';

CREATE OR REPLACE FUNCTION app.describe_last_change(p_session_id uuid, p_cardholder_id uuid) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
    -- What made a revision says why there, anything else in the history.
    SELECT concat_ws(' ', u.user_name, coalesce(r.origin, h.status),
        'at ' || to_char(h.audit_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"'),
        coalesce(r.reason, h.audit_reason))
    FROM audit.session_employees_history AS h
    JOIN app.users AS u ON u.user_id = h.audit_actor
    LEFT JOIN app.employee_revisions AS r
        ON r.revision_id = h.current_revision_id AND r.created_tx = h.audit_tx
    WHERE h.session_id = p_session_id AND h.cardholder_id = p_cardholder_id
    ORDER BY h.audit_seq DESC LIMIT 1;
END;
COMMENT ON FUNCTION app.describe_last_change(uuid, uuid) IS 'Who changed a person of a session last, what it was, when and why.';

-- Planned once for all callers; every row is looked up by its key.
CREATE OR REPLACE FUNCTION app.pass_door(p_call text, p_people app.door_person[], p_receipt_ids text[] DEFAULT '{}')
RETURNS app.door_refusal[]
LANGUAGE plpgsql VOLATILE
SET search_path = '' SET enable_seqscan = off SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    v_call app.month_calls;
    v_own uuid;
BEGIN
    PERFORM app.require_call(p_call);
    SELECT c.* INTO STRICT v_call FROM app.month_calls AS c WHERE c.call_name = p_call;
    -- With those of the same name, who are judged again when one of them comes or goes.
    PERFORM app.lock_people(pg_catalog.array_agg(p.session_id), pg_catalog.array_agg(o.cardholder_id), p_receipt_ids)
    FROM pg_catalog.unnest(p_people) AS p
    JOIN app.cardholders AS c ON c.cardholder_id = p.cardholder_id
    JOIN app.cardholders AS o ON o.name_key = c.name_key;
    IF v_call.changes = 'people' THEN
        SELECT u.cardholder_id INTO v_own FROM app.users AS u WHERE u.user_id = app.actor_id();
    END IF;
    -- A statement of its own, so that it sees what was committed by those who held the locks.
    RETURN ARRAY(
        SELECT ROW(j.session_id, j.cardholder_id, j.code,
            CASE j.code WHEN 'ST001' THEN CASE v_call.expects WHEN 'version' THEN 'expected_version'
                    ELSE 'employee_revision_id' END
                WHEN 'NF004' THEN 'cardholder_id' WHEN 'PM003' THEN 'cardholder_id' ELSE 'session_id' END,
            CASE j.code WHEN 'ST002' THEN 'a completed session' WHEN 'ST051' THEN 'an open month'
                WHEN 'ST006' THEN 'the newest submission, ' || app.newest_session(j.chain_id)
                WHEN 'ST001' THEN CASE v_call.expects
                    WHEN 'version' THEN 'version ' || coalesce(j.version::text, 'none')
                    ELSE (SELECT pg_catalog.format('revision %s of %s', r.revision_number, r.employee_name)
                          FROM app.employee_revisions AS r WHERE r.revision_id = j.revision_id) END END,
            CASE j.code WHEN 'NF004' THEN pg_catalog.format('%s in %s', j.cardholder_id, j.session_id)
                WHEN 'PM003' THEN pg_catalog.format('person %s', j.cardholder_id)
                WHEN 'ST006' THEN pg_catalog.format('session %s', j.session_id)
                WHEN 'ST002' THEN pg_catalog.format('session %s, %s', j.session_id, j.session_status)
                WHEN 'ST051' THEN app.describe_closing(j.month_id)
                WHEN 'ST001' THEN pg_catalog.format('%s: %s',
                    CASE v_call.expects WHEN 'version' THEN j.current_version ELSE j.current_revision_number END,
                    app.describe_last_change(j.session_id, j.cardholder_id)) END)::app.door_refusal
        FROM (
            SELECT p.place, p.session_id, p.cardholder_id, p.version, p.revision_id, s.status AS session_status, s.chain_id, s.month_id,
                e.version AS current_version, e.current_revision_number,
                CASE
                    WHEN e.session_id IS NULL THEN 'NF004'
                    WHEN p.cardholder_id = v_own THEN 'PM003'
                    -- As app.has_later_session, which is planned at each call where it stands in an expression.
                    WHEN EXISTS (SELECT FROM app.processing_sessions AS o
                                 WHERE o.parent_session_id = p.session_id AND o.status = 'completed') THEN 'ST006'
                    WHEN s.status <> 'completed' THEN 'ST002'
                    WHEN m.state = 'closed' THEN 'ST051'
                    WHEN v_call.expects = 'version' AND e.version IS DISTINCT FROM p.version THEN 'ST001'
                    WHEN v_call.expects = 'revision' AND e.current_revision_id IS DISTINCT FROM p.revision_id
                        THEN 'ST001' END AS code
            FROM pg_catalog.unnest(p_people) WITH ORDINALITY
                AS p (session_id, cardholder_id, version, revision_id, place)
            LEFT JOIN app.session_employees AS e
                ON e.session_id = p.session_id AND e.cardholder_id = p.cardholder_id
            LEFT JOIN app.processing_sessions AS s ON s.session_id = p.session_id
            LEFT JOIN app.months AS m ON m.month_id = s.month_id
        ) AS j
        WHERE j.code IS NOT NULL
        ORDER BY j.place);
END
$$;
COMMENT ON FUNCTION app.pass_door(text, app.door_person[], text[]) IS 'The door of every write to a person''s month: locks the people, those of the same name beside them, and whoever shows one of the receipt ids that the call may give, change or take away, and answers whom the call may not touch and why, nobody when all may be: NF004 no such person, PM003 own card, ST006 replaced submission, ST002 session not completed, ST051 closed month, ST001 with the other change. Raises PM001, PM002.';

CREATE OR REPLACE FUNCTION app.enter_month(p_call text, p_people app.door_person[], p_receipt_ids text[] DEFAULT '{}')
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_first app.door_refusal := (app.pass_door(p_call, p_people, p_receipt_ids))[1];
BEGIN
    IF v_first.code IS NOT NULL THEN
        PERFORM app.fail(v_first.code, v_first.column_name, v_first.expected, v_first.got);
    END IF;
END
$$;
COMMENT ON FUNCTION app.enter_month(text, app.door_person[], text[]) IS 'Goes through the door with all of these people or raises its first refusal: NF004, PM001, PM002, PM003, ST001, ST002, ST006, ST051.';

CREATE OR REPLACE FUNCTION app.people_of_revisions(p_revision_ids uuid[]) RETURNS app.door_person[]
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce(array_agg(ROW(r.session_id, r.cardholder_id, NULL, r.revision_id)::app.door_person
        ORDER BY r.employee_name, r.revision_id), '{}')
    FROM app.employee_revisions AS r WHERE r.revision_id = ANY (p_revision_ids);
END;
COMMENT ON FUNCTION app.people_of_revisions(uuid[]) IS 'Whose revisions these are, as the door asks for them.';

CREATE OR REPLACE FUNCTION app.refuse_own_month(p_session_id uuid) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    IF app.is_own_month(p_session_id, app.actor_id()) THEN
        PERFORM app.fail('PM003', 'session_id', 'somebody else in the submission',
            pg_catalog.format('session %s with the caller''s card alone', p_session_id));
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION app.is_own_month(p_session_id uuid, p_user_id uuid) RETURNS boolean
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce((
        SELECT EXISTS (SELECT FROM app.session_employees AS e
                WHERE e.session_id = p_session_id AND e.cardholder_id = u.cardholder_id)
            AND NOT EXISTS (SELECT FROM app.session_employees AS e
                WHERE e.session_id = p_session_id AND e.cardholder_id <> u.cardholder_id)
        FROM app.users AS u WHERE u.user_id = p_user_id AND u.cardholder_id IS NOT NULL), false);
END;
COMMENT ON FUNCTION app.is_own_month(uuid, uuid) IS 'Whether a user is the only person of a submission.';
COMMENT ON FUNCTION app.refuse_own_month(uuid) IS 'Refuses a submission that is the caller''s own card and nobody else''s, PM003: to hand it in or to hide it is to act on it.';

-- Planned once for all transactions; every row is looked up by its key.
CREATE OR REPLACE FUNCTION app.door_violations(p_tx bigint)
RETURNS TABLE (code text, object_name text, object_id uuid)
LANGUAGE plpgsql STABLE
SET search_path = '' SET enable_seqscan = off SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    v_replaced uuid[];
BEGIN
    -- What was decided by hand on the card of whoever decided it.
    RETURN QUERY
    SELECT 'PM003', 'revision', r.revision_id
    FROM app.employee_revisions AS r
    JOIN app.users AS u ON u.user_id = r.created_by AND u.cardholder_id = r.cardholder_id
    WHERE r.created_tx = p_tx AND ((r.revision_number > 1 AND r.origin <> 'carried') OR app.is_own_month(r.session_id, r.created_by))
    UNION ALL
    SELECT 'PM003', 'decision', i.issue_id
    FROM app.validation_issues AS i
    JOIN app.users AS u ON u.cardholder_id = i.cardholder_id
    WHERE i.changed_tx = p_tx AND (
        (i.resolved_by = u.user_id AND i.resolved_at >= pg_catalog.now())
        OR EXISTS (SELECT FROM app.issue_events AS v
                   WHERE v.issue_id = i.issue_id AND v.created_tx = p_tx AND v.user_id = u.user_id
                       AND v.cause IS NULL))
    UNION ALL
    SELECT 'PM003', 'match decision of charge', d.charge_id
    FROM app.match_decisions AS d
    JOIN app.users AS u ON u.user_id = d.decided_by AND u.cardholder_id = d.cardholder_id
    WHERE d.created_tx = p_tx;

    -- What one person decided alone without being allowed to. Two decided what was approved by this transaction, by
    -- whoever the issue says; what was carried has its cause.
    RETURN QUERY
    WITH decided AS (
        SELECT i.resolved_by AS user_id, 'decision' AS object_name, i.issue_id AS object_id, i.amount_impact AS amount
        FROM app.validation_issues AS i
        WHERE i.changed_tx = p_tx AND i.resolved_by IS NOT NULL AND i.resolved_at >= pg_catalog.now() AND NOT i.is_claim
            AND NOT EXISTS (SELECT FROM app.issue_events AS v
                            WHERE v.issue_id = i.issue_id AND v.created_tx = p_tx AND v.to_state = i.state
                                AND v.cause IS NOT NULL)
            AND NOT EXISTS (SELECT FROM app.waivers AS w JOIN app.waiver_decisions AS d ON d.waiver_id = w.waiver_id
                            WHERE w.issue_id = i.issue_id AND d.created_tx = p_tx AND d.decided_by = i.resolved_by
                                AND d.verdict = 'approved'
                                AND coalesce(w.proposed_method, 'waived') = coalesce(i.resolution_method, i.state))
        UNION ALL
        SELECT d.decided_by, 'match decision of charge', d.charge_id, pg_catalog.abs(d.residual)
        FROM app.match_decisions AS d
        WHERE d.created_tx = p_tx AND d.decision = 'confirm' AND d.residual <> 0
    ), limits AS MATERIALIZED (
        SELECT x.user_id, app.decision_limit(x.user_id) AS one,
            app.decision_limit(x.user_id) * app.setting('decision_limit_bulk') AS in_all, x.amount
        FROM (SELECT d.user_id, pg_catalog.sum(d.amount) AS amount FROM decided AS d GROUP BY d.user_id) AS x
    )
    SELECT 'RL081', d.object_name, d.object_id
    FROM decided AS d JOIN limits AS l ON l.user_id = d.user_id
    WHERE d.amount IS NULL OR d.amount > l.one OR l.amount > l.in_all;

    -- What is decided by hand on submissions that another transaction replaced: one replaced by this transaction was current before.
    v_replaced := ARRAY(
        SELECT t.session_id
        FROM (
            SELECT r.session_id FROM app.employee_revisions AS r WHERE r.created_tx = p_tx
            UNION
            SELECT i.session_id FROM app.validation_issues AS i WHERE i.changed_tx = p_tx
            UNION
            SELECT d.session_id FROM app.match_decisions AS d WHERE d.created_tx = p_tx
        ) AS t
        WHERE EXISTS (SELECT FROM app.processing_sessions AS s
                      WHERE s.parent_session_id = t.session_id AND s.status = 'completed' AND s.changed_tx <> p_tx));
    IF v_replaced = '{}' THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT 'ST006', 'revision', r.revision_id
    FROM app.employee_revisions AS r
    WHERE r.session_id = ANY (v_replaced) AND r.created_tx = p_tx AND r.revision_number > 1
    UNION ALL
    SELECT 'ST006', 'decision', i.issue_id
    FROM app.validation_issues AS i
    WHERE i.session_id = ANY (v_replaced) AND i.changed_tx = p_tx AND (
        (i.state IN ('resolved', 'waived', 'false_positive') AND i.resolved_at >= pg_catalog.now())
        OR EXISTS (SELECT FROM app.issue_events AS v
                   WHERE v.issue_id = i.issue_id AND v.created_tx = p_tx AND v.cause IS NULL))
    UNION ALL
    SELECT 'ST006', 'match decision of charge', d.charge_id
    FROM app.match_decisions AS d
    WHERE d.session_id = ANY (v_replaced) AND d.created_tx = p_tx;
END
$$;
COMMENT ON FUNCTION app.door_violations(bigint) IS 'What a transaction wrote around the door: content, decisions on issues and match decisions that a person made by hand on their own card (PM003) or on a submission that was replaced before (ST006), a submission of nobody but the caller, and what one person decided alone above what their role may (RL081), one by one or in all. What the machine closes, carries or judges again names its cause in the event and passes. No row means sound.';

COMMIT;
