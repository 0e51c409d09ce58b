-- Proposing, confirming and rejecting steps and waivers of the cut-over, and rolling back.
-- requires: migration/answers

BEGIN;

CREATE OR REPLACE VIEW report.cutover_proposals AS
SELECT p.proposal_id, p.step, p.check_code, p.reason, p.ends_on, p.proposed_by, u.user_name AS proposed_by_name, p.proposed_at,
    CASE WHEN d.verdict IS NOT NULL THEN d.verdict
        WHEN p.step IS NOT NULL AND p.event_number <> coalesce((SELECT max(e.event_number) FROM app.cutover_events AS e), 0) THEN 'overtaken'
        WHEN p.ends_on < (now() AT TIME ZONE 'UTC')::date THEN 'overtaken' ELSE 'open' END AS state,
    d.note, d.decided_by, o.user_name AS decided_by_name, d.decided_at
FROM app.cutover_proposals AS p
JOIN app.users AS u ON u.user_id = p.proposed_by
LEFT JOIN LATERAL (
    SELECT x.* FROM app.cutover_decisions AS x WHERE x.proposal_id = p.proposal_id ORDER BY x.verdict = 'withdrawn' DESC LIMIT 1
) AS d ON true
LEFT JOIN app.users AS o ON o.user_id = d.decided_by;
COMMENT ON VIEW report.cutover_proposals IS 'What was proposed about the cut-over, and what became of it.';
COMMENT ON COLUMN report.cutover_proposals.proposed_by_name IS 'Name of who proposed it.';
COMMENT ON COLUMN report.cutover_proposals.state IS 'open; confirmed; rejected; withdrawn: a waiver that was confirmed and counts no longer; overtaken: another step was taken meanwhile, or the waiver''s time is over.';
COMMENT ON COLUMN report.cutover_proposals.decided_by_name IS 'Name of who decided.';
SELECT app.describe_columns('report.cutover_proposals', 'app.cutover_proposals');
SELECT app.describe_columns('report.cutover_proposals', 'app.cutover_decisions');

CREATE OR REPLACE VIEW report.cutover_events AS
SELECT e.event_number, e.step, e.from_state, e.to_state, e.proposal_id, e.reason, e.verdict, e.user_id, u.user_name, e.happened_at
FROM app.cutover_events AS e
JOIN app.users AS u ON u.user_id = e.user_id;
COMMENT ON VIEW report.cutover_events IS 'The steps of the cut-over that were taken, each with what every check said at that instant.';
COMMENT ON COLUMN report.cutover_events.user_name IS 'Name of who confirmed it, or rolled back.';
SELECT app.describe_columns('report.cutover_events', 'app.cutover_events');
GRANT SELECT ON report.cutover_proposals, report.cutover_events
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

CREATE OR REPLACE FUNCTION app.judge_step(p_step text) RETURNS app.cutover_steps
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_state text := app.cutover_state();
    v_step app.cutover_steps;
BEGIN
    SELECT s.* INTO v_step FROM app.cutover_steps AS s WHERE s.step = p_step AND s.from_state = v_state;
    IF v_step.step IS NULL THEN
        PERFORM app.fail('ST002', 'step', coalesce((SELECT pg_catalog.string_agg(s.step, ' or ' ORDER BY s.step) FROM app.cutover_steps AS s
            WHERE s.from_state = v_state), 'no step: done is final'), pg_catalog.format('%s, in the state %s', p_step, v_state));
    END IF;
    IF v_step.asks <> '{}' THEN
        -- A fact of this instant, and no memory.
        PERFORM pg_catalog.set_config('app.verify_whole', CASE p_step WHEN 'go_live' THEN 'on' ELSE '' END, true);
        PERFORM app.run_checks();
        PERFORM pg_catalog.set_config('app.verify_whole', '', true);
    END IF;
    PERFORM app.fail_all('RL150', pg_catalog.array_agg('checks.' || c.check_code ORDER BY c.place),
        pg_catalog.array_agg('yes: ' || c.question ORDER BY c.place), pg_catalog.array_agg(c.state ORDER BY c.place))
    FROM report.cutover AS c WHERE v_step.asks && ARRAY[c.required_for, c.check_code] AND NOT c.is_ok;
    RETURN v_step;
