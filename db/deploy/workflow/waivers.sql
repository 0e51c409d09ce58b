-- Letting an issue be: proposed by one person, decided by another, over when its time is.
-- requires: workflow/steps

BEGIN;

CREATE OR REPLACE FUNCTION api.propose_waiver(
    p_issue_id uuid, p_expected_version integer, p_reason_class text, p_reason text, p_amount_limit numeric,
    p_ends_on date, p_request_id text DEFAULT NULL
) RETURNS report.validation_issues
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('propose_waiver', p_issue_id::text, p_expected_version::text, p_reason_class,
        p_reason, p_amount_limit::text, p_ends_on::text);
    v_answer jsonb := app.begin_request(p_request_id, 'propose_waiver', v_hash);
    v_today date := (pg_catalog.now() AT TIME ZONE 'UTC')::date;
    v_issue app.validation_issues;
    v_waiver_id uuid := app.new_id();
BEGIN
    IF v_answer IS NULL THEN
        PERFORM app.require_text(p_reason, 'reason', 4000);
        IF p_reason_class IS NULL OR p_reason_class NOT IN
            ('policy_exception', 'receipt_lost', 'merchant_cannot_provide', 'immaterial', 'other')
        THEN
            RAISE EXCEPTION USING ERRCODE = 'IV008', MESSAGE = 'class of reason is unknown',
                DETAIL = pg_catalog.format('expected policy_exception, receipt_lost, merchant_cannot_provide, '
                    'immaterial or other, got %L', p_reason_class),
                HINT = 'Choose one of the five classes.', COLUMN = 'reason_class';
        ELSIF p_ends_on IS NULL OR p_ends_on NOT BETWEEN v_today AND v_today + app.setting('waiver_max_days')::integer THEN
            RAISE EXCEPTION USING ERRCODE = 'IV008', MESSAGE = 'end of the waiver is missing, past or too far away',
                DETAIL = pg_catalog.format('expected %s to %s, got %s', v_today,
                    v_today + app.setting('waiver_max_days')::integer, coalesce(p_ends_on::text, 'none')),
                HINT = 'Choose a nearer day; the setting waiver_max_days limits it.', COLUMN = 'ends_on';
        ELSIF p_amount_limit IS NULL OR p_amount_limit = 'NaN' OR p_amount_limit NOT BETWEEN 0 AND 999999999999.99 THEN
            RAISE EXCEPTION USING ERRCODE = 'IV008', MESSAGE = 'limit of the waiver is missing or out of range',
                DETAIL = pg_catalog.format('expected dollars from 0, got %s', coalesce(p_amount_limit::text, 'none')),
                HINT = 'Give the dollars it covers at most.', COLUMN = 'amount_limit';
        END IF;
        v_issue := app.lock_issue(p_issue_id, p_expected_version);
        PERFORM app.require_state(v_issue, ARRAY['open', 'in_progress', 'waiting']);
        IF v_issue.amount_impact IS NULL OR v_issue.amount_impact > p_amount_limit THEN
            RAISE EXCEPTION USING ERRCODE = 'RL061', MESSAGE = 'what is at stake is unknown or above the limit of the waiver',
                DETAIL = pg_catalog.format('expected at most %s, got %s', p_amount_limit,
                    coalesce(v_issue.amount_impact::text, 'unknown')),
                HINT = 'Choose a higher limit; an unknown amount has to be found out first.', COLUMN = 'amount_limit';
        END IF;
        -- One event leads to waiting, also from waiting, so that an older proposal is overtaken.
        INSERT INTO app.waivers (waiver_id, issue_id, issue_version, reason_class, reason, amount_limit, ends_on,
            proposed_by)
        VALUES (v_waiver_id, p_issue_id, v_issue.version + 1, p_reason_class, app.hide_card_numbers(p_reason),
            p_amount_limit, p_ends_on, app.actor_id());
        PERFORM app.change_issue(v_issue, 'waiting', p_reason, v_issue.assigned_to,
            pg_catalog.jsonb_build_object('waiver_id', v_waiver_id), p_request_id);
        SELECT pg_catalog.to_jsonb(r) INTO v_answer FROM report.validation_issues AS r WHERE r.issue_id = p_issue_id;
        PERFORM app.end_request(p_request_id, 'propose_waiver', v_hash, v_answer);
    END IF;
    RETURN pg_catalog.jsonb_populate_record(NULL::report.validation_issues, v_answer);
END
$$;
COMMENT ON FUNCTION api.propose_waiver(uuid, integer, text, text, numeric, date, text) IS 'Proposes to let an open issue be, up to an amount and including a last day; it waits until somebody else decides, and a later proposal takes the place of an earlier one. Raises IV008, NF002, PM001, PM003, RL061 when what is at stake is unknown or above the limit, ST001, ST002, ST003.';

