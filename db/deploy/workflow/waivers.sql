-- Letting an issue be, or deciding it above what one person may: proposed by one person, decided by another.
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
    v_answer jsonb := app.begin_request(p_request_id, 'propose_waiver', v_hash, p_reason);
    v_today date := (pg_catalog.now() AT TIME ZONE 'UTC')::date;
    v_last date := v_today + app.setting('waiver_max_days')::integer;
    v_item app.issue_item;
    v_waiver_id uuid := app.new_id();
BEGIN
    IF v_answer IS NULL THEN
        IF p_reason_class IS NULL OR p_reason_class NOT IN
            ('policy_exception', 'receipt_lost', 'merchant_cannot_provide', 'immaterial', 'other')
        THEN
            PERFORM app.fail('IV008', 'reason_class',
                'policy_exception, receipt_lost, merchant_cannot_provide, immaterial or other',
                coalesce(p_reason_class, 'none'));
        ELSIF p_ends_on IS NULL OR p_ends_on NOT BETWEEN v_today AND v_last THEN
            PERFORM app.fail('IV008', 'ends_on', pg_catalog.format('%s to %s', v_today, v_last),
                coalesce(p_ends_on::text, 'none'));
        ELSIF p_amount_limit IS NULL OR p_amount_limit = 'NaN' OR p_amount_limit NOT BETWEEN 0 AND 999999999999.99
            OR p_amount_limit <> pg_catalog.round(p_amount_limit, 2)
        THEN
            PERFORM app.fail('IV008', 'amount_limit', 'dollars from 0 to 999999999999.99 in whole cents',
                coalesce(p_amount_limit::text, 'none'));
        END IF;
        v_item := app.judge_step('propose_waiver', p_issue_id, p_expected_version, p_reason);
        PERFORM app.check_waiver_amount(p_issue_id, p_amount_limit);
        -- One event leads to waiting, also from waiting, so that an older proposal is overtaken.
        INSERT INTO app.waivers (waiver_id, issue_id, issue_version, reason_class, reason, amount_limit, ends_on,
            proposed_by)
        VALUES (v_waiver_id, p_issue_id, p_expected_version + 1, p_reason_class, app.hide_card_numbers(p_reason),
            p_amount_limit, p_ends_on, app.actor_id());
        v_item.details := pg_catalog.jsonb_build_object('waiver_id', v_waiver_id);
        PERFORM app.take_steps('propose_waiver', ARRAY[v_item], NULL, p_request_id);
        SELECT pg_catalog.to_jsonb(r) INTO v_answer FROM report.validation_issues AS r WHERE r.issue_id = p_issue_id;
        PERFORM app.end_request(p_request_id, 'propose_waiver', v_hash, v_answer);
    END IF;
    RETURN pg_catalog.jsonb_populate_record(NULL::report.validation_issues, v_answer);
END
$$;
COMMENT ON FUNCTION api.propose_waiver(uuid, integer, text, text, numeric, date, text) IS 'Proposes to let an open issue be, up to an amount and including a last day; it waits until somebody else decides, and a later proposal takes the place of an earlier one. Raises IV008, NF002, PM001, PM003, RL061 when what is at stake is unknown or above the limit, ST001, ST002, ST003, ST006 when a later submission builds on the session, ST051 when the month is closed.';

CREATE OR REPLACE FUNCTION api.propose_decision(
    p_issue_id uuid, p_expected_version integer, p_proposed_method text, p_notes text, p_request_id text DEFAULT NULL
) RETURNS report.validation_issues
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('propose_decision', p_issue_id::text, p_expected_version::text,
        p_proposed_method, p_notes);
    v_answer jsonb := app.begin_request(p_request_id, 'propose_decision', v_hash, p_notes);
    v_item app.issue_item;
    v_waiver_id uuid := app.new_id();