END
$$;
COMMENT ON FUNCTION app.judge_step(text) IS 'The step, when it leads on from the present state and the checks that it asks for hold, computed anew. Raises RL150 with every check that fails, ST002.';

CREATE OR REPLACE FUNCTION app.propose_cutover(p_step text, p_check_code text, p_reason text, p_ends_on date) RETURNS uuid
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    INSERT INTO app.cutover_proposals AS p (step, check_code, event_number, reason, ends_on)
    VALUES (p_step, p_check_code, coalesce((SELECT max(e.event_number) FROM app.cutover_events AS e), 0),
        app.hide_card_numbers(btrim(p_reason)), p_ends_on)
    RETURNING p.proposal_id;
END;
COMMENT ON FUNCTION app.propose_cutover(text, text, text, date) IS 'Writes a proposal by the actor and answers its id.';

CREATE OR REPLACE FUNCTION api.propose_cutover_step(p_step text, p_reason text, p_request_id text DEFAULT NULL)
RETURNS report.cutover_proposals
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('propose_cutover_step', p_step, p_reason);
    v_answer jsonb := app.begin_request(p_request_id, 'propose_cutover_step', v_hash, p_reason);
    v_proposal_id uuid := (v_answer ->> 'proposal_id')::uuid;
    v_result report.cutover_proposals;
BEGIN
    IF v_answer IS NULL THEN
        IF (p_step = ANY (app.closed_list('cutover_proposals.step'))) IS NOT TRUE THEN
            PERFORM app.fail('IV008', 'step', pg_catalog.array_to_string(app.closed_list('cutover_proposals.step'), ', '),
                coalesce(app.shorten(p_step, 200), 'nothing'));
        END IF;
        PERFORM app.require_text(p_reason, 'reason', 4000);
        PERFORM app.take_turn('cutover');
        PERFORM app.judge_step(p_step);
        v_proposal_id := app.propose_cutover(p_step, NULL, p_reason, NULL);
        PERFORM app.end_request(p_request_id, 'propose_cutover_step', v_hash, pg_catalog.jsonb_build_object('proposal_id', v_proposal_id));
    END IF;
    SELECT p.* INTO v_result FROM report.cutover_proposals AS p WHERE p.proposal_id = v_proposal_id;
    RETURN v_result;
END
$$;
COMMENT ON FUNCTION api.propose_cutover_step(text, text, text) IS 'Proposes a step of the cut-over from its present state: freeze, unfreeze, go_live, return or finish. Computes the checks that it asks for, and refuses while one of them fails. Another administrator or a reviewer confirms it by api.confirm_cutover. Raises IV008, PM001, PM002, RL150, ST002, ST003.';

CREATE OR REPLACE FUNCTION api.propose_check_waiver(p_check_code text, p_reason text, p_ends_on date, p_request_id text DEFAULT NULL)
RETURNS report.cutover_proposals
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('propose_check_waiver', p_check_code, p_reason, p_ends_on::text);
    v_answer jsonb := app.begin_request(p_request_id, 'propose_check_waiver', v_hash, p_reason);
    v_today date := (pg_catalog.now() AT TIME ZONE 'UTC')::date;
    v_proposal_id uuid := (v_answer ->> 'proposal_id')::uuid;
    v_check app.cutover_checks;
    v_result report.cutover_proposals;
BEGIN
    IF v_answer IS NULL THEN
        v_check := app.find_check(p_check_code);
        PERFORM app.require_text(p_reason, 'reason', 4000);
        IF NOT v_check.may_be_waived THEN
            PERFORM app.fail('RL151', 'check_code', 'another check', p_check_code);
        ELSIF (p_ends_on BETWEEN v_today AND v_today + app.setting('waiver_max_days')::integer) IS NOT TRUE THEN
            PERFORM app.fail('IV008', 'ends_on', pg_catalog.format('%s to %s', v_today,
                v_today + app.setting('waiver_max_days')::integer), coalesce(p_ends_on::text, 'nothing'));
        END IF;
        v_proposal_id := app.propose_cutover(NULL, p_check_code, p_reason, p_ends_on);
        PERFORM app.end_request(p_request_id, 'propose_check_waiver', v_hash, pg_catalog.jsonb_build_object('proposal_id', v_proposal_id));
    END IF;
    SELECT p.* INTO v_result FROM report.cutover_proposals AS p WHERE p.proposal_id = v_proposal_id;
    RETURN v_result;