CREATE OR REPLACE FUNCTION app.decide_waiver(
    p_issue_id uuid, p_expected_version integer, p_verdict text, p_note text, p_request_id text
) RETURNS report.validation_issues
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('decide_waiver', p_issue_id::text, p_expected_version::text, p_verdict, p_note);
    v_answer jsonb := app.begin_request(p_request_id, 'decide_waiver', v_hash);
    v_issue app.validation_issues;
    v_waiver app.latest_waivers;
BEGIN
    IF v_answer IS NULL THEN
        IF p_verdict = 'rejected' OR p_note IS NOT NULL THEN
            PERFORM app.require_text(p_note, 'note', 4000);
        END IF;
        v_issue := app.lock_issue(p_issue_id, p_expected_version);
        PERFORM app.require_state(v_issue, ARRAY['waiting']);
        SELECT w.* INTO v_waiver FROM app.latest_waivers AS w WHERE w.issue_id = p_issue_id;
        IF v_waiver.waiver_id IS NULL OR v_waiver.verdict IS NOT NULL
            OR v_waiver.ends_on < (pg_catalog.now() AT TIME ZONE 'UTC')::date
        THEN
            RAISE EXCEPTION USING ERRCODE = 'ST002', MESSAGE = 'no waiver waits for a decision',
                DETAIL = pg_catalog.format('issue %s', p_issue_id),
                HINT = 'Propose one with api.propose_waiver.', COLUMN = 'issue_id';
        ELSIF v_waiver.proposed_by = app.actor_id() THEN
            RAISE EXCEPTION USING ERRCODE = 'PM061', MESSAGE = 'nobody decides on a waiver they proposed',
                DETAIL = pg_catalog.format('issue %s', p_issue_id), HINT = 'Ask a colleague.', COLUMN = 'issue_id';
        ELSIF p_verdict = 'approved'
            AND (v_issue.amount_impact IS NULL OR v_issue.amount_impact > v_waiver.amount_limit)
        THEN
            RAISE EXCEPTION USING ERRCODE = 'RL061', MESSAGE = 'what is at stake is unknown or above the limit of the waiver',
                DETAIL = pg_catalog.format('expected at most %s, got %s', v_waiver.amount_limit,
                    coalesce(v_issue.amount_impact::text, 'unknown')),
                HINT = 'Reject it and have another one proposed.', COLUMN = 'issue_id';
        END IF;
        INSERT INTO app.waiver_decisions (waiver_id, proposed_by, verdict, note, decided_by)
        VALUES (v_waiver.waiver_id, v_waiver.proposed_by, p_verdict,
            app.hide_card_numbers(nullif(pg_catalog.btrim(p_note), '')), app.actor_id());
        PERFORM app.change_issue(v_issue, CASE p_verdict WHEN 'approved' THEN 'waived' ELSE 'open' END,
            coalesce(p_note, v_waiver.reason), v_issue.assigned_to,
            pg_catalog.jsonb_build_object('waiver_id', v_waiver.waiver_id), p_request_id);
        SELECT pg_catalog.to_jsonb(r) INTO v_answer FROM report.validation_issues AS r WHERE r.issue_id = p_issue_id;
        PERFORM app.end_request(p_request_id, 'decide_waiver', v_hash, v_answer);
    END IF;
    RETURN pg_catalog.jsonb_populate_record(NULL::report.validation_issues, v_answer);
END
$$;
COMMENT ON FUNCTION app.decide_waiver(uuid, integer, text, text, text) IS 'Approves or rejects the waiver that waits on an issue. Raises IV008, NF002, PM001, PM003, PM061 for the proposer, RL061, ST001, ST002, ST003.';

CREATE OR REPLACE FUNCTION api.approve_waiver(
    p_issue_id uuid, p_expected_version integer, p_note text DEFAULT NULL, p_request_id text DEFAULT NULL
) RETURNS report.validation_issues
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = ''
BEGIN ATOMIC
    SELECT s FROM app.decide_waiver(p_issue_id, p_expected_version, 'approved', p_note, p_request_id) AS s;
END;
COMMENT ON FUNCTION api.approve_waiver(uuid, integer, text, text) IS 'Approves the waiver that waits on an issue, as another person than the proposer: the issue is waived until the waiver''s last day. Raises IV008, NF002, PM001, PM003, PM061, RL061, ST001, ST002, ST003.';