BEGIN
    IF v_answer IS NULL THEN
        v_item := app.judge_step('propose_decision', p_issue_id, p_expected_version, p_notes, p_proposed_method);
        INSERT INTO app.waivers (waiver_id, issue_id, issue_version, proposed_method, reason, proposed_by)
        VALUES (v_waiver_id, p_issue_id, p_expected_version + 1, p_proposed_method, app.hide_card_numbers(p_notes),
            app.actor_id());
        v_item.method := NULL;
        v_item.details := pg_catalog.jsonb_build_object('waiver_id', v_waiver_id, 'proposed_method', p_proposed_method);
        PERFORM app.take_steps('propose_decision', ARRAY[v_item], NULL, p_request_id);
        SELECT pg_catalog.to_jsonb(r) INTO v_answer FROM report.validation_issues AS r WHERE r.issue_id = p_issue_id;
        PERFORM app.end_request(p_request_id, 'propose_decision', v_hash, v_answer);
    END IF;
    RETURN pg_catalog.jsonb_populate_record(NULL::report.validation_issues, v_answer);
END
$$;
COMMENT ON FUNCTION api.propose_decision(uuid, integer, text, text, text) IS 'Proposes to resolve an open issue as explained, accepted or other, or to call it a false_positive, whatever is at stake: it waits until somebody else decides by api.approve_waiver or api.reject_waiver, and a later proposal takes the place of an earlier one. Raises IV008, NF002, PM001, PM003, RL062 for a correction_conflict, ST001, ST002, ST003, ST006 when a later submission builds on the session, ST051 when the month is closed.';

CREATE OR REPLACE FUNCTION app.check_waiver_amount(p_issue_id uuid, p_amount_limit numeric) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_at_stake numeric := (SELECT i.amount_impact FROM app.validation_issues AS i WHERE i.issue_id = p_issue_id);
BEGIN
    IF v_at_stake IS NULL OR v_at_stake > p_amount_limit THEN
        PERFORM app.fail('RL061', 'amount_limit', pg_catalog.format('at most %s', p_amount_limit),
            coalesce(v_at_stake::text, 'unknown'));
    END IF;
END
$$;
COMMENT ON FUNCTION app.check_waiver_amount(uuid, numeric) IS 'Raises RL061 when what is at stake in an issue is unknown or above a limit.';

CREATE OR REPLACE FUNCTION app.describe_first_person(p_waiver app.waivers) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_actor_id uuid := app.actor_id();
    v_origin app.waivers;
    v_before audit.users_history;
BEGIN
    -- What was carried over was proposed where it began, by whom and under which login it was then.
    WITH RECURSIVE line AS (
        SELECT w.waiver_id, w.carried_from, w.created_tx, w.proposed_at FROM app.waivers AS w
        WHERE w.waiver_id = p_waiver.waiver_id
        UNION ALL
        SELECT w.waiver_id, w.carried_from, w.created_tx, w.proposed_at
        FROM line AS l JOIN app.waivers AS w ON w.waiver_id = l.carried_from
    )
    SELECT w.* INTO v_origin FROM line AS l JOIN app.waivers AS w ON w.waiver_id = l.waiver_id
    WHERE l.carried_from IS NULL;
    IF v_origin.proposed_by = v_actor_id THEN
        RETURN 'the proposer';
    ELSIF app.is_actor(v_origin.proposed_by) THEN
        RETURN 'another user with the proposer''s card';
    ELSIF session_user <> 'ccp_service' AND EXISTS (SELECT FROM audit.commits AS c
        WHERE c.tx = v_origin.created_tx AND c.login_name = session_user)
    THEN
        RETURN 'the login the proposal came from';
    ELSIF EXISTS (SELECT FROM audit.login_users_history AS h
        WHERE h.user_id = v_actor_id AND h.audit_at >= v_origin.proposed_at AND h.audit_operation <> 'delete')
    THEN
        RETURN 'a user that a login was mapped to after the proposal';
    ELSIF EXISTS (SELECT FROM audit.user_identities_history AS h
        WHERE h.user_id = v_actor_id AND h.audit_at >= v_origin.proposed_at AND h.audit_operation <> 'delete')
    THEN
        RETURN 'a user that an identity was linked to after the proposal';
    END IF;
    SELECT h.* INTO v_before FROM audit.users_history AS h
    WHERE h.user_id = v_actor_id AND h.audit_at < v_origin.proposed_at
    ORDER BY h.audit_seq DESC LIMIT 1;
    IF v_before.user_id IS NULL THEN
        RETURN 'a user made after the proposal';
    ELSIF EXISTS (SELECT FROM audit.users_history AS h
        WHERE h.user_id = v_actor_id AND h.audit_at >= v_origin.proposed_at
            AND ROW(h.role, h.cardholder_id, h.is_active)
                IS DISTINCT FROM ROW(v_before.role, v_before.cardholder_id, v_before.is_active))
    THEN
        RETURN 'a user whose role or card was changed after the proposal';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION app.describe_first_person(app.waivers) IS 'As whom the actor may not decide on a waiver, because they are or may be who proposed it: the user, their card, their login, or a user made, given another role or card, or mapped to a login since. Null: a second person.';