END
$$;
COMMENT ON FUNCTION api.propose_check_waiver(text, text, date, text) IS 'Proposes to let a check of the cut-over pass until a day, with the reason. Another person confirms it by api.confirm_cutover; it stays visible. Some checks are never waived. Raises IV008, NF150, PM001, PM002, RL151, ST003.';

CREATE OR REPLACE FUNCTION app.take_step(p_step app.cutover_steps, p_proposal_id uuid, p_reason text) RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    INSERT INTO app.cutover_events (event_number, step, from_state, to_state, proposal_id, reason, verdict)
    SELECT coalesce((SELECT max(e.event_number) FROM app.cutover_events AS e), 0) + 1, p_step.step, p_step.from_state, p_step.to_state,
        p_proposal_id, app.hide_card_numbers(btrim(p_reason)), (
            SELECT jsonb_object_agg(c.check_code, jsonb_build_object('state', c.state, 'answered_at', c.answered_at,
                'by', c.answered_by_name, 'note', c.note, 'evidence', c.evidence, 'waived_until', c.waived_until,
                'waiver_reason', c.waiver_reason, 'waived_by', c.waived_by_name, 'waiver_confirmed_by', c.waiver_confirmed_by_name))
            FROM report.cutover AS c);
END;
COMMENT ON FUNCTION app.take_step(app.cutover_steps, uuid, text) IS 'Writes the next event, with what every check says now.';

CREATE OR REPLACE FUNCTION app.lock_proposal(p_proposal_id uuid, p_is_withdrawal boolean DEFAULT false)
RETURNS app.cutover_proposals
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_proposal app.cutover_proposals;
    v_state text;
BEGIN
    PERFORM app.take_turn('cutover');
    SELECT p.* INTO v_proposal FROM app.cutover_proposals AS p WHERE p.proposal_id = p_proposal_id;
    IF v_proposal.proposal_id IS NULL THEN
        PERFORM app.fail('NF151', 'proposal_id', NULL, coalesce(p_proposal_id::text, 'nothing'));
    END IF;
    SELECT p.state INTO v_state FROM report.cutover_proposals AS p WHERE p.proposal_id = p_proposal_id;
    IF v_state <> 'open' AND NOT (p_is_withdrawal AND v_state = 'confirmed' AND v_proposal.check_code IS NOT NULL) THEN
        PERFORM app.fail('ST002', 'proposal_id', CASE WHEN p_is_withdrawal THEN 'an open proposal, or a confirmed waiver'
            ELSE 'an open proposal' END, v_state);
    END IF;
    RETURN v_proposal;
END
$$;
COMMENT ON FUNCTION app.lock_proposal(uuid, boolean) IS 'An open proposal, or a confirmed waiver where it may be withdrawn; nobody else decides about the cut-over meanwhile. Raises NF151, ST002.';

CREATE OR REPLACE FUNCTION api.confirm_cutover(p_proposal_id uuid, p_note text DEFAULT NULL, p_request_id text DEFAULT NULL)
RETURNS report.cutover_proposals
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('confirm_cutover', p_proposal_id::text, p_note);
    v_answer jsonb := app.begin_request(p_request_id, 'confirm_cutover', v_hash, p_note);
    v_proposal app.cutover_proposals;
    v_result report.cutover_proposals;
BEGIN
    IF v_answer IS NULL THEN
        IF p_note IS NOT NULL THEN
            PERFORM app.require_text(p_note, 'note', 4000);
        END IF;
        v_proposal := app.lock_proposal(p_proposal_id);
        PERFORM app.refuse_same_person('PM150', v_proposal.proposed_by, 'proposal_id', 'another person than who proposed it');
        IF v_proposal.step IS NOT NULL THEN
            PERFORM app.take_step(app.judge_step(v_proposal.step), p_proposal_id, v_proposal.reason);
        END IF;
        INSERT INTO app.cutover_decisions (proposal_id, proposed_by, verdict, note)
        VALUES (p_proposal_id, v_proposal.proposed_by, 'confirmed', app.hide_card_numbers(nullif(pg_catalog.btrim(p_note), '')));
        PERFORM app.end_request(p_request_id, 'confirm_cutover', v_hash, '{}');
    END IF;
    SELECT p.* INTO v_result FROM report.cutover_proposals AS p WHERE p.proposal_id = p_proposal_id;
    RETURN v_result;