CREATE OR REPLACE FUNCTION api.reject_waiver(
    p_issue_id uuid, p_expected_version integer, p_note text, p_request_id text DEFAULT NULL
) RETURNS report.validation_issues
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = ''
BEGIN ATOMIC
    SELECT s FROM app.decide_waiver(p_issue_id, p_expected_version, 'rejected', p_note, p_request_id) AS s;
END;
COMMENT ON FUNCTION api.reject_waiver(uuid, integer, text, text) IS 'Rejects the waiver that waits on an issue, as another person than the proposer; the note says why, and the issue is open again. Raises IV008, NF002, PM001, PM003, PM061, ST001, ST002, ST003.';

CREATE OR REPLACE FUNCTION api.expire_waivers() RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_ids uuid[];
BEGIN
    PERFORM app.begin_request(NULL, 'expire_waivers', NULL);
    -- People first, then issues, each in key order; then what was read before the locks is read again.
    v_ids := ARRAY(SELECT w.issue_id FROM app.latest_waivers AS w
        JOIN app.validation_issues AS i ON i.issue_id = w.issue_id AND i.state = 'waived'
        WHERE w.verdict = 'approved' AND w.ends_on < (pg_catalog.now() AT TIME ZONE 'UTC')::date
            AND NOT app.has_later_session(i.session_id));
    IF v_ids = '{}' THEN
        RETURN 0;
    END IF;
    PERFORM app.lock_issues(v_ids);
    v_ids := ARRAY(SELECT i.issue_id FROM app.validation_issues AS i
        WHERE i.issue_id = ANY (v_ids) AND i.state = 'waived' AND NOT app.has_later_session(i.session_id));
    WITH opened AS (
        UPDATE app.validation_issues AS i
        SET state = 'open', resolved_by = NULL, resolved_at = NULL, resolution_notes = NULL
        WHERE i.issue_id = ANY (v_ids)
        RETURNING i.issue_id, i.version
    )
    INSERT INTO app.issue_events (issue_id, issue_version, from_state, to_state, note, user_id)
    SELECT o.issue_id, o.version, 'waived', 'open', 'the waiver is over', app.actor_id() FROM opened AS o;
    PERFORM app.refresh_statuses(v_ids);
    RETURN pg_catalog.cardinality(v_ids);
END
$$;
COMMENT ON FUNCTION api.expire_waivers() IS 'Opens the issues of current submissions whose waiver is over; answers how many. To be called once a day (UTC).';

CREATE OR REPLACE FUNCTION app.lock_issues(p_issue_ids uuid[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
BEGIN
    -- The order of everything that changes issues: people, then issues, each in the order of their keys.
    PERFORM FROM app.session_employees AS e
    WHERE (e.session_id, e.cardholder_id) IN (
        SELECT i.session_id, i.cardholder_id FROM app.validation_issues AS i WHERE i.issue_id = ANY (p_issue_ids))
    ORDER BY e.session_id, e.cardholder_id
    FOR NO KEY UPDATE;
    PERFORM FROM app.validation_issues AS i WHERE i.issue_id = ANY (p_issue_ids)
    ORDER BY i.issue_id
    FOR NO KEY UPDATE;
END
$$;
COMMENT ON FUNCTION app.lock_issues(uuid[]) IS 'Locks issues and their people so that nobody waits in a circle.';

CREATE OR REPLACE FUNCTION app.refresh_statuses(p_issue_ids uuid[]) RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    UPDATE app.session_employees AS e
    SET status = x.status
    FROM (
        SELECT o.session_id, o.cardholder_id, app.derive_status(o.session_id, o.cardholder_id, o.is_on_hold) AS status
        FROM app.session_employees AS o
        WHERE (o.session_id, o.cardholder_id) IN (
            SELECT i.session_id, i.cardholder_id FROM app.validation_issues AS i WHERE i.issue_id = ANY (p_issue_ids))
    ) AS x
    WHERE e.session_id = x.session_id AND e.cardholder_id = x.cardholder_id AND e.status <> x.status;
END;
COMMENT ON FUNCTION app.refresh_statuses(uuid[]) IS 'Sets the status of the people of these issues to what follows from the open issues.';

GRANT EXECUTE ON FUNCTION api.propose_waiver(uuid, integer, text, text, numeric, date, text)
    TO ccp_admin, ccp_processor, ccp_reviewer;
GRANT EXECUTE ON FUNCTION api.approve_waiver(uuid, integer, text, text), api.reject_waiver(uuid, integer, text, text)
    TO ccp_admin, ccp_reviewer;
GRANT EXECUTE ON FUNCTION api.expire_waivers() TO ccp_admin, ccp_worker;

SELECT app.pin_entry_points();

COMMIT;