CREATE OR REPLACE FUNCTION app.decide_waiver(
    p_call text, p_issue_id uuid, p_expected_version integer, p_note text, p_request_id text
) RETURNS report.validation_issues
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request(p_call, p_issue_id::text, p_expected_version::text, p_note);
    v_answer jsonb := app.begin_request(p_request_id, p_call, v_hash, p_note);
    v_item app.issue_item;
    v_waiver app.latest_waivers;
    v_first text;
BEGIN
    IF v_answer IS NULL THEN
        v_item := app.judge_step(p_call, p_issue_id, p_expected_version, p_note);
        SELECT w.* INTO v_waiver FROM app.latest_waivers AS w WHERE w.issue_id = p_issue_id;
        IF v_waiver.waiver_id IS NULL OR v_waiver.verdict IS NOT NULL
            OR v_waiver.ends_on < (pg_catalog.now() AT TIME ZONE 'UTC')::date
        THEN
            PERFORM app.fail('ST002', 'issue_id', 'a proposal that waits for a decision', 'none');
        END IF;
        v_first := app.describe_first_person((SELECT w FROM app.waivers AS w WHERE w.waiver_id = v_waiver.waiver_id));
        IF v_first IS NOT NULL THEN
            PERFORM app.fail('PM061', 'issue_id', 'a second person', v_first);
        ELSIF p_call = 'approve_waiver' AND v_waiver.proposed_method IS NULL THEN
            PERFORM app.check_waiver_amount(p_issue_id, v_waiver.amount_limit);
        END IF;
        INSERT INTO app.waiver_decisions (waiver_id, proposed_by, verdict, note, decided_by)
        VALUES (v_waiver.waiver_id, v_waiver.proposed_by,
            CASE p_call WHEN 'approve_waiver' THEN 'approved' ELSE 'rejected' END,
            app.hide_card_numbers(nullif(pg_catalog.btrim(p_note), '')), app.actor_id());
        v_item.note := coalesce(p_note, v_waiver.reason);
        v_item.details := pg_catalog.jsonb_build_object('waiver_id', v_waiver.waiver_id);
        v_item.method := CASE WHEN p_call = 'approve_waiver' THEN nullif(v_waiver.proposed_method, 'false_positive') END;
        -- What two decided is taken as one would take it, had one been allowed to.
        PERFORM app.take_steps(CASE WHEN p_call = 'reject_waiver' OR v_waiver.proposed_method IS NULL THEN p_call
            WHEN v_waiver.proposed_method = 'false_positive' THEN 'mark_false_positive' ELSE 'resolve_issue' END,
            ARRAY[v_item], NULL, p_request_id);
        SELECT pg_catalog.to_jsonb(r) INTO v_answer FROM report.validation_issues AS r WHERE r.issue_id = p_issue_id;
        PERFORM app.end_request(p_request_id, p_call, v_hash, v_answer);
    END IF;
    RETURN pg_catalog.jsonb_populate_record(NULL::report.validation_issues, v_answer);