END
$$;
COMMENT ON FUNCTION api.confirm_cutover(uuid, text, text) IS 'Confirms what another person proposed about the cut-over: the step is taken, or the check passes from now on. The checks are computed anew, and the step is refused while one of them fails; every check with its evidence stays with the step. Raises IV008, NF151, PM001, PM002, PM150, RL150, ST002, ST003.';

CREATE OR REPLACE FUNCTION api.reject_cutover(p_proposal_id uuid, p_note text, p_request_id text DEFAULT NULL)
RETURNS report.cutover_proposals
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('reject_cutover', p_proposal_id::text, p_note);
    v_answer jsonb := app.begin_request(p_request_id, 'reject_cutover', v_hash, p_note);
    v_proposal app.cutover_proposals;
    v_result report.cutover_proposals;
BEGIN
    IF v_answer IS NULL THEN
        PERFORM app.require_text(p_note, 'note', 4000);
        v_proposal := app.lock_proposal(p_proposal_id, true);
        INSERT INTO app.cutover_decisions (proposal_id, proposed_by, verdict, note)
        VALUES (p_proposal_id, v_proposal.proposed_by,
            CASE WHEN EXISTS (SELECT FROM app.cutover_decisions AS d WHERE d.proposal_id = p_proposal_id)
                THEN 'withdrawn' ELSE 'rejected' END, app.hide_card_numbers(pg_catalog.btrim(p_note)));
        PERFORM app.end_request(p_request_id, 'reject_cutover', v_hash, '{}');
    END IF;
    SELECT p.* INTO v_result FROM report.cutover_proposals AS p WHERE p.proposal_id = p_proposal_id;
    RETURN v_result;
END
$$;
COMMENT ON FUNCTION api.reject_cutover(uuid, text, text) IS 'Rejects an open proposal about the cut-over with a note, takes one''s own back, or withdraws a waiver that was confirmed, which counts no longer. Raises IV008, NF151, PM001, PM002, ST002, ST003.';

CREATE OR REPLACE FUNCTION api.roll_back_cutover(p_reason text, p_request_id text DEFAULT NULL) RETURNS report.cutover_verdict
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('roll_back_cutover', p_reason);
    v_answer jsonb := app.begin_request(p_request_id, 'roll_back_cutover', v_hash, p_reason);
    v_state text;
    v_result report.cutover_verdict;
BEGIN
    IF v_answer IS NULL THEN
        PERFORM app.require_text(p_reason, 'reason', 4000);
        PERFORM app.take_turn('cutover');
        v_state := app.cutover_state();
        IF v_state NOT IN ('frozen', 'live') THEN
            PERFORM app.fail('ST002', 'step', 'the state frozen or live', v_state);
        END IF;
        PERFORM app.take_step(ROW('roll_back', v_state, 'rolled_back', '{}')::app.cutover_steps, NULL, p_reason);
        PERFORM app.end_request(p_request_id, 'roll_back_cutover', v_hash, '{}');
    END IF;
    SELECT v.* INTO v_result FROM report.cutover_verdict AS v;
    RETURN v_result;
END
$$;
COMMENT ON FUNCTION api.roll_back_cutover(text, text) IS 'Rolls the cut-over back, from frozen or live, with a reason: the old program is the master again. Uploads are kept and wait, imports, corrections, decisions, closing and batches are refused, ST150, and jobs that were begun end within rollback_drain_seconds. Two people return by the step return. ./run rollback also writes the files for the old program. Raises IV008, PM001, PM002, ST002, ST003.';

GRANT EXECUTE ON FUNCTION api.confirm_cutover(uuid, text, text), api.reject_cutover(uuid, text, text) TO ccp_admin, ccp_reviewer;
GRANT EXECUTE ON FUNCTION api.propose_cutover_step(text, text, text), api.propose_check_waiver(text, text, date, text),
    api.roll_back_cutover(text, text) TO ccp_admin;

SELECT app.cover_names();
SELECT app.pin_entry_points();

COMMIT;