END
$$;
COMMENT ON FUNCTION app.decide_waiver(text, uuid, integer, text, text) IS 'Approves or rejects the waiver or other proposal that waits on an issue. Raises IV008, NF002, PM001, PM003, PM061 for whoever is or may be the proposer, RL061, ST001, ST002, ST003, ST006, ST051.';

CREATE OR REPLACE FUNCTION api.approve_waiver(
    p_issue_id uuid, p_expected_version integer, p_note text DEFAULT NULL, p_request_id text DEFAULT NULL
) RETURNS report.validation_issues
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = ''
BEGIN ATOMIC
    SELECT s FROM app.decide_waiver('approve_waiver', p_issue_id, p_expected_version, p_note, p_request_id) AS s;
END;
COMMENT ON FUNCTION api.approve_waiver(uuid, integer, text, text) IS 'Approves the waiver or decision that waits on an issue, as another person than the proposer: the issue is waived until the waiver''s last day, or decided as proposed. Raises IV008, NF002, PM001, PM003, PM061 for whoever is or may be the proposer, RL061, ST001, ST002, ST003, ST006, ST051.';

CREATE OR REPLACE FUNCTION api.reject_waiver(
    p_issue_id uuid, p_expected_version integer, p_note text, p_request_id text DEFAULT NULL
) RETURNS report.validation_issues
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = ''
BEGIN ATOMIC
    SELECT s FROM app.decide_waiver('reject_waiver', p_issue_id, p_expected_version, p_note, p_request_id) AS s;
END;
COMMENT ON FUNCTION api.reject_waiver(uuid, integer, text, text) IS 'Rejects the waiver or decision that waits on an issue, as another person than the proposer; the note says why, and the issue is open again. Raises IV008, NF002, PM001, PM003, PM061 for whoever is or may be the proposer, ST001, ST002, ST003, ST006, ST051.';

CREATE OR REPLACE FUNCTION api.expire_waivers() RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_items app.issue_item[];
BEGIN
    PERFORM app.begin_request(NULL, 'expire_waivers', NULL);
    v_items := ARRAY(
        SELECT ROW(pg_catalog.row_number() OVER (ORDER BY w.issue_id), w.issue_id, w.version, NULL,
            'the waiver is over', NULL, NULL, 'waiver ' || w.waiver_id, NULL, NULL, NULL, NULL, NULL)::app.issue_item
        FROM app.waivers_over AS w);
    IF v_items = '{}' THEN
        RETURN 0;
    END IF;
    -- What somebody changed meanwhile, or a later submission took over, is left alone.
    v_items := app.judge_steps('expire_waivers', v_items);
    PERFORM app.take_steps('expire_waivers', v_items, NULL, NULL);
    RETURN (SELECT pg_catalog.count(*)::integer FROM pg_catalog.unnest(v_items) AS i WHERE i.code IS NULL);
END
$$;
COMMENT ON FUNCTION api.expire_waivers() IS 'Opens the issues of current submissions whose waiver is over; answers how many. To be called once a day (UTC).';

GRANT EXECUTE ON FUNCTION api.propose_waiver(uuid, integer, text, text, numeric, date, text),
    api.propose_decision(uuid, integer, text, text, text)
    TO ccp_admin, ccp_processor, ccp_reviewer;
GRANT EXECUTE ON FUNCTION api.approve_waiver(uuid, integer, text, text), api.reject_waiver(uuid, integer, text, text)
    TO ccp_admin, ccp_reviewer;
GRANT EXECUTE ON FUNCTION api.expire_waivers() TO ccp_admin, ccp_worker;

SELECT app.pin_entry_points();

COMMIT;
